// A corpus on disk: one file per input, named by the SHA-1 of its text; and other files of a campaign, written atomically.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnusableInput } from '../../scenarios/unusable-input.js';
import { type CampaignInput, inputSchema } from './input.js';

const NAME = /^[0-9a-f]{40}$/;

/** The text of an input's file. */
export function inputText(input: CampaignInput): string {
  return `${JSON.stringify(input)}\n`;
}

/** Name of an input's file. */
export function inputName(input: CampaignInput): string {
  return createHash('sha1').update(inputText(input)).digest('hex');
}

/** Writes a file so that it is there whole or not at all, whenever the process is killed. */
export function writeAtomically(path: string, text: string): void {
  const next = `${path}.next`;
  writeFileSync(next, text);
  renameSync(next, path);
}

/** Writes inputs that are not there yet. */
export function storeInputs(folder: string, inputs: readonly CampaignInput[]): void {
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) {
    const path = join(folder, inputName(input));
    if (!existsSync(path)) writeAtomically(path, inputText(input));
  }
}

/** Removes inputs from a folder. */
export function removeInputs(folder: string, inputs: readonly CampaignInput[]): void {
  for (const input of inputs) rmSync(join(folder, inputName(input)), { force: true });
}

/** All inputs of a folder, by name. Throws UnusableInput for a file that is none; a folder that is not there is empty. */
export function readCorpus(folder: string): CampaignInput[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
  return names.map((name) => readInput(join(folder, name)));
}

/** Reads one input. Throws UnusableInput. */
export function readInput(path: string): CampaignInput {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new UnusableInput(path, '$', 'an input of a corpus must be a JSON document');
  }
  const result = inputSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new UnusableInput(path, `$.${issue.path.map(String).join('.')}`, issue.message);
}
