// `ringproof run <scenario>`: one run, with trace, capture and a step-by-step listing on request.
import type { Command } from 'commander';
import seedrandom from 'seedrandom';
import { runnableScenarios } from '../fuzz/plan-scenarios.host.js';
import { type SeenFrame, runOnce } from '../fuzz/single-run.host.js';
import type { Violation } from '../model/rules/rule.js';
import { eventLines } from '../reports/event-text.js';
import { pcapngBytes } from '../reports/pcapng.js';
import { traceFileBytes } from '../reports/trace-file.js';
import { unusableInput } from '../fuzz/worker-failure.js';
import { LINK_ETHERNET } from '../scenarios/capture.js';
import { severityOf } from '../scenarios/check-result.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import { type DeviceKindId, deviceKind } from '../scenarios/device-kind.js';
import type { Mode } from '../scenarios/scenario.js';
import { MODEL_VERSION, TOOL_VERSION } from '../scenarios/versions.host.js';
import type { MemoryModel } from '../sim/store-order.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { UsageError } from './exit-status.js';
import {
  DEFAULT_HEAP_LIMIT_MIB,
  deviationOption,
  deviceOption,
  drawSeed,
  integerOption,
  memoryOption,
  modeOption,
  profileOption,
  repeated,
  revisionOption,
  strategyOption,
  threadLimits,
} from './parse-options.js';
import { EVENT_NAMES, writeResultFile } from './report-files.js';

const PORT_NAMES = ['a', 'b'] as const;

interface RunCommandOptions {
  driver?: string[];
  seed?: string;
  mode: Mode;
  memory?: MemoryModel;
  profile: 'fixed' | 'faithful';
  revision: 'seed' | 'current';
  deviation?: DeviationId[];
  strategy?: string;
  device: DeviceKindId;
  capture?: string;
  trace?: string;
  pcap?: string;
  step?: boolean;
  wallLimit: number;
  heapLimit: number;
}

/** Adds the command to the program. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('make one run of a scenario')
    .argument('<scenario>', 'id of a scenario (see `ringproof list scenarios`)')
    .option('--driver <port=driver>', "driver of a port (a or b), repeatable; the scenario's peer elsewhere", repeated)
    .option('--seed <text>', 'seed of all choices; drawn and printed if not given')
    .option('--mode <mode>', 'coarse, fine or weak', modeOption, 'coarse')
    .option('--memory <model>', 'memory model of weak mode: tso, pso or relaxed', memoryOption)
    .option('--profile <profile>', 'server: fixed or faithful', profileOption, 'fixed')
    .option('--revision <revision>', 'interface revision of the device: seed or current', revisionOption, 'current')
    .option('--deviation <id>', 'switch one deviation of the server round (see `ringproof list quirks`, M1); repeatable', deviationOption)
    .option('--strategy <id>', 'who runs when, in fine and weak mode (see `ringproof list strategies`); default the mixed walk', strategyOption)
    .option('--device <kind>', 'what the device is (see `ringproof list devices`): the scenario of that name there', deviceOption, 'reference')
    .option('--capture <file>', 'capture whose scenarios can be named, too')
    .option('--trace <file>', 'write the event records')
    .option('--pcap <file>', 'write the frames as pcapng, one interface per port')
    .option('--step', 'print every event')
    .option('--wall-limit <ms>', 'wall-clock time the run may take', integerOption('--wall-limit', 100), 60_000)
    .option('--heap-limit <mib>', 'memory the driver may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .action(async (scenario: string, options: RunCommandOptions) => {
      process.exitCode = await run(scenario, options);
    });
}

async function run(id: string, options: RunCommandOptions): Promise<number> {
  const drivers = driversOf(options.driver ?? []);
  const request = requestOf(id, options, drivers);
  process.stderr.write(`ringproof run ${id}, seed ${options.seed ?? request.seed}\n`);
  const reply = await runOnce(
    { request, drivers, tape: null, isGuided: false, isKept: options.trace !== undefined || options.step === true, isPrinting: true },
    threadLimits(options),
  );
  if (reply.kind === 'unusable') throw unusableInput(reply);
  if (reply.kind === 'internal') throw new Error(reply.message);
  if (reply.kind === 'wall') {
    process.stdout.write(`no verdict, since ${reply.message}\n`);
    return 1;
  }
  const { outcome, frames } = reply;
  if (options.trace !== undefined) writeResultFile(options.trace, traceOf(request, outcome));
  if (options.pcap !== undefined) writeResultFile(options.pcap, captureOf(frames));
  if (options.step === true) for (const line of eventLines(outcome.words!, EVENT_NAMES)) process.stdout.write(`${line}\n`);
  const isScripted = (violation: Violation): boolean => violation.party === 'driver' && request.scenario.ports[violation.port as 0 | 1].scripts !== null;
  print(outcome, isScripted);
  // A driver that was named is judged, and nobody else; without one the run itself is.
  const isJudging = drivers.some((driver) => driver !== null);
  const counts = (violation: Violation): boolean => !isJudging || violation.isSubject;
  const isBad = (violation: Violation): boolean => !isScripted(violation) && counts(violation) && severityOf(violation.level) === 'violation';
  return outcome.violations.some(isBad) ? 1 : 0;
}

function driversOf(texts: readonly string[]): [string | null, string | null] {
  const drivers: [string | null, string | null] = [null, null];
  for (const text of texts) {
    const at = text.indexOf('=');
    const port = PORT_NAMES.indexOf(text.slice(0, at) as 'a' | 'b');
    if (at < 0 || port < 0 || at === text.length - 1) throw new UsageError(`--driver: must be port=driver with port a or b, got "${text}"`);
    drivers[port as 0 | 1] = text.slice(at + 1);
  }
  return drivers;
}

/** Id of the scenario on a device with scenarios of its own: those are named after the device. */
function scenarioAt(id: string, device: DeviceKindId): string {
  const { scenarios } = deviceKind(device);
  if (scenarios === null || scenarios.some((scenario) => scenario.id === id)) return id;
  const there = `${device}-${id}`;
  if (scenarios.some((scenario) => scenario.id === there)) return there;
  throw new UsageError(`--device ${device}: has no scenario "${id}"; there are ${scenarios.map((scenario) => scenario.id).join(', ')}`);
}

