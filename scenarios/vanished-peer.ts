// The peer goes and stays away, or is away for so long that everybody has come to rest meanwhile.
//
// Provokes a full ring that nobody empties any more, and a device that stops answering in the middle of a frame. Falls: drivers
// that wait for their frames inside a method, spin, or reset a device that is only lonely.
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const vanishedPeer: ScenarioDefinition = {
  id: 'vanished-peer',
  title: 'the peer leaves in mid traffic and stays away',
  provokes: 'a transmit queue that is never emptied again, and a late newcomer with another address',
  weights: { coarse: 3, fine: 2, weak: 1 },
  generate(draw) {
    const port = draw(2);
    const leaveAtNs = 20_000 + draw(8) * 300;
    const workload: Operation[] = [
      send(20_000, port, 60, 1 + draw(4)),
      send(20_000, 1 - port, 60, 2 + draw(12)),
      { kind: 'leave', atNs: leaveAtNs, port },
      send(leaveAtNs + 30_000, 1 - port, 300, 2 + draw(6)),
    ];
    if (draw(2) === 1) {
      const backAtNs = 5_000_000;
      workload.push({ kind: 'connect', atNs: backAtNs, port, mac: pick(draw, [null, '02:00:00:00:00:33']) });
      workload.push(send(backAtNs + 100_000, port, 60, 2), send(backAtNs + 100_000, 1 - port, 60, 1));
    }
    return { ...plainScenario('vanished-peer', workload), queueSize: pick(draw, [1, 2, 4, 8]) };
  },
};
