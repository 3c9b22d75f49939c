// Snapshots of published chains, reconstructed from ring memory.
import { expect, test } from 'vitest';
import { AddressSpace, RIGHT_READ } from '../../sim/address-space.js';
import { Arena } from '../../sim/arena.js';
import { EVENT_WORDS, kindOf, Trace } from '../../sim/trace.js';
import { EventLog } from '../event-log.js';
import {
  CHAIN_ELEMENT,
  PACKET_HEADER,
  PROBLEM_BAD_ADDRESS,
  PROBLEM_BAD_HEAD,
  PROBLEM_BAD_INDEX,
  PROBLEM_BAD_NEXT,
  PROBLEM_BAD_SIZE,
  PROBLEM_LOOP,
  PUBLISHED,
} from '../events.js';
import { RegionList } from '../transport/regions.js';
import { FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE, TRANSMIT_QUEUE } from './layout.js';
import { RingWatcher } from './ring-watcher.js';

const BASE = 0x10000;
const SIZE = 4;
const AVAIL = 0x100;
const USED = 0x200;
const TABLE = 0x400;

/** A queue of 4 in a page registered at 0x10000, and a trace that keeps its events. */
function bench(queue = RECEIVE_QUEUE) {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const trace = new Trace(true);
  const dataspace = arena.createDataspace(4096);
  const regions = new RegionList(space, { T9: true, T18: true, T19: true }, null, () => undefined);
  regions.clear(1);
  const words = { baseLow: BASE, baseHigh: 0, offsetLow: 0, offsetHigh: 0, sizeLow: 4096, sizeHigh: 0 };
  regions.register({ dataspace, rights: 3, ...words });
  const watcher = new RingWatcher(space, new EventLog(trace, 0), true);
  const { start } = dataspace;
  watcher.install(0, queue, SIZE, [start, start + AVAIL, start + USED], regions);
  const view = new DataView(arena.u8.buffer, start, 4096);
  const describe = (at: number, address: number, lengthBytes: number, flags: number, next: number): void => {
    view.setUint32(at, address, true);
    view.setUint32(at + 8, lengthBytes, true);
    view.setUint16(at + 12, flags, true);
    view.setUint16(at + 14, next, true);
  };
  const publish = (head: number): number[][] => {
    const index = view.getUint16(AVAIL + 2, true);
    view.setUint16(AVAIL + 4 + 2 * (index % SIZE), head, true);
    view.setUint16(AVAIL + 2, index + 1, true);
    watcher.sync(0, queue);
    return rows(trace);
  };
  return { watcher, view, describe, publish, trace, space, start };
}

/** All events as [kind, a, b, c, d, e, f]. */
function rows(trace: Trace): number[][] {
  return Array.from({ length: trace.count }, (_, index) => {
    const at = index * EVENT_WORDS;
    return [kindOf(trace.words, at), ...trace.words.slice(at + 2, at + EVENT_WORDS)];
  });
}

test('a chain is told with its elements, once', () => {
  const { describe, publish, watcher, trace } = bench();
  describe(16, BASE + 0x800, 12, FLAG_WRITE | FLAG_NEXT, 3);
  describe(48, BASE + 0x900, 100, FLAG_WRITE, 0);

  const told = publish(1);
  watcher.sync(0, RECEIVE_QUEUE);

  expect(told).toEqual([
    [PUBLISHED, 0, 0 | (2 << 16), 1, 0, 0, 112],
    [CHAIN_ELEMENT, 0, 0 | (1 << 16), BASE + 0x800, 0, 12, (FLAG_WRITE | FLAG_NEXT) | (3 << 16)],
    [CHAIN_ELEMENT, 0, 1 | (3 << 16), BASE + 0x900, 0, 100, FLAG_WRITE],
  ]);
  expect(trace.count).toBe(3);
});

test('a table is an element, and so are its entries', () => {
  const { describe, publish } = bench();
  describe(0, BASE + TABLE, 32, FLAG_INDIRECT, 0);
  describe(TABLE, BASE + 0x800, 12, FLAG_NEXT, 1);
  describe(TABLE + 16, BASE + 0x900, 100, 0, 0);

  const told = publish(0);

  expect(told[0]).toEqual([PUBLISHED, 0, 3 << 16, 0, 0, 112, 0]);
  expect(told.slice(1).map((row) => row[2])).toEqual([0, 1, 2 | (1 << 16)]); // position and index in its own table
});

