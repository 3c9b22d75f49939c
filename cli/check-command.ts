// `ringproof check [driver]`: the main job. Options in, runs made, repros and reports out.
import { join } from 'node:path';
import type { Command } from 'commander';
import { BUILT_IN_PREFIX, deviationsOfBuiltIn, deviceOfBuiltIn } from '../drivers/builtin.js';
import { NATIVE_PREFIX, isOrdered } from '../drivers/load-driver.host.js';
import { ORDER_REMEDY } from '../drivers/subject.js';
import { plantedFaultOf } from '../model/p2p/planted-faults.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { type CheckRequest, runCheck, runShard } from '../fuzz/check.host.js';
import { type ShardNumber, shardText } from '../fuzz/shard.js';
import { checkScenarios, nameableScenarios } from '../fuzz/plan-scenarios.host.js';
import { jsonReport } from '../reports/json.js';
import { type CheckResult, type FailOn, buildCheckResult, exitStatusOf } from '../scenarios/check-result.js';
import type { ScriptCoverage } from '../fuzz/script-coverage.host.js';
import { coverageReport } from '../reports/coverage.js';
import { LATEST_SPEC, type SpecVersion } from '../model/rules/spec-versions.js';
import { DEVICE_KINDS, type DeviceKindId } from '../scenarios/device-kind.js';
import type { Mode, ScenarioDefinition } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import { type Configuration, chosen, readConfiguration } from './configuration.js';
import { loadCoverageTool, writeDriverCoverage } from './driver-coverage.js';
import { EXIT_INTERRUPTED, UsageError } from './exit-status.js';
import { type JudgingOptions, addJudgingOptions, measureOf, measured } from './judging.js';
import {
  DEFAULT_HEAP_LIMIT_MIB,
  budgetOption,
  defaultWorkers,
  deviationOption,
  deviceOption,
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
  shardOption,
  specOption,
  strategyOption,
  threadLimits,
  worldOption,
} from './parse-options.js';
import { present } from './presenting.js';
import { startProgress } from './progress.js';
import { EVENT_NAMES, prepareFile, prepareFolder, requestedReports, writeResultFile } from './report-files.js';
import { stopOnSignals } from './signals.js';

/** Runs of the first pass by budget; the second pass makes a quarter as many. */
export const BUDGET_RUNS: Readonly<Record<'smoke' | 'default' | 'night', number>> = { smoke: 600, default: 4_000, night: 400_000 };

/** Runs that a check spends on making a finding smaller; `ringproof shrink` goes on from there. */
const SHRINK_RUNS = 800;

interface CheckOptions extends JudgingOptions {
  seed?: string;
  budget: keyof typeof BUDGET_RUNS;
  runs?: number;
  workers?: number;
  mode?: Mode[];
  memory?: MemoryModel;
  scenario?: string[];
  strategy?: string;
  capture?: string;
  profile?: 'fixed' | 'faithful';
  revision: 'seed' | 'current';
  device: DeviceKindId;
  spec: SpecVersion;
  deviation?: DeviationId[];
  failOn: FailOn;
  out: string;
  report?: string[];
  shard?: ShardNumber;
  config?: string;
  coverage?: boolean;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  shrinkRuns: number;
  wallLimit: number;
  heapLimit: number;
}

