// Properties of the fixed server under arbitrary well-formed traffic and arbitrary layouts of both sides.
//
// Invariants 1 to 5 and 9 of l4re-p2p §10: every frame arrives once, in order, byte for byte but for its header and
// checksum; every head is published once and in order; nothing is left over once buffers suffice.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../virtqueue/layout.js';
import { fixedLink, patternFrame, SAMPLE_FEATURES, type SampleLink } from './link.sample.js';

const QUEUE_SIZE = 16;
const FRAME_MAX = 400;

interface Sent {
  readonly frame: Uint8Array;
  readonly isOpen: boolean;
}

const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 3 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), bytes: fc.integer({ min: 60, max: FRAME_MAX }), cuts, isOpen: fc.boolean() }),
  fc.record({ kind: fc.constant('receive' as const), bytes: fc.integer({ min: 30, max: 500 }), cuts }),
  fc.record({ kind: fc.constant('kick' as const) }),
  fc.record({ kind: fc.constant('tick' as const) }),
);

/** Pieces of `bytes` bytes: what the cuts say, then the rest. */
function pieces(bytes: number, given: readonly number[]): number[] {
  const parts: number[] = [];
  let left = bytes;
  for (const cut of given) {
    if (cut >= left) break;
    parts.push(cut);
    left -= cut;
  }
  return [...parts, left];
}

/** Takes what b has received: frames put together from num_buffers buffers each. */
function received(link: SampleLink, layouts: ReadonlyMap<number, number[]>): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const used = link.b.used(RX);
  for (let at = 0; at < used.length; ) {
    const bytes: number[] = [];
    let count = 1;
    for (let part = 0; part < count; part++) {
      const [head, length] = used[at + part]!;
      const parts = layouts.get(head)!.flatMap((piece, index) => [...link.b.buffer(RX, (head + index) % QUEUE_SIZE, piece)]);
      bytes.push(...parts.slice(0, length));
      if (part === 0) count = bytes[10]! | (bytes[11]! << 8);
    }
    frames.push(Uint8Array.from(bytes));
    at += count;
  }
  return frames;
}

/** What is to arrive: num_buffers aside, the frame with its checksum completed and a header that says so. */
function expectedPayload({ frame, isOpen }: Sent): number[] {
  const payload = [...frame.subarray(12)];
  if (!isOpen) return payload;
  let sum = 0;
  for (let at = 14; at < payload.length; at += 2) sum += payload[at]! * 256 + (payload[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  payload[30] = (~sum & 0xffff) >>> 8; // csum_start 14 + csum_offset 16
  payload[31] = ~sum & 0xff;
  return payload;
}

test('frames arrive once, in order and right, whatever the layouts and the order of kicks', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isResumable) => {
      const link = fixedLink({ queueSize: QUEUE_SIZE, isResumable }).open();
      const sent: Sent[] = [];
      const heads: number[] = [];
      const layouts = new Map<number, number[]>();
      let descriptors = [0, 0];
      const post = (bytes: number, given: readonly number[]): void => {
        const parts = pieces(bytes, given);
        if (descriptors[RX]! + parts.length > QUEUE_SIZE) return;
        descriptors = [descriptors[RX]! + parts.length, descriptors[TX]!];
        layouts.set(link.b.receive(...parts), parts);
      };
      for (const action of steps) {
        if (action.kind === 'kick') link.kick();
        else if (action.kind === 'tick') link.tick();
        else if (action.kind === 'receive') post(action.bytes, action.cuts);
        else {
          const parts = pieces(action.bytes, action.cuts);
          if (descriptors[TX]! + parts.length > QUEUE_SIZE) continue;
          descriptors = [descriptors[RX]!, descriptors[TX]! + parts.length];
          const frame = patternFrame(action.bytes, action.isOpen ? 1 : 0, 14, 16);
          sent.push({ frame, isOpen: action.isOpen });
          heads.push(link.a.send(parts, frame));
        }
      }
      link.kick();

      const frames = received(link, layouts);
      const returned = link.a.used(TX).map(([id]) => id);
      expect(returned).toEqual(heads.slice(0, returned.length));
      expect(frames.length).toBe(returned.length);
      frames.forEach((frame, index) => {
        expect([...frame.subarray(12)]).toEqual(expectedPayload(sent[index]!));
        expect(frame[0]).toBe(0);
      });
      const isStarved = link.b.cursor(RX) === link.server.context.watcher.availIndex(1, RX);
      expect(frames.length === sent.length || isStarved).toBe(true);
      expect([link.errors(0), link.errors(1), link.server.ended]).toEqual([0, 0, 0]);
    }),
    { seed: 20260101, numRuns: 150 },
  );
});

test('without MRG_RXBUF a frame arrives whole in one buffer or not at all', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 60, max: FRAME_MAX }), fc.integer({ min: 30, max: FRAME_MAX })), { maxLength: 8 }), (pairs) => {
      const link = fixedLink({ queueSize: QUEUE_SIZE });
      link.a.connect().initialize();
      link.b.features = SAMPLE_FEATURES & ~0x8000;
      link.b.connect().initialize();
      for (const [frameBytes, bufferBytes] of pairs) {
        link.a.send([frameBytes]);
        link.b.receive(bufferBytes);
      }

      link.kick();

      const sizes = new Map(pairs.map(([, bufferBytes], index) => [index, bufferBytes]));
      const lengths = pairs.map(([frameBytes]) => frameBytes);
      let from = 0;
      for (const [head, length] of link.b.used(RX)) {
        const at = lengths.indexOf(length, from);
        expect(at).toBeGreaterThanOrEqual(from);
        expect(length).toBeLessThanOrEqual(sizes.get(head)!);
        expect(link.b.buffer(RX, head, 12)[10]).toBe(1);
        from = at + 1;
      }
      expect(link.b.used(RX).map(([head]) => head)).toEqual(link.b.used(RX).map((_, index) => index));
      expect(link.b.used(RX).length === 0 && pairs.some(([frame, buffer]) => frame <= buffer && pairs[0]![1] >= frame)).toBe(false);
    }),
    { seed: 20260102, numRuns: 150 },
  );
});
