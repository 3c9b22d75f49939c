// The quirks of the data path, one test each: under `faithful` what the sheet says happens, under `fixed` the invariant holds.
//
// Rows Q1 to Q17, Q24, Q31 and Q33 to Q36 of l4re-p2p §9, T2 of the transport sheet, and the rows without a number there.
import { expect, test } from 'vitest';
import { SERVER_CRASHED, SERVER_HUNG } from '../events.js';
import { STATUS_NEEDS_RESET } from '../transport/layout.js';
import { FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../virtqueue/layout.js';
import { faithfulLink, fixedLink, patternFrame, READ_ONLY, SAMPLE_FEATURES, type SampleLink } from './link.sample.js';

const UNMAPPED = 0x7f000000;
const GUEST_CHECKSUM = 2;

/** The same story under both profiles; the resumable twin must tell the same. */
function both<T>(story: (link: SampleLink) => T, options = {}): { faithful: T; fixed: T; met: (id: Parameters<SampleLink['met']>[0]) => boolean } {
  const original = faithfulLink(options).open();
  const corrected = fixedLink(options).open();
  const [faithful, fixed] = [story(original), story(corrected)];
  const resumable = { ...options, isResumable: true };
  expect(story(faithfulLink(resumable).open())).toEqual(faithful);
  expect(story(fixedLink(resumable).open())).toEqual(fixed);
  return { faithful, fixed, met: (id) => original.met(id) && !corrected.met(id) };
}

/** Posts `count` receive buffers of `lengthBytes` at b. */
function refill(link: SampleLink, count: number, lengthBytes: number): void {
  for (let index = 0; index < count; index++) link.b.receive(lengthBytes);
}

test('Q1: a refill resumes a frame that was taken before buffers ran out only under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.send([60]);
    link.a.send([60]);
    refill(link, 1, 1600);
    link.kick();
    refill(link, 4, 1600);
    link.kick();
    const afterKick = [link.a.usedIndex(TX), link.b.usedIndex(RX)];
    link.tick();
    return [afterKick, [link.a.usedIndex(TX), link.b.usedIndex(RX)]];
  });

  expect(faithful).toEqual([[1, 1], [2, 2]]);
  expect(fixed).toEqual([[2, 2], [2, 2]]);
  expect(met('Q1')).toBe(true);
});

test('Q2: a chain with a bad next index wedges the sender for ever only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 8, 1600);
    link.a.send([{ length: 60, flags: FLAG_NEXT, next: 99 }]);
    link.kick();
    for (let again = 0; again < 3; again++) {
      link.a.initialize();
      link.a.send([60]);
      link.kick();
    }
    return [link.errors(0), link.a.usedIndex(TX), link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([4, 0, 4]);
  expect(fixed).toEqual([1, 1, 3]); // one error, then every frame arrives; a's ring starts over each time
  expect(met('Q2')).toBe(true);
});

test('Q2: an address error in mid chain makes the next queue return an id nobody posted only under faithful', () => {
  const { faithful, fixed } = both((link) => {
    refill(link, 8, 1600);
    link.a.send([60, { length: 60, address: UNMAPPED }]);
    link.kick();
    const { descriptors } = link.a.rings[TX];
    link.a.rings[TX] = { descriptors: descriptors + 1026 * 16, avail: 0x8000, used: 0x8200 };
    link.a.initialize();
    link.a.send([64]);
    link.kick();
    return [link.a.used(TX), link.b.used(RX).map(([, length]) => length)];
  });

  expect(faithful).toEqual([[[64510, 0], [0, 0]], [60, 0, 64]]); // 64510 = -1026 modulo 65536
  expect(fixed).toEqual([[[0, 0]], [64]]);
});

test('Q2: a reset with a stalled frame sends the old frame from the reset queue only under faithful', () => {
  const { faithful, fixed } = both((link) => {
    link.a.send([60]);
    link.a.send([60]);
    refill(link, 1, 1600);
    link.kick();
    link.a.initialize();
    link.a.post(TX, [64], 4);
    refill(link, 4, 1600);
    link.kick();
    return link.a.used(TX);
  });

  expect(faithful).toEqual([[1, 0], [4, 0]]);
  expect(fixed).toEqual([[4, 0]]);
});

