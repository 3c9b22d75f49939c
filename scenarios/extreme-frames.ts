// The shortest and the longest frames, mixed, between ports with and without merged buffers.
//
// Provokes exact fits of header and buffer on both ends. Falls: drivers that pad, cut, or take a length from the buffer, and
// those whose receive buffers are a few bytes short of a full frame.
import { PLAIN_PORT, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { INDIRECT_DESC, MRG_RXBUF } from './withheld.js';

const LENGTHS = [14, 15, 16, 59, 60, 61, 1_499, 1_500, 1_512, 1_513, 1_514] as const;

/** See the head of this file. */
export const extremeFrames: ScenarioDefinition = {
  id: 'extreme-frames',
  title: 'the shortest and the longest frames, mixed',
  provokes: 'exact fits of headers and buffers, short frames after long ones in the same buffer',
  weights: { coarse: 3, fine: 1, weak: 1 },
  generate(draw) {
    const workload = Array.from({ length: 6 + draw(8) }, (_, turn) => send(20_000 + turn * pick(draw, [0, 500, 2_500]), draw(2), pick(draw, LENGTHS)));
    const port = { ...PLAIN_PORT, withheldFeatures: pick(draw, [0, MRG_RXBUF, (MRG_RXBUF | INDIRECT_DESC) >>> 0]), fillByte: pick(draw, [0, 0xff]) };
    return { ...plainScenario('extreme-frames', workload), queueSize: pick(draw, [1, 2, 8]), ports: [port, { ...PLAIN_PORT, fillByte: 0xa5 }] };
  },
};
