// Verdicts on checksums of frames in rings, on frames summed by hand.
import { expect, test } from 'vitest';
import { CHECKSUM_NONE, CHECKSUM_OPEN, CHECKSUM_OPEN_WRONG, CHECKSUM_OUTSIDE, CHECKSUM_RIGHT, CHECKSUM_UNKNOWN, CHECKSUM_WRONG } from '../events.js';
import { judgeChecksum } from './checksum-verdict.js';
import { FrameImage } from './frame-image.js';

const TCP = 6;
const UDP = 17;

interface Shape {
  protocol: number;
  isIpv6?: boolean;
  hasVlan?: boolean;
  payloadBytes?: number;
}

/** A net header, a packet and its transport header; the checksum field holds the plain pseudo-header sum. */
function packet({ protocol, isIpv6 = false, hasVlan = false, payloadBytes = 5 }: Shape): { bytes: Uint8Array; transport: number; field: number } {
  const ip = 12 + 14 + (hasVlan ? 4 : 0);
  const transport = ip + (isIpv6 ? 40 : 20);
  const transportBytes = (protocol === UDP ? 8 : 20) + payloadBytes;
  const bytes = new Uint8Array(transport + transportBytes).map((_, index) => (index >= transport ? (index * 11) & 0xff : 0));
  const view = new DataView(bytes.buffer);
  if (hasVlan) view.setUint16(24, 0x8100);
  view.setUint16(ip - 2, isIpv6 ? 0x86dd : 0x0800);
  const addresses = isIpv6 ? [ip + 8, 32] : [ip + 12, 8];
  for (let index = 0; index < addresses[1]!; index++) bytes[addresses[0]! + index] = index + 1;
  if (isIpv6) {
    view.setUint16(ip + 4, transportBytes);
    bytes[ip + 6] = protocol;
  } else {
    bytes[ip] = 0x45;
    view.setUint16(ip + 2, 20 + transportBytes);
    bytes[ip + 9] = protocol;
  }
  let sum = protocol + transportBytes;
  for (let index = 0; index < addresses[1]!; index += 2) sum += view.getUint16(addresses[0]! + index);
  const field = transport + (protocol === UDP ? 6 : 16);
  view.setUint16(field, (sum & 0xffff) + (sum >>> 16));
  return { bytes, transport, field };
}

/** The same with the checksum completed. */
function completed(shape: Shape): { bytes: Uint8Array; field: number } {
  const { bytes, transport, field } = packet(shape);
  let sum = 0;
  for (let at = transport; at < bytes.length; at += 2) sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  new DataView(bytes.buffer).setUint16(field, ~sum & 0xffff);
  return { bytes, field };
}

const SHAPES: [string, Shape][] = [
  ['TCP over IPv4', { protocol: TCP }],
  ['UDP over IPv4', { protocol: UDP }],
  ['TCP over IPv6', { protocol: TCP, isIpv6: true }],
  ['UDP over IPv6 in a VLAN', { protocol: UDP, isIpv6: true, hasVlan: true }],
  ['TCP with an even length', { protocol: TCP, payloadBytes: 8 }],
];

test.each(SHAPES)('%s: right and wrong sums are told apart', (_, shape) => {
  const { bytes } = completed(shape);

  const right = judgeChecksum(bytes, bytes.length);
  bytes[bytes.length - 1]! ^= 0x10;

  expect([right, judgeChecksum(bytes, bytes.length)]).toEqual([CHECKSUM_RIGHT, CHECKSUM_WRONG]);
});

test.each(SHAPES)('%s: an open sum is judged by its pseudo header', (_, shape) => {
  const { bytes, transport, field } = packet(shape);
  bytes[0] = 1;
  bytes[6] = transport - 12;
  bytes[8] = field - transport;

  const open = judgeChecksum(bytes, bytes.length);
  bytes[field]! ^= 1;
  const wrong = judgeChecksum(bytes, bytes.length);
  bytes[6]! -= 1;

  expect([open, wrong, judgeChecksum(bytes, bytes.length)]).toEqual([CHECKSUM_OPEN, CHECKSUM_OPEN_WRONG, CHECKSUM_OPEN_WRONG]);
});

test('a field outside the packet, a runt, and open sums of unknown packets', () => {
  const frame = new Uint8Array(60);
  frame[0] = 1;
  const outside = frame.slice();
  outside[6] = 47; // 47 + 2 > 48 bytes behind the header

  expect(judgeChecksum(frame, 60)).toBe(CHECKSUM_OPEN);
  expect(judgeChecksum(outside, 60)).toBe(CHECKSUM_OUTSIDE);
  expect(judgeChecksum(frame, 11)).toBe(CHECKSUM_UNKNOWN);
});

test('other protocols, fragments, truncated packets and UDP without a sum have nothing to check', () => {
  const other = completed({ protocol: TCP }).bytes;
  other[12 + 14 + 9] = 1;
  const fragment = completed({ protocol: TCP }).bytes;
  fragment[12 + 14 + 7] = 8;
  const shortHeader = completed({ protocol: TCP }).bytes;
  shortHeader[12 + 14] = 0x44;
  const tcp = completed({ protocol: TCP }).bytes;
  const udp = completed({ protocol: UDP });
  udp.bytes.fill(0, udp.field, udp.field + 2);
  const ipv6 = completed({ protocol: TCP, isIpv6: true }).bytes;
  const cases: [Uint8Array, number][] = [
    [other, other.length],
    [fragment, fragment.length],
    [shortHeader, shortHeader.length],
    [tcp, tcp.length - 1],
    [tcp, 12 + 14 + 19],
    [ipv6, 12 + 14 + 39],
    [udp.bytes, udp.bytes.length],
    [new Uint8Array(60), 60],
    [new Uint8Array(60), 20],
  ];

  expect(cases.map(([bytes, length]) => judgeChecksum(bytes, length))).toEqual(cases.map(() => CHECKSUM_NONE));
});

test('a picture of a frame judges only what it holds whole', () => {
  const { bytes } = completed({ protocol: TCP, payloadBytes: 4000 });
  const whole = new FrameImage(true);
  const headerOnly = new FrameImage(false);

  for (const image of [whole, headerOnly]) {
    image.add(bytes, 0, 100);
    if (image.isOpen) image.add(bytes, 100, bytes.length - 100);
  }

  expect(whole.verdict(bytes.length)).toBe(CHECKSUM_RIGHT);
  expect(whole.verdict(bytes.length + 1)).toBe(CHECKSUM_UNKNOWN);
  expect([headerOnly.lengthBytes, headerOnly.verdict(12)]).toEqual([12, CHECKSUM_UNKNOWN]);
  headerOnly.set(12, 1);
  expect(headerOnly.lengthBytes).toBe(12);
});
