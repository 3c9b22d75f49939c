// Ping-pong: frames alternate between the ports, one at a time.
//
// Provokes the idle-to-busy step on both queues again and again: each frame finds the other side asleep, so a
// lost kick or a lost interrupt stops the exchange at once.
import { type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const pingPong: ScenarioDefinition = {
  id: 'ping-pong',
  title: 'frames alternate between the ports, one at a time',
  provokes: 'the idle-to-busy step on both queues: a lost kick or interrupt stops the exchange at once',
  weights: { coarse: 2, fine: 6, weak: 4 },
  generate(draw) {
    const gapNs = pick(draw, [600, 1_100, 2_000, 5_000, 20_000]);
    const lengthBytes = pick(draw, [60, 60, 128, 700]);
    const workload = Array.from({ length: 4 + draw(5) }, (_, turn) => send(20_000 + turn * gapNs, turn & 1, lengthBytes));
    return { ...plainScenario('ping-pong', workload), queueSize: pick(draw, [2, 4, 8]) };
  },
};
