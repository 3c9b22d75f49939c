// `ringproof fuzz <world>`: a campaign, guided by coverage, that can be killed and goes on.
import { join } from 'node:path';
import type { Command } from 'commander';
import { EPOCH_RUNS, FuzzCampaign } from '../fuzz/campaign/campaign.host.js';
import type { FuzzResult } from '../fuzz/campaign/fuzz-options.js';
import { inputName, readCorpus, writeAtomically } from '../fuzz/campaign/corpus.host.js';
import type { CampaignState, SeenViolation } from '../fuzz/campaign/feedback.js';
import { fuzzerStats } from '../fuzz/campaign/fuzzer-stats.js';
import { mergeCorpus } from '../fuzz/campaign/merge.host.js';
import type { CampaignWorld } from '../fuzz/campaign/slice.js';
import { quirkById } from '../model/p2p/quirks.js';
import { severityOf } from '../scenarios/check-result.js';
import { EXIT_INTERRUPTED } from './exit-status.js';
import {
  DEFAULT_HEAP_LIMIT_MIB,
  defaultWorkers,
  drawSeed,
  integerOption,
  portablePath,
  profileOption,
  revisionOption,
  strategyOption,
  threadLimits,
  worldOption,
} from './parse-options.js';
import { storedSeed } from '../fuzz/campaign/stored-seed.host.js';
import { stopOnSignals } from './signals.js';

/** Runs when neither --runs nor --time is given. */
const DEFAULT_RUNS = 20_000;
/** Least time between two lines of progress, in ms. */
const LINE_PERIOD_MS = 5_000;
const LIVE_PERIOD_MS = 250;

interface FuzzCommandOptions {
  driver?: string;
  profile: 'fixed' | 'faithful';
  revision: 'seed' | 'current';
  seed?: string;
  runs?: number;
  time?: number;
  workers: number;
  epoch: number;
  strategy?: string;
  corpus?: string;
  out: string;
  merge?: boolean;
  shrink: boolean;
  wallLimit: number;
  heapLimit: number;
  json?: boolean;
  quiet?: boolean;
}

/** Adds the command to the program. */
export function addFuzzCommand(program: Command): void {
  program
    .command('fuzz')
    .description('a campaign guided by coverage: exit 0 when nothing was found, 1 with a finding, 130 interrupted; started again it goes on where it was')
    .argument('<world>', 'what is fuzzed: l4re-p2p')
    .argument('[inputs...]', 'folders of further inputs to begin with')
    .option('--driver <driver>', 'judge this driver, against itself and against scripted guests; without it the server is judged')
    .option('--profile <profile>', 'server: fixed or faithful', profileOption, 'fixed')
    .option('--revision <revision>', 'interface revision of the device: seed or current', revisionOption, 'current')
    .option('--seed <text>', 'seed of the campaign; drawn and printed if not given')
    .option('--runs <n>', `runs in all; ${DEFAULT_RUNS} unless --time is given`, integerOption('--runs', 1))
    .option('--time <seconds>', 'end after so much time', integerOption('--time', 1))
    .option('--workers <n>', 'worker threads; one per core', integerOption('--workers', 1, 256), defaultWorkers())
    .option('--epoch <n>', 'runs after which what was learnt counts', integerOption('--epoch', 16), EPOCH_RUNS)
    .option('--strategy <id>', 'draw every schedule by this strategy (see `ringproof list strategies`); a portfolio chooses', strategyOption)
    .option('--corpus <dir>', 'where inputs are kept; `corpus` in --out')
    .option('--out <dir>', 'where state, findings and statistics go', join('.ringproof', 'fuzz'))
    .option('--merge', 'do not fuzz: leave in the corpus only what its coverage needs')
    .option('--no-shrink', 'leave findings as they were found')
    .option('--wall-limit <ms>', 'wall-clock time one run may take', integerOption('--wall-limit', 100), 20_000)
    .option('--heap-limit <mib>', 'memory a worker may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--json', 'print the result as one JSON document')
    .option('--quiet', 'no progress')
    .action(async (world: string, inputs: string[], options: FuzzCommandOptions) => {
      worldOption(world);
      process.exitCode = options.merge === true ? await merge(inputs, options) : await fuzz(inputs, options);
    });
}

