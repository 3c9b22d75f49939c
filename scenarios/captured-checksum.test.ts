// Open checksums of captured frames are completed; everything else stays as it was captured.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCapture } from './capture-reader.js';
import { withClosedChecksum } from './captured-checksum.js';
import { openChecksum, writeFrame } from './payload.js';

function udp(lengthBytes: number): Uint8Array {
  const frame = new Uint8Array(lengthBytes);
  writeFrame(frame, 0, 0, 7, lengthBytes);
  return frame;
}

/** A UDP frame over IPv6 with an open checksum. */
function udpOverIpv6(): Uint8Array {
  const frame = new Uint8Array(14 + 40 + 12);
  frame.set([0x86, 0xdd], 12);
  frame.set([0x60, 0, 0, 0, 0, 12, 17, 64], 14);
  frame[14 + 23] = 1;
  frame[14 + 39] = 2;
  frame.set([1, 2, 3, 4, 0, 12, 0, 0, 9, 9, 9, 9], 54);
  frame.set([0, 17 + 12 + 1 + 2], 60);
  return frame;
}

describe('withClosedChecksum', () => {
  it('completes an open checksum to the one the sender would have computed', () => {
    const complete = udp(60);
    const open = complete.slice();
    openChecksum(open, 0, 60);

    expect([...open]).not.toEqual([...complete]);
    expect([...withClosedChecksum(open)]).toEqual([...complete]);
  });

  it('leaves frames with a complete or a simply wrong checksum alone', () => {
    const complete = udp(60);
    const wrong = complete.slice();
    wrong[40]! ^= 0x55;

    expect(withClosedChecksum(complete)).toBe(complete);
    expect(withClosedChecksum(wrong)).toBe(wrong);
  });

  it('completes over IPv6, too', () => {
    const open = udpOverIpv6();

    const closed = withClosedChecksum(open);

    expect([...closed.subarray(60, 62)]).not.toEqual([...open.subarray(60, 62)]);
    expect(withClosedChecksum(closed)).toBe(closed);
  });

  it.each([
    ['no IP at all', new Uint8Array(60)],
    ['too short for Ethernet', new Uint8Array(10)],
    ['IPv4 cut in its header', Uint8Array.from([...new Uint8Array(12), 8, 0, 0x45])],
    ['IPv6 cut in its header', Uint8Array.from([...new Uint8Array(12), 0x86, 0xdd, 0x60])],
    ['a length beyond the frame', ((): Uint8Array => udp(60).map((byte, at) => (at === 16 ? 0xff : byte)))()],
    ['a fragment', ((): Uint8Array => udp(60).map((byte, at) => (at === 20 ? 0x20 : byte)))()],
    ['another protocol', ((): Uint8Array => udp(60).map((byte, at) => (at === 23 ? 1 : byte)))()],
  ])('leaves %s alone', (_what, frame) => {
    expect(withClosedChecksum(frame)).toBe(frame);
  });

  it('leaves no open checksum in the capture that ships with the package', () => {
    const file = fileURLToPath(new URL('../../scenarios/captures/link.pcap', import.meta.url));
    const { frames } = readCapture(readFileSync(file), 'link.pcap');

    const closed = frames.map(({ bytes }) => withClosedChecksum(bytes));

    expect(closed.filter((bytes, index) => bytes !== frames[index]!.bytes).length).toBeGreaterThan(50);
    expect(closed.every((bytes) => withClosedChecksum(bytes) === bytes)).toBe(true);
  });
});
