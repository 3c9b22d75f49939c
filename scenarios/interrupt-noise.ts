// Interrupts without cause, late ones, and many in one: the line says little.
//
// Provokes handlers with nothing to do, one interrupt for many completions, and completions long before their interrupt. Falls: drivers
// that expect data at every interrupt, take one element per interrupt, look at one queue only, or count interrupts.
import { NO_FAULTS, type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const interruptNoise: ScenarioDefinition = {
  id: 'interrupt-noise',
  title: 'spurious, late and coalesced interrupts',
  provokes: 'interrupts with nothing to do, one for many completions, completions without one for a while',
  weights: { coarse: 3, fine: 3, weak: 2 },
  generate(draw) {
    const workload: Operation[] = [];
    for (let turn = 0; turn < 4 + draw(6); turn++) {
      const atNs = (turn === 0 ? 0 : 20_000) + turn * pick(draw, [0, 400, 900, 3_000]);
      workload.push({ kind: 'spuriousInterrupt', atNs, port: draw(2) });
      if (turn > 0) workload.push(send(atNs + draw(3) * 200, draw(2), 60, 1 + draw(3)));
    }
    const faults = { ...NO_FAULTS, interruptDelay: pick(draw, [0, 2, 4]) };
    return varied({ ...plainScenario('interrupt-noise', workload), queueSize: pick(draw, [2, 4, 8]), faults }, draw);
  },
};
