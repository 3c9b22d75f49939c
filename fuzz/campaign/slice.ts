// Plans and makes the runs of a slice of an epoch: what a worker does for one message.
//
// Run i of an epoch is a pure function of the campaign's seed, i, and the state merged up to two epochs before. Every eighth run
// is drawn freshly whatever the state says. In a campaign against the original server each violation is traced: the run is made again
// with one deviation that it met switched off, and when the violation is gone that deviation is its cause.
import seedrandom from 'seedrandom';
import type { Subject } from '../../drivers/subject.js';
import type { DeviationId, QuirkId } from '../../model/p2p/quirks.js';
import { SWITCHED_QUIRKS } from '../../model/p2p/quirks.js';
import type { ClauseSums } from '../../model/rules/clause-sums.js';
import type { Violation } from '../../model/rules/rule.js';
import type { Execution } from '../../scenarios/execution.js';
import type { RunOutcome, RunRequest } from '../../scenarios/outcome.js';
import { CHOICE_KINDS, type Candidates, type ChoiceKind, type ChoiceSource, type RunTape } from '../../sim/choice.js';
import { EVENT_FAULT, EVENT_WORDS, kindOf } from '../../sim/trace.js';
import { fingerprintOf } from '../fingerprint.js';
import { strategyNamed } from '../strategies/catalogue.js';
import { DEFAULT_PORTFOLIO } from '../strategies/default-portfolio.js';
import { strategyWorldOf } from '../strategies/drawn-run.js';
import type { LaneResult } from '../strategies/portfolio.js';
import { isDevices, type PlanWorld, requestOfPlan } from '../generators/judged-plan.js';
import { CoverageMap, FEATURE_LIMIT } from './coverage.js';
import { type CampaignState, chained, type CorpusEntry, type FaultCount, pairsOf, type SeenViolation, type SliceResult } from './feedback.js';
import { type CampaignInput, ContinuedSource } from './input.js';
import { freshInput, mutated, type Roles, ValueDrawer } from './mutations.js';

/** What a campaign is about, as far as its runs are concerned. */
export interface CampaignWorld extends PlanWorld {
  readonly seed: string;
  /** Who may be at the ports; one pair is drawn for each fresh input. */
  readonly roles: readonly Roles[];
  /** The strategy of all runs; null = a portfolio chooses. */
  readonly strategy: string | null;
  /** Inputs of the first runs. */
  readonly seeds: readonly CampaignInput[];
}

/** Every how many runs one is drawn freshly, whatever was learnt. */
const FRESH_PERIOD = 8;
/** Of how many other runs one is fresh, too. */
const FRESH_ONE_IN = 5;
/** Every how many runs one is made twice. */
const DOUBLE_RUN_PERIOD = 10;
/** Runs that are made to trace one violation, and tries for one deviation in a whole campaign. */
const TRACES_PER_RUN = 6;
const TRIES_PER_DEVIATION = 400;

/** Makes slices; kept for the life of a worker. */
export class SliceRunner {
  private readonly coverage = new CoverageMap();
  private readonly execution: Execution;
  private readonly subject: Subject;
  private readonly world: CampaignWorld;
  private readonly sums: ClauseSums;

  constructor(execution: Execution, subject: Subject, world: CampaignWorld) {
    this.execution = execution;
    this.subject = subject;
    this.world = world;
    this.sums = execution.emptySums();
  }

  /** The input of a run. */
  planned(index: number, state: CampaignState): CampaignInput {
    const seed = this.world.seeds[index];
    if (seed !== undefined) return seed;
    const stream = seedrandom.alea(`${this.world.seed}/fuzz/${index}`);
    const drawer = new ValueDrawer(() => stream.int32());
    const roles = this.world.roles[drawer.draw(this.world.roles.length)]!;
    const strategy = this.world.strategy ?? DEFAULT_PORTFOLIO.laneOf(index, state.portfolio);
    if (index % FRESH_PERIOD === 0 || state.corpus.length === 0 || drawer.draw(FRESH_ONE_IN) === 0) return freshInput(drawer, roles, strategy);
    const pick = (): CorpusEntry => state.entryAt(drawer.draw(1 << 30) / (1 << 30));
    const mutant = mutated(pick().input, pick().input, drawer);
    // A tape was recorded with a strategy, which goes on where the tape ends.
    return mutant.tape === null ? { ...mutant, strategy } : mutant;
  }

  /** Makes the runs of an epoch from `from` up to but not including `to`; `onRun` is asked before each. */
  run(epoch: number, from: number, to: number, state: CampaignState, onRun: (index: number) => 'make' | 'skip' | 'stop'): SliceResult {
    const tally = new SliceTally(epoch, from, state.findings);
    for (let index = from; index < to; index++) {
      const answer = onRun(index);
      if (answer === 'stop') return tally.result(index);
      if (answer === 'make') this.runOne(index, this.planned(index, state), state, tally);
    }
    return tally.result(to);
  }

