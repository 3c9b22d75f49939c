// Checksum offload: frames whose checksum is left to the link, between drivers that negotiated differently.
//
// Provokes NEEDS_CSUM on either side and completion by the device. Falls: drivers that take an open checksum for a bad
// or for a verified one, or set offload fields they did not negotiate.
import { PLAIN_PORT, type PortPlan, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { CSUM, GUEST_CSUM } from './withheld.js';

/** See the head of this file. */
export const checksumOffload: ScenarioDefinition = {
  id: 'checksum-offload',
  title: 'frames with open checksums between drivers that negotiated differently',
  provokes: 'NEEDS_CSUM on both sides, completion by the device, all combinations of CSUM and GUEST_CSUM',
  weights: { coarse: 3, fine: 1, weak: 1 },
  generate(draw) {
    const features = [0, CSUM, GUEST_CSUM, CSUM | GUEST_CSUM];
    const ports: [PortPlan, PortPlan] = [
      { ...PLAIN_PORT, withheldFeatures: pick(draw, features) },
      { ...PLAIN_PORT, withheldFeatures: pick(draw, features) },
    ];
    const workload = Array.from({ length: 3 + draw(5) }, (_, index) =>
      send(20_000 + index * 800, draw(2), pick(draw, [46, 60, 61, 333, 1514]), 1, draw(4) > 0),
    );
    return { ...plainScenario('checksum-offload', workload), ports, peer: pick(draw, ['full', 'full']) };
  },
};
