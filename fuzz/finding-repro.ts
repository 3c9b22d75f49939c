// Makes the repro file of a finding from its recorded run.
import { deviceKindOf } from '../scenarios/device-kind.js';
import { FULL_CLAIM } from '../model/rules/claim.js';
import { type Scenario, scenarioSchema } from '../scenarios/scenario.js';
import { type Repro, REPRO_FORMAT, REPRO_VERSION, reproText } from '../scenarios/repro.js';
import { MODEL_VERSION, TOOL_VERSION } from '../scenarios/versions.host.js';
import { TRACE_VERSION } from '../sim/trace.js';
import type { RunRequest } from '../scenarios/outcome.js';
import { OUTSIDE_CLAUSE, OUTSIDE_RULE, type OutsideFailure, outsideFingerprint, outsideMessage } from './outside-failure.js';
import { REPETITION_CLAUSE } from '../model/rules/catalogue.js';
import { REPETITION_RULE } from './finding-list.js';
import type { DifferingRun, RecordedFinding } from './recorded-run.js';

/** Who the judged driver is. */
export interface DriverIdentity {
  readonly identity: string;
  readonly digest: string;
  /** As named on the command line, null for the built-in default. */
  readonly path: string | null;
}

/** The repro as a value. */
export function reproOf(finding: RecordedFinding, driver: DriverIdentity): Repro<Scenario> {
  const { request, outcome, violation } = finding;
  return {
    ...headOf(request, finding.runIndex, driver, {
      rule: violation.ruleId,
      clauses: [...violation.clauseIds],
      party: violation.party,
      port: violation.port,
      fingerprint: finding.fingerprint,
      message: violation.message,
      eventIndex: violation.eventIndex,
    }),
    events: outcome.eventCount,
    traceDigest: outcome.digest,
    outcomeDigest: outcome.outcomeDigest,
    tape: finding.tape,
    scenario: request.scenario,
  };
}

/** The repro of a run that differed when it was repeated; its digests are those of the first execution. */
export function repetitionReproOf(
  { runIndex, request, difference }: { readonly runIndex: number; readonly request: RunRequest; readonly difference: DifferingRun },
  driver: DriverIdentity,
): Repro<Scenario> {
  return {
    ...headOf(request, runIndex, driver, {
      rule: REPETITION_RULE,
      clauses: [REPETITION_CLAUSE],
      party: 'driver',
      port: request.subjects[0] ? 0 : 1,
      fingerprint: REPETITION_RULE,
      message: 'The driver behaved differently when a run was repeated with the same seed.',
      eventIndex: difference.eventIndex,
    }),
    events: difference.outcome.eventCount,
    traceDigest: difference.outcome.digest,
    outcomeDigest: difference.outcome.outcomeDigest,
    tape: difference.tape,
    scenario: request.scenario,
  };
}

/** The repro of a run that made no end: it can only be drawn from its seed again. */
export function outsideReproOf(failure: OutsideFailure, driver: DriverIdentity): Repro<Scenario> {
  const { request, runIndex, reason } = failure;
  return {
    ...headOf(request, runIndex, driver, {
      rule: OUTSIDE_RULE,
      clauses: [OUTSIDE_CLAUSE],
      party: 'driver',
      port: request.subjects[0] ? 0 : 1,
      fingerprint: outsideFingerprint(reason),
      message: outsideMessage(failure),
      eventIndex: 0,
    }),
    events: 0,
    traceDigest: null,
    outcomeDigest: null,
    tape: null,
    scenario: request.scenario,
  };
}

/** The repro as the text of its file. */
export function reproFileText(repro: Repro<Scenario>): string {
  return reproText(repro, scenarioSchema);
}

type Head = Pick<
  Repro<Scenario>,
  'format' | 'version' | 'tool' | 'modelVersion' | 'traceVersion' | 'finding' | 'driver' | 'configuration' | 'seed' | 'run'
>;

function headOf(request: RunRequest, run: number, driver: DriverIdentity, finding: Repro<Scenario>['finding']): Head {
  const { scenario, mode, memory, profile, revision, subjects, seed, claim = FULL_CLAIM, strategy } = request;
  return {
    format: REPRO_FORMAT,
    version: REPRO_VERSION,
    tool: TOOL_VERSION,
    modelVersion: MODEL_VERSION,
    traceVersion: TRACE_VERSION,
    finding,
    driver: { ...driver },
    configuration: {
      world: scenario.world,
      mode,
      memory,
      profile,
      revision,
      device: deviceKindOf(scenario),
      spec: claim.spec,
      ...(claim.features === null ? {} : { claimedFeatures: [...claim.features] }),
      ...(request.deviations === undefined ? {} : { deviations: [...request.deviations] }),
      subjects: [...subjects],
      ...(strategy === undefined ? {} : { strategy }),
    },
    seed,
    run,
  };
}