test('Q2: a receive chain with a bad next index wedges the receiver only under faithful', () => {
  const { faithful, fixed } = both((link) => {
    link.b.receive({ length: 100, flags: FLAG_WRITE | FLAG_NEXT, next: 77 });
    for (let round = 0; round < 3; round++) {
      link.a.send([150]);
      link.kick();
      link.b.initialize();
      refill(link, 2, 1600);
    }
    link.a.send([150]);
    link.kick();
    return [link.errors(1), link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([4, 0]);
  expect(fixed[0]).toBe(1);
  expect(fixed[1]).toBeGreaterThan(0);
});

test('Q3: a client that leaves with a frame in flight kills the server only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.send([60]);
    link.a.send([60]);
    refill(link, 1, 1600);
    link.kick();
    link.a.leave();
    link.a.connect().initialize();
    link.a.send([60]);
    refill(link, 4, 1600);
    link.kick();
    return [link.server.ended, link.server.ended === 0 ? link.a.usedIndex(TX) : -1];
  });

  expect(faithful).toEqual([SERVER_CRASHED, -1]);
  expect(fixed).toEqual([0, 1]);
  expect(met('Q3')).toBe(true);
});

test('Q4: a receiver that resets in mid frame gets the rest of it in its new ring only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.send([250]);
    refill(link, 1, 100);
    link.kick();
    link.b.initialize();
    link.b.post(RX, [1600], 5);
    link.a.send([60]);
    link.kick();
    return link.b.used(RX);
  });

  expect(faithful).toEqual([[0, 0], [5, 150]]);
  expect(fixed).toEqual([[5, 250]]); // the whole frame starts over in the new ring
  expect(met('Q4')).toBe(true);
});

test('Q5 and Q33: a transmit error loses the filled buffers of the receiver only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 8, 100);
    link.a.send([250, { length: 60, address: UNMAPPED }]);
    link.kick();
    const afterError = [link.b.cursor(RX), ...link.b.used(RX)];
    link.a.initialize();
    link.a.send([60]);
    link.kick();
    return [afterError, link.b.used(RX)];
  });

  expect(faithful[0]).toEqual([3, [2, 50]]);
  expect(faithful[1]).toEqual([[2, 50], [1, 100], [0, 0], [3, 0], [4, 60]]); // used.idx went on by k + 1
  expect(fixed).toEqual([[0], [[0, 60]]]);
  expect([met('Q5'), met('Q33')]).toEqual([true, true]);
});

test.each([
  { name: 'wrong sum', transmit: [26, 86], receive: [1600], crashes: false },
  { name: 'wrapped length', transmit: [26, 40], receive: [1600], crashes: true },
  { name: 'receiver layout alone', transmit: [72], receive: [12, 20, 1500], crashes: true },
])('Q6: the length of the summed part is right under fixed ($name)', ({ transmit, receive, crashes }) => {
  const total = transmit.reduce((sum, piece) => sum + piece, 0);
  const { faithful, fixed, met } = both((link) => {
    link.a.send(transmit, patternFrame(total, 1, 34, 16));
    link.b.receive(...receive);
    link.kick();
    return [link.server.ended, ...frameOf(link, receive, total).subarray(62, 64)];
  });

  const expected = checksumOf(patternFrame(total, 1, 34, 16), 34, 16);
  expect(faithful[0]).toBe(crashes ? SERVER_CRASHED : 0);
  expect(faithful.slice(1)).not.toEqual(expected);
  expect(fixed).toEqual([0, ...expected]);
  expect(met('Q6')).toBe(true);
});

test('Q7: an odd piece does not shift the pairing under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.send([47, 65], patternFrame(112, 1, 34, 16));
    link.b.receive(1600);
    link.kick();
    return [...link.b.buffer(RX, 0, 112).subarray(62, 64)];
  });

  expect(faithful).toEqual([0x63, 0xcd]);
  expect(fixed).toEqual([0x8b, 0xa5]);
  expect(met('Q7')).toBe(true);
});

