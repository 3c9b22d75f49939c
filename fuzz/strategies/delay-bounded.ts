// Delay bounding: the plain, non-preemptive order with at most d delays at drawn moments.
//
// A delay lets everybody else run until they are done, then the delayed agent: what a round of the paper's round-robin
// scheduler comes to. Deviation from the paper: the agents' order within that round is the kernel's plain order, and
// moments are counted in accesses or in racy accesses (drawn-points.ts).
import type { Candidates } from '../../sim/choice.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { holdOff } from './candidates.js';
import { DrawnPoints } from './drawn-points.js';
import type { Strategy, StrategyWorld } from './strategy.js';

class DelaySource extends DrawnSource {
  private readonly world: StrategyWorld;
  private readonly delays: number;
  private points: DrawnPoints | null = null;

  constructor(seed: string, world: StrategyWorld, delays: number) {
    super(seed, world.rates);
    this.world = world;
    this.delays = delays;
  }

  gap(agentId: number, step: number): number {
    return this.world.isPreemptive ? this.begun().gap(agentId, step) : NEVER;
  }

  nudge(): boolean {
    return this.world.isPreemptive && this.begun().nudge();
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    return this.begun().take(agentId, step) ? holdOff(candidates) : 0;
  }

  private begun(): DrawnPoints {
    this.points ??= new DrawnPoints(this.delays, this.world, (bound) => this.below('schedule', bound));
    return this.points;
  }
}

function delayBounded(delays: number): Strategy {
  return {
    id: `delay${delays}`,
    title: `plain order with ${delays === 1 ? 'one delay' : `${delays} delays`} at random`,
    paper: 'Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011 (drawn instead of enumerated)',
    make: (seed, world) => new DelaySource(seed, world, delays),
  };
}

/** One delay. */
export const DELAY_1 = delayBounded(1);
/** Two delays. */
export const DELAY_2 = delayBounded(2);
/** Five delays. */
export const DELAY_5 = delayBounded(5);
