// Values of options, checked: each refusal names the option, the value and the rule.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isAbsolute, relative } from 'node:path';
import type { ThreadLimits } from '../fuzz/driver-thread.host.js';
import { STRATEGIES } from '../fuzz/strategies/catalogue.js';
import { isDeviation, plantedFaultOf } from '../model/p2p/planted-faults.js';
import { type DeviationId, SWITCHED_QUIRKS } from '../model/p2p/quirks.js';
import { SPEC_VERSIONS, type SpecVersion } from '../model/rules/spec-versions.js';
import { FAIL_ON, type FailOn } from '../scenarios/check-result.js';
import { DEVICE_KIND_IDS, type DeviceKindId } from '../scenarios/device-kind.js';
import { MODES, type Mode } from '../scenarios/scenario.js';
import { MEMORY_MODELS, type MemoryModel } from '../sim/store-order.js';
import { UsageError } from './exit-status.js';

/** An integer from `low` on. */
export function integerOption(name: string, low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new UsageError(
      `${name}: must be an integer from ${low}${high === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${high}`}, got "${text}"`,
    );
  };
}

/** A percentage, fractions included. */
export function percentOption(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value <= 100) return value;
    throw new UsageError(`${name}: must be a percentage from 0 to 100, got "${text}"`);
  };
}

/** One of a list of words. */
export function wordOption<T extends string>(name: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new UsageError(`${name}: must be one of ${words.join(', ')}, got "${text}"`);
  };
}

/** The id of a strategy. Throws UsageError. */
export const strategyOption = wordOption(
  '--strategy',
  STRATEGIES.map(({ id }) => id),
);

/** `--deviation`: collects numbers of deviations of the server. */
export function deviationOption(text: string, earlier: readonly DeviationId[] = []): DeviationId[] {
  const id = [text, text.toUpperCase(), text.toLowerCase()].find(isDeviation);
  if (id === undefined) {
    const numbers = [...SWITCHED_QUIRKS, 'M1'].join(', ');
    throw new UsageError(
      `--deviation: must be one of ${numbers} or a mutant of the server (see \`ringproof list mutants\`), got "${text}"`,
    );
  }
  const other = plantedFaultOf(earlier);
  if (other !== undefined && plantedFaultOf([id]) !== undefined) {
    throw new UsageError(`--deviation: only one planted fault at a time, got "${text}" besides "${other.id}"`);
  }
  return [...earlier, id];
}

/** Collects a repeatable option. */
export function repeated(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** `--shard i/n`. */
export function shardOption(text: string): { readonly index: number; readonly count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || index < 1 || index > count) throw new UsageError(`--shard: must be i/n with 1 <= i <= n, got "${text}"`);
  return { index, count };
}

/** Modes and memory models that follow from `--mode` and `--memory`. */
export function schedulesOf(
  modes: readonly Mode[] | undefined,
  memory: MemoryModel | undefined,
): { modes: Mode[]; memories: Exclude<MemoryModel, 'sc'>[] } {
  if (memory === 'sc') {
    if (modes?.includes('weak') === true) throw new UsageError('--memory sc: weak mode needs a weak memory model (tso, pso, relaxed)');
    return { modes: [...(modes ?? MODES.filter((mode) => mode !== 'weak'))], memories: [] };
  }
  return { modes: [...(modes ?? MODES)], memories: memory === undefined ? ['tso', 'pso', 'relaxed'] : [memory] };
}

/** A seed drawn when none is given: eight hex digits. */
export function drawSeed(): string {
  return randomBytes(4).toString('hex');
}

/** Workers used when nothing is said: one per core, eight at most. */
export function defaultWorkers(): number {
  return Math.min(8, availableParallelism());
}

/** Memory a driver's thread may use unless `--heap-limit` says otherwise, in MiB. */
export const DEFAULT_HEAP_LIMIT_MIB = 768;

/** Least time a driver file has to load, in ms: a machine under load needs that long without being at fault. */
const LOAD_LIMIT_MS = 10_000;

/** Limits of the threads drivers run in, from `--wall-limit` and `--heap-limit`. */
export function threadLimits(options: { readonly wallLimit: number; readonly heapLimit: number }): ThreadLimits {
  return { wallMs: options.wallLimit, loadMs: Math.max(LOAD_LIMIT_MS, options.wallLimit), heapMiB: options.heapLimit };
}

/** A path as files and reports carry it: as given, unless it is absolute; then as seen from the working directory. */
export function portablePath(path: string): string {
  return isAbsolute(path) ? relative(process.cwd(), path) : path;
}

/** Parsers of the words several commands share. */
export const modeOption = wordOption<Mode>('--mode', MODES);
export const memoryOption = wordOption<MemoryModel>('--memory', MEMORY_MODELS);
export const failOnOption = wordOption<FailOn>('--fail-on', FAIL_ON);
export const profileOption = wordOption('--profile', ['fixed', 'faithful'] as const);
export const revisionOption = wordOption('--revision', ['seed', 'current'] as const);
export const budgetOption = wordOption('--budget', ['smoke', 'default', 'night'] as const);
export const deviceOption = wordOption<DeviceKindId>('--device', DEVICE_KIND_IDS);
export const specOption = wordOption<SpecVersion>('--spec', SPEC_VERSIONS);
export const worldOption = wordOption('--world', ['l4re-p2p'] as const);
