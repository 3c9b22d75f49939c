// Shrinks a failing run: fewer frames, fewer faults, fewer preemptions, a plainer scenario, a simpler mode.
//
// Every candidate is a whole run that must show the same finding (same rule, same party). What is kept of a candidate's
// deviations are those that really came up in it. When a scenario changes, accesses move; then the deviations are placed
// again by their keys (deviation-keys.ts). The budget counts runs, never time, so a shrink is the same everywhere.
// Follows the exploration-algorithms sheet, section on shrinking; delta-debugging.ts does the lists.
import seedrandom from 'seedrandom';
import { builtInSubject } from '../drivers/builtin.js';
import type { Subject } from '../drivers/subject.js';
import type { Violation } from '../model/rules/rule.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunOptions, RunOutcome, RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape } from '../scenarios/repro.js';
import type { Operation, Scenario } from '../scenarios/scenario.js';
import { ratesOf } from '../scenarios/rates.js';
import {
  type ChoiceDeviation,
  type ChoiceSource,
  EMPTY_TAPE,
  EVERYBODY_ELSE,
  type RunTape,
  type ScheduleDeviation,
} from '../sim/choice.js';
import { TapeSource } from '../sim/choice-sources.js';
import { SeededSource } from '../sim/seeded-source.js';
import { minimizeList, minimizeNumber } from './delta-debugging.js';
import { keyedTape } from './deviation-keys.js';
import { placeByKey } from './guided-tape.js';
import { lastEventsOf } from './recorded-run.js';
import { SharedAccesses } from './shared-accesses.js';
import { inBursts, packetCount, simplerOperations, simplerScenarios, singleFrames, withGap, withWorkload } from './simpler-scenarios.js';

/** Runs a shrink may make unless told otherwise. */
export const DEFAULT_SHRINK_RUNS = 2000;
/** Frames up to which a workload is taken apart frame by frame. */
const SINGLE_FRAME_LIMIT = 2000;
/** Rounds over everything; each round that changes something is followed by another. */
const ROUND_LIMIT = 8;
/** How often a run is looked for with one, two and three preemptions: most races need one or two at the right place. */
const FIRST_RUNS = [60, 30] as const;
const LATER_RUNS = [200, 100, 60] as const;
const CLOSER_RUNS = [100, 40] as const;
/** Distances between operations that are tried, in ns. */
const GAPS_NS = [1_000, 2_000, 100] as const;
/** Seeds that are tried when more deviations than these few are left. */
const FRESH_SEEDS = 40;
const FEW_DEVIATIONS = 2;
/** Scheduling deviations up to which they are placed again by key, which costs a run each. */
const KEYED_LIMIT = 4;

/** What makes two violations the same finding; `failure` says how the driver of the port broke off, null if it did not. */
export type FindingTest = (violation: Violation, failure: string | null) => boolean;

/** A run that fails. */
export interface FailingRun {
  readonly request: RunRequest;
  readonly tape: RunTape;
}

/** Size of a run, in the terms of a shrink. */
export interface RunSize {
  readonly preemptions: number;
  readonly faults: number;
  readonly packets: number;
}

/** What a shrink came to. */
export interface ShrinkResult {
  readonly request: RunRequest;
  readonly tape: KeyedTape;
  readonly outcome: RunOutcome;
  readonly violation: Violation;
  /** The records up to the violation, oldest first, EVENT_WORDS each. */
  readonly lastEvents: number[][];
  readonly before: RunSize;
  readonly after: RunSize;
  /** Runs made. */
  readonly runs: number;
  /** True when no single frame, fault or preemption can be left out. */
  readonly isMinimal: boolean;
}

type Deviation = { readonly choice: ChoiceDeviation } | { readonly preemption: ScheduleDeviation };

/** How large a run is. */
export function sizeOf(run: FailingRun): RunSize {
  return { preemptions: run.tape.schedule.length, faults: run.tape.choices.length, packets: packetCount(run.request.scenario) };
}

