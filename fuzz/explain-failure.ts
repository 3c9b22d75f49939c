// Explains a failing run by other runs: from which choice on everything that was tried fails, and the run closest to it
// that passes.
//
// After the exploration-algorithms sheet, section 8. The point of no return: the first choices of the run are kept and the
// rest is drawn anew, so many times; the last choice behind which every continuation failed is told with both counts. The
// nearest passing twin: the same run with one choice less, or, when the run has none, one preemption more; of those that
// pass the one that goes the same way longest. Counts runs, never time, and says no more than was tried.
import type { Subject } from '../drivers/subject.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import { ratesOf } from '../scenarios/rates.js';
import {
  type Candidates,
  type ChoiceDeviation,
  type ChoiceKind,
  type ChoiceSource,
  EVERYBODY_ELSE,
  type RunTape,
  type ScheduleDeviation,
} from '../sim/choice.js';
import { TapeSource } from '../sim/choice-sources.js';
import { SeededSource } from '../sim/seeded-source.js';
import { EVENT_WORDS } from '../sim/trace.js';
import { SharedAccesses } from './shared-accesses.js';
import type { FailingRun, FindingTest } from './shrink.js';

/** Continuations drawn behind each choice unless told otherwise. */
export const CONTINUATIONS = 40;
/** Preemptions that are tried for a run that has none. */
const TWIN_TRIES = 120;
/** Choices up to which each is looked at; a longer run is to be shrunk first. */
const CHOICE_LIMIT = 40;
/** Records that are shown from the first difference on. */
const SHOWN_RECORDS = 10;
const RECORDS_BEFORE = 3;

/** One choice of a run other than the plain one. */
export type Deviation = { readonly choice: ChoiceDeviation } | { readonly preemption: ScheduleDeviation };

/** Behind how many choices how many continuations failed. */
export interface Continuations {
  /** Choices that were kept. */
  readonly kept: number;
  readonly tried: number;
  readonly failed: number;
}

/** A run that differs by one choice and passes. */
export interface PassingTwin {
  /** The choice that is left out, or, with `isAdded`, the one that is made besides. */
  readonly deviation: Deviation;
  readonly isAdded: boolean;
  /** Number of the first event that differs. */
  readonly eventIndex: number;
  /** Records around the first difference, EVENT_WORDS each. */
  readonly failing: readonly (readonly number[])[];
  readonly passing: readonly (readonly number[])[];
}

/** What was found out about a failing run. */
export interface FailureExplanation {
  /** The choices of the run, in the order in which they were made. */
  readonly deviations: readonly Deviation[];
  /** By kept choices, from none to all; empty when the run has too many choices. */
  readonly continuations: readonly Continuations[];
  readonly twin: PassingTwin | null;
  /** Twins that were tried. */
  readonly twinsTried: number;
  readonly runs: number;
}

/** Plays the first choices of a tape, in the order of the run, and then asks another source. */
class PrefixSource implements ChoiceSource {
  private made = 0;
  private readonly tape: TapeSource;
  private readonly rest: ChoiceSource;
  private readonly kept: number;

  constructor(tape: RunTape, kept: number, rest: ChoiceSource) {
    this.tape = new TapeSource(tape);
    this.kept = kept;
    this.rest = rest;
  }

  choose(kind: ChoiceKind, bound: number): number {
    return this.counted(this.isPlaying ? this.tape.choose(kind, bound) : this.rest.choose(kind, bound));
  }

  gap(agentId: number, step: number, left: number): number {
    return this.isPlaying ? this.tape.gap(agentId, step) : this.rest.gap(agentId, step, left);
  }

  nudge(agentId: number): boolean {
    return !this.isPlaying && this.rest.nudge?.(agentId) === true;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    return this.counted(this.isPlaying ? this.tape.schedule(agentId, step, candidates) : this.rest.schedule(agentId, step, candidates));
  }

  private get isPlaying(): boolean {
    return this.made < this.kept;
  }

  private counted(answer: number): number {
    if (answer > 0) this.made += 1;
    return answer;
  }
}

/** Plays a tape and notes in which order its choices come up. */
class OrderSource extends TapeSource {
  readonly order: Deviation[] = [];
  private readonly ordinals = new Map<ChoiceKind, number>();

  override choose(kind: ChoiceKind, bound: number): number {
    const ordinal = this.ordinals.get(kind) ?? 0;
    this.ordinals.set(kind, ordinal + 1);
    const value = super.choose(kind, bound);
    if (value > 0) this.order.push({ choice: { kind, ordinal, value } });
    return value;
  }

  override schedule(agentId: number, step: number, candidates: Candidates): number {
    const index = super.schedule(agentId, step, candidates);
    if (index > 0) this.order.push({ preemption: { agent: agentId, step, to: candidates.ids[index]! } });
    return index;
  }
}

/** Explains one failing run. */
export class FailureExplainer {
  private readonly execution: Execution;
  private readonly subject: Subject;
  private readonly isSame: FindingTest;
  private readonly continuations: number;
  private runs = 0;

