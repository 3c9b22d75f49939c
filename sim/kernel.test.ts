// The kernel's plain order, time, spin rule, budgets, nesting and quiescence, with agents made of a few lines.
import { describe, expect, it } from 'vitest';
import { NO_OBSERVER } from './access-observer.js';
import { AddressSpace, RIGHT_READ, RIGHT_WRITE } from './address-space.js';
import { type Agent, AgentAborted, type Work } from './agent.js';
import { Arena } from './arena.js';
import { EMPTY_TAPE } from './choice.js';
import { EnumeratorSource, PlainSource, RecordingSource, TapeSource } from './choice-sources.js';
import type { ChoiceSource } from './choice.js';
import { CoarseMemory } from './coarse-memory.js';
import { HookedMemory } from './hooked-memory.js';
import { DEFAULT_KERNEL_OPTIONS, Kernel, type KernelOptions } from './kernel.js';
import { ResumableMemory } from './resumable-memory.js';
import { Trace } from './trace.js';
import * as plainWaiting from './waiting.plain.js';
import * as resumableWaiting from './waiting.resumable.js';

/** An agent whose handlers are given as functions; keeps a log of what it did. */
class Actor implements Agent {
  readonly name = 'actor';
  readonly inbox: number[] = [];
  nested: (() => Work | null) | null = null;
  errors: unknown[] = [];
  readonly id: number;
  private readonly handle: (opcode: number) => Work | null;

  constructor(id: number, handle: (opcode: number) => Work | null) {
    this.id = id;
    this.handle = handle;
  }

  post(opcode: number): void {
    this.inbox.push(opcode);
  }
  hasWork(): boolean {
    return this.inbox.length > 0;
  }
  hasNestedWork(): boolean {
    return this.nested !== null;
  }
  begin(): Work | null {
    if (this.nested !== null) {
      const { nested } = this;
      this.nested = null;
      return nested();
    }
    return this.handle(this.inbox.shift()!);
  }
  enterNested(): void {}
  leaveNested(): void {}
  failed(error: unknown): void {
    this.errors.push(error);
  }
}

interface World {
  kernel: Kernel;
  arena: Arena;
  space: AddressSpace;
  base: number;
}

function createWorld(source: ChoiceSource = new PlainSource()): World {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const base = space.attach(arena.createDataspace(4096), 0, 4096, RIGHT_READ | RIGHT_WRITE);
  return { kernel: new Kernel(arena, new Trace(false), source), arena, space, base };
}

function start(world: World, agents: Agent[], source: ChoiceSource = new PlainSource(), options: KernelOptions = DEFAULT_KERNEL_OPTIONS): void {
  world.kernel.reset(agents, source, null, options);
}

describe('plain order', () => {
  it('delivers events by time, then class, then sequence', () => {
    const world = createWorld();
    const seen: string[] = [];
    const actor = new Actor(0, (opcode) => {
      seen.push(`${opcode}@${world.kernel.nowNs}`);
      return null;
    });
    start(world, [actor]);
    world.kernel.post(20, 1, 0, 1, 0, 0);
    world.kernel.post(10, 2, 0, 2, 0, 0);
    world.kernel.post(10, 1, 0, 3, 0, 0);
    world.kernel.post(10, 1, 0, 4, 0, 0);

    const end = world.kernel.run();

    expect(end).toBe('quiescent');
    expect(seen).toEqual(['3@10', '4@10', '2@10', '1@20']);
  });

  it('forgets a cancelled event and refuses to cancel it twice', () => {
    const world = createWorld();
    const actor = new Actor(0, () => null);
    start(world, [actor]);
    const handle = world.kernel.post(5, 1, 0, 1, 0, 0);

    const first = world.kernel.queue.cancel(handle);
    const second = world.kernel.queue.cancel(handle);

    expect([first, second, world.kernel.queue.count]).toEqual([true, false, 0]);
  });

  it('reports what an agent throws and goes on with the others', () => {
    const world = createWorld();
    const seen: number[] = [];
    const bad = new Actor(0, () => {
      throw new Error('broken');
    });
    const good = new Actor(1, (opcode) => {
      seen.push(opcode);
      return null;
    });
    start(world, [bad, good]);
    world.kernel.post(1, 1, 0, 1, 0, 0);
    world.kernel.post(2, 1, 1, 7, 0, 0);

    world.kernel.run();

    expect(bad.errors).toHaveLength(1);
    expect(seen).toEqual([7]);
  });
});

