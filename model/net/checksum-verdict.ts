// Is the checksum of a frame in a ring right? A look at TCP and UDP over IPv4 and IPv6.
//
// Works on a virtio-net header and the frame behind it (clause catalogue §4.4, checksum rule). Fragments,
// other protocols and truncated packets have nothing to check. Used by observers only, never by a device.
import {
  CHECKSUM_NONE,
  CHECKSUM_OPEN,
  CHECKSUM_OPEN_WRONG,
  CHECKSUM_OUTSIDE,
  CHECKSUM_RIGHT,
  CHECKSUM_UNKNOWN,
  CHECKSUM_WRONG,
} from '../events.js';
import {
  NET_CHECKSUM_OFFSET,
  NET_CHECKSUM_START,
  NET_HEADER_BYTES,
  NET_NEEDS_CHECKSUM,
  TCP_CHECKSUM_OFFSET,
  UDP_CHECKSUM_OFFSET,
} from './header.js';

const ETHERNET_HEADER_BYTES = 14;
const TYPE_IPV4 = 0x0800;
const TYPE_IPV6 = 0x86dd;
const TYPE_VLAN = 0x8100;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;

/** The part of a frame a transport checksum covers. */
interface Segment {
  /** Offset of the TCP or UDP header in the bytes, and length from there to the end of the packet. */
  readonly start: number;
  readonly lengthBytes: number;
  readonly protocol: number;
  /** Sum of the pseudo header. */
  readonly pseudo: number;
  readonly mayBeAbsent: boolean;
}

/** CHECKSUM_… verdict on `lengthBytes` bytes: a net header and a frame. */
export function judgeChecksum(bytes: Uint8Array, lengthBytes: number): number {
  if (lengthBytes < NET_HEADER_BYTES) return CHECKSUM_UNKNOWN;
  const segment = findSegment(bytes, lengthBytes);
  if ((bytes[0]! & NET_NEEDS_CHECKSUM) !== 0) return judgeOpen(bytes, lengthBytes, segment);
  if (segment === null) return CHECKSUM_NONE;
  const field = big16(bytes, segment.start + fieldOffset(segment.protocol));
  if (field === 0 && segment.mayBeAbsent) return CHECKSUM_NONE;
  return fold(segment.pseudo + sumOf(bytes, segment.start, segment.lengthBytes)) === 0xffff ? CHECKSUM_RIGHT : CHECKSUM_WRONG;
}

function judgeOpen(bytes: Uint8Array, lengthBytes: number, segment: Segment | null): number {
  const start = little16(bytes, NET_CHECKSUM_START);
  const offset = little16(bytes, NET_CHECKSUM_OFFSET);
  if (NET_HEADER_BYTES + start + offset + 2 > lengthBytes) return CHECKSUM_OUTSIDE;
  if (segment === null) return CHECKSUM_OPEN;
  if (NET_HEADER_BYTES + start !== segment.start || offset !== fieldOffset(segment.protocol)) return CHECKSUM_OPEN_WRONG;
  // The sum runs to the end of the packet: what stands behind the segment counts, too, unless it is padding.
  const end = segment.start + segment.lengthBytes;
  if (fold(sumOf(bytes, end, lengthBytes - end)) % 0xffff !== 0) return CHECKSUM_UNKNOWN;
  const field = big16(bytes, segment.start + offset);
  return fold(field) % 0xffff === fold(segment.pseudo) % 0xffff ? CHECKSUM_OPEN : CHECKSUM_OPEN_WRONG;
}

function findSegment(bytes: Uint8Array, lengthBytes: number): Segment | null {
  let at = NET_HEADER_BYTES + ETHERNET_HEADER_BYTES;
  if (at + 4 > lengthBytes) return null;
  let type = big16(bytes, at - 2);
  if (type === TYPE_VLAN) {
    type = big16(bytes, at + 2);
    at += 4;
  }
  const segment = type === TYPE_IPV4 ? inIpv4(bytes, at, lengthBytes) : type === TYPE_IPV6 ? inIpv6(bytes, at, lengthBytes) : null;
  if (segment === null || (segment.protocol !== PROTOCOL_TCP && segment.protocol !== PROTOCOL_UDP)) return null;
  const isWhole = segment.lengthBytes >= fieldOffset(segment.protocol) + 2 && segment.start + segment.lengthBytes <= lengthBytes;
  return isWhole ? segment : null;
}

function inIpv4(bytes: Uint8Array, at: number, lengthBytes: number): Segment | null {
  if (at + 20 > lengthBytes) return null;
  const headerBytes = (bytes[at]! & 15) * 4;
  const isFragment = (big16(bytes, at + 6) & 0x3fff) !== 0;
  if (headerBytes < 20 || isFragment) return null;
  const protocol = bytes[at + 9]!;
  const segmentBytes = big16(bytes, at + 2) - headerBytes;
  const pseudo = sumOf(bytes, at + 12, 8) + protocol + segmentBytes;
  return { start: at + headerBytes, lengthBytes: segmentBytes, protocol, pseudo, mayBeAbsent: protocol === PROTOCOL_UDP };
}

function inIpv6(bytes: Uint8Array, at: number, lengthBytes: number): Segment | null {
  if (at + 40 > lengthBytes) return null;
  const protocol = bytes[at + 6]!;
  const segmentBytes = big16(bytes, at + 4);
  return { start: at + 40, lengthBytes: segmentBytes, protocol, pseudo: sumOf(bytes, at + 8, 32) + protocol + segmentBytes, mayBeAbsent: false };
}

function fieldOffset(protocol: number): number {
  return protocol === PROTOCOL_UDP ? UDP_CHECKSUM_OFFSET : TCP_CHECKSUM_OFFSET;
}

function sumOf(bytes: Uint8Array, at: number, lengthBytes: number): number {
  let sum = 0;
  for (let index = 0; index + 1 < lengthBytes; index += 2) sum += big16(bytes, at + index);
  return (lengthBytes & 1) === 0 ? sum : sum + bytes[at + lengthBytes - 1]! * 256;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

function big16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function little16(bytes: Uint8Array, at: number): number {
  return bytes[at]! + bytes[at + 1]! * 256;
}
