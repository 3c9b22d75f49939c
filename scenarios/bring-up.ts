// Bring-up: both drivers start and exchange a few frames.
//
// Provokes every step of initialisation with other device addresses, memory contents, queue sizes and withheld
// features. A driver that merges steps, assumes zeroed memory, ignores FEATURES_OK or confuses its own with the
// device's addresses falls here.
import { PLAIN_PORT, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { CSUM, GUEST_CSUM, INDIRECT_DESC, MRG_RXBUF } from './withheld.js';

/** See the head of this file. */
export const bringUp: ScenarioDefinition = {
  id: 'bring-up',
  title: 'both drivers start and exchange a few frames',
  provokes: 'every step of initialisation, with unusual addresses, memory contents, queue sizes and withheld features',
  weights: { coarse: 4, fine: 2, weak: 1 },
  generate(draw) {
    const scenario = plainScenario('bring-up', [send(20_000, 0, 60, 2), send(20_000, 1, 90, 1), send(60_000, 1, 60, 1)]);
    const port = {
      ...PLAIN_PORT,
      deviceAddressOffset: pick(draw, [0, 0, 0x7fff_0000, 0x8_8000_0000]),
      fillByte: pick(draw, [0, 0xff, 0x01, 0xa5]),
      withheldFeatures: pick(draw, [0, 0, MRG_RXBUF, INDIRECT_DESC, CSUM | GUEST_CSUM, 0xffffffff]),
      mac: pick(draw, [null, '02:00:00:00:00:01']),
    };
    const other = { ...PLAIN_PORT, fillByte: pick(draw, [0, 0xff]), connectAtNs: pick(draw, [0, 0, 300, 5_000]) };
    return { ...scenario, queueSize: pick(draw, [1, 2, 4, 8, 16, 256]), ports: [port, other] };
  },
};