/** Makes one failing run smaller. */
export class Shrinker {
  private readonly execution: Execution;
  private readonly subject: Subject;
  private readonly isSame: FindingTest;
  private readonly runLimit: number;
  private runs = 0;
  private current: FailingRun;
  /** Called after every run with the number of runs so far and the smallest run. */
  onRun: (runs: number, size: RunSize) => void = () => undefined;

  /** `subject` is the judged driver; `start` names the ports it is on. */
  constructor(execution: Execution, subject: Subject, start: FailingRun, isSame: FindingTest, runLimit: number) {
    this.execution = execution;
    this.subject = subject;
    this.current = start;
    this.isSame = isSame;
    this.runLimit = runLimit;
  }

  /** The smallest run found; null when the run does not show the finding in the first place. */
  shrink(): ShrinkResult | null {
    const before = sizeOf(this.current);
    const start = this.attempt(this.current.request, this.current.tape);
    if (start === null) return null;
    this.current = start;
    this.lookSparsely(FIRST_RUNS, []);
    let isMinimal = false;
    for (let round = 0; round < ROUND_LIMIT && this.mayGoOn(); round++) {
      const size = JSON.stringify(this.current);
      isMinimal = this.shrinkDeviations();
      this.lookCloser();
      this.shrinkMode();
      isMinimal = this.shrinkWorkload() && isMinimal;
      this.shrinkScenario();
      this.lookAnew();
      if (JSON.stringify(this.current) === size) break;
      isMinimal = false;
    }
    return this.resultOf(before, isMinimal);
  }

  private readonly mayGoOn = (): boolean => this.runs < this.runLimit;

  /** Makes a run; what is left of it if it shows the finding, else null. */
  private attempt(request: RunRequest, tape: RunTape): FailingRun | null {
    return this.failing(request, { tape, isRecording: true, isKept: false });
  }

  private failing(request: RunRequest, options: RunOptions): FailingRun | null {
    this.runs += 1;
    const outcome = this.execution.run(request, this.subject, options);
    this.onRun(this.runs, sizeOf(this.current));
    return this.findingOf(outcome) !== undefined ? { request, tape: outcome.tape! } : null;
  }

  private findingOf({ violations, failures }: RunOutcome): Violation | undefined {
    return violations.find((violation) => this.isSame(violation, failures[violation.port as 0 | 1] ?? null));
  }

  /** Takes a candidate over if it still fails. */
  private adopt(request: RunRequest, tape: RunTape): boolean {
    const failing = this.mayGoOn() ? this.attempt(request, tape) : null;
    if (failing !== null) this.current = failing;
    return failing !== null;
  }

  /** As adopt, for another scenario: also with the deviations placed anew. */
  private adoptScenario(scenario: Scenario): boolean {
    const { request, tape } = this.current;
    const changed = { ...request, scenario };
    if (this.adopt(changed, tape)) return true;
    if (tape.schedule.length === 0 || tape.schedule.length > KEYED_LIMIT || !this.mayGoOn()) return false;
    const keyed = this.keyed();
    this.runs += keyed.schedule.length;
    const placed = placeByKey(this.execution, changed, this.driversOf(changed), keyed);
    return placed.missing.length === 0 && this.adopt(changed, placed.tape);
  }

  private keyed(): KeyedTape {
    const { request, tape } = this.current;
    this.runs += 1;
    const { words, steps } = this.execution.run(request, this.subject, { tape, isRecording: false, isKept: true });
    return keyedTape(tape, { words: words!, steps: steps! });
  }

  private driversOf({ subjects, scenario }: RunRequest): [Subject, Subject] {
    const peer = builtInSubject(scenario.peer)!;
    return [subjects[0] ? this.subject : peer, subjects[1] ? this.subject : peer];
  }

  private shrinkDeviations(): boolean {
    const { request } = this.current;
    const { isMinimal } = minimizeList(
      deviationsOf(this.current.tape),
      (candidate) => (this.adopt(request, tapeOf(candidate)) ? deviationsOf(this.current.tape) : null),
      this.mayGoOn,
    );
    this.promote();
    for (let index = 0; index < this.current.tape.choices.length; index++) this.shrinkChoice(index);
    return isMinimal;
  }

