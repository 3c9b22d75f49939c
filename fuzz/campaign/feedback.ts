// What a campaign knows: how often each feature was seen, the corpus, the kinds of findings. Merged at epoch borders only.
//
// An epoch is a fixed number of runs; its slices are merged in run order, and epoch e is planned with what was merged up to
// e - 2, so nobody waits for anybody and the result does not depend on the number of workers (design section 3). Everything is
// plain data, so a state can be written down and read back. Power schedule: the rarity of an entry's features (after Entropic,
// Boehme et al., FSE 2020) times its speed. The lane of fresh inputs is independent of all feedback and gives the Good-Turing
// estimate (Boehme, STADS 2018).
import { DEFAULT_PORTFOLIO } from '../strategies/default-portfolio.js';
import type { LaneResult, PortfolioState } from '../strategies/portfolio.js';
import { FEATURE_LIMIT } from './coverage.js';
import type { CampaignInput } from './input.js';

/** Counts of one kind of choice. */
export interface FaultCount {
  /** Questions asked. */
  reached: number;
  /** Answers other than the plain one. */
  activated: number;
  /** Those that took effect. */
  effective: number;
}

/** An input that was the first to reach something. */
export interface CorpusEntry {
  readonly runIndex: number;
  readonly input: CampaignInput;
  /** The features it was first to reach. */
  readonly features: readonly number[];
  /** Events of its run: what it costs. */
  readonly events: number;
}

/** A violation in a run, as far as it is told. */
export interface SeenViolation {
  /** `Q5` when it goes away with that deviation alone switched off, else its fingerprint. */
  readonly key: string;
  readonly runIndex: number;
  readonly fingerprint: string;
  /** The deviation it is traced to, null for none. */
  readonly quirk: string | null;
  readonly ruleId: string;
  readonly clauseIds: readonly string[];
  readonly level: string;
  readonly party: string;
  readonly message: string;
  readonly input: CampaignInput;
}

/** What a range of runs of one epoch showed. */
export interface SliceResult {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly events: number;
  /** Feature and count, one after the other, of all runs and of the fresh ones. */
  readonly hits: readonly number[];
  readonly freshHits: readonly number[];
  readonly freshRuns: number;
  /** Inputs with features that were new to the slice. */
  readonly entries: readonly CorpusEntry[];
  /** First violation of each key in the slice, and how many runs had a violation of it. */
  readonly violations: readonly SeenViolation[];
  readonly counts: Readonly<Record<string, number>>;
  /** Tries to trace a violation to a deviation, by deviation. */
  readonly tries: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, FaultCount>>;
  /** What each strategy gave. */
  readonly lanes: readonly LaneResult[];
  /** Digest over the digests of the runs. */
  readonly digest: string;
  /** Runs that differed when they were repeated. */
  readonly divergences: readonly number[];
}

/** State of a campaign as plain data. */
export interface CampaignSnapshot {
  readonly epochs: number;
  readonly runs: number;
  readonly events: number;
  readonly freshRuns: number;
  readonly hits: readonly number[];
  readonly freshHits: readonly number[];
  readonly corpus: readonly CorpusEntry[];
  readonly findings: readonly SeenViolation[];
  readonly counts: Readonly<Record<string, number>>;
  readonly tries: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, FaultCount>>;
  readonly portfolio: PortfolioState;
  readonly digest: string;
  readonly divergences: readonly number[];
}

/** Bounds of the speed factor of an entry. */
const SPEED_LIMIT = 4;

/** The state; see the file head. */
export class CampaignState {
  epochs = 0;
  runs = 0;
  events = 0;
  freshRuns = 0;
  readonly hits = new Uint32Array(FEATURE_LIMIT);
  readonly freshHits = new Uint32Array(FEATURE_LIMIT);
  readonly corpus: CorpusEntry[] = [];
  /** By key: the violation of the lowest run. */
  readonly findings = new Map<string, SeenViolation>();
  readonly counts: Record<string, number> = {};
  readonly tries: Record<string, number> = {};
  readonly faults: Record<string, FaultCount> = {};
  readonly divergences: number[] = [];
  portfolio: PortfolioState = DEFAULT_PORTFOLIO.start();
  digest = '0';
  private weights: number[] | null = null;

  /** Merges the slices of the next epoch; returns the entries that are new to the corpus. */
  merge(slices: readonly SliceResult[]): CorpusEntry[] {
    const added: CorpusEntry[] = [];
    const ordered = [...slices].sort((left, right) => left.from - right.from);
    const taken = new Set<number>();
    for (const slice of ordered) {
      for (const entry of slice.entries) {
        const features = entry.features.filter((feature) => this.hits[feature] === 0 && !taken.has(feature));
        if (features.length === 0) continue;
        for (const feature of features) taken.add(feature);
        added.push({ ...entry, features });
      }
    }
    for (const slice of ordered) this.add(slice);
    this.portfolio = DEFAULT_PORTFOLIO.next(this.portfolio, lanesOf(ordered));
    this.corpus.push(...added);
    this.epochs += 1;
    this.weights = null;
    return added;
  }

