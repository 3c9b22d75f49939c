// Moments of a run, drawn beforehand: `count` of them, counted in accesses or in accesses that decide races.
//
// The bounds of PCT and of delay bounding are exponential in the length of a run, so counting only accesses that can
// matter (ring indices and flags) makes a hit far likelier (taPCT: Ozkan, Majumdar, Oraee, OOPSLA 2019). It misses races on
// anything else, so each run draws which of the two it counts.
import { NEVER } from '../../sim/gate.js';
import { AccessCount } from './access-count.js';
import type { StrategyWorld } from './strategy.js';

/** Draws a whole number from 0 to bound - 1. */
export type DrawBelow = (bound: number) => number;

/** Moments of a run; see the file head. */
export class DrawnPoints {
  private readonly accesses = new AccessCount();
  private readonly isRacy: boolean;
  private readonly points: number[];
  private races = 0;
  private isReached = false;

  constructor(count: number, world: StrategyWorld, below: DrawBelow) {
    this.isRacy = below(2) === 0;
    const length = Math.max(1, this.isRacy ? world.questionsHint : world.accessesHint);
    this.points = Array.from({ length: count }, () => 1 + below(length)).sort((left, right) => left - right);
  }

  /** Accesses made so far. */
  get made(): number {
    return this.accesses.made;
  }

  /** An agent stands before its own access number `step`: accesses until the next point, NEVER if there is none or it is not counted so. */
  gap(agentId: number, step: number): number {
    this.accesses.note(agentId, step);
    const next = this.points[0];
    if (this.isReached) return 1;
    if (this.isRacy || next === undefined) return NEVER;
    return Math.max(1, next - this.accesses.made);
  }

  /** An access that decides races was made: true if the next point is reached. */
  nudge(): boolean {
    this.races += 1;
    this.isReached ||= this.isRacy && this.points[0] !== undefined && this.races >= this.points[0];
    return this.isReached;
  }

  /** Before access `step` of an agent: takes the next point away and says true if it is reached. */
  take(agentId: number, step: number): boolean {
    this.accesses.note(agentId, step);
    const next = this.points[0];
    if (next === undefined || !(this.isRacy ? this.isReached : this.accesses.made >= next)) return false;
    this.points.shift();
    this.isReached = this.isRacy && this.points[0] !== undefined && this.races >= this.points[0];
    return true;
  }
}