describe('waiting', () => {
  it('lets a resumable agent block until another one wakes it', () => {
    const world = createWorld();
    let isDone = false;
    const log: string[] = [];
    const waiter = new Actor(0, function* () {
      log.push('asks');
      yield* resumableWaiting.blockUntil(world.kernel, 0, () => isDone);
      log.push('goes on');
    } as unknown as () => Work);
    const server = new Actor(1, () => {
      log.push('serves');
      isDone = true;
      world.kernel.wake(0);
      return null;
    });
    start(world, [waiter, server]);
    world.kernel.post(0, 1, 0, 1, 0, 0);
    world.kernel.post(50, 1, 1, 1, 0, 0);

    world.kernel.run();

    expect(log).toEqual(['asks', 'serves', 'goes on']);
  });

  it('lets a plain agent wait on the stack while others run', () => {
    const world = createWorld();
    let isDone = false;
    const log: string[] = [];
    const waiter = new Actor(0, () => {
      log.push('asks');
      plainWaiting.blockUntil(world.kernel, 0, () => isDone);
      log.push(`goes on at ${world.kernel.nowNs}`);
      return null;
    });
    const server = new Actor(1, () => {
      isDone = true;
      return null;
    });
    start(world, [waiter, server]);
    world.kernel.post(0, 1, 0, 1, 0, 0);
    world.kernel.post(50, 1, 1, 1, 0, 0);

    world.kernel.run();

    expect(log).toEqual(['asks', 'goes on at 50']);
  });

  it('ends the run when a plain agent waits for something that cannot come', () => {
    const world = createWorld();
    const hung: number[] = [];
    const waiter = new Actor(0, () => {
      plainWaiting.blockUntil(world.kernel, 0, () => false);
      return null;
    });
    start(world, [waiter]);
    world.kernel.onHung = (id) => hung.push(id);
    world.kernel.post(0, 1, 0, 1, 0, 0);

    const end = world.kernel.run();

    expect(end).toBe('budget');
    expect(hung).toEqual([0]);
    expect(waiter.errors[0]).toBeInstanceOf(AgentAborted);
  });
});

describe('spinning', () => {
  it('lets due work run at now() so that a waiting loop ends', () => {
    const world = createWorld();
    let flag = false;
    const spinner = new Actor(0, () => {
      while (!flag) plainWaiting.spendTime(world.kernel, 0, 100);
      return null;
    });
    const other = new Actor(1, () => {
      flag = true;
      return null;
    });
    start(world, [spinner, other]);
    world.kernel.post(0, 1, 0, 1, 0, 0);
    world.kernel.post(1_000, 1, 1, 1, 0, 0);

    const end = world.kernel.run();

    expect(end).toBe('quiescent');
    expect(world.kernel.nowNs).toBe(1_000); // ten calls of 100 ns
  });

  it('lets another resumable agent run after 64 accesses of a pure memory spin', () => {
    const world = createWorld();
    const memories = [0, 1].map((id) => new ResumableMemory(new CoarseMemory(id, world.space, NO_OBSERVER), world.kernel));
    const spinner = new Actor(0, function* () {
      while ((yield* memories[0]!.load16(world.base)) === 0) continue;
    } as unknown as () => Work);
    const writer = new Actor(1, function* () {
      yield* memories[1]!.store16(world.base, 1);
    } as unknown as () => Work);
    start(world, [spinner, writer]);
    world.kernel.post(0, 1, 0, 1, 0, 0);
    world.kernel.post(0, 1, 1, 1, 0, 0);

    const end = world.kernel.run();

    expect(end).toBe('quiescent');
    expect(world.kernel.stepOf(0)).toBeGreaterThanOrEqual(64);
  });

  it('calls an agent hung when it spins for ever and nobody else has work', () => {
    const world = createWorld();
    const memory = new HookedMemory(0, new CoarseMemory(0, world.space, NO_OBSERVER), world.kernel);
    const hung: number[] = [];
    const spinner = new Actor(0, () => {
      while (memory.load16(world.base) === 0) continue;
      return null;
    });
    start(world, [spinner], new PlainSource(), { ...DEFAULT_KERNEL_OPTIONS, accessLimit: 1_000, fairLimit: 500 });
    world.kernel.onHung = (id) => hung.push(id);
    world.kernel.post(0, 1, 0, 1, 0, 0);

    expect(world.kernel.run()).toBe('budget');
    expect(hung).toEqual([0]);
  });

  it('keeps aborting an agent that swallows the abort', () => {
    const world = createWorld();
    const memory = new HookedMemory(0, new CoarseMemory(0, world.space, NO_OBSERVER), world.kernel);
    let aborts = 0;
    const stubborn = new Actor(0, () => {
      while (aborts < 5) {
        try {
          memory.load16(world.base);
        } catch {
          aborts += 1;
        }
      }
      return null;
    });
    start(world, [stubborn], new PlainSource(), { ...DEFAULT_KERNEL_OPTIONS, accessLimit: 1_000, fairLimit: 500 });
    world.kernel.post(0, 1, 0, 1, 0, 0);

    world.kernel.run();

    expect(aborts).toBe(5);
  });
});