  /**
   * Tries each preemption alone, for the agent that was let in and for everybody else: of a chain of preemptions that kept
   * an agent off, one that holds it off is enough.
   */
  private promote(): void {
    const { request, tape } = this.current;
    if (tape.schedule.length < 2) return;
    for (const { agent, step, to } of [...tape.schedule].reverse()) {
      for (const target of [EVERYBODY_ELSE, to]) {
        if (this.adopt(request, { choices: tape.choices, schedule: [{ agent, step, to: target }] })) return;
      }
    }
  }

  /** Looks for a run with fewer deviations than removing one by one leads to. */
  private lookAnew(): void {
    if (this.lookSparsely(LATER_RUNS, this.current.tape.choices)) return;
    const start = this.current;
    if (countOf(start) <= FEW_DEVIATIONS) return;
    const options = { rates: ratesOf(start.request), isPreemptive: start.request.mode !== 'coarse' };
    for (let attempt = 0; attempt < FRESH_SEEDS; attempt++) {
      if (this.adoptSmaller(start, new SeededSource(`${start.request.seed}/shrink/anew/${attempt}`, options))) return;
    }
  }

  /** Looks for a run with one to three preemptions, before accesses that conflict with others, and the given numbers. True if there is one. */
  private lookSparsely(runs: readonly number[], choices: RunTape['choices'], request = this.current.request): boolean {
    const start = this.current;
    const points = this.mayGoOn() ? this.conflicts(request) : [];
    const stream = seedrandom.alea(`${request.seed}/shrink`);
    const below = (bound: number): number => Math.floor(((stream.int32() >>> 0) / 4294967296) * bound);
    for (const [index, attempts] of runs.entries()) {
      const count = index + 1;
      for (let attempt = 0; attempt < attempts && points.length > 0 && count + choices.length < countOf(start); attempt++) {
        const schedule = Array.from({ length: count }, () => ({ ...points[below(points.length)]!, to: EVERYBODY_ELSE }));
        schedule.sort((left, right) => left.step - right.step);
        if (this.adoptSmaller(start, new TapeSource({ choices, schedule }), request)) return true;
      }
    }
    return false;
  }

  /** Looks for a run with fewer deviations in the same scenario with its operations closer together: holding off lasts 5 us only. */
  private lookCloser(): void {
    for (const gapNs of GAPS_NS) {
      if (countOf(this.current) <= FEW_DEVIATIONS) return;
      const { request } = this.current;
      const closer = { ...request, scenario: withGap(request.scenario, gapNs) };
      if (this.adopt(closer, this.current.tape)) this.shrinkDeviations();
      else this.lookSparsely(CLOSER_RUNS, [], closer);
    }
  }

  /** Accesses of a run that conflict with what other agents do. */
  private conflicts(request: RunRequest): { readonly agent: number; readonly step: number }[] {
    const tape = request === this.current.request ? this.current.tape : EMPTY_TAPE;
    this.runs += 1;
    const { words, steps } = this.execution.run(request, this.subject, { tape, isRecording: false, isKept: true });
    const shared = new SharedAccesses(request.mode === 'weak');
    const records = { words: words!, steps: steps! };
    shared.learn(records);
    return shared.conflictsOf(records);
  }

  /** Takes over what a source finds, if that can be made smaller than `start`. */
  private adoptSmaller(start: FailingRun, source: ChoiceSource, request = start.request): boolean {
    const found = this.mayGoOn() ? this.failing(request, { tape: null, source, isRecording: true, isKept: false }) : null;
    if (found === null) return false;
    this.current = found;
    this.shrinkDeviations();
    if (countOf(this.current) < countOf(start)) return true;
    this.current = start;
    return false;
  }