function worldOf(inputs: readonly string[], options: FuzzCommandOptions, seed: string): CampaignWorld {
  const judgesDrivers = options.driver !== undefined;
  const corpora = [...(options.corpus === undefined ? [] : [options.corpus]), ...inputs];
  const seeds = new Map(corpora.flatMap(readCorpus).map((input) => [inputName(input), input]));
  return {
    seed,
    profile: options.profile,
    revision: options.revision,
    judgesDrivers,
    roles: judgesDrivers
      ? [
          ['driver', 'script'],
          ['script', 'driver'],
          ['driver', 'driver'],
        ]
      : [['script', 'script']],
    strategy: options.strategy ?? null,
    seeds: [...seeds.keys()].sort().map((name) => seeds.get(name)!),
  };
}

async function fuzz(inputs: readonly string[], options: FuzzCommandOptions): Promise<number> {
  const isQuiet = options.quiet === true;
  const stored = storedSeed(options.out);
  const seed = options.seed ?? stored?.seed ?? drawSeed();
  const world = { ...worldOf(inputs, options, seed), ...(stored === null ? {} : { seeds: stored.seeds }) };
  const runs = options.runs ?? (options.time === undefined ? DEFAULT_RUNS : null);
  const corpus = options.corpus ?? join(options.out, 'corpus');
  const driver = options.driver === undefined ? null : portablePath(options.driver);
  const what = driver === null ? `the ${options.profile} server` : driver;
  if (!isQuiet) process.stderr.write(`ringproof fuzz l4re-p2p: ${what}, seed ${seed}, ${runs ?? 'endless'} runs, ${options.workers} workers\n`);
  const { wallMs, loadMs } = threadLimits(options);
  const progress = new CampaignProgress(isQuiet, join(options.out, 'fuzzer_stats'), what);
  const campaign = new FuzzCampaign({
    ...{ world, driver, runs, workers: options.workers, epochRuns: options.epoch, folder: options.out, corpus },
    ...{ wallLimitMs: wallMs, loadLimitMs: loadMs, heapLimitMiB: options.heapLimit, isShrinking: options.shrink },
    onProgress: (state, made, workers) => progress.update(state, made, workers),
    onFinding: (finding) => progress.found(finding),
  });
  let isInterrupted = false;
  stopOnSignals(() => {
    isInterrupted = true;
    campaign.stop();
  }, isQuiet);
  const timer = options.time === undefined ? null : setTimeout(() => campaign.endRuns(), options.time * 1000);
  const result = await campaign.run().finally(() => {
    if (timer !== null) clearTimeout(timer);
    progress.finish();
  });
  progress.write(result.state, options.workers);
  process.stdout.write(options.json === true ? `${JSON.stringify(documentOf(result, world), null, 2)}\n` : textOf(result, options.out));
  return isInterrupted ? EXIT_INTERRUPTED : result.findings.some(isGrave) || result.lostRuns.length > 0 ? 1 : 0;
}

async function merge(inputs: readonly string[], options: FuzzCommandOptions): Promise<number> {
  const corpus = options.corpus ?? join(options.out, 'corpus');
  const world = { ...worldOf([], { ...options, corpus }, options.seed ?? 'merge'), seeds: [] };
  const limits = threadLimits(options);
  const driver = options.driver === undefined ? null : portablePath(options.driver);
  const { before, after, features } = await mergeCorpus({ world, driver, corpus, inputs, heapLimitMiB: options.heapLimit, limitMs: limits.wallMs });
  process.stdout.write(`${after} of ${before} inputs are needed for ${features} features; ${corpus} holds them\n`);
  return 0;
}

/** Findings that fail a campaign: everything but warnings. */
function isGrave({ violation }: FuzzResult['findings'][0]): boolean {
  return severityOf(violation.level as Parameters<typeof severityOf>[0]) !== 'warning';
}

/** Progress of a campaign: a line on stderr, and the file fuzzer_stats. */
class CampaignProgress {
  private readonly startMs = performance.now();
  private readonly isLive: boolean;
  private firstRuns = -1;
  private lastMs = 0;
  private readonly isQuiet: boolean;
  private readonly statsPath: string;
  private readonly banner: string;

