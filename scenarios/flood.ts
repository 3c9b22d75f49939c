// One-way flood: far more frames than the queue holds, as fast as the driver takes them.
//
// Provokes queue-full on the transmit side and exhaustion of receive buffers on the other. Falls: drivers that
// overwrite the ring, publish half a chain, stop and are never woken, or reclaim in the wrong order.
import { type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const flood: ScenarioDefinition = {
  id: 'flood',
  title: 'one side sends far more than the queue holds',
  provokes: 'queue-full, transmit stop and wake, exhaustion of receive buffers',
  weights: { coarse: 6, fine: 3, weak: 2 },
  generate(draw) {
    const queueSize = pick(draw, [1, 2, 4, 8]);
    const count = queueSize * (2 + draw(3)) + draw(4);
    const port = draw(2);
    const workload = [send(20_000, port, pick(draw, [60, 60, 300, 1514]), count)];
    if (draw(2) === 1) workload.push(send(20_500 + draw(4) * 400, 1 - port, 60, 1 + draw(queueSize * 2)));
    return varied({ ...plainScenario('flood', workload), queueSize }, draw);
  },
};
