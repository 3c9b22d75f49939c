// A whole check, or a shard of one: first pass against the fixed server, second against the original's behaviour, repros
// saved as they come, result summed up.
import { isAbsolute, relative } from 'node:path';
import { identityOf } from '../drivers/load-driver.host.js';
import { builtInSubject } from '../drivers/builtin.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { Execution } from '../scenarios/execution.js';
import type { Claim } from '../model/rules/claim.js';
import type { SpecVersion } from '../model/rules/spec-versions.js';
import { type DeviceKindId, deviceKind } from '../scenarios/device-kind.js';
import type { CheckResult } from '../scenarios/check-result.js';
import type { Mode, ScenarioDefinition } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { Campaign, type CampaignResult } from './check-campaign.host.js';
import { Gathering } from './check-gathering.host.js';
import type { CheckIdentity, CheckMaterial, DivergentRun, PassMaterial } from './check-material.js';
import { summarize } from './check-summary.js';
import type { DriverIdentity } from './finding-repro.js';
import type { RecordedFinding } from './recorded-run.js';
import type { Divergence } from './run-batch.js';
import { RunPlan } from './run-plan.js';
import type { ScriptCoverage } from './script-coverage.host.js';
import { drawn } from './strategies/drawn-run.js';
import { shrinkFindings } from './shrink-findings.host.js';
import { type Shard, type ShardNumber, shardRange } from './shard.js';
import { MODEL_VERSION, TOOL_VERSION } from '../scenarios/versions.host.js';

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
  /** Strategy of all runs; absent = the default portfolio. */
  readonly strategy?: string;
  readonly capture: string | null;
  /** Null = the fixed server judges and a second pass lists quirks of the original. */
  readonly profile: 'fixed' | 'faithful' | null;
  readonly revision: 'seed' | 'current';
  readonly device: DeviceKindId;
  readonly spec: SpecVersion;
  /** Deviations of the server that are the other way round than in its profile; with any, the server is judged, too, and there is no second pass. */
  readonly deviations: readonly DeviationId[];
  /** Which part of the check is made; absent = all of it. */
  readonly shard?: ShardNumber;
  /** Features the driver claims; absent = all there are. */
  readonly claimedFeatures?: readonly string[];
  /** Told what was executed of the driver's files, by worker, when the runs are made; absent = it is not counted. */
  readonly onCoverage?: (scripts: readonly (readonly ScriptCoverage[])[]) => void;
  readonly outFolder: string;
  /** Runs that may be spent on making the run of each finding smaller; 0 = repros stay as they were found. */
  readonly shrinkRuns: number;
  /** Wall-clock time a run may take, in ms. */
  readonly wallLimitMs: number;
  /** Wall-clock time loading the driver may take, in ms. */
  readonly loadLimitMs: number;
  /** Memory a driver's thread may use, in MiB. */
  readonly heapLimitMiB: number;
  readonly writeFile: (path: string, contents: string) => void;
  readonly progress: (title: string, total: number, unit: string) => { update(done: number): void; finish(): void };
  /** Registers what is to be called when the user interrupts. */
  readonly onInterrupt: (stop: () => void) => void;
}

/** Makes the check. Rejects with UnusableInput when the driver cannot be used, and with what writeFile threw. */
export async function runCheck(request: CheckRequest): Promise<CheckResult> {
  const { material, gathering } = await gather(request);
  return summarize(material, gathering.paths);
}

/** Makes one shard of a check. Rejects as runCheck does. */
export async function runShard(request: CheckRequest & { readonly shard: ShardNumber }): Promise<Shard> {
  const { material, gathering } = await gather(request);
  return { number: request.shard, tool: TOOL_VERSION, modelVersion: MODEL_VERSION, material, repros: gathering.repros };
}

async function gather(request: CheckRequest): Promise<{ readonly material: CheckMaterial; readonly gathering: Gathering }> {
  const driver = identityOf(request.driver);
  const gathering = new Gathering(request, driver);
  request.onInterrupt(() => gathering.interrupt());
  const judged = request.profile ?? 'fixed';
  const plan = planOf(request, judged);
  const first = await runPass(request, judged, request.runs, gathering, (finding) => gathering.save(finding));
  const outside = first.lostRuns.map(({ runIndex, reason }) => ({ runIndex, reason, request: plan.planned(runIndex) }));
  gathering.saveOutside(outside);
  const isWhole = request.profile === null && request.deviations.length === 0 && deviceKind(request.device).hasSecondPass;
  const wantsSecond = isWhole && !gathering.isInterrupted && first.stopped === 'finished' && first.internalError === null;
  const secondRuns = Math.max(1, Math.floor(request.runs * SECOND_PASS_SHARE));
  const second = wantsSecond ? await runPass(request, 'faithful', secondRuns, gathering, () => undefined) : null;
  request.onCoverage?.([...first.scripts, ...(second?.scripts ?? [])]);
  const divergences = [...first.divergences, ...(second?.divergences ?? [])];
  const ours = divergences.slice(0, EXAMINED_DIVERGENCES).find((divergence) => !isStableWithBuiltin(divergence));
  if (ours === undefined) gathering.saveDifference(divergences);
  await makeSmaller(request, driver, gathering);
  const material: CheckMaterial = {
    identity: identityIn(request, driver.digest, plan),
    fixed: passMaterial(first),
    faithful: second === null ? null : passMaterial(second),
    recorded: gathering.details,
    outside: outside.map(({ runIndex, reason, request: made }) => ({ runIndex, reason, ...placeOf(made) })),
    divergences: divergences.map(divergentRun),
    unstableRun: ours?.runIndex ?? null,
    isInterrupted: gathering.isInterrupted,
    internalError: first.internalError ?? second?.internalError ?? null,
    missingShards: [],
  };
  return { material, gathering };
}

