// Bursts with pauses: notification suppression switches on and off on both sides.
//
// Provokes the window between the last look at a ring and switching notifications on again, from both sides.
// Falls: drivers that sample used.flags too early or do not look again after enabling interrupts.
import { NO_FAULTS, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const suppressedBursts: ScenarioDefinition = {
  id: 'suppressed-bursts',
  title: 'bursts with pauses that toggle notification suppression',
  provokes: 'the window between the last look at a ring and switching notifications on again',
  weights: { coarse: 2, fine: 8, weak: 5 },
  generate(draw) {
    const workload = [];
    let atNs = 20_000;
    for (let burst = 0; burst < 2 + draw(3); burst++) {
      workload.push(send(atNs, draw(2), 60, 1 + draw(4)));
      atNs += pick(draw, [400, 500, 600, 900, 1_500, 10_000]);
    }
    const queueSize = pick(draw, [2, 4, 8]);
    const faults = { ...NO_FAULTS, notificationDelay: pick(draw, [0, 4]), interruptDelay: pick(draw, [0, 4]) };
    return varied({ ...plainScenario('suppressed-bursts', workload), queueSize, faults }, draw);
  },
};
