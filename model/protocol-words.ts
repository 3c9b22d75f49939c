// Words for numbers of the protocol: status bits, features, header flags, verdicts on checksums, breaches of the contract.
//
// Feature names follow virtio 1.3 sections 5.1.3 and 6, header flags and gso types section 5.1.6. Rules say what they
// saw with them and reports print events with them, so that no reader meets a bare number. A value without a name
// stays a number. A test compares the breaches with drivers/contract-breach.ts.

/** A 32-bit word in hexadecimal. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The set bits by name; what has no name stays in the number. */
export function namedBits(value: number, bits: readonly (readonly [number, string])[]): string {
  const names = bits.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? hex(value) : `${hex(value)} (${names.join(' ')})`;
}

const STATUS_BITS: readonly (readonly [number, string])[] = [
  [1, 'ACKNOWLEDGE'],
  [2, 'DRIVER'],
  [4, 'DRIVER_OK'],
  [8, 'FEATURES_OK'],
  [64, 'DEVICE_NEEDS_RESET'],
  [128, 'FAILED'],
];

/** A device status as its bit names: `0x7 (ACKNOWLEDGE DRIVER DRIVER_OK)`. */
export function statusText(status: number): string {
  if (status === 0) return '0 (reset)';
  return namedBits(status, STATUS_BITS);
}

/** Names of the feature bits by number. */
export const FEATURE_BITS: Readonly<Record<number, string>> = {
  0: 'CSUM',
  1: 'GUEST_CSUM',
  2: 'CTRL_GUEST_OFFLOADS',
  3: 'MTU',
  5: 'MAC',
  7: 'GUEST_TSO4',
  8: 'GUEST_TSO6',
  9: 'GUEST_ECN',
  10: 'GUEST_UFO',
  11: 'HOST_TSO4',
  12: 'HOST_TSO6',
  13: 'HOST_ECN',
  14: 'HOST_UFO',
  15: 'MRG_RXBUF',
  16: 'STATUS',
  17: 'CTRL_VQ',
  18: 'CTRL_RX',
  19: 'CTRL_VLAN',
  20: 'CTRL_RX_EXTRA',
  21: 'GUEST_ANNOUNCE',
  22: 'MQ',
  23: 'CTRL_MAC_ADDR',
  28: 'INDIRECT_DESC',
  29: 'EVENT_IDX',
  32: 'VERSION_1',
  33: 'ACCESS_PLATFORM',
  34: 'RING_PACKED',
  35: 'IN_ORDER',
  36: 'ORDER_PLATFORM',
  38: 'NOTIFICATION_DATA',
  40: 'RING_RESET',
  54: 'GUEST_USO4',
  55: 'GUEST_USO6',
  56: 'HOST_USO',
  57: 'HASH_REPORT',
  59: 'GUEST_HDRLEN',
  60: 'RSS',
  61: 'RSC_EXT',
  62: 'STANDBY',
  63: 'SPEED_DUPLEX',
};

/** Feature words 0 and 1 as bit names: `CSUM, MRG_RXBUF, VERSION_1`; unnamed bits by number, `none` when empty. */
export function featuresText(word0: number, word1: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    const isSet = (((bit < 32 ? word0 : word1) >>> (bit & 31)) & 1) === 1;
    if (isSet) names.push(featureText(bit));
  }
  return names.length === 0 ? 'none' : names.join(', ');
}

/** A feature by its bit. */
export function featureText(bit: number): string {
  return FEATURE_BITS[bit] ?? `bit ${bit}`;
}

/** Bits of one feature word by name; words from the third on have no names. */
export function featureWordText(word: number, bits: number): string {
  return word > 1 ? `${hex(bits)} in feature word ${word}` : featuresText(word === 0 ? bits : 0, word === 1 ? bits : 0);
}

/** A MAC address from its low word and its high half, as two numbers of little-endian bytes: `02:00:00:00:00:01`. */
export function macText(low: number, high: number): string {
  const bytes = [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8];
  return bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join(':');
}