const PROBLEMS: { name: string; flags: number; next: number; address: number; length: number; problem: number }[] = [
  { name: 'an address outside', flags: 0, next: 0, address: 0x90000, length: 12, problem: PROBLEM_BAD_ADDRESS },
  { name: 'a next index outside', flags: FLAG_NEXT, next: 9, address: BASE, length: 12, problem: PROBLEM_BAD_NEXT },
  { name: 'a loop', flags: FLAG_NEXT, next: 0, address: BASE, length: 12, problem: PROBLEM_LOOP },
  { name: 'a table too short', flags: FLAG_INDIRECT, next: 0, address: BASE, length: 15, problem: PROBLEM_BAD_SIZE },
  { name: 'a table outside', flags: FLAG_INDIRECT, next: 0, address: 0x90000, length: 32, problem: PROBLEM_BAD_ADDRESS },
  { name: 'a bad address before a bad next index', flags: FLAG_NEXT, next: 9, address: 0x90000, length: 12, problem: PROBLEM_BAD_ADDRESS },
];

test.each(PROBLEMS)('$name is told as the problem of the chain', ({ flags, next, address, length, problem }) => {
  const { describe, publish } = bench();
  describe(0, address, length, flags, next);

  expect(publish(0)[0]![4]).toBe(problem);
});

test('a head outside the table and a jump of avail.idx have no elements', () => {
  const outside = bench();
  const jump = bench();
  jump.view.setUint16(AVAIL + 2, 5, true);

  jump.watcher.sync(0, RECEIVE_QUEUE);

  expect(outside.publish(4)).toEqual([[PUBLISHED, 0, 0, 4, PROBLEM_BAD_HEAD, 0, 0]]);
  expect(rows(jump.trace)).toEqual([[PUBLISHED, 0, 0, 0, PROBLEM_BAD_INDEX, 0, 0]]);
  jump.watcher.sync(0, RECEIVE_QUEUE);
  expect(jump.trace.count).toBe(1); // the jump is told once
});

test('the net header of a transmit chain is told, over piece borders too', () => {
  const { describe, publish, view } = bench(TRANSMIT_QUEUE);
  for (let index = 0; index < 12; index++) view.setUint8(0x800 + index, index + 1);
  describe(0, BASE + 0x800, 5, FLAG_NEXT, 1);
  describe(16, BASE + 0x805, 95, 0, 0);

  const header = publish(0).at(-1)!;

  expect(header.slice(0, 6)).toEqual([PACKET_HEADER, 0x100, 0x04030201, 0x08070605, 0x0c0b0a09, 88]); // 100 - 12
});

test('no header is told for a runt or for bytes that cannot be read', () => {
  const runt = bench(TRANSMIT_QUEUE);
  runt.describe(0, BASE + 0x800, 11, 0, 0);
  const outside = bench(TRANSMIT_QUEUE);
  outside.describe(0, 0x90000, 60, 0, 0);

  expect(runt.publish(0).length).toBe(2);
  expect(outside.publish(0).length).toBe(2);
});

test('raw indices and flags can be looked at while the queue is installed', () => {
  const { watcher, view, space, start } = bench();
  view.setUint16(AVAIL, 1, true);
  view.setUint16(AVAIL + 2, 7, true);
  view.setUint16(USED, 1, true);
  view.setUint16(USED + 2, 6, true);

  const seen = [watcher.availFlags(0, 0), watcher.availIndex(0, 0), watcher.usedFlags(0, 0), watcher.usedIndex(0, 0)];
  watcher.remove(0, 0);
  watcher.sync(0, 0);

  expect(seen).toEqual([1, 7, 1, 6]);
  expect(watcher.isInstalled(0, 0)).toBe(false);
  expect([watcher.availFlags(0, 0), watcher.availIndex(0, 0), watcher.usedFlags(0, 0), watcher.usedIndex(0, 0)]).toEqual([0, -1, 0, -1]);
  expect(space.resolve(start, 1, RIGHT_READ)).toBe(-1); // dataspaces are not addresses
});

test('a chain longer than the first scratch space is told whole', () => {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const trace = new Trace(true);
  const dataspace = arena.createDataspace(8192);
  const regions = new RegionList(space, { T9: true, T18: true, T19: true }, null, () => undefined);
  const watcher = new RingWatcher(space, new EventLog(trace, 0));
  const { start } = dataspace;
  watcher.install(0, 0, 128, [start, start + 4096, start + 6144], regions);
  const view = new DataView(arena.u8.buffer, start);
  for (let index = 0; index < 100; index++) {
    view.setUint16(16 * index + 12, index === 99 ? 0 : FLAG_NEXT, true);
    view.setUint16(16 * index + 14, index + 1, true);
  }
  view.setUint16(4098, 1, true);

  watcher.sync(0, 0);

  expect(trace.count).toBe(101); // one PUBLISHED, 100 elements
});
