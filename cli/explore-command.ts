// `ringproof explore <scenario>`: every schedule up to a bound, instead of many at random.
import { join } from 'node:path';
import type { Command } from 'commander';
import seedrandom from 'seedrandom';
import { type ExploredPort, explore } from '../fuzz/explore.host.js';
import { reproFileText } from '../fuzz/finding-repro.js';
import { runnableScenarios } from '../fuzz/plan-scenarios.host.js';
import { packetCount, withPackets } from '../fuzz/simpler-scenarios.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { severityOf } from '../scenarios/check-result.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { MemoryModel } from '../sim/store-order.js';
import { EXIT_INTERRUPTED, UsageError } from './exit-status.js';
import {
  DEFAULT_HEAP_LIMIT_MIB,
  deviationOption,
  integerOption,
  memoryOption,
  portablePath,
  profileOption,
  repeated,
  revisionOption,
  threadLimits,
} from './parse-options.js';
import { startShare } from './progress.js';
import { prepareFolder, writeResultFile } from './report-files.js';
import { stopOnSignals } from './signals.js';

const PORT_NAMES = ['a', 'b'] as const;
/** Seed of the run when the scenario's numbers are the plainest. */
const PLAIN_SEED = 'explore';

interface ExploreOptions {
  driver: string;
  preemptions: number;
  faults: number;
  packets: number;
  memory: MemoryModel;
  withhold?: string[];
  seed?: string;
  profile: 'fixed' | 'faithful';
  revision: 'seed' | 'current';
  deviation?: DeviationId[];
  runs: number;
  out: string;
  wallLimit: number;
  heapLimit: number;
  json?: boolean;
  quiet?: boolean;
}

/** Adds the command to the program. */
export function addExploreCommand(program: Command): void {
  program
    .command('explore')
    .description('make every run of a scenario up to a bound: exit 0 when complete and clean, 1 with a violation, 4 when incomplete')
    .argument('<scenario>', 'id of a scenario (see `ringproof list scenarios`)')
    .option('--driver <driver>', 'the judged driver, on each port in turn; the scenario has the peer', 'builtin:full')
    .option('--preemptions <n>', 'at most so many preemptions', integerOption('--preemptions', 0, 5), 1)
    .option(
      '--faults <n>',
      'at most so many faults (delays, failed allocations, cut copies; delayed stores, stale loads)',
      integerOption('--faults', 0, 5),
      0,
    )
    .option('--packets <n>', "at most so many of the scenario's packets", integerOption('--packets', 0), 2)
    .option('--memory <model>', 'sc (fine mode), tso, pso or relaxed (weak mode)', memoryOption, 'sc')
    .option('--withhold <bit>', 'a feature bit (0 to 31) the device does not offer; repeatable', repeated)
    .option('--seed <text>', "seed of the scenario's numbers; the plainest ones if not given")
    .option('--profile <profile>', 'server: fixed or faithful', profileOption, 'fixed')
    .option('--revision <revision>', 'interface revision of the device: seed or current', revisionOption, 'current')
    .option('--deviation <id>', 'switch one deviation of the server round; repeatable', deviationOption)
    .option('--runs <n>', 'give up after so many runs for each port', integerOption('--runs', 1), 1_000_000)
    .option('--out <dir>', 'where repro files go', '.ringproof')
    .option('--wall-limit <ms>', 'wall-clock time the search may take', integerOption('--wall-limit', 100), 3_600_000)
    .option('--heap-limit <mib>', 'memory the driver may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--json', 'print the result as one JSON document')
    .option('--quiet', 'no progress')
    .action(async (scenario: string, options: ExploreOptions) => {
      process.exitCode = await run(scenario, options);
    });
}

async function run(id: string, options: ExploreOptions): Promise<number> {
  const driver = portablePath(options.driver);
  const request = requestOf(id, options);
  prepareFolder(options.out);
  const isQuiet = options.quiet === true;
  if (!isQuiet) process.stderr.write(`ringproof explore ${id}, ${boundsText(options, request)}\n`);
  const progress = startShare('explore', isQuiet);
  let isInterrupted = false;
  const ports = await explore({
    driver,
    run: request,
    bounds: { preemptions: options.preemptions, faults: options.faults },
    runLimit: options.runs,
    limits: threadLimits(options),
    onProgress: progress.update,
    onInterrupt: (stop) =>
      stopOnSignals(() => {
        isInterrupted = true;
        stop();
      }, isQuiet),
  }).finally(progress.finish);
  const files = writeRepros(ports, options.out);
  if (options.json === true) process.stdout.write(`${JSON.stringify(documentOf(id, options, request, ports, files), null, 2)}\n`);
  else process.stdout.write(textOf(ports, files, options, request));
  return isInterrupted ? EXIT_INTERRUPTED : statusOf(ports);
}