test('Q8: a buffer in read-only memory kills the server only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    const readOnly = link.arena.createDataspace(4096);
    link.b.register(0x900000, 4096, readOnly, READ_ONLY);
    link.b.receive({ length: 1600, address: 0x900000 });
    link.a.send([60]);
    link.kick();
    return [link.server.ended, link.b.status & STATUS_NEEDS_RESET];
  });

  expect(faithful).toEqual([SERVER_CRASHED, 0]);
  expect(fixed).toEqual([0, STATUS_NEEDS_RESET]);
  expect(met('Q8')).toBe(true);
});

test('Q8: wrong directions are device errors under fixed', () => {
  const { faithful, fixed } = both((link) => {
    refill(link, 1, 1600);
    link.a.send([{ length: 60, flags: FLAG_WRITE }]);
    link.kick();
    return link.errors(0);
  });

  expect([faithful, fixed]).toEqual([0, 1]);
});

test('Q9: a buffer too short for the header does not stop the others under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.receive(4);
    link.b.receive(1600);
    link.a.send([60]);
    link.kick();
    return [link.a.usedIndex(TX), link.b.used(RX)];
  });

  expect(faithful).toEqual([0, [[0, 0]]]);
  expect(fixed).toEqual([1, [[0, 0], [1, 60]]]);
  expect(met('Q9')).toBe(true);
});

test('Q10: without MRG_RXBUF a frame that does not fit is dropped whole under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.features = SAMPLE_FEATURES & ~0x8000;
    link.b.initialize();
    refill(link, 3, 1526);
    link.a.send([2000]);
    link.a.send([60]);
    link.kick();
    return [link.a.usedIndex(TX), link.b.used(RX).map(([, length]) => length), link.b.buffer(RX, 0, 12)[10]];
  });

  expect(faithful).toEqual([2, [1526, 474, 60], 2]);
  expect(fixed).toEqual([2, [60], 1]);
  expect(met('Q10')).toBe(true);
});

test('Q13: a loop of empty descriptors hangs the server only under faithful', () => {
  const story = (link: SampleLink): number[] => {
    refill(link, 2, 1600);
    link.a.send([12, { length: 0, address: link.a.base, flags: FLAG_NEXT, next: 1 }]);
    link.kick();
    return [link.server.ended, link.errors(0)];
  };
  const { faithful, fixed, met } = both(story);

  expect(faithful).toEqual([SERVER_HUNG, 0]);
  expect(fixed).toEqual([0, 1]);
  expect(met('Q13')).toBe(true);
});

test('Q14: a loop with data captures all buffers only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 8, 100);
    link.a.send([{ length: 100, flags: FLAG_NEXT, next: 0 }]);
    link.kick();
    return [link.b.usedIndex(RX), link.server.pipes[0].merged, link.errors(0), link.b.cursor(RX)];
  });

  expect(faithful).toEqual([0, 8, 0, 8]);
  expect(fixed).toEqual([0, 0, 1, 0]);
  expect(met('Q14')).toBe(true);
});

test('Q15 and T1: a head beyond the table is processed under faithful and refused under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    link.a.describe(link.a.rings[TX].descriptors, 8, link.a.base + 0x10000, 60, 0, 0);
    link.a.offer(TX, 8);
    link.kick();
    return [link.a.used(TX), link.errors(0)];
  });

  expect(faithful).toEqual([[[8, 0]], 0]);
  expect(fixed).toEqual([[], 1]);
  expect(met('Q15')).toBe(true);
});

test('Q15: a head outside mapped memory kills the server only under faithful', () => {
  const { faithful, fixed } = both((link) => {
    refill(link, 1, 1600);
    link.a.offer(TX, 60000);
    link.kick();
    return link.server.ended;
  });

  expect([faithful, fixed]).toEqual([SERVER_CRASHED, 0]);
});

