// What scenarios vary besides what they are about: feature bits the device withholds, as masks of word 0; lent frames. Sheet l4virtio-transport §2.
import { type Draw, type Scenario, pick } from './scenario.js';

/** Takes frames whose checksum is still open from the driver. */
export const CSUM = 1 << 0;
/** Hands frames whose checksum is still open to the driver. */
export const GUEST_CSUM = 1 << 1;
/** Spreads a received frame over several buffers. */
export const MRG_RXBUF = 1 << 15;
/** Follows indirect descriptor tables. */
export const INDIRECT_DESC = 1 << 28;

/** Tells the link status. */
export const STATUS = 1 << 16;
/** Names positions instead of flags for notifications. */
export const EVENT_IDX = 1 << 29;

/** How long the stack keeps what it was lent, in ns. */
const HOLDS_NS: readonly number[] = [0, 0, 0, 1_500];

/** Withholds optional features from both ports in every third run, and lets stacks keep frames a while in every fourth. */
export function varied(scenario: Scenario, draw: Draw): Scenario {
  const withheldFeatures = pick(draw, [0, 0, 0, 0, INDIRECT_DESC, MRG_RXBUF | INDIRECT_DESC]);
  const holdNs = pick(draw, HOLDS_NS);
  const [first, second] = scenario.ports;
  return {
    ...scenario,
    ports: [
      { ...first, withheldFeatures, holdNs },
      { ...second, withheldFeatures, holdNs },
    ],
  };
}
