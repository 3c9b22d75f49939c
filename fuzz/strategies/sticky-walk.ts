// Sticky walk: the agent that runs goes on with a fixed probability, otherwise all that could run have the same chance.
//
// Repairs the bias of the random walk against long runs of one agent. Gaps between switches are drawn instead of asking
// at every access, which is the same distribution and costs less.
import type { Candidates } from '../../sim/choice.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { othersOf } from './candidates.js';
import type { Strategy, StrategyWorld } from './strategy.js';

/** Mean number of accesses between two switches: the agent stays with a probability of 0.9. */
const MEAN_GAP = 10;

class StickyWalk extends DrawnSource {
  private readonly isPreemptive: boolean;

  constructor(seed: string, { rates, isPreemptive }: StrategyWorld) {
    super(seed, rates);
    this.isPreemptive = isPreemptive;
  }

  gap(_agentId: number, _step: number, left: number): number {
    if (!this.isPreemptive) return NEVER;
    return left > 0 && left !== NEVER ? left : 1 + this.drawGap('schedule', MEAN_GAP - 1);
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    return this.below('schedule', 1 + othersOf(candidates));
  }
}

/** Stays with one agent for ten accesses on average. */
export const STICKY_WALK: Strategy = {
  id: 'sticky',
  title: 'an agent goes on with a probability of 0.9, otherwise any agent that could run',
  paper: 'exploration of Coyote and Shuttle (random with a probability to switch); no paper of its own',
  make: (seed, world) => new StickyWalk(seed, world),
};
