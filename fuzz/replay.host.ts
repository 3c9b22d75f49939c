// Replays a repro: exactly one judged execution, and what it says about the driver as it is now.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { identityOf } from '../drivers/load-driver.host.js';
import { ALL_RULES } from '../model/rules/catalogue.js';
import { LATEST_SPEC } from '../model/rules/spec-versions.js';
import { type Repro, parseRepro, versionMismatches } from '../scenarios/repro.js';
import { type Scenario, scenarioSchema } from '../scenarios/scenario.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import { MODEL_VERSION } from '../scenarios/versions.host.js';
import { TRACE_VERSION } from '../sim/trace.js';
import { OUTSIDE_RULE } from './outside-failure.js';
import type { ThreadLimits } from './driver-thread.host.js';
import { fingerprintOf } from './fingerprint.js';
import { CHECK_FINDINGS, REPETITION_RULE } from './finding-list.js';
import type { DifferingRun } from './recorded-run.js';
import { runOnce } from './single-run.host.js';
import { unusableInput } from './worker-failure.js';

/** How a replay ended. */
export type ReplayVerdict = 'reproduced' | 'no longer violates' | 'another violation' | 'stale';

/** What is to be replayed and how. */
export interface ReplayRequest {
  readonly file: string;
  /** Driver instead of the recorded one. */
  readonly driver: string | null;
  /** Match scheduling deviations by place; otherwise by step, unless the driver has changed. */
  readonly isGuided: boolean;
  readonly isKept: boolean;
  /** Whether the driver's own console output goes to stderr. */
  readonly isPrinting: boolean;
  readonly limits: ThreadLimits;
}

/** Result of a replay. */
export interface ReplayResult {
  readonly verdict: ReplayVerdict;
  /** Sentences for people, most important first. */
  readonly notes: readonly string[];
  readonly repro: Repro<Scenario>;
  readonly outcome: RunOutcome | null;
  /** Of a driver that is not deterministic: the first event that differs. */
  readonly difference: DifferingRun | null;
}