const CHECKSUMS = ['unknown', 'none', 'right', 'wrong', 'open', 'open and wrong', 'outside the packet'];

/** What a checksum was found to be, by CHECKSUM_… of events.ts. */
export function checksumText(verdict: number): string {
  return CHECKSUMS[verdict] ?? `number ${verdict}`;
}

const HEADER_FLAGS: readonly (readonly [number, string])[] = [
  [1, 'NEEDS_CSUM'],
  [2, 'DATA_VALID'],
  [4, 'RSC_INFO'],
  [8, 'UDP_TUNNEL_CSUM'],
];

/** The flags of a net header. */
export function headerFlagsText(flags: number): string {
  return flags === 0 ? 'none' : namedBits(flags, HEADER_FLAGS);
}

const GSO_TYPES: Readonly<Record<number, string>> = { 0: 'NONE', 1: 'TCPV4', 3: 'UDP', 4: 'TCPV6', 5: 'UDP_L4' };
const GSO_BITS: readonly (readonly [number, string])[] = [
  [0x20, 'UDP_TUNNEL_IPV4'],
  [0x40, 'UDP_TUNNEL_IPV6'],
  [0x80, 'ECN'],
];

/** The gso_type of a net header: its type and the bits beside it. */
export function gsoTypeText(type: number): string {
  const bits = GSO_BITS.filter(([bit]) => (type & bit) !== 0).map(([, name]) => name);
  return [GSO_TYPES[type & 0x1f] ?? `${hex(type & 0x1f)}, no type there is`, ...bits].join(' with ');
}

/** Ways of using the driver contract out of turn, by number: what the driver did. */
export const BREACH_WORDS: readonly string[] = [
  '',
  'it used the guest while none of its methods was running',
  'it used the guest of an earlier run',
  'it enabled interrupts more often than it had disabled them',
  'it gave back a frame it does not hold',
  "transmit returned something else than 'accepted' or 'full'",
  'a method of a plain driver returned a generator',
  'a method returned a promise',
  'a resumable method yielded something that is no operation of the guest',
  'createDriver returned something that is no driver',
  'it gave an operation an argument it does not take',
  'it freed or unmapped something that is not allocated or mapped',
  "it answered 'full' for a frame whose memory it had given back",
];

/** What the driver did, by BREACH number. */
export function breachText(breach: number): string {
  return BREACH_WORDS[breach] ?? `breach number ${breach}`;
}

/** What an odd or hostile device does, by the number of ODDITY_SHOWN. */
export function oddityText(oddity: number): string {
  return ODDITY_WORDS[oddity] ?? `oddity ${oddity}`;
}

const ODDITY_WORDS: Readonly<Record<number, string>> = {
  1: 'sets unknown flags in the receive header',
  2: 'fills checksum fields without an open checksum',
  3: 'gives a wrong hdr_len',
  4: 'writes behind the bytes it reports',
  5: 'offers unknown features',
  6: 'sets used.flags although EVENT_IDX was negotiated',
  7: 'sets status bits that mean nothing',
  16: 'returns a used id it was never given',
  17: 'reports more bytes than the buffer has',
  18: 'moves used.idx too far',
  19: 'gives a wrong number of buffers',
  20: 'says that it needs a reset',
  21: 'returns a chain a second time',
  22: 'changes its configuration',
  23: 'changes the features that were agreed on',
  24: 'interrupts without cause',
  25: 'completes chains during a reset',
};

/** Why the server ended, by the reason of SERVER_ENDED. */
export function serverEndText(reason: number): string {
  return SERVER_ENDINGS[reason] ?? `reason ${reason}`;
}

const SERVER_ENDINGS: Readonly<Record<number, string>> = {
  0: 'it made no end',
  1: 'an access outside registered memory',
  2: 'a store to memory registered read-only',
  3: 'the step budget used up',
};
