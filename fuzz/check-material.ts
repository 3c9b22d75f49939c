// Everything a check gathered before it is summed up to its result.
import type { ScenarioDefinition } from '../scenarios/scenario.js';
import type { CampaignResult } from './check-campaign.host.js';
import type { OutsideFailure } from './outside-failure.js';
import type { RecordedFinding } from './recorded-run.js';
import type { Divergence } from './run-batch.js';

/** Everything a check gathered. */
export interface CheckMaterial {
  readonly driverName: string;
  readonly driverDigest: string;
  readonly seed: string;
  readonly budget: string;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: string;
  readonly fixed: CampaignResult;
  /** Second pass against the original server's behaviour; null if it was not made. */
  readonly faithful: CampaignResult | null;
  readonly scenarios: readonly ScenarioDefinition[];
  /** Recorded runs by fingerprint, lowest run index each. */
  readonly recorded: ReadonlyMap<string, RecordedFinding>;
  /** Repro files by fingerprint, relative to the working directory. */
  readonly repros: ReadonlyMap<string, string>;
  /** Runs of the first pass that made no end. */
  readonly outside: readonly OutsideFailure[];
  /** Runs the first pass needs to see every scenario in every mode once. */
  readonly smallestRuns: number;
  /** Whether the user stopped the check. */
  readonly isInterrupted: boolean;
  /** Runs that differed when repeated although built-in drivers do not: the driver's fault. Lowest run first. */
  readonly divergences: readonly Divergence[];
  readonly internalError: string | null;
}
