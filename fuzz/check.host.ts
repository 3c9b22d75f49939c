// A whole check: first pass against the fixed server, second against the original's behaviour, repros saved as
// they come, result summed up.
import { isAbsolute, join, relative } from 'node:path';
import { identityOf } from '../drivers/load-driver.host.js';
import { builtInSubject } from '../drivers/builtin.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { Execution } from '../scenarios/execution.js';
import { QUICK_RUN } from '../scenarios/outcome.js';
import type { CheckResult } from '../scenarios/check-result.js';
import type { Mode, ScenarioDefinition } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { Campaign, type CampaignResult } from './check-campaign.host.js';
import { summarize } from './check-summary.js';
import { placeInSentence } from './driver-place.host.js';
import { REPETITION_RULE } from './finding-list.js';
import { type DriverIdentity, outsideReproOf, repetitionReproOf, reproFileText, reproOf } from './finding-repro.js';
import { type OutsideFailure, lowestOfEachReason, outsideFingerprint } from './outside-failure.js';
import type { RecordedFinding } from './recorded-run.js';
import type { Divergence } from './run-batch.js';
import { RunPlan } from './run-plan.js';

/** Share of the runs that the second pass makes. */
const SECOND_PASS_SHARE = 1 / 4;
/** Runs that differed which are made with a built-in driver, to see whose fault it is. */
const EXAMINED_DIVERGENCES = 3;

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
  /** Deviations of the server that are the other way round than in its profile; with any, the server is judged, too, and there is no second pass. */
  readonly deviations: readonly DeviationId[];
  readonly outFolder: string;
  /** Wall-clock time a run may take, in ms. */
  readonly wallLimitMs: number;
  /** Wall-clock time loading the driver may take, in ms. */
  readonly loadLimitMs: number;
  /** Memory a driver's thread may use, in MiB. */
  readonly heapLimitMiB: number;
  readonly writeFile: (path: string, contents: string) => void;
  readonly progress: (title: string, total: number) => { update(done: number): void; finish(): void };
  /** Registers what is to be called when the user interrupts. */
  readonly onInterrupt: (stop: () => void) => void;
}

/** What a check gathers while it runs. */
class Gathering {
  /** Recorded runs by fingerprint, lowest run each. */
  readonly recorded = new Map<string, RecordedFinding>();
  /** Repro files by fingerprint. */
  readonly repros = new Map<string, string>();
  isInterrupted = false;
  /** The pass under way. */
  campaign: Campaign | null = null;
  private readonly request: CheckRequest;
  private readonly driver: DriverIdentity;

  constructor(request: CheckRequest, driver: DriverIdentity) {
    this.request = request;
    this.driver = driver;
  }

  /** Saves the repro of a finding unless one of an earlier run is there. */
  save(finding: RecordedFinding): void {
    const known = this.recorded.get(finding.fingerprint);
    if (known !== undefined && known.runIndex <= finding.runIndex) return;
    const place = finding.place ?? this.placeSaid(finding.detail);
    this.recorded.set(finding.fingerprint, { ...finding, place });
    this.write(finding.fingerprint, reproOf(finding, this.driver));
  }

  /** Saves the repro of the lowest run that was caught differing. */
  saveDifference(divergences: readonly Divergence[]): void {
    for (const { runIndex, request, difference } of divergences) {
      if (difference === null) continue;
      this.write(REPETITION_RULE, repetitionReproOf({ runIndex, request, difference }, this.driver));
      return;
    }
  }

  /** Saves the repros of runs that made no end. */
  saveOutside(failures: readonly OutsideFailure[]): void {
    for (const failure of lowestOfEachReason(failures))
      this.write(outsideFingerprint(failure.reason), outsideReproOf(failure, this.driver));
  }

  interrupt(): void {
    this.isInterrupted = true;
    this.campaign?.stop();
  }

  /** The place a thrown error names. */
  private placeSaid(detail: string | null): RecordedFinding['place'] {
    const { path } = this.driver;
    return detail === null || path === null ? null : placeInSentence(detail, path);
  }

