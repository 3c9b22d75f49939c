// The generic device, odd in ways a driver has to bear: flags where positions count, status bits without a meaning.
//
// Provokes drivers that look at used.flags although EVENT_IDX was negotiated, and such as compare the status field instead of its bit 0:
// they stop sending, or take a link that is up for one that is down.
import { GENERIC_CONDUCTS } from '../model/p2p/device-conduct.js';
import { type ScenarioDefinition, inOrder, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const oddGenericDevice: ScenarioDefinition = {
  id: 'odd-device',
  title: 'the device sets flags and status bits that drivers have to ignore',
  provokes: 'drivers that look at used.flags with EVENT_IDX, or at more of the status field than its bit 0',
  weights: { coarse: 3, fine: 1, weak: 1 },
  generate(draw) {
    const frames = Array.from({ length: 6 + draw(6) }, (_, turn) => send(20_000 + turn * 2_000, turn & 1, pick(draw, [60, 200, 1000])));
    const changes = [false, true].map((isLinkUp, index) => {
      return { kind: 'configChange', atNs: 25_000 + 9_000 * index, port: draw(2), isLinkUp: isLinkUp || index === 1, mac: null } as const;
    });
    const up = [0, 1].map((port) => ({ kind: 'configChange', atNs: 50_000, port, isLinkUp: true, mac: null }) as const);
    // The last frames come from one side only: no kick of the other one hides a kick that is missing.
    const workload = inOrder([...frames, ...changes, ...up, send(60_000, draw(2), 60, 2)]);
    return { ...plainScenario('odd-device', workload), queueSize: pick(draw, [4, 8, 16]), device: pick(draw, GENERIC_CONDUCTS).id };
  },
};
