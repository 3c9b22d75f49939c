// Random walk: before every access, each agent that could run is as likely as any other to be the next.
//
// Biased away from long runs of one agent: that one agent makes s accesses on end has a chance of about n^-s.
// Deviation from the books: where a piece of work ends, the kernel's plain order decides.
import type { Candidates } from '../../sim/choice.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { othersOf } from './candidates.js';
import type { Strategy, StrategyWorld } from './strategy.js';

class RandomWalk extends DrawnSource {
  private readonly isPreemptive: boolean;

  constructor(seed: string, { rates, isPreemptive }: StrategyWorld) {
    super(seed, rates);
    this.isPreemptive = isPreemptive;
  }

  gap(): number {
    return this.isPreemptive ? 1 : NEVER;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    return this.below('schedule', 1 + othersOf(candidates));
  }
}

/** Uniform over the agents that could run. */
export const RANDOM_WALK: Strategy = {
  id: 'random',
  title: 'before every access any agent that could run goes on, all with the same chance',
  paper: 'Thomson, Donaldson, Betts: Concurrency testing using schedule bounding, PPoPP 2014 (naive random scheduler)',
  make: (seed, world) => new RandomWalk(seed, world),
};
