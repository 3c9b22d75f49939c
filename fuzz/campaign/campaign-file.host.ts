// The state file of a campaign: what was merged, the last epoch that is not, and what it was begun with.
//
// Written in one piece, so that whoever is killed leaves the former or the new state behind. Read from a folder of the user's.
import { readFileSync } from 'node:fs';
import { UnusableInput } from '../../scenarios/unusable-input.js';
import { writeAtomically } from './corpus.host.js';
import type { CampaignSnapshot, SliceResult } from './feedback.js';

const STATE_FORMAT = 'ringproof-campaign';

/** What the file holds. */
export interface StoredCampaign {
  /** What must be the same for a campaign to go on, as text. */
  readonly configuration: string;
  /** State after the last epoch but one. */
  readonly base: CampaignSnapshot;
  /** Slices of the last epoch; null before the first. */
  readonly last: readonly SliceResult[] | null;
}

/** Writes the file. */
export function writeState(path: string, stored: StoredCampaign): void {
  writeAtomically(path, `${JSON.stringify({ format: STATE_FORMAT, ...stored })}\n`);
}

/** Reads the file. Throws UnusableInput. */
export function readState(path: string): StoredCampaign {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as StoredCampaign & { readonly format: string };
    if (stored.format === STATE_FORMAT) return stored;
  } catch {
    // Told below, like every other file that is no state.
  }
  throw new UnusableInput(path, '$', 'the file must be the state of a campaign; remove it to start anew');
}
