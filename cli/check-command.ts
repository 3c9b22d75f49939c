// `ringproof check [driver]`: the main job. Options in, runs made, repros and reports out.
import type { Command } from 'commander';
import { type CheckOutcome, runCheck } from '../fuzz/check.host.js';
import { allScenarios } from '../fuzz/plan-scenarios.host.js';
import { jsonReport } from '../reports/json.js';
import { colourPainter, plainPainter, wantsColour } from '../reports/style.js';
import { PLAIN_TERMINAL, terminalReport } from '../reports/terminal.js';
import { type FailOn, exitStatusOf } from '../scenarios/check-result.js';
import type { Mode } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { UsageError } from './exit-status.js';
import {
  budgetOption,
  defaultWorkers,
  drawSeed,
  failOnOption,
  integerOption,
  memoryOption,
  modeOption,
  profileOption,
  repeated,
  revisionOption,
  schedulesOf,
  worldOption,
} from './parse-options.js';
import { startProgress } from './progress.js';
import { EVENT_NAMES, parseReportRequest, writeReports, writeResultFile } from './report-files.js';

/** Runs of the first pass by budget; the second pass makes a quarter as many. */
export const BUDGET_RUNS: Readonly<Record<'smoke' | 'default' | 'night', number>> = { smoke: 600, default: 4_000, night: 400_000 };

interface CheckOptions {
  seed?: string;
  budget: keyof typeof BUDGET_RUNS;
  runs?: number;
  workers?: number;
  mode?: Mode[];
  memory?: MemoryModel;
  scenario?: string[];
  capture?: string;
  profile?: 'fixed' | 'faithful';
  revision: 'seed' | 'current';
  failOn: FailOn;
  out: string;
  report?: string[];
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  wallLimit: number;
}

/** Adds the command to the program. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('check a driver for conformance over all scenarios: clause table, findings, one repro file per distinct finding')
    .argument('[driver]', 'path of a driver module (.mjs, .js) or builtin:<name>; none = the full reference driver', 'builtin:full')
    .option('--seed <text>', 'seed of all choices; drawn and printed if not given')
    .option('--budget <name>', 'smoke (about 5 s), default (about 30 s), night (about 30 min)', budgetOption, 'default')
    .option('--runs <n>', 'number of runs instead of a budget', integerOption('--runs', 1))
    .option('--workers <n>', 'worker threads, default one per core', integerOption('--workers', 1, 64))
    .option('--mode <mode>', 'coarse, fine or weak; repeatable, default all', (text: string, earlier?: Mode[]) => [
      ...(earlier ?? []),
      modeOption(text),
    ])
    .option('--memory <model>', 'sc, tso, pso or relaxed; default all weak models in turn', memoryOption)
    .option('--world <world>', 'the link', worldOption, 'l4re-p2p')
    .option('--scenario <id>', 'only this scenario; repeatable (see `ringproof list scenarios`)', repeated)
    .option('--capture <file>', 'replay this pcap or pcapng capture as workload, too')
    .option('--profile <profile>', 'judge against this server only: fixed or faithful', profileOption)
    .option('--revision <revision>', 'interface revision of the device: seed or current', revisionOption, 'current')
    .option('--fail-on <level>', 'least severity that fails the check: must, should, finding, quirk', failOnOption, 'must')
    .option('--wall-limit <ms>', 'wall-clock time a single run may take', integerOption('--wall-limit', 100), 20_000)
    .option('--out <dir>', 'where repro files go', '.ringproof')
    .option('--report <kind=path>', 'write a report: terminal, json or junit; repeatable', repeated)
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--verbose', 'unfold the clause table')
    .option('--quiet', 'no progress')
    .action(async (driver: string, options: CheckOptions) => {
      process.exitCode = await check(driver, options);
    });
}

async function check(driver: string, options: CheckOptions): Promise<number> {
  const reports = (options.report ?? []).map(parseReportRequest);
  const { modes, memories } = schedulesOf(options.mode, options.memory);
  const scenarios = allScenarios(options.capture ?? null);
  const ids = options.scenario ?? scenarios.map((scenario) => scenario.id);
  const unknown = ids.find((id) => !scenarios.some((scenario) => scenario.id === id));
  if (unknown !== undefined)
    throw new UsageError(`--scenario: there is no scenario "${unknown}"; there are ${scenarios.map((scenario) => scenario.id).join(', ')}`);
  const seed = options.seed ?? drawSeed();
  const runs = options.runs ?? BUDGET_RUNS[options.budget];
  const isQuiet = options.quiet === true;
  if (!isQuiet) process.stderr.write(`ringproof check ${driver}, seed ${seed}\n`);
  const outcome = await runCheck({
    driver,
    seed,
    runs,
    budget: options.runs === undefined ? options.budget : `${runs} runs`,
    workers: options.workers ?? defaultWorkers(),
    modes,
    memories,
    scenarios: scenarios.filter((scenario) => ids.includes(scenario.id)),
    capture: options.capture ?? null,
    profile: options.profile ?? null,
    revision: options.revision,
    outFolder: options.out,
    wallLimitMs: options.wallLimit,
    writeFile: writeResultFile,
    progress: (title, total) => startProgress(title, total, isQuiet),
    onInterrupt: (stop) => process.once('SIGINT', stop).once('SIGTERM', stop),
  });
  return present(outcome, options, reports);
}

function present(outcome: CheckOutcome, options: CheckOptions, reports: ReturnType<typeof parseReportRequest>[]): number {
  if (outcome.unusable !== null) throw new UsageError(outcome.unusable);
  const result = outcome.result!;
  writeReports(reports, result, options.failOn);
  if (options.json === true) process.stdout.write(jsonReport(result, EVENT_NAMES));
  else {
    const painter = wantsColour(process.env, process.stdout.isTTY) ? colourPainter : plainPainter;
    process.stdout.write(terminalReport(result, { ...PLAIN_TERMINAL, painter, names: EVENT_NAMES, isVerbose: options.verbose === true }));
  }
  if (result.internalError !== null) process.stderr.write(`ringproof: internal error: ${result.internalError}\n`);
  return exitStatusOf(result, options.failOn);
}
