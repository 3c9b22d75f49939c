// Makes a run again with everything written down: the run of a finding, or one that differs when it is repeated.
//
// Recording changes neither run nor digest. While the driver is on the stack at the violating event, the place in its
// file is asked for; who can tell it is given by the owner of the thread.
import type { Subject } from '../drivers/subject.js';
import { FATE_RULES } from '../model/rules/driver-fate.js';
import type { Violation } from '../model/rules/rule.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunOptions, RunOutcome, RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape } from '../scenarios/repro.js';
import { EVENT_WORDS, agentOf } from '../sim/trace.js';
import { keyedTape } from './deviation-keys.js';
import { fingerprintOf } from './fingerprint.js';
import { drawn } from './strategies/drawn-run.js';

/** Events in front of a violation that a finding carries. */
const LAST_EVENTS = 40;
/** Times a run that differed is made again to catch it differing. */
const REPETITIONS = 4;
/** Events in front of the first difference that are kept. */
const EVENTS_BEFORE_DIFFERENCE = 12;

/** A place in a file of a driver. */
export interface DriverPlace {
  /** Path of the file, relative to the working directory, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Name of the function, empty if it has none. */
  readonly callee: string;
}

/** Tells where in its files the driver on the stack is; null if none is there. */
export type PlaceFinder = () => DriverPlace | null;

/** What is needed to make runs again. */
export interface RecordingWorld {
  readonly execution: Execution;
  readonly subject: Subject;
  readonly findPlace: PlaceFinder;
}

/** A finding's run, recorded. */
export interface RecordedFinding {
  readonly fingerprint: string;
  readonly runIndex: number;
  readonly request: RunRequest;
  readonly violation: Violation;
  readonly outcome: RunOutcome;
  /** The run's deviations, named by place. */
  readonly tape: KeyedTape;
  /** The records up to the violation, oldest first, EVENT_WORDS each. */
  readonly lastEvents: number[][];
  /** What the driver said when it broke off, for findings about how a driver ended. */
  readonly detail: string | null;
  /** Where the driver was at the violating event; null when it was not on the stack. */
  readonly place: DriverPlace | null;
}

/** Two executions of one run side by side. */
export interface DifferingRun {
  /** Number of the first event that differs. */
  readonly eventIndex: number;
  /** The records before it that are the same, oldest first. */
  readonly before: number[][];
  /** The differing record of each execution; null where the execution had come to its end. */
  readonly first: number[] | null;
  readonly second: number[] | null;
  readonly outcome: RunOutcome;
  readonly tape: KeyedTape;
}

/** Makes the run of a violation again; null if the finding does not come again. */
export function recordFinding(
  world: RecordingWorld,
  runIndex: number,
  request: RunRequest,
  wanted: { readonly fingerprint: string; readonly eventIndex: number },
): RecordedFinding | null {
  let place: DriverPlace | null = null;
  const options: RunOptions = {
    tape: null,
    isRecording: true,
    isKept: true,
    onEvent: (index) => {
      if (index === wanted.eventIndex) place = world.findPlace();
    },
  };
  const outcome = world.execution.run(request, world.subject, drawn(request, options));
  const failureOf = (violation: Violation): string | null => outcome.failures[violation.port as 0 | 1] ?? null;
  const violation = outcome.violations.find((candidate) => fingerprintOf(candidate, failureOf(candidate)) === wanted.fingerprint);
  if (violation === undefined) return null;
  const words = outcome.words!;
  return {
    fingerprint: wanted.fingerprint,
    runIndex,
    request,
    violation,
    outcome: withoutRecords(outcome),
    tape: keyedTape(outcome.tape!, { words, steps: outcome.steps! }),
    lastEvents: lastEventsOf(words, violation.eventIndex),
    detail: FATE_RULES.has(violation.ruleId) ? failureOf(violation) : null,
    // What another agent does above the driver on the stack says nothing about the place.
    place: violation.party === 'driver' && agentOf(words, violation.eventIndex * EVENT_WORDS) === 1 + violation.port ? place : null,
  };
}

/** Makes a run again and again until it differs from the time before; null if it does not. */
export function recordDifference(execution: Execution, subject: Subject, request: RunRequest): DifferingRun | null {
  const make = (): RunOutcome => execution.run(request, subject, drawn(request, { tape: null, isRecording: true, isKept: true }));
  let before = make();
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const after = make();
    if (after.digest !== before.digest) return differenceOf(before, after);
    before = after;
  }
  return null;
}

/** The first difference of two kept outcomes. */
export function differenceOf(before: RunOutcome, after: RunOutcome): DifferingRun {
  const [first, second] = [before.words!, after.words!];
  const shared = Math.min(first.length, second.length);
  let word = 0;
  while (word < shared && first[word] === second[word]) word++;
  const eventIndex = Math.floor(word / EVENT_WORDS);
  return {
    eventIndex,
    before: recordsOf(first, eventIndex - EVENTS_BEFORE_DIFFERENCE, eventIndex),
    first: recordsOf(first, eventIndex, eventIndex + 1)[0] ?? null,
    second: recordsOf(second, eventIndex, eventIndex + 1)[0] ?? null,
    outcome: withoutRecords(before),
    tape: keyedTape(before.tape!, { words: first, steps: before.steps! }),
  };
}

function withoutRecords(outcome: RunOutcome): RunOutcome {
  return { ...outcome, words: null, steps: null };
}

/** The records a finding carries: those up to the violating event, oldest first. */
export function lastEventsOf(words: Uint32Array, eventIndex: number): number[][] {
  const end = Math.min(eventIndex + 1, words.length / EVENT_WORDS);
  return recordsOf(words, end - LAST_EVENTS, end);
}

function recordsOf(words: Uint32Array, from: number, to: number): number[][] {
  const records: number[][] = [];
  const end = Math.min(to, words.length / EVENT_WORDS);
  for (let event = Math.max(0, from); event < end; event++)
    records.push([...words.subarray(event * EVENT_WORDS, (event + 1) * EVENT_WORDS)]);
  return records;
}