/** Adds the command to the program. */
export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .description('check a driver for conformance over all scenarios: clause table, findings, one repro file per distinct finding')
    .argument(
      '[driver]',
      'path of a driver (.mjs, .js, .wasm), exec:<command> or builtin:<name>; none = that of the configuration, or the full reference driver',
    )
    .option('--seed <text>', 'seed of all choices; drawn and printed if not given')
    .option('--budget <name>', 'smoke (about 5 s), default (about 30 s), night (about 30 min)', budgetOption, 'default')
    .option('--runs <n>', 'number of runs instead of a budget', integerOption('--runs', 1))
    .option('--workers <n>', 'worker threads, default one per core', integerOption('--workers', 1, 64))
    .option('--mode <mode>', 'coarse, fine or weak; repeatable, default all', (text: string, earlier?: Mode[]) => [
      ...(earlier ?? []),
      modeOption(text),
    ])
    .option('--memory <model>', 'sc, tso, pso or relaxed; default all weak models in turn', memoryOption)
    .option('--strategy <id>', 'who runs when, in all runs (see `ringproof list strategies`); default a portfolio of all', strategyOption)
    .option('--world <world>', 'the link', worldOption, 'l4re-p2p')
    .option('--scenario <id>', 'only this scenario; repeatable (see `ringproof list scenarios`)', repeated)
    .option('--capture <file>', 'replay this pcap or pcapng capture as workload, too')
    .option('--profile <profile>', 'judge against this server only: fixed or faithful', profileOption)
    .option('--revision <revision>', 'interface revision of the device: seed or current', revisionOption, 'current')
    .option('--device <kind>', `what the device is: ${DEVICE_KINDS.map(({ id, title }) => `${id} (${title})`).join(', ')}`, deviceOption, 'reference')
    .option('--spec <version>', 'virtio version that is claimed: 1.0 to 1.4; newer clauses are not judged', specOption, LATEST_SPEC)
    .option('--deviation <id>', 'judge the server, too, with one deviation switched round (such as M1); repeatable', deviationOption)
    .option('--fail-on <level>', 'least severity that fails the check: must, should, finding, quirk', failOnOption, 'must')
    .option('--wall-limit <ms>', 'wall-clock time a single run may take', integerOption('--wall-limit', 100), 60_000)
    .option('--heap-limit <mib>', 'memory the driver may use in each worker', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--shrink-runs <n>', 'runs spent on making each finding smaller; 0 = leave as found', integerOption('--shrink-runs', 0), SHRINK_RUNS)
    .option('--out <dir>', 'where repro files and the result (check.json) go', '.ringproof')
    .option('--report <kind=path>', 'write a report: terminal, json, junit, sarif, markdown, html or coverage; repeatable', repeated)
    .option('--shard <i/n>', 'make part i of n parts; `ringproof report` puts the parts together', shardOption)
    .option('--coverage', "count lines and branches of the driver's files: coverage/ below --out, with lcov, Cobertura and HTML; needs c8")
    .option('--config <file>', 'configuration instead of ringproof.config.json or .mjs')
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--verbose', 'unfold the clause table')
    .option('--quiet', 'no progress');
  addJudgingOptions(command).action(async (driver: string | undefined, options: CheckOptions) => {
    process.exitCode = await check(driver, options, command);
  });
}

async function check(given: string | undefined, options: CheckOptions, command: Command): Promise<number> {
  const configuration = await readConfiguration(options.config);
  const measure = measureOf(options, configuration);
  const reports = requestedReports(options.report, configuration.reports);
  const outFolder = chosen(command, 'out', options.out, configuration.out);
  const failOn = chosen(command, 'failOn', options.failOn, configuration.failOn);
  if (options.shard !== undefined) refuseWithShard(options, configuration);
  const request = requestOf(given, options, configuration, command, outFolder);
  prepareFolder(outFolder);
  for (const { path } of reports) prepareFile(path);
  if (options.quiet !== true) process.stderr.write(`ringproof check ${request.driver}, seed ${request.seed}\n`);
  if (options.shard !== undefined) return makeShard({ ...request, shard: options.shard }, options.json === true);
  const wantsCoverage = options.coverage === true || measure.minLines !== null || measure.minBranches !== null;
  const made = wantsCoverage ? await checkWithCoverage(request) : await runCheck(request);
  const result = measured(made, measure);
  if (wantsCoverage) writeResultFile(join(outFolder, 'coverage', 'coverage.json'), coverageReport(result));
  writeResultFile(join(outFolder, 'check.json'), jsonReport(result, EVENT_NAMES));
  present(result, { failOn, isJson: options.json === true, isVerbose: options.verbose === true }, reports);
  return exitStatusOf(result, failOn);
}

