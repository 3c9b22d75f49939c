// What a campaign and its workers say to each other: one message per slice, none per run.
import type { RecordedFinding } from '../recorded-run.js';
import type { UnusableReply } from '../worker-messages.js';
import type { CampaignSnapshot, SeenViolation, SliceResult } from './feedback.js';
import type { CampaignInput } from './input.js';
import type { CampaignWorld } from './slice.js';

/** Words of the pulse: current run + 1, runs made of the slice (by the worker); 1 = stop (by the campaign). */
export const PULSE_RUN = 0;
export const PULSE_MADE = 1;
export const PULSE_STOP = 2;
/** Size of the pulse in bytes. */
export const PULSE_BYTES = 12;

/** What a worker starts with. */
export interface CampaignSetup {
  readonly world: CampaignWorld;
  /** Driver as given on the command line, null when no driver is judged. */
  readonly driver: string | null;
  readonly snapshot: CampaignSnapshot;
  readonly pulse: SharedArrayBuffer;
}

/** To a worker. */
export type CampaignOrder =
  | {
      readonly kind: 'slice';
      readonly epoch: number;
      readonly from: number;
      readonly to: number;
      /** Epochs to merge first, oldest first. */
      readonly merge: readonly (readonly SliceResult[])[];
      /** Runs that killed a worker twice. */
      readonly skip: readonly number[];
    }
  | { readonly kind: 'smaller'; readonly finding: SeenViolation; readonly runLimit: number }
  /** Tell the features of each input. */
  | { readonly kind: 'cover'; readonly inputs: readonly CampaignInput[] };

/** From a worker. */
export type CampaignReply =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** `raw`: the runs of new violations, recorded; not whole = stopped before its end. */
  | { readonly kind: 'slice'; readonly result: SliceResult; readonly raw: readonly RecordedFinding[]; readonly isWhole: boolean }
  | { readonly kind: 'smaller'; readonly key: string; readonly input: CampaignInput; readonly recorded: RecordedFinding | null }
  | { readonly kind: 'covered'; readonly features: readonly (readonly number[])[] }
  | UnusableReply
  | { readonly kind: 'internal'; readonly message: string };
