// Which feature bits exist for a network device without PCI, and what each one needs.
//
// Clause catalogue §4.5 (virtio 5.1.3.1, 6). Bits 0..95; word n holds bits 32n to 32n + 31.

/** A feature and the features of which one must come with it. */
export interface Prerequisite {
  readonly bit: number;
  readonly name: string;
  readonly anyOf: readonly number[];
}

/** The dependency table of 5.1.3.1. */
export const PREREQUISITES: readonly Prerequisite[] = [
  { bit: 7, name: 'GUEST_TSO4', anyOf: [1] },
  { bit: 8, name: 'GUEST_TSO6', anyOf: [1] },
  { bit: 9, name: 'GUEST_ECN', anyOf: [7, 8] },
  { bit: 10, name: 'GUEST_UFO', anyOf: [1] },
  { bit: 11, name: 'HOST_TSO4', anyOf: [0] },
  { bit: 12, name: 'HOST_TSO6', anyOf: [0] },
  { bit: 13, name: 'HOST_ECN', anyOf: [11, 12] },
  { bit: 14, name: 'HOST_UFO', anyOf: [0] },
  { bit: 18, name: 'CTRL_RX', anyOf: [17] },
  { bit: 19, name: 'CTRL_VLAN', anyOf: [17] },
  { bit: 21, name: 'GUEST_ANNOUNCE', anyOf: [17] },
  { bit: 22, name: 'MQ', anyOf: [17] },
  { bit: 23, name: 'CTRL_MAC_ADDR', anyOf: [17] },
  { bit: 52, name: 'VQ_NOTF_COAL', anyOf: [17] },
  { bit: 53, name: 'NOTF_COAL', anyOf: [17] },
  { bit: 54, name: 'GUEST_USO4', anyOf: [1] },
  { bit: 55, name: 'GUEST_USO6', anyOf: [1] },
  { bit: 56, name: 'HOST_USO', anyOf: [0] },
  { bit: 60, name: 'RSS', anyOf: [17] },
];

/** Bits of each word that the specification does not know (transport range without a meaning). */
export const UNKNOWN_BITS: readonly number[] = [maskOf([25, 26, 31]), 0];
/** Bits of each word that are reserved: 30 and 44 to 49. */
export const RESERVED_BITS: readonly number[] = [maskOf([30]), maskOf([44, 45, 46, 47, 48, 49])];
/** Bits of each word that other transports have: NOTIF_CONFIG_DATA, SR_IOV, ADMIN_VQ. */
export const FOREIGN_TRANSPORT_BITS: readonly number[] = [0, maskOf([37, 39, 41])];
/** Bits of each word of the device range that mean nothing for a network device with VERSION_1. */
export const FOREIGN_DEVICE_BITS: readonly number[] = [maskOf([4, 6]), maskOf([42, 58])];

/** SR_IOV as mask of word 1. */
export const MASK_SR_IOV = maskOf([37]);
/** Bit 30 as mask of word 0. */
export const MASK_BIT_30 = maskOf([30]);

/** Mask of bits within their word. */
function maskOf(bits: readonly number[]): number {
  let mask = 0;
  for (const bit of bits) mask |= 1 << (bit & 31);
  return mask >>> 0;
}

/** True when the bit is set in words 0 and 1. */
export function hasBit(word0: number, word1: number, bit: number): boolean {
  return (((bit < 32 ? word0 : word1) >>> (bit & 31)) & 1) !== 0;
}

/** The first feature of the set that lacks its prerequisite, null if none does. */
export function firstUnsupported(word0: number, word1: number): Prerequisite | null {
  for (const entry of PREREQUISITES) {
    if (hasBit(word0, word1, entry.bit) && !entry.anyOf.some((bit) => hasBit(word0, word1, bit))) return entry;
  }
  return null;
}
