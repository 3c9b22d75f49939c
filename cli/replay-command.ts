// `ringproof replay <repro|dir>`: one execution of each repro file, and what it says about the driver now.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type ReplayResult, replayFile } from '../fuzz/replay.host.js';
import { EVENT_WORDS } from '../sim/trace.js';
import { eventLines } from '../reports/event-text.js';
import { differenceLines } from '../reports/finding-words.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
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
    .option('--expect <what>', 'fixed: exit 0 if nothing violates any more, placing what was recorded by place; a regression suite')
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
  const replays: Replay[] = [];
  const files = filesOf(path);
  for (const file of files) {
    const replayed = await replayOne(file, options);
    replays.push(replayed);
    if (options.json !== true) print(replayed, stopAt);
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schema: 'ringproof-replay/1', items: replays.map(itemOf) }, null, 2)}\n`);
  } else if (replays.length > 1 && replays.some((replayed) => 'result' in replayed)) process.stdout.write(`${summaryOf(replays)}\n`);
  return statusOf(replays, options.expect === 'fixed');
}

/** A file and what came of it: a result, or why it cannot be used. */
type Replay = { readonly file: string; readonly result: ReplayResult } | { readonly file: string; readonly unusable: string };

/** An unusable file among others is told and passed over; alone it is wrong use. */
async function replayOne(file: string, options: ReplayOptions): Promise<Replay> {
  const request = {
    file,
    driver: options.driver ?? null,
    // What was mended has moved: a regression suite goes by place, whatever became of the steps.
    isGuided: options.guided === true || options.expect === 'fixed',
    isKept: options.stopAt !== undefined,
    isPrinting: options.json !== true,
    limits: threadLimits(options),
  };
  try {
    return { file, result: await replayFile(request) };
  } catch (error) {
    if (!(error instanceof UnusableInput)) throw error;
    return { file, unusable: error.message };
  }
}

function itemOf(replayed: Replay): Readonly<Record<string, unknown>> {
  if (!('result' in replayed))
    return { file: replayed.file, verdict: 'unusable', notes: [replayed.unusable], digest: null, recordedDigest: null };
  const { verdict, notes, outcome, repro } = replayed.result;
  return { file: replayed.file, verdict, notes, digest: outcome?.digest ?? null, recordedDigest: repro.traceDigest };
}

function summaryOf(replays: readonly Replay[]): string {
  const verdicts = replays.map((replayed) => ('result' in replayed ? replayed.result.verdict : 'unusable'));
  const kinds = ['no longer violates', 'reproduced', 'another violation', 'stale', 'unusable'] as const;
  const counts = kinds.map((kind) => [kind, verdicts.filter((verdict) => verdict === kind).length] as const);
  return `${replays.length} files: ${counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')}`;
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

function print(replayed: Replay, stopAt: string | undefined): void {
  if (!('result' in replayed)) {
    process.stderr.write(`ringproof: ${replayed.unusable}\n`);
    return;
  }
  const { verdict, notes, repro, outcome, difference } = replayed.result;
  if (stopAt !== undefined && outcome?.words !== null && outcome?.words !== undefined) {
    const last = stopAt === 'violation' ? (outcome.violations[0]?.eventIndex ?? outcome.eventCount - 1) : Number(stopAt);
    for (const line of eventLines(outcome.words.subarray(0, (last + 1) * EVENT_WORDS), EVENT_NAMES)) process.stdout.write(`${line}\n`);
  }
  process.stdout.write(`${replayed.file}: ${verdict}: ${repro.finding.message}\n`);
  for (const note of [...notes, ...differenceLines({ difference }, EVENT_NAMES)]) process.stdout.write(`  ${note}\n`);
}

/**
 * A finding that is still there outweighs a file that says nothing, which outweighs one that diverged. Where the finding is expected to be
 * gone, a run whose places are gone with it is what is expected; the notes name them.
 */
function statusOf(replays: readonly Replay[], isExpectedFixed: boolean): 0 | 1 | 2 | 4 {
  const results = replays.flatMap((replayed) => ('result' in replayed ? [replayed.result] : []));
  if (results.some(({ verdict }) => verdict === 'reproduced' || verdict === 'another violation')) return 1;
  if (results.length < replays.length) return 2;
  return !isExpectedFixed && results.some(({ verdict }) => verdict === 'stale') ? 4 : 0;
}
