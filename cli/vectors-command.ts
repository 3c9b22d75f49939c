// `ringproof vectors <file…>`: recorded behaviour of the original server against the faithful model.
import type { Command } from 'commander';
import { readVectorFile } from '../model/p2p/vector-file.host.js';
import { replayVector, tabulateVectors, type VectorResult } from '../model/p2p/vector-replay.js';

/** Further differing vectors whose first lines are printed; the rest is counted. */
const FURTHER_SHOWN = 20;

/** Adds the command to the program. */
export function addVectorsCommand(program: Command): void {
  program
    .command('vectors')
    .description('replay recorded vectors against the faithful model: agreed and total per class, first difference step by step')
    .argument('<file...>', 'vector files, JSON lines, plain or gzip')
    .option('--json', 'print the table and all differences as one JSON document')
    .action((files: string[], options: { json?: boolean }) => {
      process.exitCode = vectors(files, options.json === true);
    });
}

function vectors(files: readonly string[], isJson: boolean): number {
  // All files are read before anything is replayed: a damaged one is told at once.
  const results = files.map((file) => readVectorFile(file)).flatMap((read) => read.map((vector) => replayVector(vector)));
  process.stdout.write(isJson ? documentOf(results) : textOf(results));
  return results.every(({ agrees }) => agrees) ? 0 : 1;
}

function documentOf(results: readonly VectorResult[]): string {
  const differing = results.filter(({ agrees }) => !agrees);
  const document = {
    schema: 'ringproof-vectors/1',
    agreed: results.length - differing.length,
    total: results.length,
    classes: tabulateVectors(results),
    differences: differing.map(({ id, group, difference }) => ({ id, group, lines: difference })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function textOf(results: readonly VectorResult[]): string {
  const table = tabulateVectors(results);
  const [first, ...further] = results.filter(({ agrees }) => !agrees);
  const width = Math.max(5, ...table.map(({ group }) => group.length));
  const lines = table.map(({ group, agreed, total }) => `${group.padEnd(width)}  ${agreed}/${total}`);
  const agreed = results.filter(({ agrees }) => agrees).length;
  lines.push(`${'total'.padEnd(width)}  ${agreed}/${results.length}`);
  if (first !== undefined) lines.push('', 'first difference:', ...first.difference);
  if (further.length > 0) lines.push('', `${further.length} more differ:`);
  for (const { difference } of further.slice(0, FURTHER_SHOWN)) lines.push(`  ${difference.slice(0, 2).join(': ')}`);
  if (further.length > FURTHER_SHOWN) lines.push(`  … all of them with --json`);
  return `${lines.join('\n')}\n`;
}
