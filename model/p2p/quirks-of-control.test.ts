// The quirks of control, notification and scheduling, one test each: `faithful` shows them, `fixed` does not.
//
// Rows Q11, Q12, Q18 to Q22, Q25 to Q27, Q29, Q30, Q37 of l4re-p2p §9 and T5, T9, T14, T16, T18, T19 of the transport sheet.
import { expect, test } from 'vitest';
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import { FRAME_PLACED } from '../events.js';
import { EEXIST, EINVAL, EIO, ENOSYS } from '../l4/errors.js';
import {
  COMMAND_CONFIGURE_QUEUE,
  CONFIG_OFFSET,
  INTERRUPT_CONFIG,
  INTERRUPT_VRING,
  layoutOf,
  netQueueEntry,
  QUEUE_ENTRY,
} from '../transport/layout.js';
import { RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../virtqueue/layout.js';
import { faithfulLink, fixedLink, patternFrame, REGION_BYTES, SAMPLE_FEATURES, type SampleLink } from './link.sample.js';

const UNMAPPED = 0x7f000000;
const DRIVER_MAP = layoutOf('current').driverFeaturesMap;

/** The same story under both profiles; the resumable twin must tell the same. */
function both<T>(story: (link: SampleLink) => T, options = {}): { faithful: T; fixed: T; met: (id: Parameters<SampleLink['met']>[0]) => boolean } {
  const original = faithfulLink(options);
  const corrected = fixedLink(options);
  const [faithful, fixed] = [story(original), story(corrected)];
  const resumable = { ...options, isResumable: true };
  expect(story(faithfulLink(resumable))).toEqual(faithful);
  expect(story(fixedLink(resumable))).toEqual(fixed);
  return { faithful, fixed, met: (id) => original.met(id) && !corrected.met(id) };
}

test('Q11: a notification in polling mode leaves NO_NOTIFY set under fixed', () => {
  const { faithful, fixed, met } = both(
    (link) => {
      link.open();
      const before = link.a.usedFlags(TX);
      link.kick();
      return [before, link.a.usedFlags(TX)];
    },
    { isPolling: true },
  );

  expect(faithful).toEqual([1, 0]);
  expect(fixed).toEqual([1, 1]);
  expect(met('Q11')).toBe(true);
});

test('Q12: a failing receiver does not silence the sender under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.b.receive({ length: 60, address: UNMAPPED });
    link.a.send([60]);
    link.kick();
    return [link.a.usedFlags(TX), link.a.usedFlags(RX)];
  });

  expect(faithful).toEqual([1, 1]);
  expect(fixed).toEqual([0, 0]);
  expect([met('Q12'), met('Q37')]).toEqual([true, false]);
});

test('Q37: a failing sender does not silence the receiver under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.b.receive(1600);
    link.a.send([{ length: 60, address: UNMAPPED }]);
    link.kick();
    return [link.b.usedFlags(TX), link.b.usedFlags(RX)];
  });

  expect(faithful).toEqual([1, 1]);
  expect(fixed).toEqual([0, 0]);
  expect([met('Q37'), met('Q12')]).toEqual([true, false]);
});

test('Q18: no frame passes and no interrupt is raised before DRIVER_OK under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect().initialize();
    link.b.connect().initialize({ final: null });
    link.b.receive(1600);
    link.a.send([60]);
    link.kick();
    const early = [link.b.usedIndex(RX), link.interrupts(1, INTERRUPT_VRING)];
    link.server.setStatus(1, 15);
    link.kick();
    return [early, link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([[1, 1], 1]);
  expect(fixed).toEqual([[0, 0], 1]);
  expect(met('Q18')).toBe(true);
});

test('Q18: a driver that gave up gets nothing more under fixed', () => {
  const { faithful, fixed } = both((link) => {
    link.open();
    link.server.setStatus(1, 0x80);
    link.b.receive(1600);
    link.a.send([60]);
    link.kick();
    return link.b.usedIndex(RX);
  });

  expect([faithful, fixed]).toEqual([1, 0]);
});

test('Q19: reserved status bits do not skip the checks, and a reset forgets features, under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect().initialize();
    link.b.features = SAMPLE_FEATURES | 2;
    link.b.connect().initialize();
    link.b.features = SAMPLE_FEATURES;
    link.b.initialize({ final: 0x1f });
    link.b.receive(1600);
    link.a.send([112], patternFrame(112, 1, 34, 16));
    link.kick();
    return link.b.buffer(RX, 0, 1)[0];
  });

  expect(faithful).toBe(1); // the checksum stays open although it was not agreed to this time
  expect(fixed).toBe(0);
  expect(met('Q19')).toBe(true);
});

