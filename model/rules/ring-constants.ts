// Numbers that rules compare with and that no layout module names: feature masks and header bits.
//
// Feature numbers: clause catalogue §4.5; header bits: §4.4.

/** Bit 0 of avail.flags and of used.flags: the other side need not notify. */
export const SUPPRESS = 1;

/** Feature bits 0..31 as masks of word 0. */
export const MASK_CSUM = 1 << 0;
export const MASK_GUEST_CSUM = 1 << 1;
export const MASK_MAC = 1 << 5;
export const MASK_STATUS = 1 << 16;
export const MASK_MRG_RXBUF = 1 << 15;
export const MASK_INDIRECT_DESC = 1 << 28;
export const MASK_EVENT_INDEX = 1 << 29;
/** Features that let the device hand up frames larger than the link's: GUEST_TSO4, TSO6, UFO. */
export const MASK_GUEST_GSO = (1 << 7) | (1 << 8) | (1 << 10);
/** Features that let the driver send them: HOST_TSO4, TSO6, UFO. */
export const MASK_HOST_GSO = (1 << 11) | (1 << 12) | (1 << 14);
/** VERSION_1 as mask of word 1. */
export const MASK_VERSION_1 = 1;

/** Header flag: outer checksum of a tunnelled UDP packet is open. */
export const HEADER_UDP_TUNNEL_CSUM = 8;
