// The seeded choice source: a random walk over schedules and faults, decided by one seed string.
//
// Each family of kinds has its own `alea` generator (seedrandom), created when first needed. Rare kinds
// are drawn as gaps ("the next deviation is n questions away"), so a question that is answered plainly
// costs a decrement. The walk is sticky: the mean gap between preemptions is itself drawn per run, which
// mixes runs with few and with many switches.
import seedrandom from 'seedrandom';
import { CHOICE_KINDS, type Candidates, type ChoiceKind, type ChoiceSource, familyOf } from './choice.js';
import { NEVER } from './gate.js';

/** How often each kind deviates: mean number of questions between two deviations; 0 = never. */
export type ChoiceRates = Readonly<Partial<Record<ChoiceKind, number>>>;

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
export class SeededSource implements ChoiceSource {
  private readonly seed: string;
  private readonly options: SeededOptions;
  private readonly streams = new Map<string, seedrandom.PRNG>();
  private readonly left = new Map<ChoiceKind, number>();
  private meanGap = 0;
  private scheduleLeft = 0;
  /** Agent that is held up after accesses that decide races, so that others come to their end meanwhile; none if there is no such agent. */
  private slowAgent = -1;

  constructor(seed: string, options: SeededOptions) {
    this.seed = seed;
    this.options = options;
    for (const kind of CHOICE_KINDS) if (options.rates[kind] !== undefined && options.rates[kind] > 0) this.left.set(kind, -1);
  }

  choose(kind: ChoiceKind, bound: number): number {
    let left = this.left.get(kind);
    if (left === undefined) return 0;
    if (left < 0) left = this.drawGap(familyOf(kind), this.options.rates[kind]!);
    if (left > 0) {
      this.left.set(kind, left - 1);
      return 0;
    }
    this.left.set(kind, -1);
    return 1 + this.below(familyOf(kind), bound - 1);
  }

  gap(_agentId: number, _step: number, left: number): number {
    if (!this.options.isPreemptive) return NEVER;
    this.drawStyle();
    if (left > 0 && this.scheduleLeft > 0) return left;
    this.scheduleLeft = 1 + this.drawGap('schedule', this.meanGap);
    return this.scheduleLeft;
  }

  nudge(agentId: number): boolean {
    if (!this.options.isPreemptive) return false;
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

  /** A geometrically distributed gap with the given mean. */
  private drawGap(family: string, mean: number): number {
    const uniform = (this.stream(family).int32() >>> 0) / 4294967296;
    return Math.min(NEVER, Math.floor(-mean * logarithm(1 - uniform)));
  }

  private below(family: string, bound: number): number {
    return Math.floor(((this.stream(family).int32() >>> 0) / 4294967296) * bound);
  }

  private stream(family: string): seedrandom.PRNG {
    let stream = this.streams.get(family);
    if (stream === undefined) {
      stream = seedrandom.alea(`${this.seed}/${family}`);
      this.streams.set(family, stream);
    }
    return stream;
  }
}

/**
 * Natural logarithm by series, from additions and multiplications only: Math.log may differ in its last
 * bit between machines, and gaps must not.
 */
function logarithm(x: number): number {
  let scaled = x;
  let halvings = 0;
  while (scaled < 0.5) {
    scaled *= 2;
    halvings += 1;
  }
  const ratio = (scaled - 1) / (scaled + 1);
  let power = ratio;
  let sum = 0;
  for (let term = 1; term < 30; term += 2) {
    sum += power / term;
    power *= ratio * ratio;
  }
  return 2 * sum - halvings * 0.6931471805599453;
}
