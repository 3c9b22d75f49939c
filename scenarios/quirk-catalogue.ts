// The scenarios of quirks, and why some quirks have none.
import { compareQuirks } from '../model/p2p/quirks.js';
import type { QuirkScenario } from './quirk-scenario.js';
import { QUIRKS_OF_CHAINS } from './quirks-of-chains.js';
import { QUIRKS_OF_CONTROL } from './quirks-of-control.js';
import { QUIRKS_OF_STATE } from './quirks-of-state.js';

/** All of them, in the order of the quirks. */
export const QUIRK_SCENARIOS: readonly QuirkScenario[] = [...QUIRKS_OF_CONTROL, ...QUIRKS_OF_STATE, ...QUIRKS_OF_CHAINS].sort((left, right) =>
  compareQuirks(left.quirk, right.quirk),
);
