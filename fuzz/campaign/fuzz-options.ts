// What a campaign is told and what it comes to.
import type { CampaignState, SeenViolation } from './feedback.js';
import type { CampaignWorld } from './slice.js';

/** What a campaign is to do. */
export interface FuzzOptions {
  readonly world: CampaignWorld;
  /** Driver as given on the command line, null when no driver is judged. */
  readonly driver: string | null;
  /** Runs in all, earlier ones of the same campaign included; null = no end. */
  readonly runs: number | null;
  readonly workers: number;
  /** Runs of an epoch. */
  readonly epochRuns: number;
  /** Where state, findings and statistics go. */
  readonly folder: string;
  readonly corpus: string;
  readonly wallLimitMs: number;
  readonly loadLimitMs: number;
  readonly heapLimitMiB: number;
  /** Whether findings are made smaller at the end. */
  readonly isShrinking: boolean;
  readonly onProgress: (state: CampaignState, made: number, workers: number) => void;
  readonly onFinding: (finding: SeenViolation) => void;
}

/** A finding at the end of a campaign. */
export interface CampaignFinding {
  readonly violation: SeenViolation;
  readonly count: number;
  /** Path of its repro, inside the folder. */
  readonly repro: string | null;
}

/** What a campaign came to. */
export interface FuzzResult {
  readonly state: CampaignState;
  readonly findings: readonly CampaignFinding[];
  readonly resumedAt: number;
  readonly stopped: 'finished' | 'stopped';
  /** Runs after which the worker was gone, twice. */
  readonly lostRuns: readonly number[];
}
