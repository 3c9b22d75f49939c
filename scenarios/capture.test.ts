// Captures as traffic of two sides.
import { expect, test } from 'vitest';
import { type CapturedFrame, directionOf, sourceOf, timelineOf } from './capture.js';

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';

/** A frame of 60 bytes sent by the given address. */
function frameFrom(source: string, timeNs: bigint, changes: Partial<CapturedFrame> = {}): CapturedFrame {
  const bytes = new Uint8Array(60);
  bytes.set(source.split(':').map((part) => Number.parseInt(part, 16)), 6);
  return { interfaceIndex: 0, timeNs, bytes, originalLengthBytes: 60, direction: 'unknown', comment: '', ...changes };
}

test('the source address is that of the Ethernet header', () => {
  expect(sourceOf(frameFrom(A, 0n).bytes)).toBe(A);
  expect(sourceOf(new Uint8Array(13))).toBeNull();
});

test('a stored direction outweighs the source address', () => {
  expect(directionOf(frameFrom(A, 0n), A)).toBe('a');
  expect(directionOf(frameFrom(B, 0n), A)).toBe('b');
  expect(directionOf(frameFrom(B, 0n, { direction: 'outbound' }), A)).toBe('a');
  expect(directionOf(frameFrom(A, 0n, { direction: 'inbound' }), A)).toBe('b');
});

test('the timeline keeps the distances and never goes back', () => {
  const start = 1_790_000_000_000_000_000n;
  const frames = [frameFrom(A, start), frameFrom(B, start + 700n), frameFrom(A, start + 600n), frameFrom(B, start + 900n)];

  const timeline = timelineOf({ interfaces: [], frames }, null);

  expect(timeline.addressOfA).toBe(A);
  expect(timeline.frames.map((frame) => [frame.atNs, frame.sender])).toEqual([
    [0, 'a'],
    [700, 'b'],
    [700, 'a'],
    [900, 'b'],
  ]);
});

test('side A is the sender of the first outbound frame, or whom the caller names', () => {
  const frames = [frameFrom(B, 0n, { direction: 'inbound' }), frameFrom(A, 1n, { direction: 'outbound' })];
  const undirected = [frameFrom(A, 0n), frameFrom(B, 1n)];

  expect(timelineOf({ interfaces: [], frames }, null).addressOfA).toBe(A);
  expect(timelineOf({ interfaces: [], frames: undirected }, B).frames.map((frame) => frame.sender)).toEqual(['b', 'a']);
});

test('cut frames and runts are left out and counted', () => {
  const frames = [
    frameFrom(A, 0n, { originalLengthBytes: 1514 }),
    frameFrom(A, 1n, { bytes: new Uint8Array(10), originalLengthBytes: 10 }),
    frameFrom(A, 2n),
  ];

  const timeline = timelineOf({ interfaces: [], frames }, null);

  expect(timeline).toMatchObject({ cutFrames: 1, runtFrames: 1 });
  expect(timeline.frames).toHaveLength(1);
});

test('a capture without frames is a timeline without frames', () => {
  expect(timelineOf({ interfaces: [], frames: [] }, null)).toEqual({ addressOfA: '', frames: [], cutFrames: 0, runtFrames: 0 });
});
