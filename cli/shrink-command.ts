// `ringproof shrink <repro>`: the smallest run that still shows the finding of a repro file.
import type { Command } from 'commander';
import { reproFileText } from '../fuzz/finding-repro.js';
import { DEFAULT_SHRINK_RUNS, type RunSize, type ShrinkResult } from '../fuzz/shrink.js';
import { shrinkFile } from '../fuzz/shrink.host.js';
import { UsageError } from './exit-status.js';
import { DEFAULT_HEAP_LIMIT_MIB, integerOption, threadLimits } from './parse-options.js';
import { startProgress } from './progress.js';
import { prepareFile, writeResultFile } from './report-files.js';

interface ShrinkOptions {
  driver?: string;
  output?: string;
  runs: number;
  wallLimit: number;
  heapLimit: number;
  json?: boolean;
  quiet?: boolean;
}

/** Adds the command to the program. */
export function addShrinkCommand(program: Command): void {
  program
    .command('shrink')
    .description(
      'find the smallest run that still violates the same rule; exit 0 when it was found, 4 when the finding does not come any more',
    )
    .argument('<repro>', 'a repro file; it stays as it is')
    .option('--driver <driver>', 'this driver instead of the recorded one')
    .option('--output <file>', 'where the smaller repro goes (default: beside the repro, ending in .small.json)')
    .option('--runs <n>', 'runs the search may make', integerOption('--runs', 1), DEFAULT_SHRINK_RUNS)
    .option('--wall-limit <ms>', 'wall-clock time the search may take', integerOption('--wall-limit', 100), 300_000)
    .option('--heap-limit <mib>', 'memory the driver may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .option('--json', 'print the result as one JSON document')
    .option('--quiet', 'no progress')
    .action(async (file: string, options: ShrinkOptions) => {
      process.exitCode = await shrink(file, options);
    });
}

async function shrink(file: string, options: ShrinkOptions): Promise<number> {
  const output = options.output ?? file.replace(/(\.json)?$/, '.small.json');
  if (output === file) throw new UsageError(`--output: must be another file than the repro itself, got "${output}"`);
  prepareFile(output);
  const progress = startProgress('shrink', options.runs, options.quiet === true || options.json === true);
  const request = {
    file,
    driver: options.driver ?? null,
    runLimit: options.runs,
    limits: threadLimits(options),
    onProgress: progress.update,
  };
  const { repro, result, failure } = await shrinkFile(request).finally(progress.finish);
  if (repro === null || result === null) {
    process.stderr.write(`ringproof: ${file}: not shrunk: ${failure}\n`);
    return 4;
  }
  writeResultFile(output, reproFileText(repro));
  if (options.json === true) process.stdout.write(`${JSON.stringify(documentOf(file, output, result), null, 2)}\n`);
  else process.stdout.write(textOf(repro.finding.message, output, result));
  return 0;
}

function documentOf(file: string, output: string, result: ShrinkResult): object {
  const { before, after, runs, isMinimal, request, outcome } = result;
  const { mode, memory } = request;
  return {
    schema: 'ringproof-shrink/1',
    file,
    output,
    before,
    after,
    isMinimal,
    runs,
    mode,
    memory,
    events: outcome.eventCount,
    digest: outcome.digest,
  };
}

function textOf(message: string, output: string, { request, before, after, runs, isMinimal, outcome }: ShrinkResult): string {
  const how = request.mode === 'weak' ? `weak mode, ${request.memory}` : `${request.mode} mode`;
  const lines = [
    message,
    `The default schedule, plus ${sizeText(after)} (${outcome.eventCount} events, ${how}). Before: ${sizeText(before)}.`,
    isMinimal
      ? 'No single preemption, fault or packet can be left out.'
      : `The search ended after ${runs} runs; --runs allows more, and a smaller run may exist.`,
    `${output}: ringproof replay ${output}`,
  ];
  return `${lines.join('\n')}\n`;
}

function sizeText({ preemptions, faults, packets }: RunSize): string {
  return [counted(preemptions, 'preemption'), counted(faults, 'fault'), counted(packets, 'packet')].join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