  private write(fingerprint: string, repro: ReturnType<typeof reproOf>): void {
    // Relative, so that a report does not depend on where the check was made.
    const path = join(relative(process.cwd(), this.request.outFolder), 'repro', `${fingerprint}.json`);
    this.request.writeFile(path, reproFileText(repro));
    this.repros.set(fingerprint, path);
  }
}

/** Makes the check. Rejects with UnusableInput when the driver cannot be used, and with what writeFile threw. */
export async function runCheck(request: CheckRequest): Promise<CheckResult> {
  const driver = identityOf(request.driver);
  const gathering = new Gathering(request, driver);
  request.onInterrupt(() => gathering.interrupt());
  const judged = request.profile ?? 'fixed';
  const plan = planOf(request, judged);
  const first = await runPass(request, judged, request.runs, gathering, (finding) => gathering.save(finding));
  const outside = first.lostRuns.map(({ runIndex, reason }) => ({ runIndex, reason, request: plan.planned(runIndex) }));
  gathering.saveOutside(outside);
  const isWhole = request.profile === null && request.deviations.length === 0;
  const wantsSecond = isWhole && !gathering.isInterrupted && first.stopped === 'finished' && first.internalError === null;
  const secondRuns = Math.max(1, Math.floor(request.runs * SECOND_PASS_SHARE));
  const second = wantsSecond ? await runPass(request, 'faithful', secondRuns, gathering, () => undefined) : null;
  const divergences = [...first.divergences, ...(second?.divergences ?? [])];
  const ours = divergences.slice(0, EXAMINED_DIVERGENCES).find((divergence) => !isStableWithBuiltin(divergence));
  if (ours === undefined) gathering.saveDifference(divergences);
  return summarize({
    // Relative, so that a report does not depend on where the check was made.
    driverName: isAbsolute(request.driver) ? relative(process.cwd(), request.driver) : request.driver,
    driverDigest: driver.digest,
    seed: request.seed,
    budget: request.budget,
    profile: judged,
    revision: request.revision,
    fixed: first,
    faithful: second,
    scenarios: request.scenarios,
    recorded: gathering.recorded,
    repros: gathering.repros,
    outside,
    smallestRuns: plan.smallestCount,
    isInterrupted: gathering.isInterrupted,
    divergences: ours === undefined ? divergences : [],
    internalError:
      first.internalError ??
      second?.internalError ??
      (ours === undefined ? null : `run ${ours.runIndex} of a built-in driver differs when repeated`),
  });
}

function planOf({ seed, revision, deviations, memories, modes, scenarios }: CheckRequest, profile: 'fixed' | 'faithful'): RunPlan {
  return new RunPlan({ seed, profile, revision, deviations, memories, modes, scenarios });
}

async function runPass(
  request: CheckRequest,
  profile: 'fixed' | 'faithful',
  runs: number,
  gathering: Gathering,
  onFinding: (finding: RecordedFinding) => void,
): Promise<CampaignResult> {
  const { driver, seed, revision, deviations, memories, modes, capture, workers, wallLimitMs, loadLimitMs, heapLimitMiB } = request;
  const progress = request.progress(profile === (request.profile ?? 'fixed') ? 'judging' : 'original server', runs);
  const campaign = new Campaign({
    setup: {
      driver,
      seed,
      profile,
      revision,
      deviations,
      memories,
      modes,
      scenarios: request.scenarios.map((scenario) => scenario.id),
      capture,
    },
    runs,
    workers,
    wallLimitMs,
    loadLimitMs,
    heapLimitMiB,
    onProgress: (made) => progress.update(made),
    onBatch: (batch) => batch.recorded.forEach(onFinding),
  });
  gathering.campaign = campaign;
  if (gathering.isInterrupted) campaign.stop();
  try {
    return await campaign.run();
  } finally {
    progress.finish();
  }
}

/** Whether a run that differed for the judged driver is the same twice with a built-in one: then it is the driver's fault. */
function isStableWithBuiltin({ request }: Divergence): boolean {
  const execution = new Execution({ onRunStart: () => undefined });
  const subject = builtInSubject('full')!;
  return execution.run(request, subject, QUICK_RUN).digest === execution.run(request, subject, QUICK_RUN).digest;
}
