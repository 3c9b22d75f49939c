// Litmus tests: what each memory model allows two contexts to see, sampled over many seeds.
//
// The programs are the classical ones (SB = store buffering, MP = message passing); the expectations follow
// x86-TSO (Sewell et al. 2010) and the usual reading of PSO and of relaxed loads.
import { describe, expect, it } from 'vitest';
import { NO_OBSERVER } from './access-observer.js';
import { AddressSpace, RIGHT_READ, RIGHT_WRITE } from './address-space.js';
import type { Agent, Work } from './agent.js';
import { Arena } from './arena.js';
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE } from './barrier.js';
import type { Resume } from './flow.resumable.js';
import { HookedMemory } from './hooked-memory.js';
import { DEFAULT_KERNEL_OPTIONS, Kernel } from './kernel.js';
import type * as plain from './memory.plain.js';
import type { SharedMemory } from './memory.resumable.js';
import { ObservedMemory } from './observed-memory.js';
import { ResumableMemory } from './resumable-memory.js';
import { SeededSource } from './seeded-source.js';
import { type MemoryModel, StoreOrder } from './store-order.js';
import { Trace } from './trace.js';

const SEEDS = 600;

type Program = (memory: SharedMemory, base: number) => Resume<number>;

class Thread implements Agent {
  readonly name = 'thread';
  result = -1;
  private hasStarted = false;
  readonly id: number;
  private readonly run: () => Resume<number>;

  constructor(id: number, run: () => Resume<number>) {
    this.id = id;
    this.run = run;
  }

  post(): void {}
  hasWork(): boolean {
    return !this.hasStarted;
  }
  hasNestedWork(): boolean {
    return false;
  }
  begin(): Work {
    this.hasStarted = true;
    return this.body();
  }
  enterNested(): void {}
  leaveNested(): void {}
  failed(error: unknown): void {
    throw error;
  }
  private *body(): Resume<void> {
    this.result = yield* this.run();
  }
}

/** Runs two programs under a model for many seeds; returns the set of result pairs seen. */
function outcomes(model: MemoryModel, first: Program, second: Program): Set<string> {
  const seen = new Set<string>();
  const arena = new Arena();
  const trace = new Trace(false);
  for (let seed = 0; seed < SEEDS; seed++) {
    arena.reset();
    const source = new SeededSource(`litmus/${seed}`, { rates: { storeDelay: 3, staleLoad: 3 }, isPreemptive: true });
    const space = new AddressSpace(arena);
    const base = space.attach(arena.createDataspace(4096), 0, 4096, RIGHT_READ | RIGHT_WRITE);
    const order = model === 'sc' ? null : new StoreOrder(arena, model, source, NO_OBSERVER);
    const kernel = new Kernel(arena, trace, source);
    const threads = [first, second].map((program, id) => {
      const memory = new ResumableMemory(new ObservedMemory(id, space, NO_OBSERVER, order), kernel);
      return new Thread(id, () => program(memory, base));
    });
    kernel.reset(threads, source, order, DEFAULT_KERNEL_OPTIONS);

    kernel.run();

    seen.add(threads.map((thread) => thread.result).join());
  }
  return seen;
}

function storeBuffering(own: number, other: number, hasFence: boolean): Program {
  return function* (memory, base) {
    yield* memory.store16(base + own, 1);
    if (hasFence) yield* memory.barrier(BARRIER_FULL);
    return yield* memory.load16(base + other);
  };
}

function sender(hasBarrier: boolean): Program {
  return function* (memory, base) {
    yield* memory.store16(base, 1);
    if (hasBarrier) yield* memory.barrier(BARRIER_WRITE);
    yield* memory.store16(base + 64, 1);
    return 0;
  };
}

function receiver(hasBarrier: boolean): Program {
  return function* (memory, base) {
    // A beginning orders like a message received, so the receiver must be under way before the sender is.
    for (let warmUp = 0; warmUp < 4; warmUp++) yield* memory.load16(base + 128);
    const flag = yield* memory.load16(base + 64);
    if (hasBarrier) yield* memory.barrier(BARRIER_READ);
    const payload = yield* memory.load16(base);
    return flag * 2 + payload;
  };
}

/** The receiver saw the flag but not the payload. */
const FLAG_WITHOUT_PAYLOAD = '0,2';

