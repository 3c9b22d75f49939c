// Arena, address spaces and the coarse and observed views: what is mapped, what faults, what is reported.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessObserver, NO_OBSERVER } from './access-observer.js';
import { AddressSpace, RIGHT_READ, RIGHT_WRITE, WATCHED } from './address-space.js';
import { ARENA_LIMIT_BYTES, Arena, PAGE_BYTES } from './arena.js';
import { BARRIER_FULL, BARRIER_NAMES, BARRIER_READ, ordersLoads, ordersStores } from './barrier.js';
import { CoarseMemory } from './coarse-memory.js';
import { NEVER } from './gate.js';
import { HookedMemory } from './hooked-memory.js';
import { MemoryFault } from './memory-fault.js';
import type { SharedMemory } from './memory.plain.js';
import { ObservedMemory } from './observed-memory.js';
import { ResumableMemory } from './resumable-memory.js';
import { PlainSource } from './choice-sources.js';
import { StoreOrder } from './store-order.js';

const ALL = RIGHT_READ | RIGHT_WRITE;
const OPEN_GATE = { countdown: NEVER, interleave: () => undefined, cutOf: () => 0 };

function log(): { lines: string[]; observer: AccessObserver } {
  const lines: string[] = [];
  const observer: AccessObserver = {
    loaded: (_context, offset, size, low, high, stale) => lines.push(`load ${offset}+${size} ${low} ${high} ${stale}`),
    stored: (_context, offset, size, low, high, entry) => lines.push(`store ${offset}+${size} ${low} ${high} ${entry}`),
    buffered: (_context, offset, size) => lines.push(`buffer ${offset}+${size}`),
    fenced: (_context, kind) => lines.push(`fence ${BARRIER_NAMES[kind]}`),
    registerLoaded: (_context, offset, size, value) => lines.push(`register load ${offset}+${size} ${value}`),
    registerStored: (_context, offset, size, value) => lines.push(`register store ${offset}+${size} ${value}`),
  };
  return { lines, observer };
}

function world(rights = ALL, sizeBytes = PAGE_BYTES): { arena: Arena; space: AddressSpace; base: number } {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const base = space.attach(arena.createDataspace(sizeBytes), 0, sizeBytes, rights);
  return { arena, space, base };
}

