// Completes checksums that were still open when a frame was captured.
//
// A capture taken at the sending host often shows TCP and UDP checksums before the hardware filled them in: the field holds
// the pseudo-header sum only. Replayed as complete frames they would be wrong on the wire, so the field is completed on
// loading. Frames whose checksum is simply wrong stay as they are.
import { completeChecksum } from './payload.js';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
/** Offset of the checksum field in the transport header, by IP protocol. */
const FIELD_OFFSETS: ReadonlyMap<number, number> = new Map([
  [6, 16],
  [17, 6],
]);

/** The frame itself, or a copy in which an open TCP or UDP checksum is completed. */
export function withClosedChecksum(frame: Uint8Array): Uint8Array {
  const transport = transportOf(frame);
  if (transport === null) return frame;
  const { startBytes, fieldBytes, pseudoSum } = transport;
  const field = frame[startBytes + fieldBytes]! * 256 + frame[startBytes + fieldBytes + 1]!;
  if (field !== pseudoSum) return frame;
  const closed = frame.slice();
  completeChecksum(closed, 0, transport.endBytes, startBytes, fieldBytes);
  return closed;
}

interface Transport {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly fieldBytes: number;
  /** Folded sum of the pseudo header, uncomplemented: what an open checksum field holds. */
  readonly pseudoSum: number;
}

function transportOf(frame: Uint8Array): Transport | null {
  if (frame.length < ETHERNET_BYTES) return null;
  const type = word(frame, 12);
  if (type === ETHERTYPE_IPV4) return overIpv4(frame);
  return type === ETHERTYPE_IPV6 ? overIpv6(frame) : null;
}

function overIpv4(frame: Uint8Array): Transport | null {
  if (frame.length < ETHERNET_BYTES + 20) return null;
  const headerBytes = (frame[ETHERNET_BYTES]! & 15) * 4;
  const isFragment = (word(frame, ETHERNET_BYTES + 6) & 0x3fff) !== 0;
  if (headerBytes < 20 || isFragment) return null;
  const endBytes = ETHERNET_BYTES + word(frame, ETHERNET_BYTES + 2);
  return transportAt(frame, frame[ETHERNET_BYTES + 9]!, ETHERNET_BYTES + headerBytes, endBytes, ETHERNET_BYTES + 12, 8);
}

function overIpv6(frame: Uint8Array): Transport | null {
  if (frame.length < ETHERNET_BYTES + IPV6_BYTES) return null;
  const startBytes = ETHERNET_BYTES + IPV6_BYTES;
  return transportAt(frame, frame[ETHERNET_BYTES + 6]!, startBytes, startBytes + word(frame, ETHERNET_BYTES + 4), ETHERNET_BYTES + 8, 32);
}

function transportAt(
  frame: Uint8Array,
  protocol: number,
  startBytes: number,
  endBytes: number,
  addressesAt: number,
  addressBytes: number,
): Transport | null {
  const fieldBytes = FIELD_OFFSETS.get(protocol);
  if (fieldBytes === undefined || endBytes > frame.length || startBytes + fieldBytes + 2 > endBytes) return null;
  let sum = protocol + (endBytes - startBytes);
  for (let at = addressesAt; at < addressesAt + addressBytes; at += 2) sum += word(frame, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return { startBytes, endBytes, fieldBytes, pseudoSum: sum };
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
