// Feature bits a scenario may make the device withhold, as masks of word 0. Sheet l4virtio-transport §2.
import { type Draw, type Scenario, pick } from './scenario.js';

/** Takes frames whose checksum is still open from the driver. */
export const CSUM = 1 << 0;
/** Hands frames whose checksum is still open to the driver. */
export const GUEST_CSUM = 1 << 1;
/** Spreads a received frame over several buffers. */
export const MRG_RXBUF = 1 << 15;
/** Follows indirect descriptor tables. */
export const INDIRECT_DESC = 1 << 28;

/** Withholds optional features from both ports in every third run: a driver's accounting often depends on them. */
export function withSomeFeatures(scenario: Scenario, draw: Draw): Scenario {
  const withheldFeatures = pick(draw, [0, 0, 0, 0, INDIRECT_DESC, MRG_RXBUF | INDIRECT_DESC]);
  const [first, second] = scenario.ports;
  return {
    ...scenario,
    ports: [
      { ...first, withheldFeatures },
      { ...second, withheldFeatures },
    ],
  };
}
