// Holding an agent off: it stands still before an access until the others have nothing to do for a while.
import { describe, expect, it } from 'vitest';
import { NO_OBSERVER } from './access-observer.js';
import { AddressSpace, RIGHT_READ, RIGHT_WRITE } from './address-space.js';
import type { Agent, Work } from './agent.js';
import { Arena } from './arena.js';
import { type Candidates, type ChoiceSource, EVERYBODY_ELSE } from './choice.js';
import { CoarseMemory } from './coarse-memory.js';
import { NEVER } from './gate.js';
import { HookedMemory } from './hooked-memory.js';
import { DEFAULT_KERNEL_OPTIONS, Kernel } from './kernel.js';
import { ResumableMemory } from './resumable-memory.js';
import { Trace } from './trace.js';

/** Holds agent `agentId` off before its own access number `step`. */
class HoldingSource implements ChoiceSource {
  offered: readonly number[] = [];
  private readonly agentId: number;
  private readonly step: number;

  constructor(agentId: number, step: number) {
    this.agentId = agentId;
    this.step = step;
  }

  choose(): number {
    return 0;
  }

  gap(agentId: number): number {
    return agentId === this.agentId ? 1 : NEVER;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    if (agentId !== this.agentId || step !== this.step) return 0;
    this.offered = [...candidates.ids.subarray(0, candidates.count)];
    return candidates.count - 1;
  }
}

const FAR_NS = DEFAULT_KERNEL_OPTIONS.foresightNs;

/**
 * Agent 0 makes two accesses and logs "a" and "A"; agent 1 logs its opcode and hands `chain` on to itself `delayNs` later,
 * as often as it says.
 */
function story(source: ChoiceSource, isPlain: boolean, chain: number, delayNs: number): string[] {
  const arena = new Arena();
  const kernel = new Kernel(arena, new Trace(false), source);
  const space = new AddressSpace(arena);
  const base = space.attach(arena.createDataspace(4096), 0, 4096, RIGHT_READ | RIGHT_WRITE);
  const log: string[] = [];
  const view = new CoarseMemory(0, space, NO_OBSERVER);
  const hooked = new HookedMemory(0, view, kernel);
  const paused = new ResumableMemory(view, kernel);
  const plain = (): Work | null => {
    hooked.store16(base, 1);
    log.push(`a ${kernel.nowNs}`);
    hooked.store16(base, 2);
    log.push(`A ${kernel.nowNs}`);
    return null;
  };
  const resumable = function* (): Generator<number, void, void> {
    yield* paused.store16(base, 1);
    log.push(`a ${kernel.nowNs}`);
    yield* paused.store16(base, 2);
    log.push(`A ${kernel.nowNs}`);
  } as unknown as () => Work;
  const agents = [
    agent(0, isPlain ? plain : resumable),
    agent(1, (left) => {
      log.push(`b ${kernel.nowNs}`);
      if (left > 0) kernel.post(delayNs, 1, 1, left - 1, 0, 0);
      return null;
    }),
  ];
  kernel.reset(agents, source, null, DEFAULT_KERNEL_OPTIONS);
  kernel.post(0, 1, 0, 1, 0, 0);
  kernel.post(10, 1, 1, chain, 0, 0);
  kernel.run();
  return log;
}

function agent(id: number, handle: (opcode: number) => Work | null): Agent {
  const inbox: number[] = [];
  return {
    id,
    name: 'agent',
    post: (opcode) => void inbox.push(opcode),
    hasWork: () => inbox.length > 0,
    hasNestedWork: () => false,
    begin: () => handle(inbox.shift()!),
    enterNested: () => undefined,
    leaveNested: () => undefined,
    failed: (error) => {
      throw error;
    },
  };
}

describe.each([
  ['resumable', false],
  ['plain', true],
])('a %s agent', (_name, isPlain) => {
  it('is offered to be held off where somebody else could run, behind all single agents', () => {
    const source = new HoldingSource(0, 1);

    story(source, isPlain, 0, 0);

    expect(source.offered).toEqual([0, 1, EVERYBODY_ELSE]);
  });

  it('stands still while the others go on from one thing to the next', () => {
    const log = story(new HoldingSource(0, 1), isPlain, 3, 100);

    expect(log).toEqual(['a 0', 'b 10', 'b 110', 'b 210', 'b 310', 'A 310']);
  });

  it('goes on before what lies beyond its patience', () => {
    const log = story(new HoldingSource(0, 1), isPlain, 2, FAR_NS - 20);

    // The second step is at 10 + (FAR - 20), the third beyond FAR.
    expect(log.map((line) => line.charAt(0)).join('')).toBe('abbAb');
  });
});
