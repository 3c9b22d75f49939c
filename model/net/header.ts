// The virtio network header in front of every frame: 12 bytes with VERSION_1, little-endian.
//
// Follows clause catalogue §4.4; hash and tunnel extensions are not part of any modelled link.

/** Size of the header in bytes, both directions. */
export const NET_HEADER_BYTES = 12;
/** Offsets of the fields in bytes. */
export const NET_FLAGS = 0;
export const NET_GSO_TYPE = 1;
export const NET_HEADER_LENGTH = 2;
export const NET_GSO_SIZE = 4;
export const NET_CHECKSUM_START = 6;
export const NET_CHECKSUM_OFFSET = 8;
export const NET_BUFFER_COUNT = 10;

/** The checksum of the frame is partial; see NET_CHECKSUM_START and NET_CHECKSUM_OFFSET. */
export const NET_NEEDS_CHECKSUM = 1;
/** The checksum of the frame was verified (device to driver only). */
export const NET_DATA_VALID = 2;
/** The frame carries coalescing information. */
export const NET_COALESCED = 4;

/** gso_type of an ordinary frame. */
export const NET_GSO_NONE = 0;

/** Largest frame without offloads: Ethernet header and 1500 bytes. */
export const ETHERNET_FRAME_BYTES = 1514;
/** Smallest receive buffer of a driver without mergeable buffers. */
export const PLAIN_RECEIVE_BUFFER_BYTES = NET_HEADER_BYTES + ETHERNET_FRAME_BYTES;
/** Offset of the checksum field in a UDP header; a computed 0 is sent as 0xffff there. */
export const UDP_CHECKSUM_OFFSET = 6;
/** Offset of the checksum field in a TCP header. */
export const TCP_CHECKSUM_OFFSET = 16;

/** Feature bits of the network device. */
export const NET_FEATURE_CHECKSUM = 0;
export const NET_FEATURE_GUEST_CHECKSUM = 1;
export const NET_FEATURE_MTU = 3;
export const NET_FEATURE_MAC = 5;
export const NET_FEATURE_GUEST_TSO4 = 7;
export const NET_FEATURE_GUEST_TSO6 = 8;
export const NET_FEATURE_GUEST_ECN = 9;
export const NET_FEATURE_GUEST_UFO = 10;
export const NET_FEATURE_HOST_TSO4 = 11;
export const NET_FEATURE_HOST_TSO6 = 12;
export const NET_FEATURE_HOST_ECN = 13;
export const NET_FEATURE_HOST_UFO = 14;
export const NET_FEATURE_MERGEABLE_BUFFERS = 15;
export const NET_FEATURE_STATUS = 16;
export const NET_FEATURE_CONTROL_QUEUE = 17;
export const NET_FEATURE_CONTROL_RX = 18;
export const NET_FEATURE_CONTROL_VLAN = 19;
export const NET_FEATURE_GUEST_ANNOUNCE = 21;
export const NET_FEATURE_MULTIQUEUE = 22;
export const NET_FEATURE_CONTROL_MAC_ADDRESS = 23;
