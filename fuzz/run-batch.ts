// Runs a range of planned runs and sums up what they showed; the work a worker does for one message.
//
// Every tenth run is made twice and compared. The first run of each kind of finding is made again with its
// deviations written down and its events kept, which gives the repro.
import type { Subject } from '../drivers/subject.js';
import type { Violation } from '../model/rules/rule.js';
import type { Execution } from '../scenarios/execution.js';
import { QUICK_RUN, type RunOutcome, type RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape } from '../scenarios/repro.js';
import { EVENT_WORDS } from '../sim/trace.js';
import { keyedTape } from './deviation-keys.js';
import type { RunPlan } from './run-plan.js';
import { type Tally, addOutcomes, emptyTally, fingerprintOf } from './tally.js';

/** Every how many runs one is made twice. */
export const DOUBLE_RUN_PERIOD = 10;
/** Events in front of a violation that a finding carries. */
const LAST_EVENTS = 40;

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
  /** What the driver said when it broke off, if it did. */
  readonly detail: string | null;
}

/** Two executions of one run that differ. */
export interface Divergence {
  readonly runIndex: number;
  readonly request: RunRequest;
}

/** Result of a batch. */
export interface BatchResult {
  readonly from: number;
  readonly to: number;
  readonly tally: Tally;
  readonly recorded: RecordedFinding[];
  readonly divergences: Divergence[];
}

/** Runs batches for one subject; kept for the life of a worker. */
export class BatchRunner {
  /** By fingerprint: the lowest run that was recorded. */
  private readonly recordedRuns = new Map<string, number>();
  private readonly plan: RunPlan;
  private readonly execution: Execution;
  private readonly subject: Subject;

  constructor(plan: RunPlan, execution: Execution, subject: Subject) {
    this.plan = plan;
    this.execution = execution;
    this.subject = subject;
  }

  /**
   * Makes the runs from `from` up to but not including `to`; `mayGoOn` is asked before each with its index, and the
   * batch ends there when it says no.
   */
  run(from: number, to: number, mayGoOn: (index: number) => boolean): BatchResult {
    const result: BatchResult = { from, to, tally: emptyTally(), recorded: [], divergences: [] };
    for (let index = from; index < to; index++) {
      if (!mayGoOn(index)) return { ...result, to: index };
      this.runOne(index, result);
    }
    return result;
  }

  private runOne(index: number, result: BatchResult): void {
    const request = this.plan.planned(index);
    const outcome = this.execution.run(request, this.subject, QUICK_RUN);
    addRun(result.tally, request, outcome, index);
    if (index % DOUBLE_RUN_PERIOD === 0) {
      const again = this.execution.run(request, this.subject, QUICK_RUN);
      if (again.digest === outcome.digest) result.tally.repeated += 1;
      else result.divergences.push({ runIndex: index, request });
    }
    for (const violation of outcome.violations) {
      const fingerprint = fingerprintOf(violation);
      if ((this.recordedRuns.get(fingerprint) ?? Number.POSITIVE_INFINITY) <= index) continue;
      this.recordedRuns.set(fingerprint, index);
      const recorded = this.record(index, request, fingerprint);
      if (recorded === null) result.divergences.push({ runIndex: index, request });
      else result.recorded.push(recorded);
    }
  }

  /** Makes the run again with everything written down; null if the finding does not come again. */
  private record(runIndex: number, request: RunRequest, fingerprint: string): RecordedFinding | null {
    const outcome = this.execution.run(request, this.subject, { tape: null, isRecording: true, isKept: true });
    const violation = outcome.violations.find((candidate) => fingerprintOf(candidate) === fingerprint);
    if (violation === undefined) return null;
    const words = outcome.words!;
    const end = Math.min(violation.eventIndex + 1, words.length / EVENT_WORDS);
    const lastEvents: number[][] = [];
    for (let event = Math.max(0, end - LAST_EVENTS); event < end; event++) {
      lastEvents.push([...words.subarray(event * EVENT_WORDS, (event + 1) * EVENT_WORDS)]);
    }
    const detail = outcome.failures[violation.port as 0 | 1] ?? null;
    const tape = keyedTape(outcome.tape!, { words, steps: outcome.steps! });
    return { fingerprint, runIndex, request, violation, outcome: { ...outcome, words: null, steps: null, clauses: [] }, tape, lastEvents, detail };
  }
}

/** Adds one run to a tally. */
export function addRun(tally: Tally, request: RunRequest, outcome: RunOutcome, runIndex: number): void {
  const { scenario, mode, memory, subjects } = request;
  tally.runs += 1;
  tally.events += outcome.eventCount;
  tally.digests.push(outcome.digest);
  const schedule = `${mode}/${memory}`;
  tally.runsByMode[schedule] = (tally.runsByMode[schedule] ?? 0) + 1;
  tally.runsByScenario[scenario.id] = (tally.runsByScenario[scenario.id] ?? 0) + 1;
  if (outcome.end === 'budget' && outcome.failures[0] === null && outcome.failures[1] === null) tally.unsettled += 1;
  if (outcome.end === 'unschedulable') {
    tally.unschedulable[schedule] = (tally.unschedulable[schedule] ?? 0) + 1;
    return;
  }
  addOutcomes(tally, outcome.clauses);
  for (const port of [0, 1] as const) {
    if (!subjects[port]) continue;
    tally.accepted += outcome.accepted[port];
    tally.delivered += outcome.delivered[port];
    if (outcome.hasStarted[port]) tally.started += 1;
  }
  for (const violation of outcome.violations) addFinding(tally, violation, runIndex, request);
  const isStalled = outcome.violations.length > 0;
  for (const quirk of outcome.quirks) {
    const entry = (tally.quirks[quirk] ??= { count: 0, consequence: 0 });
    entry.count += 1;
    entry.consequence = Math.max(entry.consequence, outcome.isServerLost ? 2 : isStalled ? 1 : 0);
  }
}

function addFinding(tally: Tally, violation: Violation, runIndex: number, request: RunRequest): void {
  const fingerprint = fingerprintOf(violation);
  const { scenario, mode, memory } = request;
  const finding = (tally.findings[fingerprint] ??= {
    fingerprint,
    violation,
    runIndex,
    scenario: scenario.id,
    mode,
    memory,
    count: 0,
    countByScenario: {},
  });
  finding.count += 1;
  finding.countByScenario[scenario.id] = (finding.countByScenario[scenario.id] ?? 0) + 1;
}
