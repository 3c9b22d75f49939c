// Memory is short: allocations fail now and then, also during start and recovery, and stacks keep what they were lent.
//
// Provokes every path behind a failed allocation, and its repetition later. Falls: drivers that take address 0 for memory, give up
// refilling for good, half-build a chain, or lose a frame they had accepted.
import { NO_FAULTS, PLAIN_PORT, type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { INDIRECT_DESC, MRG_RXBUF } from './withheld.js';

/** See the head of this file. */
export const memoryPressure: ScenarioDefinition = {
  id: 'memory-pressure',
  title: 'allocations fail now and then, and lent frames are kept for long',
  provokes: 'failed allocations in start, refill, transmit and recovery',
  weights: { coarse: 3, fine: 2, weak: 1 },
  generate(draw) {
    const workload: Operation[] = Array.from({ length: 3 + draw(5) }, (_, turn) =>
      send(20_000 + turn * pick(draw, [300, 2_000]), draw(2), pick(draw, [60, 300, 1_514]), 1 + draw(3)),
    );
    if (draw(3) === 0) workload.push({ kind: 'restart', atNs: 24_000 + draw(6) * 500, port: draw(2) });
    workload.push(send(3_000_000, 0, 60, 2), send(3_000_000, 1, 60, 2));
    const port = { ...PLAIN_PORT, holdNs: pick(draw, [0, 3_000, 40_000]), withheldFeatures: pick(draw, [0, MRG_RXBUF, INDIRECT_DESC]) };
    return {
      ...plainScenario('memory-pressure', workload),
      queueSize: pick(draw, [2, 4, 8]),
      ports: [port, port],
      faults: { ...NO_FAULTS, allocationFailure: pick(draw, [3, 6, 12]) },
    };
  },
};
