// Feature bits a scenario may make the device withhold, as masks of word 0. Sheet l4virtio-transport §2.

/** Takes frames whose checksum is still open from the driver. */
export const CSUM = 1 << 0;
/** Hands frames whose checksum is still open to the driver. */
export const GUEST_CSUM = 1 << 1;
/** Spreads a received frame over several buffers. */
export const MRG_RXBUF = 1 << 15;
/** Follows indirect descriptor tables. */
export const INDIRECT_DESC = 1 << 28;
