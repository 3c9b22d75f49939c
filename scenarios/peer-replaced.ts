// The peer leaves and another one comes: its memory vanishes while frames are on their way.
//
// Provokes departure with packets in flight and a new client on the same port. Falls: servers that keep pointers
// into departed memory; drivers that do not survive a silent peer.
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const peerReplaced: ScenarioDefinition = {
  id: 'peer-replaced',
  title: 'the peer leaves in mid traffic and another one comes',
  provokes: 'departure with packets in flight and re-use of the port',
  weights: { coarse: 3, fine: 2, weak: 1 },
  generate(draw) {
    const port = draw(2);
    const leaveAtNs = 20_000 + draw(8) * 300;
    const workload: Operation[] = [
      send(20_000, 1 - port, 60, 1 + draw(8)),
      send(20_000, port, 60, 1 + draw(4)),
      { kind: 'leave', atNs: leaveAtNs, port },
      { kind: 'connect', atNs: leaveAtNs + pick(draw, [1_000, 30_000]), port },
      send(leaveAtNs + 100_000, 1 - port, 60, 2),
      send(leaveAtNs + 100_000, port, 60, 2),
    ];
    return { ...plainScenario('peer-replaced', workload), queueSize: pick(draw, [2, 4, 8]) };
  },
};