test('Q16: a later piece at the address of the header does not restart the checksum under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    const at = link.a.cut(62);
    link.a.write(at, patternFrame(62, 1, 0, 16));
    const address = link.a.base + at;
    link.a.post(TX, [{ length: 62, address }, { length: 4, address }]);
    link.kick();
    return [link.server.ended, link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([SERVER_CRASHED, 0]);
  expect(fixed).toEqual([0, 1]);
  expect(met('Q16')).toBe(true);
});

test('Q17: a frame that stalls keeps its checksum under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.send([112], patternFrame(112, 1, 34, 16));
    refill(link, 1, 70);
    link.kick();
    refill(link, 1, 1600);
    link.tick();
    const frame = [...link.b.buffer(RX, 0, 70)];
    return [frame[0], frame[62], frame[63]];
  });

  expect(faithful).toEqual([1, 0xb2, 0xb9]); // untouched, still marked open
  expect(fixed).toEqual([0, 0x8b, 0xa5]);
  expect(met('Q17')).toBe(true);
});

test('Q24: the sender cannot set fields of the header the receiver did not agree to under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    const frame = patternFrame(60, 2);
    frame[1] = 1; // gso_type
    frame[4] = 9; // gso_size
    link.a.send([60], frame);
    link.kick();
    return [...link.b.buffer(RX, 0, 12)];
  });

  expect(faithful).toEqual([2, 1, 0, 0, 9, 0, 0, 0, 0, 0, 1, 0]);
  expect(fixed).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  expect(met('Q24')).toBe(true);
});

test('Q24: a receiver with GUEST_CSUM keeps the open checksum and nothing else under fixed', () => {
  const link = fixedLink({ isResumable: true });
  link.a.connect().initialize();
  link.b.features = SAMPLE_FEATURES | GUEST_CHECKSUM;
  link.b.connect().initialize();
  link.b.receive(1600);
  const frame = patternFrame(112, 3, 34, 16);
  frame[1] = 1;
  link.a.send([112], frame);

  link.kick();

  expect([...link.b.buffer(RX, 0, 12)]).toEqual([1, 0, 0, 0, 0, 0, 34, 0, 16, 0, 1, 0]);
});

test('Q31: sums over more than 128 KiB keep their carries under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    const length = 0x8000;
    const at = link.a.cut(length);
    link.a.write(at, new Uint8Array(length).fill(0xff));
    link.a.write(at, patternFrame(12, 1, 0, 16));
    const address = link.a.base + at;
    const body = { length: length - 12, address: address + 12 };
    link.a.post(TX, [{ length: 12, address }, body, body, body, body, body]);
    link.b.receive({ length: 0x8000 }, 0x8000, 0x8000, 0x8000, 0x8000);
    link.kick();
    return [...link.b.buffer(RX, 0, 40).subarray(28, 30)];
  });

  expect(fixed).toEqual([0, 0]); // a sum of 0xffff words only
  expect(faithful).not.toEqual(fixed);
  expect(met('Q31')).toBe(true);
});

test('Q34: a stale receive chain and an open checksum kill the server only under faithful', () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.receive({ length: 100, flags: FLAG_WRITE | FLAG_NEXT, next: 77 });
    link.a.send([150]);
    link.kick();
    link.b.initialize();
    refill(link, 1, 300);
    link.a.send([112], patternFrame(112, 1, 34, 16));
    link.kick();
    return link.server.ended;
  });

  expect([faithful, fixed]).toEqual([SERVER_CRASHED, 0]);
  expect(met('Q34')).toBe(true);
});

test('Q35: a receive chain with a bad address is not published in the next ring under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.receive(100, { length: 60, address: UNMAPPED });
    link.a.send([150]);
    link.kick();
    link.b.initialize();
    link.b.post(RX, [300], 5);
    link.a.send([112]);
    link.kick();
    return link.b.used(RX);
  });

  expect(faithful).toEqual([[0, 100], [5, 112]]);
  expect(fixed).toEqual([[5, 150]]); // the frame that met the bad chain was put back and starts over
  expect(met('Q35')).toBe(true);
});

