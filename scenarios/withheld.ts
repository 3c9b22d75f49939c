// Feature bits a scenario may make the device withhold, as masks of word 0. Sheet l4virtio-transport §2.
export const CSUM = 1 << 0;
export const GUEST_CSUM = 1 << 1;
export const MRG_RXBUF = 1 << 15;
export const INDIRECT_DESC = 1 << 28;