/** Reads a repro file. Throws UnusableInput. */
export function readRepro(file: string): Repro<Scenario> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableInput(file, 'file', `a repro file must be readable (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  const repro = parseRepro(text, file, scenarioSchema);
  const { rule } = repro.finding;
  if ([...ALL_RULES, ...CHECK_FINDINGS].some(({ id }) => id === rule)) return repro;
  throw new UnusableInput(
    file,
    '$.finding.rule',
    `this Ringproof has no rule "${rule}", so it cannot tell whether the finding is still there`,
  );
}

/** The run of a repro. */
export function requestOf(repro: Repro<Scenario>): RunRequest {
  const { mode, memory, profile, revision, subjects, deviations, strategy, spec, claimedFeatures: features = null } = repro.configuration;
  return {
    scenario: repro.scenario,
    mode,
    memory,
    profile,
    revision,
    subjects: [subjects[0] === true, subjects[1] === true],
    seed: repro.seed,
    ...(spec === LATEST_SPEC && features === null ? {} : { claim: { spec, features } }),
    ...(deviations === undefined ? {} : { deviations }),
    ...(strategy === undefined ? {} : { strategy }),
  };
}

/** Replays one file. Throws UnusableInput when file or driver cannot be used. */
export async function replayFile(request: ReplayRequest): Promise<ReplayResult> {
  const repro = readRepro(request.file);
  const driver = request.driver ?? pathFrom(request.file, repro.driver.path) ?? repro.driver.identity;
  const notes = versionMismatches(repro, { modelVersion: MODEL_VERSION, traceVersion: TRACE_VERSION });
  const hasChanged = identityIn(request, driver).digest !== repro.driver.digest;
  if (hasChanged) notes.push('The driver has changed since the recording: deviations are matched by place, not by step.');
  const isGuided = request.isGuided || hasChanged;
  const { subjects } = repro.configuration;
  const runRequest = requestOf(repro);
  const drivers: [string | null, string | null] = [subjects[0] === true ? driver : null, subjects[1] === true ? driver : null];
  const { isKept, isPrinting, limits } = request;
  const isRepeated = repro.finding.rule === REPETITION_RULE;
  const setup = { request: runRequest, drivers, tape: repro.tape, isGuided, isKept, isRepeated, isPrinting };
  const reply = await runOnce(setup, limits);
  if (reply.kind === 'unusable') throw unusableInput(reply);
  if (reply.kind === 'internal') throw new Error(reply.message);
  if (reply.kind === 'wall') {
    const verdict = repro.finding.rule === OUTSIDE_RULE ? 'reproduced' : 'another violation';
    return { verdict, notes: [`No verdict from inside, since ${reply.message}.`, ...notes], repro, outcome: null, difference: null };
  }
  for (const sentence of reply.missing) notes.push(`Not placed: ${sentence}.`);
  const { outcome, difference } = reply;
  const judgement = isRepeated ? judgeRepetition(difference, notes) : judge(repro, outcome, isGuided, reply.missing.length, notes);
  return { ...judgement, repro, outcome, difference };
}

/** The driver's path as recorded, or where it lies as seen from the folder of the repro file or one above it. */
export function pathFrom(reproFile: string, path: string | null): string | null {
  if (path === null || existsSync(path)) return path;
  for (let folder = dirname(resolve(reproFile)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
    if (folder === dirname(folder)) return path;
  }
}

/** Whether the driver still differs from itself. */
function judgeRepetition(difference: DifferingRun | null, notes: string[]): Pick<ReplayResult, 'verdict' | 'notes'> {
  if (difference === null) return { verdict: 'no longer violates', notes: ['The run was the same each time it was repeated.', ...notes] };
  return { verdict: 'reproduced', notes: [`Event ${difference.eventIndex} is the first that differs when the run is repeated.`, ...notes] };
}

/** Who the driver is now; says what to do when it is not where it was. */
function identityIn(request: ReplayRequest, driver: string): ReturnType<typeof identityOf> {
  try {
    return identityOf(driver);
  } catch (error) {
    if (!(error instanceof UnusableInput) || request.driver !== null) throw error;
    const rule = `${error.message}; replay from the folder the check was made in, or name the driver with --driver`;
    throw new UnusableInput(request.file, '$.driver.path', rule);
  }
}

function judge(
  repro: Repro<Scenario>,
  outcome: RunOutcome,
  isGuided: boolean,
  missing: number,
  notes: string[],
): Pick<ReplayResult, 'verdict' | 'notes'> {
  const wanted = repro.finding.fingerprint;
  const isSame = outcome.digest === repro.traceDigest;
  const isFound = outcome.violations.some(
    (violation) => fingerprintOf(violation, outcome.failures[violation.port as 0 | 1] ?? null) === wanted,
  );
  if (!isGuided && !isSame && repro.traceDigest !== null) {
    const why =
      outcome.unplaced > 0
        ? `${outcome.unplaced} of the recorded deviations did not come up`
        : `the run has ${outcome.eventCount} events, ${repro.events} were recorded, and another digest`;
    return { verdict: 'stale', notes: [`Diverged: ${why}; try --guided.`, ...notes] };
  }
  if (isFound)
    return {
      verdict: 'reproduced',
      notes: [
        isSame ? `Same event stream, digest ${outcome.digest}.` : `Another event stream with the same violation, digest ${outcome.digest}.`,
        ...notes,
      ],
    };
  const other = outcome.violations.find((violation) => violation.isSubject);
  if (other !== undefined) return { verdict: 'another violation', notes: [other.message, ...notes] };
  if (missing > 0)
    return { verdict: 'stale', notes: [`Diverged: ${missing} of the recorded deviations have no place in this driver.`, ...notes] };
  return { verdict: 'no longer violates', notes };
}
