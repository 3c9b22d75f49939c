// All odd and all vacuous drivers, in the order of lists.
import type { PatchedDriver } from '../driver-patch.resumable.js';

/** Unusual but correct drivers. */
export const ODD_DRIVERS: readonly PatchedDriver[] = [];
/** Drivers that do nothing useful. */
export const VACUOUS_DRIVERS: readonly PatchedDriver[] = [];