/** Shards of one check have one seed, and none of them has a result to report. */
function refuseWithShard({ seed, report, coverage }: CheckOptions, configuration: Configuration): void {
  if ((seed ?? configuration.seed) === undefined) throw new UsageError('--shard: needs --seed, the same for all shards of a check');
  if (coverage === true) throw new UsageError('--shard: does not go with --coverage; count in a check made in one go');
  if (report !== undefined) throw new UsageError('--shard: makes no reports; `ringproof report` makes them of all shards together');
}

/** What the check is asked to do, by command line and configuration. */
function requestOf(
  given: string | undefined,
  options: CheckOptions,
  configuration: Configuration,
  command: Command,
  outFolder: string,
): CheckRequest {
  const driver = given ?? configuration.driver ?? 'builtin:full';
  const { modes, memories } = schedulesOf(modesFor(driver, options.mode), options.memory);
  const builtIn = driver.startsWith(BUILT_IN_PREFIX) ? driver.slice(BUILT_IN_PREFIX.length) : '';
  const deviations = [...(options.deviation ?? []), ...deviationsOfBuiltIn(builtIn)];
  const chosenIds = options.scenario ?? configuration.scenarios;
  const isSaid = command.getOptionValueSource('device') === 'cli';
  const device = (isSaid ? null : deviceOfBuiltIn(builtIn)) ?? chosen(command, 'device', options.device, configuration.device);
  if (device !== 'reference' && deviations.length > 0 && plantedFaultOf(deviations)?.device !== device)
    throw new UsageError(`--device ${device}: does not go with deviations of the server (${deviations.join(', ')}); that device is judged by nobody`);
  if (device === 'generic' && options.profile === 'faithful')
    throw new UsageError('--profile faithful: does not go with --device generic; that device models no original');
  const isInLockStep = driver.startsWith(NATIVE_PREFIX);
  const judgesServer = deviations.length > 0;
  const scenarios = chosenScenarios(chosenIds, { capture: options.capture ?? null, modes, judgesServer, device, isInLockStep });
  const budget = options.runs ?? chosen(command, 'budget', options.budget, configuration.budget);
  const runs = typeof budget === 'number' ? budget : BUDGET_RUNS[budget];
  const { wallMs, loadMs, heapMiB } = threadLimits(options);
  const { claimedFeatures } = configuration;
  const isQuiet = options.quiet === true;
  return {
    driver: isInLockStep ? driver : portablePath(driver),
    seed: options.seed ?? configuration.seed ?? drawSeed(),
    runs,
    budget: typeof budget === 'number' ? `${runs} runs` : budget,
    workers: options.workers ?? defaultWorkers(),
    modes,
    memories,
    scenarios,
    capture: options.capture ?? null,
    profile: options.profile ?? null,
    revision: options.revision,
    device,
    spec: chosen(command, 'spec', options.spec, configuration.spec),
    deviations,
    ...(claimedFeatures === undefined ? {} : { claimedFeatures }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    outFolder,
    wallLimitMs: wallMs,
    loadLimitMs: loadMs,
    heapLimitMiB: heapMiB,
    shrinkRuns: options.shrinkRuns,
    writeFile: writeResultFile,
    progress: (title, total, unit) => startProgress(title, total, isQuiet, unit),
    onInterrupt: (stop) => stopOnSignals(stop, isQuiet),
  };
}

/** The modes a driver can be judged in: without a barrier in it, the order of its accesses is its compiler's, and coarse is all. */
function modesFor(driver: string, asked: readonly Mode[] | undefined): readonly Mode[] | undefined {
  if (isOrdered(driver)) return asked;
  const needless = (asked ?? []).filter((mode) => mode !== 'coarse');
  if (needless.length > 0) throw new UsageError(`--mode ${needless[0]}: ${driver} has neither atomics nor barriers; ${ORDER_REMEDY}`);
  process.stderr.write(`ringproof: ${driver} has neither atomics nor barriers, so order is undecidable here and only coarse mode is run;\n  ${ORDER_REMEDY}\n`);
  return ['coarse'];
}

/** The check, with what it executed of the driver's files. */
async function checkWithCoverage(request: CheckRequest): Promise<CheckResult> {
  if (request.driver.startsWith('builtin:'))
    throw new UsageError(`--coverage: counts in files of a driver, and ${request.driver} has none`);
  const tool = await loadCoverageTool();
  let scripts: readonly (readonly ScriptCoverage[])[] = [];
  const result = await runCheck({ ...request, onCoverage: (told) => (scripts = told) });
  const { schema: _schema, verdict: _verdict, clauses, ...rest } = result;
  const driverCoverage = await writeDriverCoverage(tool, scripts, join(request.outFolder, 'coverage'));
  return buildCheckResult({ ...rest, items: clauses.items, driverCoverage });
}

/** A shard says nothing about the driver yet: it ends with 0 when it was made, whatever it found. */
async function makeShard(request: CheckRequest & { readonly shard: ShardNumber }, isJson: boolean): Promise<number> {
  const shard = await runShard(request);
  const { index, count } = request.shard;
  const file = join(request.outFolder, `shard-${index}-of-${count}.json`);
  const text = shardText(shard);
  writeResultFile(file, text);
  const { fixed, internalError, isInterrupted } = shard.material;
  const kinds = Object.keys(fixed.tally.findings).length;
  if (isJson) process.stdout.write(text);
  else
    process.stdout.write(
      `shard ${index} of ${count}: ${fixed.tally.runs} runs, ${kinds} kinds of findings; ${file}\nmerge with: npx ringproof report <folder of all shards>\n`,
    );
  if (internalError !== null) process.stderr.write(`ringproof: internal error: ${internalError}\n`);
  return internalError !== null ? 3 : isInterrupted ? EXIT_INTERRUPTED : 0;
}

/** What a plan of scenarios depends on. */
interface PlanPlace {
  readonly capture: string | null;
  readonly modes: readonly Mode[];
  readonly judgesServer: boolean;
  readonly device: DeviceKindId;
  /** The driver is a process that is spoken to at every access: too slow for the longest scenarios, unless they are asked for. */
  readonly isInLockStep: boolean;
}

function chosenScenarios(wanted: readonly string[] | undefined, place: PlanPlace): readonly ScenarioDefinition[] {
  const { capture, modes, judgesServer, device, isInLockStep } = place;
  const all = wanted === undefined ? checkScenarios(capture, judgesServer, device) : nameableScenarios(capture, device);
  const ids = wanted ?? all.map((scenario) => scenario.id);
  const unknown = ids.find((id) => !all.some((scenario) => scenario.id === id));
  if (unknown !== undefined) throw new UsageError(unknownScenario(unknown, place, all));
  const chosen = all.filter((scenario) => ids.includes(scenario.id) && (wanted !== undefined || !isInLockStep || scenario.isLong !== true));
  if (chosen.some((scenario) => modes.some((mode) => scenario.weights[mode] > 0))) return chosen;
  throw new UsageError(`--mode: none of the chosen scenarios (${ids.join(', ')}) runs in ${modes.join(' or ')} mode`);
}

/** Says where a scenario is to be found that the check has not. */
function unknownScenario(id: string, { capture, device }: PlanPlace, all: readonly ScenarioDefinition[]): string {
  const other = DEVICE_KINDS.find((kind) => kind.id !== device && nameableScenarios(capture, kind.id).some((scenario) => scenario.id === id));
  if (other !== undefined) return `--scenario: "${id}" needs --device ${other.id}`;
  return `--scenario: there is no scenario "${id}"; there are ${all.map((scenario) => scenario.id).join(', ')}`;
}
