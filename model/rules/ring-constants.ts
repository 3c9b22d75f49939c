// Numbers of the virtio specification and of the config page that rules compare with.
//
// Split ring: 2.7; status bits: 2.1; net header: 5.1.9; config page: l4virtio-transport sheet §2, §3.

export const DESCRIPTOR_NEXT = 1;
export const DESCRIPTOR_WRITE = 2;
export const DESCRIPTOR_INDIRECT = 4;
/** Bit 0 of avail.flags and of used.flags: the other side need not notify. */
export const SUPPRESS = 1;

export const STATUS_ACKNOWLEDGE = 1;
export const STATUS_DRIVER = 2;
export const STATUS_DRIVER_OK = 4;
export const STATUS_FEATURES_OK = 8;
export const STATUS_NEEDS_RESET = 0x40;
export const STATUS_FAILED = 0x80;

/** Queue numbers of the first pair. */
export const RECEIVE_QUEUE = 0;
export const TRANSMIT_QUEUE = 1;

/** Bytes of the net header with VERSION_1 and none of the features that lengthen it. */
export const NET_HEADER_BYTES = 12;
/** Smallest receive buffer without MRG_RXBUF: header and the longest frame (virtio 5.1.9.3.1). */
export const RECEIVE_BUFFER_BYTES = 1526;
export const HEADER_NEEDS_CSUM = 1;
export const HEADER_DATA_VALID = 2;
export const HEADER_RSC_INFO = 4;
export const HEADER_UDP_TUNNEL_CSUM = 8;

/** Bits of irq_status. */
export const INTERRUPT_VRING = 1;
export const INTERRUPT_CONFIG = 2;

/** Feature bits 0..31 as masks. */
export const FEATURE_CSUM = 1 << 0;
export const FEATURE_GUEST_CSUM = 1 << 1;
export const FEATURE_MAC = 1 << 5;
export const FEATURE_MRG_RXBUF = 1 << 15;
export const FEATURE_INDIRECT_DESC = 1 << 28;
/** Feature bits 32..63 as masks of word 1. */
export const FEATURE_VERSION_1 = 1 << 0;

/** Offsets in the config page. */
export const PAGE_STATUS = 0x70;
export const PAGE_COMMAND = 0x7c;
export const PAGE_OFFER = 0xc0;
export const PAGE_ACCEPTED = 0xe0;
export const PAGE_DEVICE_CONFIG = 0x100;
/** Where the queue entries stand when the device config is at most 16 bytes long. */
export const PAGE_QUEUES = 0x110;
/** Feature words in the page. */
export const FEATURE_WORDS = 6;
/** Bytes of a queue entry. */
export const ENTRY_BYTES = 40;
export const ENTRY_READY = 4;