test('Q19: jumping to DRIVER_OK without acceptable features is refused under fixed', () => {
  const { faithful, fixed } = both((link) => {
    link.a.connect();
    for (const status of [0, 1, 3]) link.server.setStatus(0, status);
    link.a.writePage(DRIVER_MAP, [SAMPLE_FEATURES, 0]); // VERSION_1 missing
    link.a.configure(RX);
    link.a.configure(TX);
    link.server.setStatus(0, 15);
    return link.a.status;
  });

  expect([faithful, fixed]).toEqual([0x0f, 0x43]);
});

test('Q20: the MAC goes with its client under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect(['mac=2:0:0:0:0:1']);
    link.a.leave();
    link.a.connect();
    return (link.a.pageView().getUint32(layoutOf('current').deviceFeaturesMap, true) >>> 5) & 1;
  });

  expect([faithful, fixed]).toEqual([1, 0]);
  expect(met('Q20')).toBe(true);
});

test('Q21: every client has a config page of its own under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect();
    const first = link.server.ports[0].page;
    link.a.initialize();
    link.a.leave();
    link.a.connect();
    const driverWord = link.a.pageView().getUint32(DRIVER_MAP, true);
    return [link.server.ports[0].page === first, driverWord, link.a.status, link.a.shadow];
  });

  expect(faithful).toEqual([true, SAMPLE_FEATURES, 0x0f, 0x0f]);
  expect(fixed).toEqual([false, 0, 0, 0]);
  expect(met('Q21')).toBe(true);
});

test('Q22: a full barrier stands between admitting kicks and the last look under fixed', () => {
  const { faithful, fixed } = both((link) => {
    link.open();
    link.barriers.length = 0;
    link.kick();
    return [...link.barriers];
  });

  expect(faithful).toEqual([BARRIER_WRITE, BARRIER_READ]);
  expect(fixed).toEqual([BARRIER_FULL]);
});

test('Q25: a runt does not end a tick under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.a.send([4]);
    link.a.send([60]);
    link.b.receive(1600);
    link.tick();
    const first = link.a.usedIndex(TX);
    link.tick();
    return [first, link.a.usedIndex(TX), link.b.usedIndex(RX)];
  });

  expect(faithful).toEqual([1, 2, 1]);
  expect(fixed).toEqual([2, 2, 1]);
  expect(met('Q25')).toBe(true);
});

test('Q26: a failed port gets no queue interrupt after its config interrupt under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.a.send([60]);
    link.a.send([{ length: 60, address: UNMAPPED }]);
    for (let count = 0; count < 3; count++) link.b.receive(1600);
    link.kick();
    return [link.interrupts(0, INTERRUPT_VRING), link.interrupts(0, INTERRUPT_CONFIG)];
  });

  expect(faithful).toEqual([1, 1]);
  expect(fixed).toEqual([0, 1]);
  expect(met('Q26')).toBe(true);
});

test('Q27: directions take turns under fixed', () => {
  const { faithful, fixed, met } = both(
    (link) => {
      link.open();
      for (let count = 0; count < 40; count++) {
        link.a.send([60]);
        link.b.receive(100);
      }
      link.b.send([60]);
      link.a.receive(100);
      link.kick();
      return link.events(FRAME_PLACED).findIndex((row) => (row[0]! & 0xff) === 0);
    },
    { queueSize: 64 },
  );

  expect(faithful).toBe(40); // after all frames of the other direction
  expect(fixed).toBe(16); // after one turn
  expect(met('Q27')).toBe(true);
});

test('Q27: an endless stream lets other messages in under fixed', () => {
  const link = fixedLink({ queueSize: 2048 }).open();
  for (const client of [link.a, link.b]) client.rings = [wideRings(0x20000), wideRings(0x30000)];
  link.a.initialize();
  link.b.initialize();
  for (let count = 0; count < 1100; count++) {
    link.a.post(TX, [{ length: 60, address: link.a.base + 0x10000 }]);
    link.b.post(RX, [{ length: 100, address: link.b.base + 0x10000 }]);
  }

  link.server.handleKick();
  const first = link.b.usedIndex(RX);
  link.kick();

  expect(first).toBe(1024); // 64 turns of 16 frames
  expect(link.selfNotifications).toBeGreaterThan(0);
  expect(link.b.usedIndex(RX)).toBe(1100);
});