test("Q36: the sender's error does not publish a stale receive chain under fixed", () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.receive({ length: 100, flags: FLAG_WRITE | FLAG_NEXT, next: 77 });
    link.a.send([150]);
    link.kick();
    link.b.initialize();
    refill(link, 1, 300);
    link.a.initialize();
    link.a.send([{ length: 60, address: UNMAPPED }]);
    link.kick();
    return [link.b.used(RX), link.b.cursor(RX)];
  });

  expect(faithful).toEqual([[[0, 100]], 0]);
  expect(fixed).toEqual([[], 0]);
  expect(met('Q36')).toBe(true);
});

test('T2: the number of entries of an indirect table is not cut under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    const table = link.arena.createDataspace(0x101000);
    link.a.register(0x4000000, 0x101000, table, 3);
    new DataView(link.arena.u8.buffer, table.start).setUint32(0, link.a.base + 0x10000, true);
    new DataView(link.arena.u8.buffer, table.start).setUint32(8, 60, true);
    refill(link, 1, 1600);
    link.a.post(TX, [{ length: 0x100000, address: 0x4000000, flags: FLAG_INDIRECT }]);
    link.kick();
    return [link.errors(0), link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([1, 0]); // 65536 entries count as none
  expect(fixed).toEqual([0, 1]);
  expect(met('T2')).toBe(true);
});

test('D3: a header split over descriptors is understood under fixed, on both sides', () => {
  const { faithful, fixed } = both((link) => {
    link.b.receive(5, 3, 1600);
    link.a.send([7, 3, 102], patternFrame(112, 1, 34, 16));
    link.kick();
    return [link.b.used(RX).map(([, length]) => length), frameOf(link, [5, 3, 1600], 112)[0]];
  });

  expect(faithful[0]).toEqual([]); // the sender's chain counts as a runt
  expect(fixed).toEqual([[112], 0]);
});

test('D3: a real runt is returned and the next frame follows under fixed', () => {
  const link = fixedLink({ isResumable: true }).open();
  refill(link, 2, 1600);
  link.a.send([4, 4]);
  link.a.send([60]);

  link.kick();

  expect(link.a.used(TX)).toEqual([[0, 0], [2, 0]]);
  expect(link.b.used(RX)).toEqual([[0, 60]]);
});

test('D3: num_buffers is written byte by byte when the header of the receiver is split inside it', () => {
  const link = fixedLink({ isResumable: true }).open();
  link.b.receive(11, 1600);
  link.a.send([60]);

  link.kick();

  expect(link.b.buffer(RX, 0, 11)[10]).toBe(1);
  expect(link.b.used(RX)).toEqual([[0, 60]]);
});

test('D5: an indirect table behind a direct descriptor is followed under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    const table = link.a.cut(32) & ~15;
    const data = link.a.cut(200);
    link.a.describe(table, 0, link.a.base + data, 100, 0, 0);
    link.a.post(TX, [12, { length: 16, address: link.a.base + table, flags: FLAG_INDIRECT }]);
    link.kick();
    return link.b.used(RX);
  });

  expect(faithful).toEqual([[0, 28]]); // the table itself was sent
  expect(fixed).toEqual([[0, 112]]);
  expect(met('D5')).toBe(true);
});

test('D5: a table inside a table is a device error under fixed', () => {
  const { faithful, fixed } = both((link) => {
    refill(link, 1, 1600);
    const table = (link.a.cut(64) + 15) & ~15;
    link.a.describe(table, 0, link.a.base + table, 32, FLAG_INDIRECT, 0);
    link.a.post(TX, [{ length: 16, address: link.a.base + table, flags: FLAG_INDIRECT }]);
    link.kick();
    return link.errors(0);
  });

  expect([faithful, fixed]).toEqual([0, 1]);
});

