// Bytes of the frames of a workload: everything follows from sending port, frame number and length.
//
// Frames of at least 46 bytes are IPv4/UDP with valid checksums, so that checksum offload has something to
// complete; shorter ones carry ethertype 0x88b5 (local experimental). The frame number stands in the first
// payload bytes and the rest is a pattern of it, so stale or shifted bytes never look right.

/** Offset of the UDP header in the frame: Ethernet 14 + IPv4 20. */
export const UDP_START = 34;
/** Offset of the UDP checksum field from UDP_START. */
export const UDP_CHECKSUM_OFFSET = 6;
const SHORTEST_UDP = 46;

/** Writes the frame with its complete checksum into `into` from `at` on. */
export function writeFrame(into: Uint8Array, at: number, port: number, number: number, lengthBytes: number): void {
  const isUdp = lengthBytes >= SHORTEST_UDP;
  for (let index = 0; index < 6; index++) {
    into[at + index] = index === 0 ? 0x02 : index === 5 ? 2 - port : 0;
    into[at + 6 + index] = index === 0 ? 0x02 : index === 5 ? 1 + port : 0;
  }
  into[at + 12] = isUdp ? 0x08 : 0x88;
  into[at + 13] = isUdp ? 0x00 : 0xb5;
  const start = isUdp ? UDP_START + 8 : 14;
  writePattern(into, at + start, port, number, lengthBytes - start);
  if (isUdp) writeHeaders(into, at, port, number, lengthBytes);
}

/** True when a frame of this length has a checksum that can be left open. */
export function hasChecksum(lengthBytes: number): boolean {
  return lengthBytes >= SHORTEST_UDP;
}

/** Replaces the UDP checksum of a frame by the pseudo-header sum, as a sender with open checksum does. */
export function openChecksum(frame: Uint8Array, at: number, lengthBytes: number): void {
  const sum = fold(pseudoHeaderSum(frame, at, lengthBytes));
  frame[at + UDP_START + UDP_CHECKSUM_OFFSET] = sum >>> 8;
  frame[at + UDP_START + UDP_CHECKSUM_OFFSET + 1] = sum & 0xff;
}

/** Completes an open checksum in place: ones' complement sum from `startBytes` to the end, stored at start + offset. */
export function completeChecksum(frame: Uint8Array, at: number, lengthBytes: number, startBytes: number, offsetBytes: number): void {
  if (startBytes + offsetBytes + 2 > lengthBytes) return;
  let value = ~fold(sumOf(frame, at + startBytes, lengthBytes - startBytes)) & 0xffff;
  if (value === 0) value = 0xffff;
  frame[at + startBytes + offsetBytes] = value >>> 8;
  frame[at + startBytes + offsetBytes + 1] = value & 0xff;
}

function writePattern(into: Uint8Array, at: number, port: number, number: number, lengthBytes: number): void {
  const numberBytes = lengthBytes < 4 ? lengthBytes : 4;
  for (let index = 0; index < numberBytes; index++) into[at + index] = number >>> (8 * index);
  let state = (Math.imul(number + 1, 0x9e3779b1) ^ (port << 31)) >>> 0;
  for (let index = 4; index < lengthBytes; index++) {
    if ((index & 3) === 0) state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + index) >>> 0;
    into[at + index] = state >>> (8 * (index & 3));
  }
}

/** IPv4 and UDP from 10.0.0.(1 + port) to the other end, with complete checksums. */
function writeHeaders(into: Uint8Array, at: number, port: number, number: number, lengthBytes: number): void {
  const ip = at + 14;
  const ipLength = lengthBytes - 14;
  putWord(into, ip, 0x4500);
  putWord(into, ip + 2, ipLength);
  putWord(into, ip + 4, number);
  putWord(into, ip + 6, 0x4000);
  putWord(into, ip + 8, 0x4011);
  putWord(into, ip + 10, 0);
  putWord(into, ip + 12, 0x0a00);
  putWord(into, ip + 14, 1 + port);
  putWord(into, ip + 16, 0x0a00);
  putWord(into, ip + 18, 2 - port);
  putWord(into, ip + 10, ~fold(sumOf(into, ip, 20)));
  const udp = at + UDP_START;
  putWord(into, udp, 0x9c40 + port);
  putWord(into, udp + 2, 0x9c41 - port);
  putWord(into, udp + 4, ipLength - 20);
  openChecksum(into, at, lengthBytes);
  completeChecksum(into, at, lengthBytes, UDP_START, UDP_CHECKSUM_OFFSET);
}

/** Writes the low 16 bits, big-endian. */
function putWord(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value;
}

/** Sum over addresses, protocol and UDP length, unfolded. */
function pseudoHeaderSum(frame: Uint8Array, at: number, lengthBytes: number): number {
  return sumOf(frame, at + 14 + 12, 8) + 17 + (lengthBytes - UDP_START);
}

/** Sum of big-endian 16-bit words; an odd last byte counts as high byte. Below 2^32 for the longest frame a stack takes. */
function sumOf(bytes: Uint8Array, at: number, lengthBytes: number): number {
  const end = at + lengthBytes;
  let sum = 0;
  for (let index = at; index + 1 < end; index += 2) sum += (bytes[index]! << 8) | bytes[index + 1]!;
  return (lengthBytes & 1) === 0 ? sum : sum + (bytes[end - 1]! << 8);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}
