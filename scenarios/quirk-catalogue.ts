// The scenarios of quirks, and why some quirks have none.
import { compareQuirks, QUIRKS } from '../model/p2p/quirks.js';
import type { QuirkScenario } from './quirk-scenario.js';
import type { ScenarioDefinition } from './scenario.js';
import { QUIRKS_OF_CHAINS } from './quirks-of-chains.js';
import { QUIRKS_OF_CONTROL } from './quirks-of-control.js';
import { QUIRKS_OF_STATE } from './quirks-of-state.js';

/** Weight of a scripted scenario where the server is judged: together they are about a quarter of the plan. */
const SERVER_SCENARIO_WEIGHT = 1;

/** All of them, in the order of the quirks. */
export const QUIRK_SCENARIOS: readonly QuirkScenario[] = [...QUIRKS_OF_CONTROL, ...QUIRKS_OF_STATE, ...QUIRKS_OF_CHAINS].sort(
  (left, right) => compareQuirks(left.quirk, right.quirk),
);

/** The same as scenarios of a plan: each in the one mode in which it shows. They judge nothing but the server. */
export const SERVER_SCENARIOS: readonly ScenarioDefinition[] = QUIRK_SCENARIOS.map((scenario) => {
  return { ...scenario, weights: { ...scenario.weights, [scenario.mode]: SERVER_SCENARIO_WEIGHT } };
});

/** Why a quirk has no scenario; only those of the sheets' Q and T rows are asked for. */
const NO_SCENARIO: Readonly<Record<string, string>> = {
  Q23: 'the race is with the proxy in front of the server, which this world does not contain',
  Q28: 'it is a matter of documentation; the parser is tested against its table',
  Q32: 'undefined behaviour of the original; the model copies as if through a buffer',
  T3: 'the call answers 0 in both profiles, as documented; whether a status was taken stands in the config page',
  T4: 'it lives in the client library; the same fault in a driver is found by the rule kick-check',
  T6: 'it lives in the client library, which asks for too much memory before the server is involved',
  T8: 'it lives in the functions that write feature bits, whose tests show it',
  T10: 'nobody calls the operation, so no run can meet it',
  T11: 'it lives in the client library; the used length of 0 that it needs is Q9',
  T12: 'the race is with the proxy in front of the server, which this world does not contain',
  T13: 'it lives in the proxy in front of the server, which this world does not contain',
  T17: 'the waiting is on the driver side; the corrected server cannot end it',
  T20: 'a property of the kernel object a client has bound, not of the server',
};

/** Quirks of the sheets without a scenario, and why. */
export function quirksWithoutScenario(): { readonly quirk: string; readonly reason: string }[] {
  const shown = new Set(QUIRK_SCENARIOS.map(({ quirk }) => quirk));
  return QUIRKS.filter(({ id }) => /^[QT]/.test(id) && !shown.has(id)).map(({ id }) => ({ quirk: id, reason: NO_SCENARIO[id] ?? '' }));
}
