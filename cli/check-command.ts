// `ringproof check [driver]`: the main job. Options in, runs made, repros and reports out.
import type { Command } from 'commander';
import { BUILT_IN_PREFIX, deviationsOfBuiltIn } from '../drivers/builtin.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { runCheck } from '../fuzz/check.host.js';
import { checkScenarios } from '../fuzz/plan-scenarios.host.js';
import { jsonReport } from '../reports/json.js';
import { colourPainter, plainPainter, wantsColour } from '../reports/style.js';
import { PLAIN_TERMINAL, terminalReport } from '../reports/terminal.js';
import { type CheckResult, type FailOn, exitStatusOf } from '../scenarios/check-result.js';
import type { Mode, ScenarioDefinition } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { UsageError } from './exit-status.js';
import {
  DEFAULT_HEAP_LIMIT_MIB,
  budgetOption,
  defaultWorkers,
  deviationOption,
  drawSeed,
  failOnOption,
  integerOption,
  memoryOption,
  modeOption,
  portablePath,
  profileOption,
  repeated,
  revisionOption,
  schedulesOf,
  threadLimits,
  worldOption,
} from './parse-options.js';
import { startProgress } from './progress.js';
import {
  EVENT_NAMES,
  type ReportRequest,
  parseReportRequest,
  prepareFile,
  prepareFolder,
  writeReports,
  writeResultFile,
} from './report-files.js';
import { stopOnSignals } from './signals.js';

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
  deviation?: DeviationId[];
  failOn: FailOn;
  out: string;
  report?: string[];
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  wallLimit: number;
  heapLimit: number;
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
    .option('--deviation <id>', 'judge the server, too, with one deviation switched round (such as M1); repeatable', deviationOption)
    .option('--fail-on <level>', 'least severity that fails the check: must, should, finding, quirk', failOnOption, 'must')
    .option('--wall-limit <ms>', 'wall-clock time a single run may take', integerOption('--wall-limit', 100), 60_000)
    .option('--heap-limit <mib>', 'memory the driver may use in each worker', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--out <dir>', 'where repro files go', '.ringproof')
    .option('--report <kind=path>', 'write a report: terminal, json, junit, sarif, markdown or html; repeatable', repeated)
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--verbose', 'unfold the clause table')
    .option('--quiet', 'no progress')
    .action(async (driver: string, options: CheckOptions) => {
      process.exitCode = await check(driver, options);
    });
}

async function check(given: string, options: CheckOptions): Promise<number> {
  const driver = portablePath(given);
  const reports = (options.report ?? []).map(parseReportRequest);
  const { modes, memories } = schedulesOf(options.mode, options.memory);
  const deviations = [
    ...(options.deviation ?? []),
    ...deviationsOfBuiltIn(given.startsWith(BUILT_IN_PREFIX) ? given.slice(BUILT_IN_PREFIX.length) : ''),
  ];
  const scenarios = chosenScenarios(options, modes, deviations.length > 0);
  prepareFolder(options.out);
  for (const { path } of reports) prepareFile(path);
  const seed = options.seed ?? drawSeed();
  const runs = options.runs ?? BUDGET_RUNS[options.budget];
  const { wallMs, loadMs, heapMiB } = threadLimits(options);
  const isQuiet = options.quiet === true;
  if (!isQuiet) process.stderr.write(`ringproof check ${driver}, seed ${seed}\n`);
  const result = await runCheck({
    driver,
    seed,
    runs,
    budget: options.runs === undefined ? options.budget : `${runs} runs`,
    workers: options.workers ?? defaultWorkers(),
    modes,
    memories,
    scenarios,
    capture: options.capture ?? null,
    profile: options.profile ?? null,
    revision: options.revision,
    deviations,
    outFolder: options.out,
    wallLimitMs: wallMs,
    loadLimitMs: loadMs,
    heapLimitMiB: heapMiB,
    writeFile: writeResultFile,
    progress: (title, total) => startProgress(title, total, isQuiet),
    onInterrupt: (stop) => stopOnSignals(stop, isQuiet),
  });
  present(result, options, reports);
  return exitStatusOf(result, options.failOn);
}

function chosenScenarios(options: CheckOptions, modes: readonly Mode[], judgesServer: boolean): ScenarioDefinition[] {
  const all = checkScenarios(options.capture ?? null, judgesServer);
  const ids = options.scenario ?? all.map((scenario) => scenario.id);
  const unknown = ids.find((id) => !all.some((scenario) => scenario.id === id));
  if (unknown !== undefined)
    throw new UsageError(`--scenario: there is no scenario "${unknown}"; there are ${all.map((scenario) => scenario.id).join(', ')}`);
  const chosen = all.filter((scenario) => ids.includes(scenario.id));
  if (chosen.some((scenario) => modes.some((mode) => scenario.weights[mode] > 0))) return chosen;
  throw new UsageError(`--mode: none of the chosen scenarios (${ids.join(', ')}) runs in ${modes.join(' or ')} mode`);
}

function present(result: CheckResult, options: CheckOptions, reports: readonly ReportRequest[]): void {
  writeReports(reports, result, options.failOn);
  if (options.json === true) process.stdout.write(jsonReport(result, EVENT_NAMES));
  else {
    const painter = wantsColour(process.env, process.stdout.isTTY) ? colourPainter : plainPainter;
    process.stdout.write(terminalReport(result, { ...PLAIN_TERMINAL, painter, names: EVENT_NAMES, isVerbose: options.verbose === true }));
  }
  if (result.internalError !== null) process.stderr.write(`ringproof: internal error: ${result.internalError}\n`);
}
