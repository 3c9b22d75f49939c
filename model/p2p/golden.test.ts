// The golden vectors of l4re-p2p sheet §5.8, built by hand: queue size 8, one kick, the faithful server.
import { expect, test } from 'vitest';
import { RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../virtqueue/layout.js';
import { faithfulLink, patternFrame, SAMPLE_FEATURES } from './link.sample.js';

const BAD = { length: 60, address: 0x7f000000 };
const GUEST_CHECKSUM = 2;

test('a frame of 250 bytes fills two buffers of 100 and half a third', () => {
  const { a, b, ...link } = withKick((open) => {
    open.a.send([250]);
    for (let count = 0; count < 5; count++) open.b.receive(100);
  });

  expect(a.used(TX)).toEqual([[0, 0]]);
  expect(b.used(RX)).toEqual([[0, 100], [1, 100], [2, 50]]);
  expect(b.buffer(RX, 0, 12)[10]).toBe(3); // num_buffers
  expect(b.cursor(RX)).toBe(3); // two buffers stay available
  expect([link.interrupts(0), link.interrupts(1)]).toEqual([1, 1]);
});

test('pieces of both sides need not match', () => {
  const { b } = withKick((open) => {
    open.a.send([12, 78]);
    open.b.receive(12, 38);
    open.b.receive(12, 38);
  });

  expect(b.used(RX)).toEqual([[0, 50], [2, 40]]);
  expect(b.buffer(RX, 0, 12)[10]).toBe(2);
});

test('an exact fit uses no further buffer, an empty last descriptor does', () => {
  const exact = withKick((open) => {
    open.a.send([100]);
    open.b.receive(100);
  });
  const trailing = withKick((open) => {
    open.a.send([100, 0]);
    for (let count = 0; count < 3; count++) open.b.receive(100);
  });

  expect(exact.b.used(RX)).toEqual([[0, 100]]);
  expect(exact.b.buffer(RX, 0, 12)[10]).toBe(1);
  expect(trailing.b.used(RX)).toEqual([[0, 100], [1, 0]]);
  expect(trailing.b.buffer(RX, 0, 12)[10]).toBe(2);
});

test('a kick batches interrupts per port, a tick raises one per chain, NO_INTERRUPT none', () => {
  const fill = (open: ReturnType<typeof faithfulLink>): void => {
    for (let count = 0; count < 4; count++) {
      open.a.send([60]);
      open.b.receive(1600);
    }
  };
  const kicked = withKick(fill);
  const silent = withKick((open) => {
    fill(open);
    open.b.setAvailFlags(RX, 1);
  });
  const ticked = faithfulLink().open();
  fill(ticked);
  ticked.tick();

  expect([kicked.interrupts(0), kicked.interrupts(1)]).toEqual([1, 1]);
  expect([silent.interrupts(0), silent.interrupts(1)]).toEqual([1, 0]);
  expect([ticked.interrupts(0, 1), ticked.interrupts(1, 1)]).toEqual([4, 4]);
});

test('a bad address on the sending side is a device error there and recovery is clean', () => {
  const link = faithfulLink().open();
  link.a.send([60]);
  link.a.send([BAD]);
  for (let count = 0; count < 3; count++) link.b.receive(1600);

  link.kick();
  const [usedA, usedB, status] = [link.a.used(TX), link.b.used(RX), link.a.status];
  link.a.initialize();
  link.a.send([60]);
  link.kick();

  expect([usedA, usedB]).toEqual([[[0, 0]], [[0, 60]]]);
  expect(status).toBe(0x4f);
  expect(link.errors(0)).toBe(1);
  expect(link.b.used(RX)).toEqual([[0, 60], [1, 60]]);
});

test('a bad address as first chain leaves the other side as it was', () => {
  const { b, errors } = withKick((open) => {
    open.a.send([BAD]);
    open.b.receive(1600);
  });

  expect(errors(0)).toBe(1);
  expect(b.cursor(RX)).toBe(0);
});

test('after a bad first chain of either side a re-init is all that is needed', () => {
  const sending = faithfulLink().open();
  sending.a.send([BAD]);
  sending.b.receive(1600);
  sending.kick();
  const receiving = faithfulLink().open();
  receiving.a.send([60]);
  receiving.b.receive(BAD);
  receiving.kick();

  sending.a.initialize();
  sending.a.send([60]);
  sending.kick();
  receiving.b.initialize();
  receiving.b.receive(1600);
  receiving.a.send([70]);
  receiving.kick();

  expect(sending.b.used(RX)).toEqual([[0, 60]]);
  expect(receiving.b.used(RX)).toEqual([[0, 70]]);
  expect(receiving.b.status & 0x40).toBe(0);
});

test('a bad receive chain is a device error there and the frame counts as sent', () => {
  const { a, b, errors } = withKick((open) => {
    open.a.send([60]);
    open.b.receive(BAD);
  });

  expect(errors(1)).toBe(1);
  expect(a.used(TX)).toEqual([[0, 0]]);
  expect(b.used(RX)).toEqual([]);
});

test('queues of size 1 work', () => {
  const link = faithfulLink({ queueSize: 1 }).open();

  for (let count = 0; count < 3; count++) {
    link.a.send([60]);
    link.b.receive(100);
    link.kick();
  }

  expect([link.a.usedIndex(TX), link.b.usedIndex(RX)]).toEqual([3, 3]);
});

const CHECKSUMS = [
  { name: 'in one piece', pieces: [112], start: 34, offset: 16, field: [0x8b, 0xa5], flags: 0 },
  { name: 'with the header apart', pieces: [12, 100], start: 34, offset: 16, field: [0x8b, 0xa5], flags: 0 },
  { name: 'split before csum_start (Q6)', pieces: [26, 86], start: 34, offset: 16, field: [0xb6, 0x31], flags: 0 },
  { name: 'split at an odd byte (Q7)', pieces: [47, 65], start: 34, offset: 16, field: [0x63, 0xcd], flags: 0 },
  { name: 'with the field over a border', pieces: [63, 49], start: 34, offset: 16, field: [0xb2, 0xb9], flags: 1 },
];

test.each(CHECKSUMS)('a checksum $name comes out as the original computes it', ({ pieces, start, offset, field, flags }) => {
  const { b } = withKick((open) => {
    open.a.send(pieces, patternFrame(112, 1, start, offset));
    open.b.receive(1600);
  });

  const frame = b.buffer(RX, 0, 112);

  expect([...frame.subarray(12 + start + offset, 14 + start + offset)]).toEqual(field);
  expect(frame[0]).toBe(flags);
});

test('a field in the last two bytes is completed, one beyond the frame is left alone', () => {
  const last = withKick((open) => {
    open.a.send([112], patternFrame(112, 1, 34, 64));
    open.b.receive(1600);
  });
  const beyond = withKick((open) => {
    open.a.send([112], patternFrame(112, 1, 90, 50));
    open.b.receive(1600);
  });

  const frame = last.b.buffer(RX, 0, 112);
  expect(frame[0]).toBe(0);
  expect([...frame.subarray(110)]).toEqual(internetChecksum(patternFrame(112).subarray(12 + 34)));
  expect(beyond.b.buffer(RX, 0, 1)[0]).toBe(1);
  expect(beyond.b.used(RX)).toEqual([[0, 112]]);
});

test('a receiver that takes open checksums gets the frame as it was sent', () => {
  const link = faithfulLink();
  link.a.connect().initialize();
  link.b.features = SAMPLE_FEATURES | GUEST_CHECKSUM;
  link.b.connect().initialize();
  link.a.send([112], patternFrame(112, 1, 34, 16));
  link.b.receive(1600);

  link.kick();

  const frame = link.b.buffer(RX, 0, 112);
  expect([frame[0], frame[62], frame[63]]).toEqual([1, 0xb2, 0xb9]);
});

/** RFC 1071 over big-endian 16-bit words, complemented, as two bytes. */
function internetChecksum(bytes: Uint8Array): number[] {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) sum += (bytes[index]! << 8) | (bytes[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return [(~sum >>> 8) & 0xff, ~sum & 0xff];
}

/** Opens a link, lets `fill` post chains, kicks once. */
function withKick(fill: (link: ReturnType<typeof faithfulLink>) => void) {
  const link = faithfulLink().open();
  fill(link);
  link.kick();
  return {
    a: link.a,
    b: link.b,
    interrupts: (port: number) => link.interrupts(port, 1),
    errors: (port: number) => link.errors(port),
  };
}