  /** Makes a given input's run as run number `index`. */
  runOne(index: number, input: CampaignInput, state: CampaignState, tally: SliceTally): void {
    const request = requestOf(input, this.world);
    const { sums } = this;
    for (const counts of [sums.held, sums.violated, sums.undecidable]) counts.fill(0);
    const source = new CountingSource(sourceOf(input, request));
    const outcome = this.execution.run(request, this.subject, { tape: null, source, isRecording: true, isKept: true, sums });
    const features = this.coverage.featuresOf(outcome.words!, sums);
    tally.add(index, index % FRESH_PERIOD === 0 && index >= this.world.seeds.length, outcome, features, source);
    const unseen = features.filter((feature) => state.hits[feature] === 0 && !tally.isSeen(feature));
    tally.addLane(input.strategy, outcome.accessCount, unseen.length);
    if (unseen.length > 0 && outcome.end !== 'unschedulable') {
      tally.keep({ runIndex: index, input: withTape(input, outcome.tape!), features: unseen, events: outcome.eventCount });
    }
    if (index % DOUBLE_RUN_PERIOD === 0 && this.again(input, request).digest !== outcome.digest) tally.divergences.push(index);
    const violations = this.judged(outcome);
    if (violations.length > 0) this.note(index, input, request, outcome, violations, state, tally);
  }

  /** Features of an input's run. */
  cover(input: CampaignInput): number[] {
    const request = requestOf(input, this.world);
    const { sums } = this;
    for (const counts of [sums.held, sums.violated, sums.undecidable]) counts.fill(0);
    const outcome = this.execution.run(request, this.subject, { tape: null, source: sourceOf(input, request), isRecording: false, isKept: true, sums });
    return this.coverage.featuresOf(outcome.words!, sums);
  }

  /** The run of an input once more, with other deviations if given. */
  again(input: CampaignInput, request: RunRequest, deviations?: readonly DeviationId[]): RunOutcome {
    const changed = deviations === undefined ? request : { ...request, deviations };
    return this.execution.run(changed, this.subject, { tape: null, source: sourceOf(input, request), isRecording: false, isKept: false });
  }

  /** What counts in this campaign. */
  judged({ violations }: RunOutcome): Violation[] {
    return violations.filter((violation) => (this.world.judgesDrivers ? violation.isSubject : isDevices(violation)));
  }

  private note(
    index: number,
    input: CampaignInput,
    request: RunRequest,
    outcome: RunOutcome,
    violations: readonly Violation[],
    state: CampaignState,
    tally: SliceTally,
  ): void {
    const seen = (violation: Violation, quirk: string | null): SeenViolation => {
      const { ruleId, clauseIds, level, party, message } = violation;
      const fingerprint = fingerprintOf(violation, outcome.failures[violation.port as 0 | 1] ?? null);
      return { key: quirk ?? fingerprint, runIndex: index, fingerprint, quirk, ruleId, clauseIds, level, party, message, input };
    };
    for (const violation of violations) tally.count(seen(violation, null));
    if (this.world.profile !== 'faithful' || this.world.judgesDrivers) return;
    let left = TRACES_PER_RUN;
    for (const quirk of outcome.quirks) {
      if (left === 0) return;
      if (!isSwitched(quirk) || state.findings.has(quirk) || tally.hasCounted(quirk)) continue;
      if ((state.tries[quirk] ?? 0) + (tally.tries[quirk] ?? 0) >= TRIES_PER_DEVIATION) continue;
      left -= 1;
      tally.tries[quirk] = (tally.tries[quirk] ?? 0) + 1;
      const without = new Set(this.judged(this.again(input, request, [quirk])).map((violation) => fingerprintOf(violation, null)));
      const gone = violations.find((violation) => !without.has(fingerprintOf(violation, null)));
      if (gone !== undefined) tally.count(seen(gone, quirk));
    }
  }
}

function isSwitched(quirk: string): quirk is QuirkId {
  return (SWITCHED_QUIRKS as readonly string[]).includes(quirk);
}

/** The run of an input. */
export function requestOf({ plan, strategy }: CampaignInput, world: PlanWorld): RunRequest {
  return { ...requestOfPlan(plan, world), strategy };
}

/** The choices of an input's run. */
export function sourceOf({ tape, strategy }: CampaignInput, request: RunRequest): ChoiceSource {
  const fresh = strategyNamed(strategy)!.make(request.seed, strategyWorldOf(request));
  return tape === null ? fresh : new ContinuedSource(tape, fresh);
}

/** Most deviations of a tape that is kept with an input; longer ones are drawn from the seed again. */
const KEPT_TAPE = 256;

function withTape(input: CampaignInput, { choices, schedule }: RunTape): CampaignInput {
  const length = choices.length + schedule.length;
  return { ...input, tape: length === 0 || length > KEPT_TAPE ? null : { choices: [...choices], schedule: [...schedule] } };
}