  constructor(isQuiet: boolean, statsPath: string, banner: string) {
    this.isQuiet = isQuiet;
    this.statsPath = statsPath;
    this.banner = banner;
    this.isLive = process.stderr.isTTY && process.env['CI'] === undefined;
  }

  update(state: CampaignState, made: number, workers: number): void {
    if (this.firstRuns < 0) this.firstRuns = state.runs;
    const nowMs = performance.now();
    if (nowMs - this.lastMs < (this.isLive ? LIVE_PERIOD_MS : LINE_PERIOD_MS)) return;
    this.lastMs = nowMs;
    this.write(state, workers);
    if (this.isQuiet) return;
    const seconds = (nowMs - this.startMs) / 1000;
    const perSecond = Math.round((state.runs + made - this.firstRuns) / seconds);
    const seen = `cov: ${state.featureCount} corp: ${state.corpus.length} found: ${state.findings.size}`;
    const line = `#${state.runs + made} ${seen} exec/s: ${perSecond} new/run: ${state.expectedNewFeatures.toExponential(1)}`;
    process.stderr.write(this.isLive ? `\r${line}\u001b[K` : `${line}\n`);
  }

  found({ runIndex, quirk, message }: SeenViolation): void {
    if (this.isQuiet) return;
    process.stderr.write(`${this.isLive ? '\r\u001b[K' : ''}#${runIndex} NEW ${causeText(quirk)}${message}\n`);
  }

  write(state: CampaignState, workers: number): void {
    const seconds = (performance.now() - this.startMs) / 1000;
    writeAtomically(this.statsPath, fuzzerStats(state, { seconds, runs: state.runs - Math.max(0, this.firstRuns), workers }, this.banner));
  }

  finish(): void {
    if (this.isLive && !this.isQuiet) process.stderr.write('\r\u001b[K');
  }
}

/** The deviation that a finding was traced to, as the beginning of its line; empty when it was traced to none. */
function causeText(quirk: SeenViolation['quirk']): string {
  return quirk === null ? '' : `${quirk} (${quirkById(quirk)?.title ?? ''}): `;
}

function textOf({ state, findings, resumedAt, lostRuns }: FuzzResult, folder: string): string {
  const lines = findings.map(({ violation: { quirk, level, party, message, clauseIds }, count, repro }) => {
    const replay = repro === null ? 'no repro' : `ringproof replay ${repro}`;
    return `${causeText(quirk)}${level} broken by the ${party}: ${message} [${clauseIds.join(', ')}] ${count} runs\n  ${replay}`;
  });
  for (const run of lostRuns) lines.push(`run ${run} came to no end, twice, and was left out`);
  for (const run of state.divergences) lines.push(`run ${run} was different when it was repeated`);
  const resumed = resumedAt > 0 ? `, the first ${resumedAt} of them earlier` : '';
  lines.push(
    `${state.runs} runs${resumed}, ${state.featureCount} features, ${state.corpus.length} inputs, ${findings.length} findings, digest ${state.digest}.`,
    `A further fresh run may be expected to show ${state.expectedNewFeatures.toPrecision(2)} new features; ` +
      `at least ${Math.round(state.unseenFeatures)} are unseen.`,
    `State, findings and statistics are in ${folder}.`,
  );
  return `${lines.join('\n')}\n`;
}

function documentOf({ state, findings, lostRuns, stopped }: FuzzResult, world: CampaignWorld): object {
  return {
    schema: 'ringproof-fuzz/1',
    seed: world.seed,
    profile: world.profile,
    runs: state.runs,
    events: state.events,
    digest: state.digest,
    features: state.featureCount,
    corpus: state.corpus.length,
    expectedNewFeatures: state.expectedNewFeatures,
    unseenFeatures: state.unseenFeatures,
    stopped,
    lostRuns,
    differingRuns: state.divergences,
    faults: state.faults,
    findings: findings.map(({ violation, count, repro }) => {
      const { key, quirk, fingerprint, ruleId, clauseIds, level, party, message, runIndex } = violation;
      return { key, quirk, fingerprint, rule: ruleId, clauses: clauseIds, level, party, message, run: runIndex, count, repro };
    }),
  };
}
