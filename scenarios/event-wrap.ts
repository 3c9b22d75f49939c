// 16-bit index wrap, one frame at a time: a flood up to just before the wrap, then single frames across it.
//
// Provokes comparisons of positions at the wrap of every ring index: with EVENT_IDX each single frame finds the event word of the
// other side exactly at the entry it adds. Falls: drivers and devices that compare positions with < and >=.
import { type ScenarioDefinition, inOrder, pick, plainScenario, send } from './scenario.js';

/** Time by which the flood is over, in ns. */
const FLOOD_NS = 1_000_000_000;
const SINGLES = 60;

/** See the head of this file. */
export const eventWrap: ScenarioDefinition = {
  id: 'event-wrap',
  title: 'a flood up to just before the 16-bit wrap, then single frames across it',
  provokes: 'comparisons of positions at the wrap of every ring index',
  // Only a run in which the judged driver sends says something about it, and a few have to.
  weights: { coarse: 0.06, fine: 0, weak: 0 },
  generate(draw) {
    const port = draw(2);
    const singles = Array.from({ length: SINGLES }, (_, turn) => send(FLOOD_NS + 20_000 * turn, port, 60));
    const workload = inOrder([send(20_000, port, 60, 65_500 + draw(20)), ...singles]);
    return { ...plainScenario('event-wrap', workload), queueSize: pick(draw, [4, 8, 16]) };
  },
};
