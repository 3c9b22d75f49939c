// All mutants of drivers, in the order of lists.
import type { DriverMutant } from '../driver-patch.resumable.js';
import { BEARING_MUTANTS } from './bearing.resumable.js';
import { CHAIN_MUTANTS } from './chains.resumable.js';
import { CONFIG_MUTANTS } from './config.resumable.js';
import { EVENT_MUTANTS } from './events.resumable.js';
import { LIFE_MUTANTS } from './life.resumable.js';
import { NEGOTIATION_MUTANTS } from './negotiation.resumable.js';
import { NOTIFICATION_MUTANTS } from './notification.resumable.js';
import { RECEIVE_MUTANTS } from './receive.resumable.js';
import { RING_MUTANTS } from './rings.resumable.js';
import { SETUP_MUTANTS } from './setup.resumable.js';
import { TABLE_MUTANTS } from './tables.resumable.js';
import { TRANSMIT_MUTANTS } from './transmit.resumable.js';
import { TRUST_MUTANTS } from './trust.resumable.js';

/** Every mutant of a driver. */
export const DRIVER_MUTANTS: readonly DriverMutant[] = [
  ...NEGOTIATION_MUTANTS,
  ...SETUP_MUTANTS,
  ...RING_MUTANTS,
  ...CHAIN_MUTANTS,
  ...NOTIFICATION_MUTANTS,
  ...RECEIVE_MUTANTS,
  ...TRANSMIT_MUTANTS,
  ...TABLE_MUTANTS,
  ...LIFE_MUTANTS,
  ...TRUST_MUTANTS,
  ...BEARING_MUTANTS,
  ...EVENT_MUTANTS,
  ...CONFIG_MUTANTS,
];
