// `ringproof vectors <file…>`: recorded behaviour of the original server against the faithful model.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { parseVectors } from '../model/p2p/vector-format.js';
import { replayVector, tabulateVectors } from '../model/p2p/vector-replay.js';
import { UnusableInput } from '../scenarios/unusable-input.js';

/** Adds the command to the program. */
export function addVectorsCommand(program: Command): void {
  program
    .command('vectors')
    .description('replay recorded vectors against the faithful model: agreed and total per class, first difference step by step')
    .argument('<file...>', 'vector files, JSON lines, plain or gzip')
    .option('--json', 'print the table as one JSON document')
    .action((files: string[], options: { json?: boolean }) => {
      process.exitCode = vectors(files, options.json === true);
    });
}

function vectors(files: readonly string[], isJson: boolean): number {
  const results = files.flatMap((file) => parseFile(file).map((vector) => replayVector(vector)));
  const table = tabulateVectors(results);
  const agreed = results.filter((result) => result.agrees).length;
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ schema: 'ringproof-vectors/1', agreed, total: results.length, classes: table }, null, 2)}\n`);
  } else {
    const width = Math.max(5, ...table.map(({ group }) => group.length));
    for (const { group, agreed: good, total } of table) process.stdout.write(`${group.padEnd(width)}  ${good}/${total}\n`);
    process.stdout.write(`${'total'.padEnd(width)}  ${agreed}/${results.length}\n`);
    const first = results.find((result) => !result.agrees);
    if (first !== undefined) process.stdout.write(`\nfirst difference, in ${first.id}:\n${first.difference.join('\n')}\n`);
  }
  return agreed === results.length ? 0 : 1;
}

function parseFile(file: string): ReturnType<typeof parseVectors> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
  } catch (error) {
    throw new UnusableInput(file, 'file', `a vector file must be readable (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    return parseVectors(bytes.toString('utf8'));
  } catch (error) {
    throw new UnusableInput(file, 'contents', error instanceof Error ? error.message : String(error));
  }
}
