// Written captures: what comes back when they are read, byte layout, refusals.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Capture, LINK_ETHERNET } from '../scenarios/capture.js';
import { readCapture } from '../scenarios/capture-reader.js';
import { pcapngBytes } from './pcapng.js';

const PORT = { name: 'port-a', linkType: LINK_ETHERNET, snapLengthBytes: 0 };

const anyCapture: fc.Arbitrary<Capture> = fc.nat(3).chain((last) =>
  fc.record({
    interfaces: fc.array(
      fc.record({
        name: fc.string({ maxLength: 9 }).filter((name) => !name.includes('\0')),
        linkType: fc.constant(LINK_ETHERNET),
        snapLengthBytes: fc.nat(70000),
      }),
      { minLength: last + 1, maxLength: last + 1 },
    ),
    frames: fc.array(
      fc
        .record({
          interfaceIndex: fc.nat(last),
          timeNs: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
          bytes: fc.uint8Array({ maxLength: 80 }),
          cutBytes: fc.nat(1500),
          direction: fc.constantFrom('unknown' as const, 'inbound' as const, 'outbound' as const),
          comment: fc.string({ maxLength: 9, unit: 'grapheme' }).filter((comment) => !comment.includes('\0')),
        })
        .map(({ cutBytes, ...frame }) => ({ ...frame, originalLengthBytes: frame.bytes.length + cutBytes })),
      { maxLength: 6 },
    ),
  }),
);

test('what is written is read back unchanged', () => {
  fc.assert(
    fc.property(anyCapture, (capture) => {
      expect(readCapture(pcapngBytes(capture), 'c.pcapng')).toEqual(capture);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('the time is one count of nanoseconds split into a high and a low word', () => {
  const timeNs = (3n << 32n) | 7n;
  const frame = { interfaceIndex: 0, timeNs, bytes: Uint8Array.of(1), originalLengthBytes: 1, direction: 'unknown' as const, comment: '' };

  const bytes = pcapngBytes({ interfaces: [PORT], frames: [frame] });

  // Without options the packet block is 12 bytes of frame, 20 of header and the byte padded to 4: 36 at the end.
  const packet = new DataView(bytes.buffer, bytes.length - 36);
  expect([packet.getUint32(0, true), packet.getUint32(4, true)]).toEqual([6, 36]);
  expect([packet.getUint32(12, true), packet.getUint32(16, true)]).toEqual([3, 7]);
});

test('every block starts at a multiple of four bytes', () => {
  fc.assert(
    fc.property(anyCapture, (capture) => pcapngBytes(capture).length % 4 === 0),
    { seed: 2, numRuns: 50 },
  );
});

test('a comment longer than an option can hold is cut', () => {
  const comment = '\u20ac'.repeat(30000);
  const frame = { interfaceIndex: 0, timeNs: 0n, bytes: Uint8Array.of(1), originalLengthBytes: 1, direction: 'inbound' as const, comment };

  const capture = readCapture(pcapngBytes({ interfaces: [PORT], frames: [frame] }), 'c.pcapng');

  // 16,000 characters of three bytes are 48,000 bytes, below the 65,535 of an option.
  expect(capture.frames[0]!.comment).toBe('\u20ac'.repeat(16000));
});

test('a frame on an unknown interface or before the epoch is wrong use', () => {
  const frame = { interfaceIndex: 1, timeNs: 0n, bytes: Uint8Array.of(1), originalLengthBytes: 1, direction: 'unknown' as const, comment: '' };

  expect(() => pcapngBytes({ interfaces: [PORT], frames: [frame] })).toThrow('pcapngBytes: a frame is on interface 1, 1 are described');
  expect(() => pcapngBytes({ interfaces: [PORT, PORT], frames: [{ ...frame, timeNs: -1n }] })).toThrow('pcapngBytes: a frame at -1 ns');
});
