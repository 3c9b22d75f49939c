// Small receive buffers and frames of every size: frames that need several buffers, or just one.
//
// Provokes merging of receive buffers, exact fits and frames that do not fit at all; memory pressure on refill.
// Falls: drivers that ignore num_buffers, take lengths from buffer sizes or give up refilling.
import { NO_FAULTS, PLAIN_PORT, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { MRG_RXBUF } from './withheld.js';

/** See the head of this file. */
export const smallBuffers: ScenarioDefinition = {
  id: 'small-buffers',
  title: 'frames of every size against small receive buffers',
  provokes: 'merged receive buffers, exact fits, frames that do not fit, refill under memory pressure',
  weights: { coarse: 5, fine: 2, weak: 1 },
  generate(draw) {
    const sizes = [14, 52, 60, 116, 117, 128, 244, 245, 500, 1010, 1514];
    const workload = Array.from({ length: 4 + draw(6) }, (_, index) => send(20_000 + index * pick(draw, [0, 700, 3_000]), draw(2), pick(draw, sizes)));
    const port = { ...PLAIN_PORT, holdNs: pick(draw, [0, 0, 2_000]), withheldFeatures: pick(draw, [0, 0, MRG_RXBUF]) };
    return {
      ...plainScenario('small-buffers', workload),
      queueSize: pick(draw, [4, 8, 16]),
      ports: [port, PLAIN_PORT],
      peer: pick(draw, ['full', 'full', 'minimal']),
      faults: { ...NO_FAULTS, allocationFailure: pick(draw, [0, 0, 6]) },
    };
  },
};
