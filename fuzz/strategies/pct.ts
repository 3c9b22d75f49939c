// PCT: agents have random priorities, the highest that can run does, and at d - 1 drawn moments the running one falls below all.
//
// A bug that needs d ordering constraints is found with a chance of at least 1 / (n k^(d-1)) per run (n agents, k moments).
// Deviations from the paper: moments are counted in accesses of all agents, or in racy ones (drawn-points.ts); k is an
// estimate; where a piece of work ends, plain order goes on and priorities speak before the next access; after eight times the
// expected accesses scheduling is uniformly random, since priorities starve whoever a loop waits for (fair tail, Coyote).
import type { Candidates } from '../../sim/choice.js';
import { AGENT_LIMIT } from '../../sim/agent-table.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { othersOf } from './candidates.js';
import { DrawnPoints } from './drawn-points.js';
import type { Strategy, StrategyWorld } from './strategy.js';

/** Multiple of the expected accesses after which the tail is fair. */
const FAIR_AFTER = 8;

class PctSource extends DrawnSource {
  private readonly world: StrategyWorld;
  private readonly depth: number;
  private readonly priorities = new Int32Array(AGENT_LIMIT);
  private points: DrawnPoints | null = null;
  private highest = 0;
  private fallen = 0;

  constructor(seed: string, world: StrategyWorld, depth: number) {
    super(seed, world.rates);
    this.world = world;
    this.depth = depth;
  }

  gap(agentId: number, step: number): number {
    if (!this.world.isPreemptive) return NEVER;
    const points = this.begun();
    const gap = points.gap(agentId, step);
    return this.isFair(points) || this.priorities[agentId] !== this.highest ? 1 : gap;
  }

  nudge(): boolean {
    return this.world.isPreemptive && this.begun().nudge();
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    const points = this.begun();
    while (points.take(agentId, step)) this.demote(agentId);
    if (this.isFair(points)) return this.below('schedule', 1 + othersOf(candidates));
    let best = 0;
    for (let index = 1; index <= othersOf(candidates); index++) {
      if (this.priorities[candidates.ids[index]!]! > this.priorities[candidates.ids[best]!]!) best = index;
    }
    return best;
  }

  private isFair(points: DrawnPoints): boolean {
    return points.made > FAIR_AFTER * this.world.accessesHint;
  }

  /** Below all that fell before, as the paper has it: priorities d - 1 down to 1. */
  private demote(agentId: number): void {
    this.fallen += 1;
    this.priorities[agentId] = this.depth - this.fallen;
    this.findHighest();
  }

  private begun(): DrawnPoints {
    if (this.points !== null) return this.points;
    const { agentCount } = this.world;
    // A random permutation of depth to depth + agents - 1 (Fisher and Yates).
    for (let id = 0; id < agentCount; id++) this.priorities[id] = this.depth + id;
    for (let id = agentCount - 1; id > 0; id--) {
      const other = this.below('schedule', id + 1);
      const priority = this.priorities[id]!;
      this.priorities[id] = this.priorities[other]!;
      this.priorities[other] = priority;
    }
    this.findHighest();
    this.points = new DrawnPoints(this.depth - 1, this.world, (bound) => this.below('schedule', bound));
    return this.points;
  }

  private findHighest(): void {
    this.highest = 0;
    for (let id = 0; id < this.world.agentCount; id++) this.highest = Math.max(this.highest, this.priorities[id]!);
  }
}

function pct(depth: number): Strategy {
  return {
    id: `pct${depth}`,
    title: `random priorities that change ${depth - 1} time${depth === 2 ? '' : 's'}, fair in the end`,
    paper: 'Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees, ASPLOS 2010',
    make: (seed, world) => new PctSource(seed, world, depth),
  };
}

/** Order bugs. */
export const PCT_2 = pct(2);
/** Lost wake-ups and broken atomicity. */
export const PCT_3 = pct(3);
/** Races with two sides and more. */
export const PCT_5 = pct(5);
