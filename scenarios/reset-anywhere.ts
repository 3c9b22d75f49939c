// Reset at every step: drivers are restarted and devices fail during bring-up, between two messages, and again at once.
//
// Provokes a start over from any point of initialisation, recovery and traffic. Falls: drivers whose recovery assumes that the
// first start was finished, that fail when the device fails twice, or that leak what the first attempt had.
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const resetAnywhere: ScenarioDefinition = {
  id: 'reset-anywhere',
  title: 'restarts and device errors at any step of bring-up and traffic',
  provokes: 'a start over from every step of initialisation, recovery and traffic, also twice in a row',
  weights: { coarse: 2, fine: 4, weak: 2 },
  generate(draw) {
    const startNs = pick(draw, [0, 0, 100, 600, 20_000]);
    const workload: Operation[] = [send(20_000, 0, 60, 1 + draw(3)), send(20_300, 1, 300, 1 + draw(3))];
    for (let turn = 0; turn < 1 + draw(3); turn++) {
      const kind = pick(draw, ['restart', 'deviceError'] as const);
      workload.push({ kind, atNs: startNs + turn * pick(draw, [0, 100, 700, 5_000]) + draw(8) * 100, port: draw(2) });
    }
    workload.push(send(120_000, 0, 60, 2), send(120_000, 1, 60, 2));
    return varied({ ...plainScenario('reset-anywhere', workload), queueSize: pick(draw, [2, 4, 8]) }, draw);
  },
};