describe('store buffering (SB)', () => {
  it('both threads never miss each other under sc, and all other outcomes occur', () => {
    const seen = outcomes('sc', storeBuffering(0, 64, false), storeBuffering(64, 0, false));

    expect([...seen].sort()).toEqual(['0,1', '1,0', '1,1']);
  });

  it.each(['tso', 'pso', 'relaxed'] as const)('both threads can miss each other under %s', (model) => {
    expect(outcomes(model, storeBuffering(0, 64, false), storeBuffering(64, 0, false))).toContain('0,0');
  });

  it.each(['tso', 'pso', 'relaxed'] as const)('a full barrier forbids that under %s', (model) => {
    expect(outcomes(model, storeBuffering(0, 64, true), storeBuffering(64, 0, true))).not.toContain('0,0');
  });
});

describe('message passing (MP)', () => {
  it.each(['sc', 'tso'] as const)('needs no barrier under %s', (model) => {
    expect(outcomes(model, sender(false), receiver(false))).not.toContain(FLAG_WITHOUT_PAYLOAD);
  });

  it('loses the payload under pso without a write barrier, even with a read barrier', () => {
    expect(outcomes('pso', sender(false), receiver(true))).toContain(FLAG_WITHOUT_PAYLOAD);
  });

  it('is right under pso with a write barrier alone, since pso keeps loads in order', () => {
    expect(outcomes('pso', sender(true), receiver(false))).not.toContain(FLAG_WITHOUT_PAYLOAD);
  });

  it('loses the payload under relaxed memory without a read barrier', () => {
    expect(outcomes('relaxed', sender(true), receiver(false))).toContain(FLAG_WITHOUT_PAYLOAD);
  });

  it('is right under relaxed memory with both barriers', () => {
    expect(outcomes('relaxed', sender(true), receiver(true))).not.toContain(FLAG_WITHOUT_PAYLOAD);
  });
});

describe('coherence', () => {
  it('never lets a context read one location backwards under relaxed memory', () => {
    const writer: Program = function* (memory, base) {
      yield* memory.store16(base, 1);
      yield* memory.store16(base, 2);
      return 0;
    };
    const reader: Program = function* (memory, base) {
      const first = yield* memory.load16(base);
      const second = yield* memory.load16(base);
      return first * 10 + second;
    };

    const seen = outcomes('relaxed', writer, reader);

    for (const backwards of ['0,10', '0,20', '0,21']) expect(seen).not.toContain(backwards);
    expect(seen.size).toBeGreaterThan(3);
  });

  it('lets a context see its own buffered stores at once', () => {
    const own: Program = function* (memory, base) {
      yield* memory.store16(base, 7);
      return yield* memory.load16(base);
    };
    const idle: Program = function* (memory, base) {
      return yield* memory.load16(base + 128);
    };

    expect([...outcomes('relaxed', own, idle)]).toEqual(['7,0']);
  });
});

describe('a plain agent on the stack', () => {
  it('is interleaved with a resumable one at every access', () => {
    const seen = new Set<string>();
    const arena = new Arena();
    const trace = new Trace(false);
    for (let seed = 0; seed < SEEDS; seed++) {
      arena.reset();
      const source = new SeededSource(`plain/${seed}`, { rates: {}, isPreemptive: true });
      const space = new AddressSpace(arena);
      const base = space.attach(arena.createDataspace(4096), 0, 4096, RIGHT_READ | RIGHT_WRITE);
      const kernel = new Kernel(arena, trace, source);
      const memory = new ResumableMemory(new ObservedMemory(1, space, NO_OBSERVER, null), kernel);
      const writer = new Thread(1, function* () {
        yield* memory.store16(base, 1);
        yield* memory.store16(base + 2, 1);
        return 0;
      });
      const hooked: plain.SharedMemory = new HookedMemory(0, new ObservedMemory(0, space, NO_OBSERVER, null), kernel);
      const reader = new PlainThread(0, () => `${hooked.load16(base)}${hooked.load16(base + 2)}${hooked.load16(base)}`);
      kernel.reset([reader, writer], source, null, DEFAULT_KERNEL_OPTIONS);

      kernel.run();

      seen.add(reader.text);
    }

    // 0/1 for first cell, second cell, first cell again; the writer sets first before second.
    expect([...seen].sort()).toEqual(['000', '001', '011', '101', '111']);
  });
});

class PlainThread implements Agent {
  readonly name = 'plain';
  text = '';
  private hasStarted = false;
  readonly id: number;
  private readonly run: () => string;

  constructor(id: number, run: () => string) {
    this.id = id;
    this.run = run;
  }

  post(): void {}
  hasWork(): boolean {
    return !this.hasStarted;
  }
  hasNestedWork(): boolean {
    return false;
  }
  begin(): null {
    this.hasStarted = true;
    this.text = this.run();
    return null;
  }
  enterNested(): void {}
  leaveNested(): void {}
  failed(error: unknown): void {
    throw error;
  }
}