/** Passes questions on and counts them by kind. */
class CountingSource implements ChoiceSource {
  readonly asked = new Float64Array(CHOICE_KINDS.length + 1);
  private readonly inner: ChoiceSource;

  constructor(inner: ChoiceSource) {
    this.inner = inner;
  }

  choose(kind: ChoiceKind, bound: number): number {
    this.asked[CHOICE_KINDS.indexOf(kind)]! += 1;
    return this.inner.choose(kind, bound);
  }

  gap(agentId: number, step: number, left: number): number {
    return this.inner.gap(agentId, step, left);
  }

  nudge(agentId: number): boolean {
    return this.inner.nudge?.(agentId) === true;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    this.asked[CHOICE_KINDS.length]! += 1;
    return this.inner.schedule(agentId, step, candidates);
  }
}

/** Sums up the runs of a slice. */
export class SliceTally {
  readonly divergences: number[] = [];
  readonly tries: Record<string, number> = {};
  private readonly hits = new Map<number, number>();
  private readonly freshHits = new Map<number, number>();
  private freshRuns = 0;
  private events = 0;
  private digest = '0';
  private readonly entries: CorpusEntry[] = [];
  private readonly kept = new Set<number>();
  private readonly violations = new Map<string, SeenViolation>();
  private readonly counts: Record<string, number> = {};
  private readonly lastCounted = new Map<string, number>();
  private readonly faults: Record<string, FaultCount> = {};
  private readonly lanes = new Map<string, LaneResult>();
  private readonly known: ReadonlyMap<string, SeenViolation>;
  private readonly epoch: number;
  private readonly from: number;

  /** Violations with a key in `known` are counted and not told again. */
  constructor(epoch: number, from: number, known: ReadonlyMap<string, SeenViolation>) {
    this.known = known;
    this.epoch = epoch;
    this.from = from;
  }

  add(index: number, isFresh: boolean, outcome: RunOutcome, features: readonly number[], source: CountingSource): void {
    this.events += outcome.eventCount;
    this.digest = chained(this.digest, `${index}:${outcome.digest}`);
    if (isFresh) this.freshRuns += 1;
    for (const feature of features) {
      this.hits.set(feature, (this.hits.get(feature) ?? 0) + 1);
      if (isFresh) this.freshHits.set(feature, (this.freshHits.get(feature) ?? 0) + 1);
    }
    this.addFaults(outcome, source);
  }

  addLane(id: string, accesses: number, features: number): void {
    const lane = this.lanes.get(id) ?? { id, runs: 0, accesses: 0, features: 0, findings: 0 };
    this.lanes.set(id, { ...lane, runs: lane.runs + 1, accesses: lane.accesses + accesses, features: lane.features + features });
  }

  isSeen(feature: number): boolean {
    return this.kept.has(feature);
  }

  keep(entry: CorpusEntry): void {
    for (const feature of entry.features) this.kept.add(feature);
    this.entries.push(entry);
  }

  hasCounted(key: string): boolean {
    return this.violations.has(key);
  }

  /** Counts a run for a key, once. */
  count(violation: SeenViolation): void {
    const { key, runIndex } = violation;
    if (this.lastCounted.get(key) === runIndex) return;
    this.lastCounted.set(key, runIndex);
    this.counts[key] = (this.counts[key] ?? 0) + 1;
    if (!this.violations.has(key) && !this.known.has(key)) this.violations.set(key, violation);
  }

  /** The sum, when all runs below `to` were made. */
  result(to: number): SliceResult {
    const { epoch, from, events, freshRuns, entries, counts, tries, faults, digest, divergences } = this;
    return {
      ...{ epoch, from, to, events, freshRuns, entries, counts, tries, faults, digest, divergences },
      lanes: [...this.lanes.values()],
      hits: sorted(this.hits),
      freshHits: sorted(this.freshHits),
      violations: [...this.violations.values()],
    };
  }

  private addFaults({ tape, words }: RunOutcome, { asked }: CountingSource): void {
    const of = (kind: string): FaultCount => (this.faults[kind] ??= { reached: 0, activated: 0, effective: 0 });
    CHOICE_KINDS.forEach((kind, index) => {
      if (asked[index]! > 0) of(kind).reached += asked[index]!;
    });
    if (asked[CHOICE_KINDS.length]! > 0) of('preemption').reached += asked[CHOICE_KINDS.length]!;
    for (const { kind } of tape!.choices) of(kind).activated += 1;
    if (tape!.schedule.length > 0) of('preemption').activated += tape!.schedule.length;
    of('preemption').effective = of('preemption').activated;
    for (let at = 0; at < words!.length; at += EVENT_WORDS) {
      if (kindOf(words!, at) === EVENT_FAULT) of(CHOICE_KINDS[words![at + 2]!] ?? 'other').effective += 1;
    }
  }
}

function sorted(counts: ReadonlyMap<number, number>): number[] {
  const table = new Uint32Array(FEATURE_LIMIT);
  for (const [feature, count] of counts) table[feature] = count;
  return pairsOf(table);
}