test('D11: a frame whose checksum cannot be completed is dropped under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    link.a.send([112], patternFrame(112, 1, 90, 50));
    link.kick();
    return [link.a.usedIndex(TX), link.b.usedIndex(RX), link.server.pipes[0].counters.bogusChecksums];
  });

  expect(faithful).toEqual([1, 1, 1]);
  expect(fixed).toEqual([1, 0, 1]);
  expect(met('D11')).toBe(true);
});

test('D11: a receiver that completes checksums itself is not told an impossible place under fixed', () => {
  const link = fixedLink({ isResumable: true });
  link.a.connect().initialize();
  link.b.features = SAMPLE_FEATURES | GUEST_CHECKSUM;
  link.b.connect().initialize();
  link.b.receive(1600);
  link.a.send([112], patternFrame(112, 1, 90, 50));
  link.a.send([112], patternFrame(112, 1, 98, 0));

  link.kick();

  expect(link.b.used(RX)).toEqual([[0, 112]]); // the second frame: its field is the last two bytes
});

test('P1: a UDP checksum of 0 is sent as 0xffff under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 1, 1600);
    const frame = new Uint8Array(62);
    frame.set([1, 0, 0, 0, 0, 0, 34, 0, 6, 0]);
    frame.set([0xff, 0xff], 12 + 34); // the sum is 0xffff, its complement 0
    link.a.send([62], frame);
    link.kick();
    return [...link.b.buffer(RX, 0, 62).subarray(52, 54)];
  });

  expect(faithful).toEqual([0, 0]);
  expect(fixed).toEqual([0xff, 0xff]);
  expect(met('P1')).toBe(true);
});

test('P2: a frame that meets a bad receive chain is not lost under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.b.receive({ length: 60, address: UNMAPPED });
    link.a.send([60]);
    link.kick();
    const sent = link.a.usedIndex(TX);
    link.b.initialize();
    refill(link, 1, 1600);
    link.kick();
    return [sent, link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([1, 0]);
  expect(fixed).toEqual([0, 1]);
  expect(met('P2')).toBe(true);
});

test('P3: a jump of avail.idx is a device error under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    for (let count = 0; count < 8; count++) link.a.send([60]);
    refill(link, 8, 1600);
    link.a.setAvailIndex(TX, 1000);
    link.kick();
    return [link.b.usedIndex(RX), link.errors(0)];
  });

  expect(faithful).toEqual([8, 0]);
  expect(fixed).toEqual([0, 1]);
  expect(met('P3')).toBe(true);
});

test('P4: a frame that the whole ring cannot hold is dropped under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 8, 100);
    link.a.send([2000]);
    link.a.send([60]);
    link.kick();
    return [link.a.usedIndex(TX), link.b.used(RX)];
  });

  expect(faithful).toEqual([0, []]);
  expect(fixed).toEqual([2, [[0, 60]]]);
  expect(met('P4')).toBe(true);
});

test('P5: an empty descriptor at the end takes no buffer under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    refill(link, 3, 100);
    link.a.send([100, 0]);
    link.kick();
    return link.b.used(RX);
  });

  expect(faithful).toEqual([[0, 100], [1, 0]]);
  expect(fixed).toEqual([[0, 100]]);
  expect(met('P5')).toBe(true);
});

/** The bytes of a frame in the chain that starts at descriptor 0 of b's receive queue. */
function frameOf(link: SampleLink, pieces: readonly number[], lengthBytes: number): Uint8Array {
  const parts = pieces.map((piece, index) => [...link.b.buffer(RX, index, piece)]);
  return Uint8Array.from(parts.flat().slice(0, lengthBytes));
}

/** The two bytes of the right checksum of a frame, summed the plain way. */
function checksumOf(frame: Uint8Array, start: number, offset: number): number[] {
  let sum = 0;
  const payload = frame.subarray(12);
  for (let at = start; at < payload.length; at += 2) sum += payload[at]! * 256 + (payload[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  if (offset < 0) throw new RangeError('checksumOf: the offset is counted from start');
  const value = ~sum & 0xffff;
  return [value >>> 8, value & 0xff];
}