  constructor(execution: Execution, subject: Subject, isSame: FindingTest, continuations = CONTINUATIONS) {
    this.execution = execution;
    this.subject = subject;
    this.isSame = isSame;
    this.continuations = continuations;
  }

  /** What other runs say about this one; null when the run does not show its finding. */
  explain({ request, tape }: FailingRun): FailureExplanation | null {
    const source = new OrderSource(tape);
    const failing = this.run(request, source, true);
    if (!this.fails(failing)) return null;
    const deviations = source.order;
    const continuations = deviations.length > CHOICE_LIMIT ? [] : this.continuationsOf(request, tape, deviations.length);
    const candidates = deviations.length > 0 ? withoutOne(deviations) : this.withOne(request, failing);
    const twin = this.nearestTwin(request, failing, candidates);
    return { deviations, continuations, twin, twinsTried: candidates.length, runs: this.runs };
  }

  private continuationsOf(request: RunRequest, tape: RunTape, choices: number): Continuations[] {
    return Array.from({ length: choices + 1 }, (_, kept) => {
      let failed = 0;
      for (let attempt = 0; attempt < this.continuations; attempt++) {
        const options = { rates: ratesOf(request), isPreemptive: request.mode !== 'coarse' };
        const rest = new SeededSource(`${request.seed}/continuation/${kept}/${attempt}`, options);
        if (this.fails(this.run(request, new PrefixSource(tape, kept, rest), false))) failed += 1;
      }
      return { kept, tried: this.continuations, failed };
    });
  }

  /** One preemption more, before accesses that others notice. */
  private withOne(request: RunRequest, failing: RunOutcome): Candidate[] {
    const shared = new SharedAccesses(request.mode === 'weak');
    const records = { words: failing.words!, steps: failing.steps! };
    shared.learn(records);
    const points = shared.conflictsOf(records);
    const stride = Math.max(1, Math.ceil(points.length / TWIN_TRIES));
    return points
      .filter((_, index) => index % stride === 0)
      .map((point) => {
        const preemption = { ...point, to: EVERYBODY_ELSE };
        return { deviation: { preemption }, isAdded: true, tape: { choices: [], schedule: [preemption] } };
      });
  }

  private nearestTwin(request: RunRequest, failing: RunOutcome, candidates: readonly Candidate[]): PassingTwin | null {
    let nearest: PassingTwin | null = null;
    for (const { deviation, isAdded, tape } of candidates) {
      const outcome = this.run(request, new TapeSource(tape), true);
      if (outcome.end !== 'quiescent' || outcome.violations.length > 0) continue;
      const eventIndex = firstDifference(failing.words!, outcome.words!);
      if (nearest !== null && nearest.eventIndex >= eventIndex) continue;
      nearest = {
        deviation,
        isAdded,
        eventIndex,
        failing: recordsAround(failing.words!, eventIndex),
        passing: recordsAround(outcome.words!, eventIndex),
      };
    }
    return nearest;
  }

  private run(request: RunRequest, source: ChoiceSource, isKept: boolean): RunOutcome {
    this.runs += 1;
    return this.execution.run(request, this.subject, { tape: null, source, isRecording: false, isKept });
  }

  private fails({ violations, failures }: RunOutcome): boolean {
    return violations.some((violation) => this.isSame(violation, failures[violation.port as 0 | 1] ?? null));
  }
}

interface Candidate {
  readonly deviation: Deviation;
  readonly isAdded: boolean;
  readonly tape: RunTape;
}

/** The tapes with one choice left out. */
function withoutOne(deviations: readonly Deviation[]): Candidate[] {
  return deviations.slice(0, TWIN_TRIES).map((deviation) => {
    const left = deviations.filter((other) => other !== deviation);
    return {
      deviation,
      isAdded: false,
      tape: {
        choices: left.flatMap((other) => ('choice' in other ? [other.choice] : [])),
        schedule: left.flatMap((other) => ('preemption' in other ? [other.preemption] : [])),
      },
    };
  });
}

/** The least number of kept choices behind which, and behind all longer beginnings, every continuation failed; null if there is none. */
export function pointOfNoReturn(continuations: readonly Continuations[]): Continuations | null {
  let found: Continuations | null = null;
  for (const counted of continuations.toReversed()) {
    if (counted.failed < counted.tried) break;
    found = counted;
  }
  return found;
}

function firstDifference(left: Uint32Array, right: Uint32Array): number {
  const shared = Math.min(left.length, right.length);
  let word = 0;
  while (word < shared && left[word] === right[word]) word++;
  return Math.floor(word / EVENT_WORDS);
}

function recordsAround(words: Uint32Array, eventIndex: number): number[][] {
  const records: number[][] = [];
  const end = Math.min(eventIndex + SHOWN_RECORDS, words.length / EVENT_WORDS);
  for (let record = Math.max(0, eventIndex - RECORDS_BEFORE); record < end; record++)
    records.push([...words.subarray(record * EVENT_WORDS, (record + 1) * EVENT_WORDS)]);
  return records;
}
