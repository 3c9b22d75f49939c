// What a campaign that was begun in a folder was begun with, so that going on needs no options repeated.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInput } from './corpus.host.js';
import type { CampaignInput } from './input.js';

/** Seed and first inputs of the campaign in a folder; null when there is none, or none that can be read. */
export function storedSeed(folder: string): { readonly seed: string; readonly seeds: readonly CampaignInput[] } | null {
  const path = join(folder, 'state.json');
  if (!existsSync(path)) return null;
  try {
    const { configuration } = JSON.parse(readFileSync(path, 'utf8')) as { configuration: string };
    const { seed, seeds } = JSON.parse(configuration) as { seed: string; seeds: string[] };
    return { seed, seeds: seeds.map((name) => readInput(join(folder, 'seeds', name))) };
  } catch {
    return null;
  }
}
