// Names of places in shared memory.
import { expect, test } from 'vitest';
import { Arena } from '../sim/arena.js';
import { LocationRegistry, nameOf, partOf, portOf, queueOf } from './locations.js';

/** A registry with the config page of port 1 and its transmit queue of 8: table at 0, avail at 0x100, used at 0x200. */
function bench() {
  const arena = new Arena();
  const page = arena.createDataspace(4096);
  const ram = arena.createDataspace(8192);
  const registry = new LocationRegistry();
  registry.setConfigPage(1, page.id);
  registry.installQueue(arena, 1, 1, 8, [ram.start, ram.start + 0x100, ram.start + 0x200]);
  return { registry, page, ram };
}

test.each([
  [0x00, 'tx.desc', 0],
  [0x7f, 'tx.desc', 7],
  [0x80, 'other', 0],
  [0x100, 'tx.avail.flags', 0],
  [0x102, 'tx.avail.idx', 0],
  [0x104, 'tx.avail.ring', 0],
  [0x113, 'tx.avail.ring', 7],
  [0x114, 'tx.used_event', 0],
  [0x116, 'other', 0],
  [0x200, 'tx.used.flags', 0],
  [0x202, 'tx.used.idx', 0],
  [0x204, 'tx.used.ring', 0],
  [0x243, 'tx.used.ring', 7],
  [0x244, 'tx.avail_event', 0],
  [0x246, 'other', 0],
])('offset %i of the memory is %s, index %i', (offset, name, index) => {
  const { registry, ram } = bench();

  const code = registry.locationOf(ram.id, offset);

  expect(nameOf(code)).toBe(name);
  expect(registry.indexOf(code, offset)).toBe(index);
});

test('a code carries part, queue and port', () => {
  const { registry, ram, page } = bench();

  const code = registry.locationOf(ram.id, 0x102);

  expect([partOf(code), queueOf(code), portOf(code)]).toEqual([3, 1, 1]);
  const config = registry.locationOf(page.id, 0x70);
  expect([nameOf(config), portOf(config), registry.indexOf(config, 0x70)]).toEqual(['config', 1, 0x70]);
});

test('queues are known from installation to removal, and nothing is known after a reset', () => {
  const { registry, ram, page } = bench();

  registry.removeQueue(1, 1);
  registry.removeQueue(7, 0);

  expect(registry.locationOf(ram.id, 0x102)).toBe(0);
  registry.reset();
  expect(registry.locationOf(page.id, 0)).toBe(0);
});

test('more than two ports have room', () => {
  const arena = new Arena();
  const ram = arena.createDataspace(4096);
  const registry = new LocationRegistry();

  registry.installQueue(arena, 6, 0, 4, [ram.start, ram.start + 0x100, ram.start + 0x200]);

  const code = registry.locationOf(ram.id, 0x202);
  expect([nameOf(code), portOf(code)]).toEqual(['rx.used.idx', 6]);
  expect(nameOf(15)).toBe('other');
});
