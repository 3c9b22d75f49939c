// 16-bit index wrap: more than 65,536 frames through small queues.
//
// Provokes the wrap of avail.idx, used.idx and every shadow of them. Falls: drivers that compare indices with >=,
// keep them in wider types, or keep them modulo the queue size.
import { type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const indexWrap: ScenarioDefinition = {
  id: 'index-wrap',
  title: 'more than 65,536 frames through small queues',
  provokes: 'the 16-bit wrap of every ring index',
  isLong: true,
  weights: { coarse: 0.02, fine: 0, weak: 0 },
  generate(draw) {
    const workload = [send(20_000, draw(2), 60, 65_700 + draw(100))];
    return { ...plainScenario('index-wrap', workload), queueSize: pick(draw, [4, 8, 16]) };
  },
};
