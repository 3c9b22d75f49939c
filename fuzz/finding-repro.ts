// Makes the repro file of a finding from its recorded run.
import { type Scenario, scenarioSchema } from '../scenarios/scenario.js';
import { type Repro, REPRO_FORMAT, REPRO_VERSION, reproText } from '../scenarios/repro.js';
import { MODEL_VERSION, SPEC_VERSION, TOOL_VERSION } from '../scenarios/versions.host.js';
import { TRACE_VERSION } from '../sim/trace.js';
import type { RecordedFinding } from './run-batch.js';

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
  const { scenario, mode, memory, profile, revision, subjects } = request;
  return {
    format: REPRO_FORMAT,
    version: REPRO_VERSION,
    tool: TOOL_VERSION,
    modelVersion: MODEL_VERSION,
    traceVersion: TRACE_VERSION,
    finding: {
      rule: violation.ruleId,
      clauses: [...violation.clauseIds],
      party: violation.party,
      port: violation.port,
      fingerprint: finding.fingerprint,
      message: violation.message,
      eventIndex: violation.eventIndex,
    },
    driver: { ...driver },
    configuration: {
      world: scenario.world,
      mode,
      memory,
      profile,
      revision,
      device: 'reference',
      spec: SPEC_VERSION,
      subjects: [...subjects],
    },
    seed: request.seed,
    run: finding.runIndex,
    events: outcome.eventCount,
    traceDigest: outcome.digest,
    outcomeDigest: outcome.outcomeDigest,
    tape: finding.tape,
    scenario,
  };
}

/** The repro as the text of its file. */
export function reproFileText(finding: RecordedFinding, driver: DriverIdentity): string {
  return reproText(reproOf(finding, driver), scenarioSchema);
}