function requestOf(id: string, options: RunCommandOptions, drivers: readonly [string | null, string | null]): RunRequest {
  const scenarios = runnableScenarios(options.capture ?? null);
  const wanted = scenarioAt(id, options.device);
  const definition = scenarios.find((scenario) => scenario.id === wanted);
  if (definition === undefined)
    throw new UsageError(`there is no scenario "${id}"; there are ${scenarios.map((scenario) => scenario.id).join(', ')}`);
  const seed = options.seed ?? drawSeed();
  const stream = seedrandom.alea(`${seed}/plan`);
  const scenario = definition.generate((bound) => Math.floor(((stream.int32() >>> 0) / 4294967296) * bound));
  if (options.memory !== undefined && (options.mode !== 'weak') !== (options.memory === 'sc')) {
    throw new UsageError(`--memory ${options.memory}: goes with ${options.memory === 'sc' ? 'coarse and fine' : 'weak'} mode`);
  }
  const memory = options.memory ?? (options.mode === 'weak' ? 'relaxed' : 'sc');
  const { mode, profile, revision, deviation } = options;
  if (options.strategy !== undefined && mode === 'coarse')
    throw new UsageError(`--strategy ${options.strategy}: goes with fine and weak mode; nobody is preempted in coarse mode`);
  const optional = {
    ...(deviation === undefined ? {} : { deviations: deviation }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
  };
  return { ...optional, scenario, mode, memory, profile, revision, subjects: [drivers[0] !== null, drivers[1] !== null], seed };
}

function traceOf(request: RunRequest, outcome: RunOutcome): Uint8Array {
  const { mode, memory, profile, revision } = request;
  const source = {
    tool: TOOL_VERSION,
    modelVersion: MODEL_VERSION,
    scenario: request.scenario.id,
    configuration: { mode, memory, profile, revision },
    seed: request.seed,
    ports: [...PORT_NAMES],
    methods: [...EVENT_NAMES.methods],
  };
  return traceFileBytes(source, outcome.words!);
}

function captureOf(frames: readonly SeenFrame[]): Uint8Array {
  return pcapngBytes({
    interfaces: PORT_NAMES.map((name) => ({ name, linkType: LINK_ETHERNET, snapLengthBytes: 0 })),
    frames: frames.map(({ timeNs, port, isOutbound, bytes }) => ({
      interfaceIndex: port,
      timeNs: BigInt(timeNs),
      bytes,
      originalLengthBytes: bytes.length,
      direction: isOutbound ? 'outbound' : 'inbound',
      comment: '',
    })),
  });
}

function print(outcome: RunOutcome, isScripted: (violation: Violation) => boolean): void {
  for (const port of [0, 1] as const) {
    process.stdout.write(`port ${PORT_NAMES[port]}: ${outcome.accepted[port]} frames accepted, ${outcome.delivered[port]} delivered\n`);
    if (outcome.failures[port] !== null) process.stdout.write(`port ${PORT_NAMES[port]}: ${outcome.failures[port]}\n`);
  }
  if (outcome.quirks.length > 0) process.stdout.write(`quirks of the original server met: ${outcome.quirks.join(', ')}\n`);
  for (const violation of outcome.violations) {
    const { level, party, port, message } = violation;
    const culprit = isScripted(violation) ? 'script' : party;
    process.stdout.write(`${level} violated by the ${culprit} at port ${PORT_NAMES[port as 0 | 1] ?? '?'}: ${message}\n`);
  }
  process.stdout.write(`${outcome.eventCount} events, end: ${outcome.end}, digest ${outcome.digest}\n`);
}
