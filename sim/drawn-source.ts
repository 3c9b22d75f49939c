// Draws numbers from a seed: the base of every source that is not a recording.
//
// Each family of kinds has its own `alea` generator (seedrandom), created when first needed, so that a draw in one does
// not move another. Rare kinds are drawn as gaps ("the next deviation is n questions away"), so a question that is
// answered plainly costs a decrement. Who runs is left to the classes that extend this one.
import seedrandom from 'seedrandom';
import { CHOICE_KINDS, type Candidates, type ChoiceKind, type ChoiceSource, familyOf } from './choice.js';
import { NEVER } from './gate.js';

/** How often each kind deviates: mean number of questions between two deviations; 0 = never. */
export type ChoiceRates = Readonly<Partial<Record<ChoiceKind, number>>>;

/** A source whose numbers are drawn from a seed. */
export abstract class DrawnSource implements ChoiceSource {
  private readonly seed: string;
  private readonly rates: ChoiceRates;
  private readonly streams = new Map<string, seedrandom.PRNG>();
  private readonly left = new Map<ChoiceKind, number>();

  constructor(seed: string, rates: ChoiceRates) {
    this.seed = seed;
    this.rates = rates;
    for (const kind of CHOICE_KINDS) if (rates[kind] !== undefined && rates[kind] > 0) this.left.set(kind, -1);
  }

  choose(kind: ChoiceKind, bound: number): number {
    let left = this.left.get(kind);
    if (left === undefined) return 0;
    if (left < 0) left = this.drawGap(familyOf(kind), this.rates[kind]!);
    if (left > 0) {
      this.left.set(kind, left - 1);
      return 0;
    }
    this.left.set(kind, -1);
    return 1 + this.below(familyOf(kind), bound - 1);
  }

  abstract gap(agentId: number, step: number, left: number): number;

  abstract schedule(agentId: number, step: number, candidates: Candidates): number;

  /** A geometrically distributed gap with the given mean. */
  protected drawGap(family: string, mean: number): number {
    return Math.min(NEVER, Math.floor(-mean * logarithm(1 - this.uniform(family))));
  }

  /** A whole number from 0 to bound - 1. */
  protected below(family: string, bound: number): number {
    return Math.floor(this.uniform(family) * bound);
  }

  /** A number of [0, 1). */
  protected uniform(family: string): number {
    return (this.stream(family).int32() >>> 0) / 4294967296;
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