describe('every view of memory', () => {
  const views: [string, (space: AddressSpace) => SharedMemory][] = [
    ['coarse', (space) => new CoarseMemory(0, space, NO_OBSERVER)],
    ['observed', (space) => new ObservedMemory(0, space, NO_OBSERVER, null)],
    ['weak without delays', (space) => new ObservedMemory(0, space, NO_OBSERVER, new StoreOrder(space.arena, 'relaxed', new PlainSource(), NO_OBSERVER))],
    ['hooked', (space) => new HookedMemory(0, new CoarseMemory(0, space, NO_OBSERVER), OPEN_GATE)],
    ['resumable', (space) => drained(new ResumableMemory(new CoarseMemory(0, space, NO_OBSERVER), OPEN_GATE))],
  ];

  it.each(views)('%s: reads back what was written at any size and alignment', (_name, create) => {
    fc.assert(
      fc.property(fc.nat(100), fc.constantFrom(1, 2, 4, 8), fc.nat(0xffffffff), fc.nat(0xffffffff), (offset, size, low, high) => {
        const { space, base } = world();
        const memory = create(space);
        const at = base + offset;

        if (size === 1) memory.store8(at, low);
        else if (size === 2) memory.store16(at, low);
        else if (size === 4) memory.store32(at, low);
        else memory.store64(at, low, high);

        const mask = size >= 4 ? 0xffffffff : 2 ** (8 * size) - 1;
        const read = size === 1 ? memory.load8(at) : size === 2 ? memory.load16(at) : size === 4 ? memory.load32(at) : memory.load64(at);
        expect(read).toBe((low & mask) >>> 0);
        if (size === 8) expect(memory.high).toBe(high);
        for (let index = 0; index < size; index++) {
          const word = index < 4 ? low : high;
          expect(memory.load8(at + index)).toBe((word >>> (8 * (index & 3))) & 0xff);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each(views)('%s: copies, stores and reads ranges; length 0 never faults', (_name, create) => {
    const { arena, space, base } = world();
    const memory = create(space);

    memory.storeBytes(base, new Uint8Array([9, 1, 2, 3, 9]), 1, 3);
    memory.copy(base + 101, base, 3);
    memory.copy(1, 2, 0);
    memory.storeBytes(3, new Uint8Array(0), 0, 0);
    memory.barrier(BARRIER_FULL);

    expect(memory.peekRange(0, 0)).toBe(0);
    const at = memory.peekRange(base + 101, 3);
    expect([...arena.u8.subarray(at, at + 3)]).toEqual([1, 2, 3]);
  });

  it.each(views)('%s: faults outside, across the end, above 4 GiB and against rights', (_name, create) => {
    const { space, base } = world();
    const readOnly = space.attach(space.arena.createDataspace(PAGE_BYTES), 0, PAGE_BYTES, RIGHT_READ);
    const memory = create(space);

    expect(() => memory.load16(base - 2)).toThrow(MemoryFault);
    expect(() => memory.load32(base + PAGE_BYTES - 2)).toThrow('outside');
    expect(() => memory.load16(base + 2 ** 32)).toThrow(MemoryFault);
    expect(() => memory.store8(-1, 1)).toThrow(MemoryFault);
    expect(() => memory.copy(base, base + 4000, 200)).toThrow(MemoryFault);
    expect(() => memory.store16(readOnly, 1)).toThrow('read-only');
    expect(memory.load16(readOnly)).toBe(0);
  });
});

/** Runs every operation of a resumable view to its end. */
function drained(memory: ResumableMemory): SharedMemory {
  const finish = <T>(access: { [Symbol.iterator](): Iterator<unknown, T> }): T => {
    const iterator = access[Symbol.iterator]();
    for (;;) {
      const step = iterator.next();
      if (step.done === true) return step.value;
    }
  };
  return {
    load8: (address) => finish(memory.load8(address)),
    load16: (address) => finish(memory.load16(address)),
    load32: (address) => finish(memory.load32(address)),
    load64: (address) => finish(memory.load64(address)),
    get high() {
      return memory.high;
    },
    store8: (address, value) => finish(memory.store8(address, value)),
    store16: (address, value) => finish(memory.store16(address, value)),
    store32: (address, value) => finish(memory.store32(address, value)),
    store64: (address, low, high) => finish(memory.store64(address, low, high)),
    copy: (target, source, length) => finish(memory.copy(target, source, length)),
    peekRange: (address, length) => finish(memory.peekRange(address, length)),
    storeBytes: (address, bytes, from, length) => finish(memory.storeBytes(address, bytes, from, length)),
    barrier: (kind) => finish(memory.barrier(kind)),
  };
}

describe('a cut copy', () => {
  it('is performed in two parts, by the hooked and by the resumable view', () => {
    const { arena, space, base } = world();
    const gate = { ...OPEN_GATE, cutOf: () => 3 };
    const { lines, observer } = log();
    const inner = new ObservedMemory(0, space, observer, null);
    arena.u8.set([1, 2, 3, 4, 5], 0);

    new HookedMemory(0, inner, gate).copy(base + 10, base, 5);
    drained(new ResumableMemory(inner, gate)).copy(base + 20, base, 5);

    expect([...arena.u8.subarray(10, 15), ...arena.u8.subarray(20, 25)]).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    expect(lines.filter((line) => line.startsWith('store'))).toEqual(['store 10+3 0 0 0', 'store 13+2 0 0 0', 'store 20+3 0 0 0', 'store 23+2 0 0 0']);
  });
});

describe('a resumable access', () => {
  it('pauses once when the countdown is spent and is performed when resumed', () => {
    const { arena, space, base } = world();
    const gate = { ...OPEN_GATE, countdown: 1 };
    const memory = new ResumableMemory(new CoarseMemory(0, space, NO_OBSERVER), gate);
    const access = memory.load16(base)[Symbol.iterator]();

    const first = { ...access.next() };
    arena.u16[0] = 77;
    const second = { ...access.next() };

    expect([first.done, second.done, second.value]).toEqual([false, true, 77]);
  });

  it('survives a nested use of the same view between pause and performance', () => {
    const { arena, space, base } = world();
    const gate = { ...OPEN_GATE, countdown: 1 };
    const memory = new ResumableMemory(new CoarseMemory(0, space, NO_OBSERVER), gate);
    arena.u16[0] = 5;
    const access = memory.load16(base)[Symbol.iterator]();
    access.next();
    gate.countdown = NEVER;

    const stashed = memory.stash();
    drained(memory).store16(base + 8, 1);
    memory.unstash(stashed);

    expect(access.next().value).toBe(5);
  });
});

describe('an observed view', () => {
  it('reports loads, stores and barriers with their values', () => {
    const { space, base } = world();
    const { lines, observer } = log();
    const memory = new ObservedMemory(3, space, observer, null);

    memory.store16(base + 2, 0x1234);
    memory.load64(base + 1);
    memory.load8(base + 3);
    memory.barrier(BARRIER_READ);
    memory.peekRange(base, 4);

    expect(lines).toEqual(['store 2+2 4660 0 0', 'load 1+8 1192960 0 0', 'load 3+1 18 0 0', 'fence read', 'load 0+4 0 0 0']);
  });

  it.each(['coarse', 'observed', 'weak'])('%s: reports accesses to watched pages as register accesses', (kind) => {
    const { space, base } = world(ALL | WATCHED);
    const { lines, observer } = log();
    const order = kind === 'weak' ? new StoreOrder(space.arena, 'tso', new PlainSource(), observer) : null;
    const memory = kind === 'coarse' ? new CoarseMemory(0, space, observer) : new ObservedMemory(0, space, observer, order);

    memory.store32(base + 4, 0xfffffff0);
    memory.store16(base + 8, 0x12345);
    memory.load32(base + 4);
    memory.store64(base + 16, 1, 2);
    memory.load64(base + 16);

    const expected = ['store 4+4 4294967280', 'store 8+2 9029', 'load 4+4 4294967280', 'store 16+4 1', 'store 20+4 2', 'load 16+4 1', 'load 20+4 2'];
    expect(lines).toEqual(expected.map((line) => `register ${line}`));
    expect(memory.high).toBe(2);
  });
});

describe('Arena', () => {
  const anyStore = fc.record({ at: fc.nat(8 * PAGE_BYTES - 16), size: fc.constantFrom(1, 2, 4, 8, 16), value: fc.nat(255) });

  it('is as new after a reset by dirty pages', () => {
    fc.assert(
      fc.property(fc.array(anyStore, { maxLength: 30 }), (stores) => {
        const arena = new Arena(16 * PAGE_BYTES);
        const space = new AddressSpace(arena);
        const base = space.attach(arena.createDataspace(8 * PAGE_BYTES), 0, 8 * PAGE_BYTES, ALL);
        const memory = new CoarseMemory(0, space, NO_OBSERVER);
        for (const { at, size, value } of stores) {
          if (size === 16) memory.storeBytes(base + at, new Uint8Array(16).fill(value), 0, 16);
          else if (size === 8) memory.store64(base + at, value, value);
          else if (size === 4) memory.store32(base + at, value);
          else if (size === 2) memory.store16(base + at, value);
          else memory.store8(base + at, value);
        }

        arena.reset();

        expect(arena.u8.every((byte) => byte === 0)).toBe(true);
        expect(arena.dirty.every((mark) => mark === 0)).toBe(true);
      }),
    );
  });

  it('grows without losing contents, and views follow', () => {
    const arena = new Arena(2 * PAGE_BYTES);
    const space = new AddressSpace(arena);
    const base = space.attach(arena.createDataspace(PAGE_BYTES), 0, PAGE_BYTES, ALL);
    const memory = new CoarseMemory(0, space, NO_OBSERVER);
    memory.store16(base, 0xbeef);

    const big = arena.createDataspace(10 * PAGE_BYTES);

    expect(memory.load16(base)).toBe(0xbeef);
    expect(arena.dataspaceAt(big.start)).toBe(2);
    expect(arena.startOf(2)).toBe(PAGE_BYTES);
    arena.resetFully();
    expect(arena.u8.every((byte) => byte === 0)).toBe(true);
  });

  it('refuses dataspaces without size, beyond its limit, or too many of them', () => {
    const arena = new Arena();

    expect(() => arena.createDataspace(0)).toThrow('createDataspace: cannot provide 0 bytes');
    expect(() => arena.createDataspace(ARENA_LIMIT_BYTES + 1)).toThrow('createDataspace');
    expect(() => {
      for (let count = 0; count < 255; count++) arena.createDataspace(1);
    }).toThrow('createDataspace');
  });
});

describe('AddressSpace', () => {
  it('never hands out an address twice, so a pointer into a detached piece faults', () => {
    const { arena, space, base } = world();
    const memory = new CoarseMemory(0, space, NO_OBSERVER);

    space.detach(base);
    const again = space.attach(arena.createDataspace(PAGE_BYTES), 0, PAGE_BYTES, ALL);

    expect(again).not.toBe(base);
    expect(() => memory.load8(base)).toThrow(MemoryFault);
    expect(() => space.detach(base)).toThrow('nothing is attached');
  });

  it('keeps pieces apart by an unmapped page, also for ranges that span it', () => {
    const { arena, space, base } = world();
    space.attach(arena.createDataspace(PAGE_BYTES), 0, PAGE_BYTES, ALL);

    expect(space.resolve(base + PAGE_BYTES - 1, 1, RIGHT_READ)).toBe(PAGE_BYTES - 1);
    expect(space.resolve(base + PAGE_BYTES, 1, RIGHT_READ)).toBe(-1);
    expect(space.resolve(base + PAGE_BYTES - 1, PAGE_BYTES + 2, RIGHT_READ)).toBe(-1);
    expect(space.resolve(base, Number.MAX_SAFE_INTEGER, RIGHT_READ)).toBe(-1);
  });

  it('attaches part of a dataspace and refuses what is not a page range of it', () => {
    const arena = new Arena();
    const space = new AddressSpace(arena);
    const dataspace = arena.createDataspace(4 * PAGE_BYTES);

    const base = space.attach(dataspace, PAGE_BYTES, 100, RIGHT_READ);

    expect(space.resolve(base, 1, RIGHT_READ)).toBe(PAGE_BYTES);
    expect(() => space.attach(dataspace, 17, 100, RIGHT_READ)).toThrow('attach');
    expect(() => space.attach(dataspace, 0, 5 * PAGE_BYTES, RIGHT_READ)).toThrow('attach');
    expect(() => space.attach(dataspace, 0, 0, RIGHT_READ)).toThrow('attach');
  });

  it('starts over after a reset and grows its table when needed', () => {
    const arena = new Arena();
    const space = new AddressSpace(arena);
    const first = space.attach(arena.createDataspace(2000 * PAGE_BYTES), 0, 2000 * PAGE_BYTES, RIGHT_READ);
    const memory = new CoarseMemory(0, space, NO_OBSERVER);
    expect(memory.load8(first + 1999 * PAGE_BYTES)).toBe(0);

    space.reset();
    arena.reset();

    expect(space.attach(arena.createDataspace(PAGE_BYTES), 0, PAGE_BYTES, RIGHT_READ)).toBe(first);
  });

  it('refuses to run out of addresses silently', () => {
    const arena = new Arena();
    const space = new AddressSpace(arena);
    const dataspace = arena.createDataspace(ARENA_LIMIT_BYTES / 2);

    expect(() => {
      for (let count = 0; count < 9; count++) space.attach(dataspace, 0, ARENA_LIMIT_BYTES / 2, RIGHT_READ);
    }).toThrow('address space used up');
  });
});

describe('barriers', () => {
  it('order loads, stores or both as their names say', () => {
    const kinds = [1, 2, 3, 4, 5] as const;

    expect(kinds.map((kind) => [BARRIER_NAMES[kind], ordersLoads(kind), ordersStores(kind)])).toEqual([
      ['full', true, true],
      ['read', true, false],
      ['write', false, true],
      ['acquire', true, false],
      ['release', false, true],
    ]);
  });
});
