// Reset in mid traffic: a driver is stopped and started again while frames are on their way.
//
// Provokes reset with buffers in flight on both queues. Falls: drivers that free or reuse memory before the
// reset is confirmed, keep stale indices, or never come back; and devices that keep state across a reset.
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const restartUnderLoad: ScenarioDefinition = {
  id: 'restart-under-load',
  title: 'a driver is stopped and started again in mid traffic',
  provokes: 'reset with buffers in flight, stale indices and stale device state',
  weights: { coarse: 4, fine: 4, weak: 2 },
  generate(draw) {
    const restartAtNs = 20_000 + draw(8) * 350;
    const workload: Operation[] = [
      send(20_000, 0, pick(draw, [60, 900]), 2 + draw(5)),
      send(20_000 + draw(3) * 300, 1, 60, 1 + draw(5)),
      { kind: 'restart', atNs: restartAtNs, port: draw(2) },
      send(restartAtNs + 40_000, 0, 60, 2),
      send(restartAtNs + 40_000, 1, 60, 2),
    ];
    return varied({ ...plainScenario('restart-under-load', workload), queueSize: pick(draw, [2, 4, 8]) }, draw);
  },
};
