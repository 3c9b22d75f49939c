// URW and SURW: agents are drawn in proportion to the events they still have to make, so that interleavings come out evenly.
//
// URW counts all accesses; SURW, the selective one, only interesting ones, here those to ring indices and flags: it draws
// which agent makes the next interesting access and lets the others go on freely up to theirs. Deviations from the paper: how
// many events an agent will make is not known from an earlier run but estimated, each agent the same share; which places
// are interesting is learnt in the run, so the first access to each is not chosen.
import { AGENT_LIMIT } from '../../sim/agent-table.js';
import type { Candidates, WaitingAccess } from '../../sim/choice.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { othersOf } from './candidates.js';
import type { Strategy, StrategyWorld } from './strategy.js';

/** Draws candidates by how much is left for them to do. */
abstract class WeightedWalk extends DrawnSource {
  protected readonly world: StrategyWorld;
  private readonly expected: number;
  private readonly made = new Float64Array(AGENT_LIMIT);

  constructor(seed: string, world: StrategyWorld, expectedEvents: number) {
    super(seed, world.rates);
    this.world = world;
    this.expected = Math.max(1, expectedEvents / world.agentCount);
  }

  gap(): number {
    return this.world.isPreemptive ? 1 : NEVER;
  }

  /** An agent made one of the events that are counted. */
  protected count(id: number): void {
    this.made[id]! += 1;
  }

  /** Position of a candidate, with a chance in proportion to what is left for it; at least one event always is. */
  protected draw(candidates: Candidates): number {
    const others = othersOf(candidates);
    let total = 0;
    for (let index = 0; index <= others; index++) total += this.leftOf(candidates.ids[index]!);
    let at = this.uniform('schedule') * total;
    for (let index = 0; index < others; index++) {
      at -= this.leftOf(candidates.ids[index]!);
      if (at < 0) return index;
    }
    return others;
  }

  private leftOf(id: number): number {
    return Math.max(1, this.expected - this.made[id]!);
  }
}

class UniformWalk extends WeightedWalk {
  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    const index = this.draw(candidates);
    this.count(candidates.ids[index]!);
    return index;
  }
}

/** No agent was drawn for the next interesting access. */
const NOBODY = -1;

class SelectiveUniformWalk extends WeightedWalk {
  /** Offsets of interesting accesses. */
  private readonly interesting = new Set<number>();
  private readonly waiting: WaitingAccess = { offset: 0, sizeBytes: 0, isWrite: false };
  /** The access the agent that goes on stands before; -1 if it is none. */
  private lastOffset = -1;
  private drawn = NOBODY;

  /** The access just made was to a ring's index or flags. */
  nudge(agentId: number): boolean {
    if (this.lastOffset >= 0) this.interesting.add(this.lastOffset);
    this.count(agentId);
    if (agentId === this.drawn) this.drawn = NOBODY;
    return false;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    const isKnown = candidates.accessOf?.(0, this.waiting) === true;
    this.lastOffset = isKnown ? this.waiting.offset : -1;
    if (!isKnown || !this.interesting.has(this.lastOffset)) return 0;
    const others = othersOf(candidates);
    let index = this.drawn === NOBODY ? -1 : positionOf(candidates, this.drawn, others);
    // The one drawn cannot run now: then somebody else makes the next interesting access.
    if (index < 0) index = this.draw(candidates);
    this.drawn = candidates.ids[index]!;
    if (index > 0) this.lastOffset = -1;
    return index;
  }
}

function positionOf({ ids }: Candidates, id: number, others: number): number {
  for (let index = 0; index <= others; index++) if (ids[index] === id) return index;
  return -1;
}

const PAPER = 'Zhao, Wolff, Mathur, Roychoudhury: Selectively uniform concurrency testing, ASPLOS 2025';

/** Uniform random walk. */
export const URW: Strategy = {
  id: 'urw',
  title: 'agents drawn in proportion to the accesses they still have to make',
  paper: PAPER,
  make: (seed, world) => new UniformWalk(seed, world, world.accessesHint),
};

/** Selectively uniform random walk. */
export const SURW: Strategy = {
  id: 'surw',
  title: 'before accesses to ring indices and flags, agents drawn in proportion to those they still have to make',
  paper: PAPER,
  make: (seed, world) => new SelectiveUniformWalk(seed, world, world.questionsHint),
};
