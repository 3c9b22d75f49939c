// The seeded choice source of a run that names no strategy: a walk over schedules and faults, decided by one seed string.
//
// The walk is sticky: the mean gap between preemptions is itself drawn per run, which mixes runs with few and with many
// switches; in every other run one agent is slow after accesses that decide races. Strategies of the literature are in
// fuzz/strategies.
import type { Candidates } from './choice.js';
import { type ChoiceRates, DrawnSource } from './drawn-source.js';
import { NEVER } from './gate.js';

export type { ChoiceRates };

/** Configuration of a seeded source. */
export interface SeededOptions {
  readonly rates: ChoiceRates;
  /** Whether preemptions happen at all (fine and weak mode). */
  readonly isPreemptive: boolean;
}

/** Mean gaps, in accesses, from which a run draws its own. */
const PREEMPTION_MEANS: readonly number[] = [3, 6, 12, 25, 50, 100, 200];

/** Mean gaps of a run with a slow agent. */
const SLOW_RUN_MEANS: readonly number[] = [50, 200, 1000, 5000];
/** Agents one of which may be slow: server and two machines; twice as many draws, so that every other run has none. */
const SLOW_AGENTS = 6;
/** Of how many race-deciding accesses of a slow agent one is followed by others. */
const SLOWNESS = 2;

/** Draws every answer from a seed. */
export class SeededSource extends DrawnSource {
  private readonly isPreemptive: boolean;
  private meanGap = 0;
  private scheduleLeft = 0;
  /** Agent that is held up after accesses that decide races, so that others come to their end meanwhile; none if there is no such agent. */
  private slowAgent = -1;

  constructor(seed: string, options: SeededOptions) {
    super(seed, options.rates);
    this.isPreemptive = options.isPreemptive;
  }

  gap(_agentId: number, _step: number, left: number): number {
    if (!this.isPreemptive) return NEVER;
    this.drawStyle();
    if (left > 0 && this.scheduleLeft > 0) return left;
    this.scheduleLeft = 1 + this.drawGap('schedule', this.meanGap);
    return this.scheduleLeft;
  }

  nudge(agentId: number): boolean {
    if (!this.isPreemptive) return false;
    this.drawStyle();
    return agentId === this.slowAgent && this.below('schedule', SLOWNESS) === 0;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    this.scheduleLeft = 0;
    return candidates.count < 2 ? 0 : 1 + this.below('schedule', candidates.count - 1);
  }

  /** What kind of run this is: preempted anywhere, or with one slow agent. */
  private drawStyle(): void {
    if (this.meanGap !== 0) return;
    this.slowAgent = this.below('schedule', SLOW_AGENTS);
    const means = this.slowAgent < SLOW_AGENTS / 2 ? SLOW_RUN_MEANS : PREEMPTION_MEANS;
    this.meanGap = means[this.below('schedule', means.length)]!;
  }
}