describe('two plain agents', () => {
  it('nest, and neither is entered while it stands on the stack', () => {
    // Asked at every access; always gives way to the last candidate.
    const source: ChoiceSource = { choose: () => 0, gap: () => 1, schedule: (_agent, _step, candidates) => candidates.count - 1 };
    const world = createWorld(source);
    const depths = [0, 0];
    let deepest = 0;
    const agents = depths.map((_, id) => {
      const memory = new HookedMemory(id, new CoarseMemory(id, world.space, NO_OBSERVER), world.kernel);
      return new Actor(id, () => {
        depths[id]! += 1;
        deepest = Math.max(deepest, depths[id]!);
        for (let access = 0; access < 4; access++) memory.load16(world.base);
        depths[id]! -= 1;
        return null;
      });
    });
    start(world, agents, source);
    for (const agent of agents) agent.inbox.push(1, 2, 3);

    const end = world.kernel.run();

    expect([end, deepest, world.kernel.preemptions > 0]).toEqual(['quiescent', 1, true]);
  });
});

describe('quiescence', () => {
  it('is reached with a periodic source that makes no progress any more, after two idle runs', () => {
    const world = createWorld();
    let ticks = 0;
    let source = 0;
    const memory = new CoarseMemory(0, world.space, NO_OBSERVER);
    const ticker = new Actor(0, () => {
      ticks += 1;
      if (ticks <= 3) memory.store16(world.base, ticks);
      world.kernel.post(10, 1, 0, 1, 0, 0, source);
      return null;
    });
    start(world, [ticker]);
    source = world.kernel.quiescence.addSource(false);
    world.kernel.post(10, 1, 0, 1, 0, 0, source);

    const end = world.kernel.run();

    expect(end).toBe('quiescent');
    expect(ticks).toBe(5); // three with progress, two without
  });

  it('is reached anew after healing, since what failed before may work now', () => {
    const world = createWorld();
    let ticks = 0;
    let healedAt = 0;
    let source = 0;
    const ticker = new Actor(0, () => {
      ticks += 1;
      world.kernel.post(10, 1, 0, 1, 0, 0, source);
      return null;
    });
    start(world, [ticker]);
    source = world.kernel.quiescence.addSource(false);
    world.kernel.post(10, 1, 0, 1, 0, 0, source);
    world.kernel.onIdle = () => {
      if (healedAt > 0) return false;
      healedAt = ticks;
      world.kernel.heal();
      return true;
    };

    expect(world.kernel.run()).toBe('quiescent');
    expect([healedAt, ticks]).toEqual([2, 4]);
  });

  it('is not reached while a one-shot event is pending', () => {
    const world = createWorld();
    const seen: number[] = [];
    let source = 0;
    const actor = new Actor(0, (opcode) => {
      seen.push(opcode);
      if (opcode === 1) world.kernel.post(10, 1, 0, 1, 0, 0, source);
      return null;
    });
    start(world, [actor]);
    source = world.kernel.quiescence.addSource(false);
    world.kernel.post(10, 1, 0, 1, 0, 0, source);
    world.kernel.post(95, 1, 0, 2, 0, 0);

    world.kernel.run();

    expect(seen).toContain(2);
  });
});

describe('tapes', () => {
  function race(source: ChoiceSource): string {
    const world = createWorld(source);
    const memories = [0, 1].map((id) => new ResumableMemory(new CoarseMemory(id, world.space, NO_OBSERVER), world.kernel));
    let order = '';
    const agents = [0, 1].map(
      (id) =>
        new Actor(id, function* () {
          for (let step = 0; step < 3; step++) {
            yield* memories[id]!.store16(world.base + 2 * step, id);
            order += id;
          }
        } as unknown as () => Work),
    );
    start(world, agents, source);
    for (const id of [0, 1]) world.kernel.post(0, 1, id, 1, 0, 0);
    world.kernel.run();
    return order;
  }

  it('the empty tape is the plain run', () => {
    expect(race(new TapeSource(EMPTY_TAPE))).toBe('000111');
  });

  it('a recorded run replays from its sparse tape, for every interleaving with up to two preemptions', () => {
    const seen = new Set<string>();
    const enumerator = new EnumeratorSource(2);
    while (enumerator.next()) {
      const recording = new RecordingSource(enumerator);
      const order = race(recording);
      const tape = recording.tape();
      const replay = new TapeSource(tape);

      expect(race(replay)).toBe(order);
      expect(replay.unplaced()).toBe(0);
      expect(tape.schedule.length).toBeLessThanOrEqual(2);
      seen.add(order);
    }

    // All 3+3 orders reachable with at most two preemptions of agent 0's and 1's straight runs.
    expect(seen.has('000111')).toBe(true);
    expect(seen.has('011100')).toBe(true);
    expect(seen.has('001011')).toBe(true);
    expect(seen.size).toBeGreaterThan(8);
  });
});