test('Q29 and T15: a queue that cannot be set up is off under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.a.rings[TX] = { ...link.a.rings[TX], descriptors: 0x3fff0 };
    const result = link.a.configure(TX);
    const ready = link.a.pageView().getUint16(netQueueEntry(TX) + QUEUE_ENTRY.ready, true);
    return [result, link.server.ports[0].queues[TX]!.isReady, ready];
  });

  expect(faithful).toEqual([-EINVAL, true, 1]);
  expect(fixed).toEqual([-EINVAL, false, 0]);
  expect(met('Q29')).toBe(true);
});

test('Q30 and T7: status 0x100 is a reset under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.server.setStatus(0, 0x100);
    return [link.a.status, link.server.ports[0].queues[TX]!.isReady];
  });

  expect(faithful).toEqual([0, true]);
  expect(fixed).toEqual([0, false]);
  expect(met('Q30')).toBe(true);
});

test('T5: a reset clears the features the driver wrote under fixed', () => {
  const { faithful, fixed } = both((link) => {
    link.open();
    link.server.setStatus(0, 0);
    return link.a.pageView().getUint32(DRIVER_MAP, true);
  });

  expect([faithful, fixed]).toEqual([SAMPLE_FEATURES, 0]);
});

test('T9: the tail of an unaligned registration is there under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect(['ds-max=5']);
    const dataspace = link.arena.createDataspace(0x4000);
    const result = link.a.register(0x900800, 0x1000, dataspace, 3, 0x800);
    return [result, link.server.ports[0].regions.find(0x901000, 0, 16) !== 0, link.a.register(0xa00800, 0x1000, dataspace, 3, 0x400)];
  });

  expect(faithful).toEqual([0, false, 0]);
  expect(fixed).toEqual([0, true, -EINVAL]);
  expect(met('T9')).toBe(true);
});

test('T14: the configure command needs the same status as the call under fixed', () => {
  const { faithful, fixed, met } = both(
    (link) => {
      link.a.connect();
      const early = link.a.configure(TX);
      link.a.writePage(CONFIG_OFFSET.command, [COMMAND_CONFIGURE_QUEUE | TX]);
      link.tick();
      return [early, link.server.ports[0].queues[TX]!.isReady, link.a.pageView().getUint32(CONFIG_OFFSET.command, true)];
    },
    { isPolling: true },
  );

  expect(faithful).toEqual([-EIO, true, 0]);
  expect(fixed).toEqual([-EIO, false, 0]);
  expect(met('T14')).toBe(true);
});

test('T16: configuring a running queue again does not take old chains again under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.open();
    link.a.send([60]);
    for (let count = 0; count < 4; count++) link.b.receive(1600);
    link.kick();
    const result = link.a.configure(TX);
    link.kick();
    return [result, link.a.used(TX)];
  });

  expect(faithful).toEqual([0, [[0, 0], [0, 0]]]);
  expect(fixed).toEqual([0, [[0, 0]]]);
  expect(met('T16')).toBe(true);
});

test('T18: a region that overlaps another is refused under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect(['ds-max=5']);
    const dataspace = link.arena.createDataspace(REGION_BYTES);
    const inside = link.a.register(link.a.base + 0x1000, 0x1000, dataspace, 3);
    const before = link.a.register(link.a.base - 0x1000, 0x2000, dataspace, 3);
    return [inside, before];
  });

  expect(faithful).toEqual([0, 0]);
  expect(fixed).toEqual([-EEXIST, -EEXIST]);
  expect(met('T18')).toBe(true);
});

test('T19: a dataspace that cannot tell its size is refused under fixed', () => {
  const { faithful, fixed, met } = both((link) => {
    link.a.connect(['ds-max=5']);
    const dataspace = link.arena.createDataspace(0x1000);
    const words = { baseLow: 0x900000, baseHigh: 0, offsetLow: 0, offsetHigh: 0, sizeLow: 0x3001, sizeHigh: 0 };
    const result = link.server.registerDataspace(0, { dataspace, rights: 1, queryResult: -ENOSYS, ...words });
    const { regions } = link.server.ports[0];
    return [result, regions.find(0x903000, 0, 1) !== 0 && regions.isFoundWritable, regions.find(0x903000, 0, 2)];
  });

  expect(faithful).toEqual([0, true, 0]);
  expect(fixed).toEqual([-ENOSYS, false, 0]);
  expect(met('T19')).toBe(true);
});

function wideRings(descriptors: number): { descriptors: number; avail: number; used: number } {
  return { descriptors, avail: descriptors + 0x8000, used: descriptors + 0x9100 };
}
