// An odd device: header fields, features and bytes that mean nothing to a driver of today.
//
// Provokes drivers that take unknown header flags, stale checksum fields, a wrong hdr_len, bytes behind the reported
// length or unknown features for something: they lose or spoil every third frame, or refuse the device.
import { DEVICE_CONDUCTS } from '../model/p2p/device-conduct.js';
import { type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

const ODD = DEVICE_CONDUCTS.filter(({ conduct }) => conduct === 'odd').map(({ id }) => id);

/** See the head of this file. */
export const oddDevice: ScenarioDefinition = {
  id: 'odd-device',
  title: 'the device fills header fields, buffers and its offer with what drivers have to ignore',
  provokes:
    'drivers that take unknown flags, stale checksum fields, hdr_len, bytes behind the reported length or unknown features for something',
  weights: { coarse: 4, fine: 1, weak: 1 },
  generate(draw) {
    const workload = Array.from({ length: 6 + draw(6) }, (_, turn) => send(20_000 + turn * 2_000, turn & 1, pick(draw, [60, 200, 1000])));
    return { ...plainScenario('odd-device', workload), queueSize: pick(draw, [4, 8, 16]), device: pick(draw, ODD) };
  },
};