function requestOf(id: string, options: ExploreOptions): Omit<RunRequest, 'subjects'> {
  const scenarios = runnableScenarios(null);
  const definition = scenarios.find((scenario) => scenario.id === id);
  if (definition === undefined)
    throw new UsageError(`there is no scenario "${id}"; there are ${scenarios.map((scenario) => scenario.id).join(', ')}`);
  const { memory, profile, revision, deviation } = options;
  const stream = options.seed === undefined ? null : seedrandom.alea(`${options.seed}/plan`);
  const drawn = definition.generate((bound) => (stream === null ? 0 : Math.floor(((stream.int32() >>> 0) / 4294967296) * bound)));
  const withheldFeatures = featureMask(options.withhold ?? []);
  const [first, second] = drawn.ports;
  const ports: typeof drawn.ports = [
    { ...first, withheldFeatures: (first.withheldFeatures | withheldFeatures) >>> 0 },
    { ...second, withheldFeatures: (second.withheldFeatures | withheldFeatures) >>> 0 },
  ];
  return {
    scenario: withPackets({ ...drawn, ports }, options.packets),
    mode: memory === 'sc' ? 'fine' : 'weak',
    memory,
    profile,
    revision,
    seed: options.seed ?? PLAIN_SEED,
    ...(deviation === undefined ? {} : { deviations: deviation }),
  };
}

function featureMask(bits: readonly string[]): number {
  let mask = 0;
  for (const text of bits) {
    const bit = Number(text);
    if (!/^\d+$/.test(text) || bit > 31) throw new UsageError(`--withhold: must be a feature bit from 0 to 31, got "${text}"`);
    mask |= 1 << bit;
  }
  return mask >>> 0;
}

/** Writes one repro file for each finding; returns their paths by fingerprint. */
function writeRepros(ports: readonly ExploredPort[], folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const repro of ports.flatMap(({ repros }) => repros)) {
    const { fingerprint } = repro.finding;
    if (files.has(fingerprint)) continue;
    const path = join(folder, 'repro', `${fingerprint}.json`);
    writeResultFile(path, reproFileText(repro));
    files.set(fingerprint, path);
  }
  return files;
}

/** Violations that count against the driver or a server under judgement. */
function isViolation({ violation }: { violation: { isSubject: boolean; level: string } }): boolean {
  return violation.isSubject && severityOf(violation.level as Parameters<typeof severityOf>[0]) === 'violation';
}

function statusOf(ports: readonly ExploredPort[]): 0 | 1 | 4 {
  if (ports.some(({ result }) => result?.findings.some(isViolation) === true)) return 1;
  return ports.every(({ result }) => result?.isComplete === true && result.unschedulable === 0) ? 0 : 4;
}

function boundsText(options: ExploreOptions, { mode, memory, scenario }: Omit<RunRequest, 'subjects'>): string {
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const how = mode === 'weak' ? `weak mode, ${memory}` : 'fine mode';
  return `up to ${counted(options.preemptions, 'preemption')} and ${counted(options.faults, 'fault')}, ${counted(packetCount(scenario), 'packet')}, ${how}`;
}

function textOf(
  ports: readonly ExploredPort[],
  files: ReadonlyMap<string, string>,
  options: ExploreOptions,
  request: Omit<RunRequest, 'subjects'>,
): string {
  const lines: string[] = [];
  for (const { port, result, failure } of ports) {
    const name = `driver at port ${PORT_NAMES[port]}`;
    if (result === null) lines.push(`${name}: incomplete: ${failure}`);
    else {
      const byDepth = result.runsByDepth.map((runs, depth) => `${runs} with ${depth} deviation${depth === 1 ? '' : 's'}`).join(', ');
      const extent = result.isComplete ? 'complete' : `incomplete, about ${Math.floor(result.share * 100)} % of the last bound`;
      lines.push(`${name}: ${extent}: ${byDepth}`);
      if (result.unschedulable > 0) lines.push(`  ${result.unschedulable} runs could not be scheduled: two plain drivers only nest`);
    }
  }
  const shown = new Set<string>();
  for (const { fingerprint, violation } of ports.flatMap(({ result }) => result?.findings ?? [])) {
    if (shown.has(fingerprint)) continue;
    shown.add(fingerprint);
    lines.push(
      `${violation.level} violated by the ${violation.party}: ${violation.message}`,
      `  ringproof replay ${files.get(fingerprint)!}`,
    );
  }
  const isComplete = ports.every(({ result }) => result?.isComplete === true);
  lines.push(
    isComplete
      ? `Complete: every run with ${boundsText(options, request)}, preempted at accesses to memory that others use.`
      : 'Incomplete: a higher --runs or --wall-limit goes on further.',
  );
  return `${lines.join('\n')}\n`;
}

function documentOf(
  id: string,
  options: ExploreOptions,
  request: Omit<RunRequest, 'subjects'>,
  ports: readonly ExploredPort[],
  files: ReadonlyMap<string, string>,
): object {
  const { preemptions, faults } = options;
  return {
    schema: 'ringproof-explore/1',
    scenario: id,
    bounds: { preemptions, faults, packets: packetCount(request.scenario) },
    mode: request.mode,
    memory: request.memory,
    isComplete: ports.every(({ result }) => result?.isComplete === true),
    ports: ports.map(({ port, result, failure }) => ({
      port: PORT_NAMES[port],
      runs: result?.runs ?? 0,
      runsByDeviations: result?.runsByDepth ?? [],
      isComplete: result?.isComplete ?? false,
      share: result?.share ?? 0,
      unschedulable: result?.unschedulable ?? 0,
      failure,
      findings: (result?.findings ?? []).map(({ fingerprint, violation }) => ({
        rule: violation.ruleId,
        clauses: violation.clauseIds,
        level: violation.level,
        party: violation.party,
        isSubject: violation.isSubject,
        fingerprint,
        message: violation.message,
        expected: violation.expected,
        seen: violation.seen,
        repro: files.get(fingerprint)!,
      })),
    })),
  };
}
