// The device config of a network device: where its fields lie.
//
// Follows clause catalogue §4.6; offsets count from the start of the device config, fields are little-endian.

/** Offset of the MAC address, 6 bytes. */
export const NET_CONFIG_MAC = 0;
/** Offset of the link status, 2 bytes; exists with NET_FEATURE_STATUS. */
export const NET_CONFIG_STATUS = 6;
/** Bit of the status: the link is up. */
export const NET_STATUS_LINK_UP = 1;
/** Feature bit: the device tells the link status. */
export const NET_FEATURE_STATUS = 16;