  /** A smaller value of one choice, as long as the others stay. */
  private shrinkChoice(index: number): void {
    const { request, tape } = this.current;
    const { value } = tape.choices[index]!;
    const withValue = (candidate: number): RunTape => ({
      choices: tape.choices.map((choice, position) => (position === index ? { ...choice, value: candidate } : choice)),
      schedule: tape.schedule,
    });
    minimizeNumber(value, 1, (candidate) => this.adopt(request, withValue(candidate)), this.mayGoOn);
  }

  /** A weaker memory model and finer interleaving than needed only distract. */
  private shrinkMode(): void {
    const { request } = this.current;
    if (request.subjects[0] && request.subjects[1]) {
      for (const subjects of [
        [true, false],
        [false, true],
      ] as const)
        this.adopt({ ...this.current.request, subjects }, this.current.tape);
    }
    const simpler: Pick<RunRequest, 'mode' | 'memory'>[] = [
      { mode: 'coarse', memory: 'sc' },
      { mode: 'fine', memory: 'sc' },
      { mode: 'weak', memory: 'tso' },
      { mode: 'weak', memory: 'pso' },
      { mode: 'weak', memory: 'relaxed' },
    ];
    for (const candidate of simpler) {
      if (candidate.mode === request.mode && candidate.memory === request.memory) return;
      if (this.adopt({ ...this.current.request, ...candidate }, this.current.tape)) return;
    }
  }

  private shrinkWorkload(): boolean {
    const single = singleFrames(this.current.request.scenario.workload, SINGLE_FRAME_LIMIT);
    const start = single ?? this.current.request.scenario.workload;
    const { isMinimal } = minimizeList<Operation>(
      start,
      (candidate) => (this.adoptScenario(withWorkload(this.current.request.scenario, inBursts(candidate))) ? candidate : null),
      this.mayGoOn,
    );
    return isMinimal && single !== null;
  }

  private shrinkScenario(): void {
    for (;;) {
      const { scenario } = this.current.request;
      const hasShrunk = this.mayGoOn() && simplerScenarios(scenario).some((candidate) => this.adoptScenario(candidate));
      if (!hasShrunk) break;
    }
    const count = this.current.request.scenario.workload.length;
    for (let index = 0; index < count && index < SINGLE_FRAME_LIMIT; index++) this.shrinkOperation(index);
  }

  private shrinkOperation(index: number): void {
    const { scenario } = this.current.request;
    for (const candidate of simplerOperations(scenario.workload[index]!)) {
      if (!this.mayGoOn()) return;
      const workload = scenario.workload.map((operation, position) => (position === index ? candidate : operation));
      if (this.adoptScenario(withWorkload(scenario, workload))) return;
    }
  }

  private resultOf(before: RunSize, isMinimal: boolean): ShrinkResult {
    const { request, tape } = this.current;
    const outcome = this.execution.run(request, this.subject, { tape, isRecording: true, isKept: true });
    const violation = this.findingOf(outcome)!;
    const keyed = keyedTape(outcome.tape!, { words: outcome.words!, steps: outcome.steps! });
    const lastEvents = lastEventsOf(outcome.words!, violation.eventIndex);
    const lean = { ...outcome, words: null, steps: null };
    const size = { before, after: sizeOf(this.current), runs: this.runs, isMinimal: isMinimal && this.mayGoOn() };
    return { request, tape: keyed, outcome: lean, violation, lastEvents, ...size };
  }
}

function countOf({ tape }: FailingRun): number {
  return tape.choices.length + tape.schedule.length;
}

function deviationsOf(tape: RunTape): Deviation[] {
  return [...tape.choices.map((choice) => ({ choice })), ...tape.schedule.map((preemption) => ({ preemption }))];
}

function tapeOf(deviations: readonly Deviation[]): RunTape {
  return {
    choices: deviations.flatMap((deviation) => ('choice' in deviation ? [deviation.choice] : [])),
    schedule: deviations.flatMap((deviation) => ('preemption' in deviation ? [deviation.preemption] : [])),
  };
}