/** Makes the repros smaller that were found. */
async function makeSmaller(request: CheckRequest, driver: DriverIdentity, gathering: Gathering): Promise<void> {
  const repros = gathering.shrinkable;
  if (request.shrinkRuns === 0 || repros.length === 0 || gathering.isInterrupted) return;
  const { shrinkRuns, workers, wallLimitMs, loadLimitMs, heapLimitMiB } = request;
  const progress = request.progress('making findings smaller', repros.length, 'findings');
  await shrinkFindings({
    repros,
    driver,
    runLimit: shrinkRuns,
    workers,
    limits: { wallMs: wallLimitMs, loadMs: loadLimitMs, heapMiB: heapLimitMiB },
    mayGoOn: () => !gathering.isInterrupted,
    onSmaller: (finding) => gathering.replace(finding),
    onDone: (done) => progress.update(done),
  }).finally(progress.finish);
}

function identityIn(request: CheckRequest, driverDigest: string, plan: RunPlan): CheckIdentity {
  const { driver, seed, budget, runs, profile, revision, device, spec, deviations, modes, memories, scenarios, claimedFeatures } = request;
  return {
    // Relative, so that a report does not depend on where the check was made.
    driverName: isAbsolute(driver) ? relative(process.cwd(), driver) : driver,
    driverDigest,
    seed,
    budget,
    runs,
    profile: profile ?? 'fixed',
    revision,
    device,
    spec,
    deviations: [...deviations],
    modes: [...modes],
    memories: [...memories],
    ...strategyOf(request),
    scenarios: scenarios.map(({ id, title }) => ({ id, title })),
    claimedFeatures: claimedFeatures === undefined ? null : [...claimedFeatures],
    smallestRuns: plan.smallestCount,
  };
}

function passMaterial({ tally, strays, stopped }: CampaignResult): PassMaterial {
  return { tally, strays, stopped };
}

function placeOf({ scenario, mode, memory }: Divergence['request']): { scenario: string; mode: string; memory: string } {
  return { scenario: scenario.id, mode, memory };
}

function divergentRun({ runIndex, request, difference }: Divergence): DivergentRun {
  if (difference === null) return { runIndex, ...placeOf(request), difference };
  const { eventIndex, before, first, second } = difference;
  return { runIndex, ...placeOf(request), difference: { eventIndex, before, first, second } };
}

function planOf(request: CheckRequest, profile: 'fixed' | 'faithful'): RunPlan {
  const { seed, revision, deviations, memories, modes, scenarios } = request;
  return new RunPlan({ seed, profile, revision, deviations, memories, modes, scenarios, claim: claimOf(request), ...strategyOf(request) });
}

function claimOf({ spec, claimedFeatures }: CheckRequest): Claim {
  return { spec, features: claimedFeatures ?? null };
}

async function runPass(
  request: CheckRequest,
  profile: 'fixed' | 'faithful',
  runs: number,
  gathering: Gathering,
  onFinding: (finding: RecordedFinding) => void,
): Promise<CampaignResult> {
  const { driver, seed, revision, deviations, memories, modes, capture, workers, wallLimitMs, loadLimitMs, heapLimitMiB } = request;
  const { from, to } = shardRange(runs, request.shard ?? null);
  const progress = request.progress(profile === (request.profile ?? 'fixed') ? 'judging' : 'original server', to - from, 'runs');
  const campaign = new Campaign({
    setup: {
      driver,
      seed,
      profile,
      revision,
      claim: claimOf(request),
      deviations,
      memories,
      modes,
      scenarios: request.scenarios.map((scenario) => scenario.id),
      capture,
      countsCoverage: request.onCoverage !== undefined,
      ...strategyOf(request),
    },
    from,
    to,
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

function strategyOf({ strategy }: CheckRequest): { readonly strategy?: string } {
  return strategy === undefined ? {} : { strategy };
}

/** Whether a run that differed for the judged driver is the same twice with a built-in one: then it is the driver's fault. */
function isStableWithBuiltin({ request }: Divergence): boolean {
  const execution = new Execution({ onRunStart: () => undefined });
  const subject = builtInSubject('full')!;
  const digest = (): string => execution.run(request, subject, drawn(request)).digest;
  return digest() === digest();
}
