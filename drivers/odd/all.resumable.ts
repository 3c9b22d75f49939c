// All odd but correct drivers, in the order of lists.
import type { PatchedDriver } from '../driver-patch.resumable.js';
import { ODD_CONFIGS } from './config.resumable.js';
import { ODD_EVENTS } from './events.resumable.js';
import { ODD_RINGS } from './rings.resumable.js';
import { ODD_WORKERS } from './work.resumable.js';

/** Unusual but correct drivers. */
export const ODD_DRIVERS: readonly PatchedDriver[] = [...ODD_RINGS, ...ODD_WORKERS, ...ODD_EVENTS, ...ODD_CONFIGS];