  private add(slice: SliceResult): void {
    this.runs += slice.to - slice.from;
    this.events += slice.events;
    this.freshRuns += slice.freshRuns;
    addPairs(this.hits, slice.hits);
    addPairs(this.freshHits, slice.freshHits);
    for (const violation of slice.violations) if (!this.findings.has(violation.key)) this.findings.set(violation.key, violation);
    addCounts(this.counts, slice.counts);
    addCounts(this.tries, slice.tries);
    for (const [kind, count] of Object.entries(slice.faults)) {
      const sum = (this.faults[kind] ??= { reached: 0, activated: 0, effective: 0 });
      sum.reached += count.reached;
      sum.activated += count.activated;
      sum.effective += count.effective;
    }
    this.divergences.push(...slice.divergences);
    this.digest = chained(this.digest, slice.digest);
  }

  /** Features seen so far. */
  get featureCount(): number {
    return countOf(this.hits, (hits) => hits > 0);
  }

  /** Features that no fresh run showed before and the next one may be expected to show (Good-Turing); a run has many features, so it may be above 1. */
  get expectedNewFeatures(): number {
    return countOf(this.freshHits, (hits) => hits === 1) / Math.max(1, this.freshRuns);
  }

  /** Features that fresh runs have not shown yet, at least (Chao 1984). */
  get unseenFeatures(): number {
    const once = countOf(this.freshHits, (hits) => hits === 1);
    const twice = countOf(this.freshHits, (hits) => hits === 2);
    return twice === 0 ? (once * (once - 1)) / 2 : (once * once) / (2 * twice);
  }

  /** The entry for a share from 0 to 1 of the sum of all weights. The corpus must not be empty. */
  entryAt(share: number): CorpusEntry {
    this.weights ??= this.cumulated();
    const wanted = share * this.weights.at(-1)!;
    let low = 0;
    let high = this.weights.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.weights[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.corpus[low]!;
  }

  private cumulated(): number[] {
    const mean = this.events / Math.max(1, this.runs);
    let sum = 0;
    return this.corpus.map(({ features, events }) => {
      let rarity = 0;
      for (const feature of features) rarity += 1 / Math.max(1, this.hits[feature]!);
      sum += rarity * Math.min(SPEED_LIMIT, Math.max(1 / SPEED_LIMIT, mean / Math.max(1, events)));
      return sum;
    });
  }

  /** The state as plain data. */
  snapshot(): CampaignSnapshot {
    const { epochs, runs, events, freshRuns, corpus, counts, tries, faults, portfolio, digest, divergences } = this;
    const findings = [...this.findings.values()];
    const numbers = { epochs, runs, events, freshRuns, hits: pairsOf(this.hits), freshHits: pairsOf(this.freshHits) };
    return { ...numbers, corpus, findings, counts, tries, faults, portfolio, digest, divergences };
  }

  /** The state of a snapshot. */
  static from(snapshot: CampaignSnapshot): CampaignState {
    const state = new CampaignState();
    state.epochs = snapshot.epochs;
    state.runs = snapshot.runs;
    state.events = snapshot.events;
    state.freshRuns = snapshot.freshRuns;
    addPairs(state.hits, snapshot.hits);
    addPairs(state.freshHits, snapshot.freshHits);
    state.corpus.push(...snapshot.corpus);
    for (const violation of snapshot.findings) state.findings.set(violation.key, violation);
    Object.assign(state.counts, snapshot.counts);
    Object.assign(state.tries, snapshot.tries);
    for (const [kind, count] of Object.entries(snapshot.faults)) state.faults[kind] = { ...count };
    state.divergences.push(...snapshot.divergences);
    state.portfolio = snapshot.portfolio;
    state.digest = snapshot.digest;
    return state;
  }
}

/** Results of the strategies, added up. */
function lanesOf(slices: readonly SliceResult[]): LaneResult[] {
  const sums = new Map<string, LaneResult>();
  for (const { id, runs, accesses, features, findings } of slices.flatMap(({ lanes }) => lanes)) {
    const sum = sums.get(id) ?? { id, runs: 0, accesses: 0, features: 0, findings: 0 };
    sums.set(id, { id, runs: sum.runs + runs, accesses: sum.accesses + accesses, features: sum.features + features, findings: sum.findings + findings });
  }
  return [...sums.values()];
}

/** Positions that are not 0 and their values, one after the other. */
export function pairsOf(counts: Uint32Array): number[] {
  const pairs: number[] = [];
  for (let index = 0; index < counts.length; index++) if (counts[index]! > 0) pairs.push(index, counts[index]!);
  return pairs;
}

function addPairs(into: Uint32Array, pairs: readonly number[]): void {
  for (let at = 0; at < pairs.length; at += 2) into[pairs[at]!]! += pairs[at + 1]!;
}

function addCounts(into: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}

function countOf(counts: Uint32Array, isCounted: (hits: number) => boolean): number {
  let count = 0;
  for (let index = 0; index < counts.length; index++) if (isCounted(counts[index]!)) count += 1;
  return count;
}

/** A digest over a digest and what follows it. */
export function chained(digest: string, next: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (const text of [digest, next]) {
    for (let index = 0; index < text.length; index++) {
      low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
      high = Math.imul(high ^ text.charCodeAt(index), 0x85ebca6b) ^ (low >>> 15);
    }
  }
  return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0');
}
