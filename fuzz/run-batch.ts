// Runs a range of planned runs and sums up what they showed; the work a worker does for one message.
//
// Every tenth run is made twice and compared. The first run of each kind of finding is made again with its
// deviations written down and its events kept, which gives the repro.
import type { Subject } from '../drivers/subject.js';
import type { Violation } from '../model/rules/rule.js';
import type { Execution } from '../scenarios/execution.js';
import { QUICK_RUN, type RunOptions, type RunOutcome, type RunRequest, accusationsIn } from '../scenarios/outcome.js';
import { causesIn } from './finding-causes.js';
import { fingerprintOf } from './fingerprint.js';
import { type DifferingRun, type PlaceFinder, type RecordedFinding, recordDifference, recordFinding } from './recorded-run.js';
import type { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';
import { type FindingTally, type Tally, addClauses, addNames, emptyTally } from './tally.js';

/** Every how many runs one is made twice. */
export const DOUBLE_RUN_PERIOD = 10;
/** Differing runs of one batch runner that are looked into. */
const EXAMINED_DIFFERENCES = 3;

/** Two executions of one run that differ. */
export interface Divergence {
  readonly runIndex: number;
  readonly request: RunRequest;
  /** Two executions of it side by side; null if it was not looked into or did not differ once more. */
  readonly difference: DifferingRun | null;
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
  private readonly findPlace: PlaceFinder;
  private examined = 0;

  /** `findPlace` tells where in its files the driver is at the moment of the call. */
  constructor(plan: RunPlan, execution: Execution, subject: Subject, findPlace: PlaceFinder = () => null) {
    this.plan = plan;
    this.execution = execution;
    this.subject = subject;
    this.findPlace = findPlace;
  }

  /**
   * Makes the runs from `from` up to but not including `to`; `mayGoOn` is asked before each with its index, and the
   * batch ends there when it says no.
   */
  run(from: number, to: number, mayGoOn: (index: number) => boolean): BatchResult {
    const result: BatchResult = { from, to, tally: emptyTally(), recorded: [], divergences: [] };
    const options = { ...QUICK_RUN, sums: this.execution.emptySums() };
    let index = from;
    while (index < to && mayGoOn(index)) this.runOne(index++, options, result);
    addClauses(result.tally, options.sums);
    return { ...result, to: index };
  }

  private runOne(index: number, options: RunOptions, result: BatchResult): void {
    const request = this.plan.planned(index);
    const outcome = this.execution.run(request, this.subject, drawn(request, options));
    addRun(result.tally, request, outcome, index);
    if (index % DOUBLE_RUN_PERIOD === 0) {
      const again = this.execution.run(request, this.subject, drawn(request));
      if (again.digest === outcome.digest) result.tally.repeated += 1;
      else this.differed(index, request, result);
    }
    for (const violation of accusationsIn(request, outcome)) {
      const fingerprint = fingerprintOf(violation, failureAt(outcome, violation));
      if ((this.recordedRuns.get(fingerprint) ?? Number.POSITIVE_INFINITY) <= index) continue;
      this.recordedRuns.set(fingerprint, index);
      const world = { execution: this.execution, subject: this.subject, findPlace: this.findPlace };
      const recorded = recordFinding(world, index, request, { fingerprint, eventIndex: violation.eventIndex });
      if (recorded === null) this.differed(index, request, result);
      else result.recorded.push(recorded);
    }
  }

  private differed(runIndex: number, request: RunRequest, result: BatchResult): void {
    const isExamined = this.examined++ < EXAMINED_DIFFERENCES;
    result.divergences.push({ runIndex, request, difference: isExamined ? recordDifference(this.execution, this.subject, request) : null });
  }
}

/** What the driver of the violation's port said when it broke off; null if it did not. */
export function failureAt(outcome: RunOutcome, violation: Violation): string | null {
  return outcome.failures[violation.port as 0 | 1] ?? null;
}

/** Adds one run to a tally, apart from its clauses. */
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
  for (const port of [0, 1] as const) {
    if (!subjects[port]) continue;
    tally.accepted += outcome.accepted[port];
    tally.delivered += outcome.delivered[port];
    if (outcome.hasStarted[port]) tally.started += 1;
  }
  const isStalled = outcome.violations.length > 0;
  if (isStalled) addFindings(tally, outcome, runIndex, request);
  for (const quirk of outcome.quirks) {
    const entry = (tally.quirks[quirk] ??= { count: 0, consequence: 0 });
    entry.count += 1;
    entry.consequence = Math.max(entry.consequence, outcome.isServerLost ? 2 : isStalled ? 1 : 0);
  }
}

/** Counts each kind of finding once, whatever number of ports showed it. */
function addFindings(tally: Tally, outcome: RunOutcome, runIndex: number, request: RunRequest): void {
  const violations = accusationsIn(request, outcome);
  const fingerprints = violations.map((violation) => fingerprintOf(violation, failureAt(outcome, violation)));
  causesIn(violations).forEach((cause, index) => {
    const fingerprint = fingerprints[index]!;
    const violation = violations[index]!;
    const finding = (tally.findings[fingerprint] ??= newFinding(fingerprint, violation, runIndex, request));
    addNames(finding.clauses, violation.clauseIds);
    if (fingerprints.indexOf(fingerprint) < index) return;
    finding.count += 1;
    finding.countByScenario[request.scenario.id] = (finding.countByScenario[request.scenario.id] ?? 0) + 1;
    finding.causes[fingerprints[cause]!] = (finding.causes[fingerprints[cause]!] ?? 0) + 1;
  });
}

function newFinding(fingerprint: string, violation: Violation, runIndex: number, request: RunRequest): FindingTally {
  const { scenario, mode, memory } = request;
  return { fingerprint, violation, runIndex, scenario: scenario.id, mode, memory, clauses: [], causes: {}, count: 0, countByScenario: {} };
}
