// Queues of every size the device may offer: one entry, sizes that are no power of two, and large ones.
//
// Provokes the choice of a legal size below the device's limit, and rings whose parts are far from the usual sizes. Falls: drivers
// that take the limit for the size, assume a constant, or lay the rings out for another size than they configure.
import { PLAIN_PORT, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const queueSizes: ScenarioDefinition = {
  id: 'queue-sizes',
  title: 'queues of one entry, of limits that are no power of two, and large ones',
  provokes: 'the choice of a queue size, and the layout of rings of unusual sizes',
  weights: { coarse: 2, fine: 1, weak: 1 },
  generate(draw) {
    const queueSize = pick(draw, [1, 2, 3, 5, 7, 100, 128, 1_024]);
    const workload = [send(20_000, draw(2), 60, 1 + draw(2 * Math.min(queueSize, 8))), send(40_000, draw(2), 300, 1 + draw(4))];
    const port = { ...PLAIN_PORT, ramBytes: 1 << 22 };
    return { ...plainScenario('queue-sizes', workload), queueSize, ports: [port, port] };
  },
};
