// All mutants of drivers, in the order of lists.
import type { DriverMutant } from '../driver-patch.resumable.js';
import { CHAIN_MUTANTS } from './chains.resumable.js';
import { RING_MUTANTS } from './rings.resumable.js';

/** Every mutant of a driver. */
export const DRIVER_MUTANTS: readonly DriverMutant[] = [...RING_MUTANTS, ...CHAIN_MUTANTS];
