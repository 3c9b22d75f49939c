// The server's entry points: factory, status machine, queue configuration, calls by revision, commands, endings.
//
// Tables of l4re-p2p sheet §3 and l4virtio-transport sheet §4, §6, §7, §8.
import { expect, test } from 'vitest';
import { CONNECTED, CONTROL_CALL, MEMORY_PLACED, RINGS_FOUND, SERVER_CRASHED, SERVER_ENDED } from '../events.js';
import { EINVAL, EIO, ENOMEM, ENOREPLY, ENOSYS, EPERM, ERANGE } from '../l4/errors.js';
import {
  COMMAND_CONFIG_CHANGED,
  COMMAND_SET_STATUS,
  CONFIG_OFFSET,
  CONNECTED_WITH_MAC,
  INTERRUPT_CONFIG,
  layoutOf,
  netQueueEntry,
  QUEUE_ENTRY,
} from '../transport/layout.js';
import { RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../virtqueue/layout.js';
import { faithfulLink, fixedLink, patternFrame, READ_ONLY, SAMPLE_FEATURES, SampleLink } from './link.sample.js';

const MAPS = layoutOf('current');

test('the two ports are given out in order, a third client is refused, a port can be used again', () => {
  const { server } = faithfulLink();

  expect([server.create(0, []), server.create(0, []), server.create(0, [])]).toEqual([0, 1, -ENOMEM]);
  server.markGateDead(1);
  server.handleDeletion();
  expect(server.create(0, [])).toBe(1);
});

test('create checks right, type and arguments before it looks for a port', () => {
  const link = faithfulLink({ isResumable: true });
  link.a.connect();
  link.b.connect();

  expect(link.server.create(0, [], false)).toBe(-EPERM);
  expect(link.server.create(1, [])).toBe(-EINVAL);
  expect(link.server.create(0, ['ds-max=0'])).toBe(-EINVAL);
  expect(link.server.create(0, ['ds-max=1'])).toBe(-ENOMEM);
});

test('a fresh page shows identity, offer and empty queue entries', () => {
  const link = faithfulLink({ queueSize: 64 });

  link.a.connect(['mac=2:0:0:0:0:9']);

  const page = link.a.pageView();
  const words = [CONFIG_OFFSET.magic, CONFIG_OFFSET.version, CONFIG_OFFSET.device, CONFIG_OFFSET.vendor, CONFIG_OFFSET.queueCount, CONFIG_OFFSET.queuesOffset];
  expect(words.map((offset) => page.getUint32(offset, true))).toEqual([0x74726976, 2, 1, 0x44, 2, 0x110]);
  expect(page.getUint32(MAPS.deviceFeaturesMap, true)).toBe(0x10008023); // with MAC
  expect(page.getUint32(MAPS.deviceFeaturesMap + 4, true)).toBe(1); // VERSION_1
  expect(page.getUint8(0x105)).toBe(9);
  expect(page.getUint16(netQueueEntry(TX) + QUEUE_ENTRY.sizeLimit, true)).toBe(64);
  expect(link.events(CONNECTED)).toEqual([[0, 2 | CONNECTED_WITH_MAC, 0x10008023, 1, 0, 64]]);
});

test('polling servers offer the command word', () => {
  const link = faithfulLink({ isPolling: true });
  link.a.connect();

  expect(link.a.pageView().getUint32(MAPS.deviceFeaturesMap + 20, true)).toBe(1); // bit 160
});

const GOOD_FEATURES = [SAMPLE_FEATURES, 1];
const SEQUENCES: { name: string; writes: number[]; features?: number[]; queues?: boolean; shown: number[] }[] = [
  { name: 'a complete initialisation', writes: [0, 1, 3, 0x0b, 0x0f], queues: true, shown: [0, 1, 3, 0x0b, 0x0f] },
  { name: 'a foreign feature', writes: [0, 1, 3, 0x0b], features: [1 << 16, 1], shown: [0, 1, 3, 0x03] },
  { name: 'VERSION_1 missing', writes: [1, 3, 0x0b], features: [0, 0], shown: [1, 3, 0x03] },
  { name: 'a foreign bit in word 5', writes: [1, 3, 0x0b], features: [0, 1, 0, 0, 0, 1], shown: [1, 3, 0x03] },
  { name: 'queues missing', writes: [0, 1, 3, 0x0b, 0x0f], shown: [0, 1, 3, 0x0b, 0x4b] },
  { name: 'DRIVER without ACKNOWLEDGE', writes: [2], shown: [0x40] },
  { name: 'FEATURES_OK without DRIVER', writes: [9], shown: [0x40] },
  { name: 'DRIVER_OK without FEATURES_OK', writes: [7], shown: [0x40] },
  { name: 'giving up', writes: [1, 3, 0x0b, 0x0f, 0x80], queues: true, shown: [1, 3, 0x0b, 0x0f, 0x8f] },
  { name: 'anything after a failure', writes: [2, 3, 0x80, 0xc0, 0], shown: [0x40, 0x40, 0xc0, 0xc0, 0] },
  { name: 'going back', writes: [1, 3, 0x0b, 0x0f, 3], queues: true, shown: [1, 3, 0x0b, 0x0f, 3] },
];

test.each(SEQUENCES)('status: $name', ({ writes, features, queues, shown }) => {
  const link = faithfulLink();
  link.a.connect();
  link.a.writePage(MAPS.driverFeaturesMap, features ?? GOOD_FEATURES);

  const seen = writes.map((value) => {
    if (value === 0x0b && queues === true) [RX, TX].forEach((queue) => link.a.configure(queue));
    link.server.setStatus(0, value);
    return link.a.status;
  });

  expect(seen).toEqual(shown);
  expect(link.a.shadow).toBe(shown.at(-1));
});

test('a write of 0 counts the generation on, a device error does not', () => {
  const link = faithfulLink().open();
  const generation = (): number => link.a.pageView().getUint32(CONFIG_OFFSET.generation, true);
  const before = generation();
  link.a.send([{ length: 60, address: 0x7f000000 }]);
  link.b.receive(1600);

  link.kick();

  expect(generation()).toBe(before);
  expect([link.a.status, link.interrupts(0, INTERRUPT_CONFIG)]).toEqual([0x4f, 1]);
  link.server.setStatus(0, 0);
  expect(generation()).toBe(before + 1);
  expect(link.a.status).toBe(0);
});

test('config_queue needs ACKNOWLEDGE and DRIVER and no failure', () => {
  const link = faithfulLink({ isResumable: true });
  link.a.connect();

  expect(link.a.configure(RX)).toBe(-EIO);
  link.server.setStatus(0, 3);
  expect(link.a.configure(RX)).toBe(0);
  expect(link.server.configQueue(0, 2)).toBe(-ERANGE);
  link.server.setStatus(0, 0x80);
  expect(link.a.configure(RX)).toBe(-EIO);
});

const BAD_QUEUES: [string, (link: SampleLink) => number][] = [
  ['size 0', (link) => link.a.configure(RX, 0)],
  ['size 3', (link) => link.a.configure(RX, 3)],
  ['a size beyond the limit', (link) => link.a.configure(RX, 16)],
  ['a table off its alignment', (link) => move(link, { descriptors: 8 })],
  ['an avail ring off its alignment', (link) => move(link, { avail: 0x801 })],
  ['a used ring off its alignment', (link) => move(link, { used: 0xa02 })],
  ['a table outside', (link) => move(link, { descriptors: 0x40000 })],
  ['an avail ring outside', (link) => move(link, { avail: 0x3fff0 })],
  ['a used ring outside', (link) => move(link, { used: 0x3ffc0 })],
];

test.each(BAD_QUEUES)('a queue with %s is refused', (_, story) => {
  const link = faithfulLink();
  link.a.connect();
  link.server.setStatus(0, 3);

  expect(story(link)).toBe(-EINVAL);
  expect(link.server.ports[0].queues[RX]!.isReady).toBe(false);
});

test('the used ring must be writable, the others need not', () => {
  const link = faithfulLink();
  link.a.connect(['ds-max=3']);
  link.a.register(0x900000, 0x1000, link.arena.createDataspace(0x1000), READ_ONLY);
  link.server.setStatus(0, 3);
  const readOnly = 0x900000 - link.a.base;

  expect(move(link, { used: readOnly })).toBe(-EINVAL);
  expect(move(link, { descriptors: readOnly, avail: readOnly + 0x800, used: 0xa00 })).toBe(0);
});

test('ready = 0 turns one queue off', () => {
  const link = faithfulLink().open();
  link.a.pageView().setUint16(netQueueEntry(TX) + QUEUE_ENTRY.ready, 0, true);

  expect(link.server.configQueue(0, TX)).toBe(0);
  expect(link.server.ports[0].queues.map((queue) => queue.isReady)).toEqual([true, false]);
});

test('an installed queue is told with the indices found in memory, a region with its dataspace', () => {
  const link = faithfulLink();
  link.a.connect();
  link.a.setAvailIndex(RX, 3);
  link.server.setStatus(0, 3);

  link.a.configure(RX);

  expect(link.events(RINGS_FOUND)).toEqual([[0, 3, 0, 0, 0, 0]]);
  expect(link.events(MEMORY_PLACED)).toEqual([[0, 0, link.a.memory.id, 0, 0, 0]]);
});

test('the current revision hands page, notification object and interrupt over one by one', () => {
  const link = inRevision('current');
  const { server } = link;

  expect([server.deviceConfig(0), server.notificationIrq(0, 0), server.notificationIrq(0, 1)]).toEqual([0, 0, -ENOSYS]);
  expect([server.bindInterrupt(0, 1, true), server.bindInterrupt(0, 0, false), server.bindInterrupt(0, 0, true)]).toEqual([-ERANGE, -EINVAL, 0]);
  expect(server.registerInterface(0, true)).toBe(-ENOSYS);
  expect(link.events(CONTROL_CALL).at(-2)).toEqual([0, 0x100, 0, 0, 0, 0]); // 256 + bind
});

test('the older revision hands everything over by register_iface', () => {
  const { server } = inRevision('seed');

  expect([server.registerInterface(0, false), server.registerInterface(0, true)]).toEqual([-EINVAL, 0]);
  expect([server.deviceConfig(0), server.notificationIrq(0, 0), server.bindInterrupt(0, 0, true)]).toEqual([-ENOSYS, -ENOSYS, -ENOSYS]);
});

test('in the older revision a device error shows as FAILED', () => {
  const link = inRevision('seed');

  link.server.setStatus(0, 2);

  expect(link.a.status).toBe(0x80);
});

test('commands are taken one per tick and acknowledged, unknown ones too', () => {
  const link = faithfulLink({ isPolling: true });
  link.a.connect();
  const command = (word: number): number[] => {
    link.a.writePage(CONFIG_OFFSET.command, [word]);
    link.tick();
    return [link.a.status, link.a.pageView().getUint32(CONFIG_OFFSET.command, true)];
  };

  expect(command(COMMAND_SET_STATUS | 1)).toEqual([1, 0]);
  expect(command(COMMAND_CONFIG_CHANGED | 3)).toEqual([1, 0]);
  expect(command(0x00000003)).toEqual([1, 3]); // only the top 8 bits count: no command
});

test('a configuration by command in any status takes effect and NO_NOTIFY is set in polling mode', () => {
  const link = faithfulLink({ isPolling: true }).open();

  expect([link.a.usedFlags(RX), link.a.usedFlags(TX)]).toEqual([1, 1]);
});

test.each([false, true])('a dead server answers nothing (resumable twin: %s)', (isResumable) => {
  const link = faithfulLink({ isResumable }).open();
  const readOnly = link.arena.createDataspace(4096);
  link.b.register(0x900000, 4096, readOnly, READ_ONLY);
  link.b.receive({ length: 1600, address: 0x900000 });
  link.a.send([60]);

  link.kick();

  const { server } = link;
  expect(server.ended).toBe(SERVER_CRASHED);
  expect(server.fault?.reason).toBe('read-only');
  expect(link.events(SERVER_ENDED)).toEqual([[SERVER_CRASHED, 2, 255, 0, 0, 0]]);
  link.tick();
  link.a.leave();
  const answers = [
    server.create(0, []),
    server.setStatus(0, 0),
    server.configQueue(0, 0),
    link.a.register(0, 4096, readOnly, 3),
    server.registerInterface(0, true),
    server.deviceConfig(0),
    server.notificationIrq(0, 0),
    server.bindInterrupt(0, 0, true),
  ];
  expect(answers).toEqual(answers.map(() => -ENOREPLY));
});

test('a port that does not exist is a mistake of the caller', () => {
  expect(() => faithfulLink().server.setStatus(2, 0)).toThrow('port 2 does not exist');
});

test('trusted dataspaces are the only ones a client may register', () => {
  const link = fixedLink({ trusted: [4] });
  link.a.connect();

  expect(link.server.ports[0].regions.count).toBe(0); // the client's own memory is not listed
  expect(link.a.register(0x900000, 0x1000, link.a.memory, 3)).toBe(-EINVAL);
  const other = link.arena.createDataspace(0x1000);
  expect([other.id, link.b.memory.id]).toEqual([5, 4]); // pages are 1 and 2, the clients' memory 3 and 4
  expect(link.a.register(0x900000, 0x1000, link.b.memory, 3)).toBe(0);
});

test('both directions carry frames under both profiles and verdicts on checksums are told when asked for', () => {
  for (const link of [faithfulLink({ observesFrames: true }), fixedLink({ observesFrames: true })]) {
    link.open();
    link.b.receive(1600);
    link.a.receive(1600);
    link.a.send([112], patternFrame(112, 1, 34, 16));
    link.b.send([60]);

    link.kick();

    expect([link.a.used(RX), link.b.used(RX)]).toEqual([[[0, 60]], [[0, 112]]]);
  }
});

function inRevision(revision: 'seed' | 'current'): SampleLink {
  const link = new SampleLink({ revision, isResumable: true });
  link.server.create(0, []);
  return link;
}

function move(link: SampleLink, parts: { descriptors?: number; avail?: number; used?: number }): number {
  link.a.rings[RX] = { ...link.a.rings[RX], ...parts };
  return link.a.configure(RX);
}
