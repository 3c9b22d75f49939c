// A device that cannot be used, for good or for now: it refuses every feature set, or offers VERSION_1 only later.
//
// Provokes the end of an initialisation that has no fallback, and the next attempt. Falls: drivers that go on after a
// refusal, stop without saying FAILED, wait for ever, or try again without a reset.
import { DEVICE_CONDUCTS } from '../model/p2p/device-conduct.js';
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

const UNUSABLE = DEVICE_CONDUCTS.filter(({ conduct }) => conduct === 'unusable').map(({ id }) => id);

/** See the head of this file. */
export const unusableDevice: ScenarioDefinition = {
  id: 'unusable-device',
  title: 'the device refuses every feature set, or is of an older kind until its reset',
  provokes: 'FAILED and the end of an initialisation without fallback, and a second attempt',
  weights: { coarse: 2, fine: 1, weak: 1 },
  generate(draw) {
    const workload: Operation[] = [
      send(20_000, draw(2), 60),
      { kind: 'restart', atNs: 60_000 + draw(4) * 500, port: 0 },
      { kind: 'restart', atNs: 60_000 + draw(4) * 500, port: 1 },
      send(160_000, 0, 60, 2),
      send(160_000, 1, 60, 2),
    ];
    return { ...plainScenario('unusable-device', workload), device: pick(draw, UNUSABLE) };
  },
};
