// A hostile device: used ids never offered or named twice, lengths beyond the buffer, index jumps, wrong buffer counts,
// failures without cause.
//
// Provokes drivers that trust their device: one that indexes with an unchecked id, copies an unchecked length or loops over
// an unchecked count touches foreign memory, throws or hangs. Part of `check --device hostile` only.
import { DEVICE_CONDUCTS } from '../model/p2p/device-conduct.js';
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** The conduct that shows at a reset. */
const RESET_CONDUCT = 'hostile-reset';
const HOSTILE = DEVICE_CONDUCTS.filter(({ conduct }) => conduct === 'hostile');

/** One scenario for each misdeed. */
export const HOSTILE_SCENARIOS: readonly ScenarioDefinition[] = HOSTILE.map(({ id, title }) => ({
  id,
  title: `a hostile device: ${title}`,
  provokes: 'drivers that use what their device returns without checking it',
  weights: { coarse: 4, fine: 2, weak: 1 },
  generate(draw) {
    const workload = Array.from({ length: 10 + draw(8) }, (_, turn) => send(20_000 + turn * 2_000, turn & 1, pick(draw, [60, 200, 1000])));
    // Every second run goes through a reset: a misled driver may be asked to start over, and some misdeeds show only then.
    const restart: Operation[] = id === RESET_CONDUCT || draw(2) === 1 ? [{ kind: 'restart', atNs: 24_000 + draw(8) * 1_500, port: draw(2) }] : [];
    return { ...plainScenario(id, [...workload, ...restart]), queueSize: pick(draw, [4, 8]), device: id };
  },
}));
