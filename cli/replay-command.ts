// `ringproof replay <repro|dir>`: one execution of each repro file, and what it says about the driver now.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type ReplayResult, replayFile } from '../fuzz/replay.host.js';
import { EVENT_WORDS } from '../sim/trace.js';
import { eventLines } from '../reports/event-text.js';
import { UsageError } from './exit-status.js';
import { DEFAULT_HEAP_LIMIT_MIB, integerOption, threadLimits } from './parse-options.js';
import { EVENT_NAMES } from './report-files.js';

interface ReplayOptions {
  driver?: string;
  guided?: boolean;
  expect?: string;
  stopAt?: string;
  wallLimit: number;
  heapLimit: number;
  json?: boolean;
}

/** Adds the command to the program. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('execute recorded runs again: reproduced (exit 1), no longer violates (0), another violation (1), stale (4)')
    .argument('<repro>', 'a repro file, or a folder of them')
    .option('--driver <driver>', 'this driver instead of the recorded one')
    .option('--guided', 'match scheduling deviations by place instead of by step')
    .option('--expect <what>', 'fixed: exit 0 only if nothing violates any more')
    .option('--stop-at <event>', 'print the events up to number N, or up to the violation')
    .option('--wall-limit <ms>', 'wall-clock time the run may take', integerOption('--wall-limit', 100), 60_000)
    .option('--heap-limit <mib>', 'memory the driver may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--json', 'print the results as one JSON document')
    .action(async (path: string, options: ReplayOptions) => {
      process.exitCode = await replay(path, options);
    });
}

async function replay(path: string, options: ReplayOptions): Promise<number> {
  if (options.expect !== undefined && options.expect !== 'fixed')
    throw new UsageError(`--expect: must be "fixed", got "${options.expect}"`);
  const stopAt = options.stopAt;
  if (stopAt !== undefined && stopAt !== 'violation' && !/^\d+$/.test(stopAt))
    throw new UsageError(`--stop-at: must be an event number or "violation", got "${stopAt}"`);
  const results: { file: string; result: ReplayResult }[] = [];
  for (const file of filesOf(path)) {
    const request = {
      file,
      driver: options.driver ?? null,
      isGuided: options.guided === true,
      isKept: stopAt !== undefined,
      isPrinting: options.json !== true,
      limits: threadLimits(options),
    };
    const result = await replayFile(request);
    results.push({ file, result });
    if (options.json !== true) print(file, result, stopAt);
  }
  if (options.json === true) {
    const items = results.map(({ file, result }) => ({
      file,
      verdict: result.verdict,
      notes: result.notes,
      digest: result.outcome?.digest ?? null,
      recordedDigest: result.repro.traceDigest,
    }));
    process.stdout.write(`${JSON.stringify({ schema: 'ringproof-replay/1', items }, null, 2)}\n`);
  }
  return statusOf(results.map(({ result }) => result));
}

function filesOf(path: string): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new UsageError(`${path}: there is no such file or folder`);
  if (!status.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort();
  if (files.length === 0) throw new UsageError(`${path}: the folder holds no repro files (*.json)`);
  return files.map((name) => join(path, name));
}

function print(file: string, result: ReplayResult, stopAt: string | undefined): void {
  const { verdict, notes, repro, outcome } = result;
  if (stopAt !== undefined && outcome?.words !== null && outcome?.words !== undefined) {
    const last = stopAt === 'violation' ? (outcome.violations[0]?.eventIndex ?? outcome.eventCount - 1) : Number(stopAt);
    for (const line of eventLines(outcome.words.subarray(0, (last + 1) * EVENT_WORDS), EVENT_NAMES)) process.stdout.write(`${line}\n`);
  }
  process.stdout.write(`${file}: ${verdict}: ${repro.finding.message}\n`);
  for (const note of notes) process.stdout.write(`  ${note}\n`);
}

function statusOf(results: readonly ReplayResult[]): 0 | 1 | 4 {
  if (results.some(({ verdict }) => verdict === 'reproduced' || verdict === 'another violation')) return 1;
  return results.some(({ verdict }) => verdict === 'stale') ? 4 : 0;
}
