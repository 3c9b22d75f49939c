// A whole check: first pass against the fixed server, second against the original's behaviour, repros saved as
// they come, result summed up.
import { join, relative } from 'node:path';
import { identityOf } from '../drivers/load-driver.host.js';
import { builtInSubject } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import { QUICK_RUN } from '../scenarios/outcome.js';
import type { CheckResult } from '../scenarios/check-result.js';
import type { Mode, ScenarioDefinition } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { Campaign, type CampaignResult } from './check-campaign.host.js';
import { summarize } from './check-summary.js';
import { type DriverIdentity, reproFileText } from './finding-repro.js';
import type { Divergence, RecordedFinding } from './run-batch.js';

/** Memory a driver's worker may use, in MiB. */
const MEMORY_LIMIT_MIB = 768;
/** Share of the runs that the second pass makes. */
const SECOND_PASS_SHARE = 1 / 4;

/** What a check is asked to do. */
export interface CheckRequest {
  readonly driver: string;
  readonly seed: string;
  readonly runs: number;
  readonly budget: string;
  readonly workers: number;
  readonly modes: readonly Mode[];
  readonly memories: readonly Exclude<MemoryModel, 'sc'>[];
  readonly scenarios: readonly ScenarioDefinition[];
  readonly capture: string | null;
  /** Null = the fixed server judges and a second pass lists quirks of the original. */
  readonly profile: 'fixed' | 'faithful' | null;
  readonly revision: 'seed' | 'current';
  readonly outFolder: string;
  readonly wallLimitMs: number;
  readonly writeFile: (path: string, contents: string) => void;
  readonly progress: (title: string, total: number) => { update(done: number): void; finish(): void };
  /** Registers what is to be called when the user interrupts. */
  readonly onInterrupt: (stop: () => void) => void;
}

/** Result of a check; `unusable` is the one line that says why there is none. */
export interface CheckOutcome {
  readonly result: CheckResult | null;
  readonly unusable: string | null;
}

/** Makes the check. */
export async function runCheck(request: CheckRequest): Promise<CheckOutcome> {
  const driver = identityOf(request.driver);
  const recorded = new Map<string, RecordedFinding>();
  const repros = new Map<string, string>();
  const judged = request.profile ?? 'fixed';
  const first = await runPass(request, judged, request.runs, (finding) => save(request, driver, finding, recorded, repros));
  if (first.unusable !== null) return { result: null, unusable: first.unusable };
  const wantsSecond = request.profile === null && first.stopped === 'finished' && first.internalError === null;
  const secondRuns = Math.max(1, Math.floor(request.runs * SECOND_PASS_SHARE));
  const second = wantsSecond ? await runPass(request, 'faithful', secondRuns, () => undefined) : null;
  const divergences = [...first.divergences, ...(second?.divergences ?? [])];
  const isOurs = divergences.some((divergence) => !isStableWithBuiltin(divergence));
  const result = summarize({
    driverName: request.driver,
    driverDigest: driver.digest,
    seed: request.seed,
    budget: request.budget,
    revision: request.revision,
    fixed: first,
    faithful: second,
    scenarios: request.scenarios,
    recorded,
    repros,
    isDriverNondeterministic: divergences.length > 0 && !isOurs,
    internalError:
      first.internalError ??
      second?.internalError ??
      (isOurs ? `run ${divergences[0]!.runIndex} of a built-in driver differs when repeated` : null),
  });
  return { result, unusable: null };
}

async function runPass(
  request: CheckRequest,
  profile: 'fixed' | 'faithful',
  runs: number,
  onFinding: (finding: RecordedFinding) => void,
): Promise<CampaignResult> {
  const { driver, seed, revision, memories, modes, capture, workers, wallLimitMs } = request;
  const title = profile === 'fixed' ? 'judging' : 'original server';
  const progress = request.progress(title, runs);
  const campaign = new Campaign({
    setup: { driver, seed, profile, revision, memories, modes, scenarios: request.scenarios.map((scenario) => scenario.id), capture },
    runs,
    workers,
    wallLimitMs,
    memoryLimitMiB: MEMORY_LIMIT_MIB,
    onProgress: (made) => progress.update(made),
    onBatch: (batch) => batch.recorded.forEach(onFinding),
  });
  request.onInterrupt(() => campaign.stop());
  const result = await campaign.run();
  progress.finish();
  return result;
}

/** Saves the repro of a finding unless one of an earlier run is there. */
function save(
  request: CheckRequest,
  driver: DriverIdentity,
  finding: RecordedFinding,
  recorded: Map<string, RecordedFinding>,
  repros: Map<string, string>,
): void {
  const known = recorded.get(finding.fingerprint);
  if (known !== undefined && known.runIndex <= finding.runIndex) return;
  recorded.set(finding.fingerprint, finding);
  // Relative, so that a report does not depend on where the check was made.
  const path = join(relative(process.cwd(), request.outFolder), 'repro', `${finding.fingerprint}.json`);
  request.writeFile(path, reproFileText(finding, driver));
  repros.set(finding.fingerprint, path);
}

/** Whether a run that differed for the judged driver is the same twice with a built-in one: then it is the driver's fault. */
function isStableWithBuiltin({ request }: Divergence): boolean {
  const execution = new Execution({ onRunStart: () => undefined });
  const subject = builtInSubject('full')!;
  return execution.run(request, subject, QUICK_RUN).digest === execution.run(request, subject, QUICK_RUN).digest;
}
