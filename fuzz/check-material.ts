// Everything a check, or a shard of one, gathered before it is summed up to its result. Plain data: it survives a file.
import type { SpecVersion } from '../model/rules/spec-versions.js';
import type { FindingSize } from '../scenarios/check-result.js';
import type { DeviceKindId } from '../scenarios/device-kind.js';
import type { CampaignResult } from './check-campaign.host.js';
import type { OutsideReason } from './outside-failure.js';
import type { DriverPlace } from './recorded-run.js';

/** What one pass gave. */
export type PassMaterial = Pick<CampaignResult, 'tally' | 'strays' | 'stopped'>;

/** What a rule says of a violation in words. */
export interface ToldViolation {
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
}

/** What the recorded run of a finding adds to it. */
export interface RecordedDetail {
  readonly fingerprint: string;
  readonly runIndex: number;
  /** What the driver said when it broke off; null if that is not what the finding is about. */
  readonly detail: string | null;
  readonly place: DriverPlace | null;
  /** Size of the smallest run that was found; null when it was not looked for. */
  readonly size: FindingSize | null;
  /** What the rule says of the smallest run; null when it was not looked for. */
  readonly told: ToldViolation | null;
  readonly lastEvents: readonly (readonly number[])[];
}

/** A run without a verdict of its own, and where it belongs. */
interface PlacedRun {
  readonly runIndex: number;
  readonly scenario: string;
  readonly mode: string;
  readonly memory: string;
}

/** A run that made no end. */
export interface OutsideRun extends PlacedRun {
  readonly reason: OutsideReason;
}

/** A run that differed when it was repeated. */
export interface DivergentRun extends PlacedRun {
  /** Null when it could not be caught differing. */
  readonly difference: {
    readonly eventIndex: number;
    readonly before: readonly (readonly number[])[];
    readonly first: readonly number[] | null;
    readonly second: readonly number[] | null;
  } | null;
}

/** What was checked and how: the same for all shards of a check. */
export interface CheckIdentity {
  readonly driverName: string;
  readonly driverDigest: string;
  readonly seed: string;
  readonly budget: string;
  readonly runs: number;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: string;
  readonly device: DeviceKindId;
  readonly spec: SpecVersion;
  readonly deviations: readonly string[];
  readonly modes: readonly string[];
  readonly memories: readonly string[];
  /** Strategy of all runs; absent for the default portfolio. */
  readonly strategy?: string;
  readonly scenarios: readonly { readonly id: string; readonly title: string }[];
  /** Features the driver claims, null for all there are. */
  readonly claimedFeatures: readonly string[] | null;
  /** Runs the first pass needs to see every scenario in every mode once. */
  readonly smallestRuns: number;
}

/** Everything a check gathered. */
export interface CheckMaterial {
  readonly identity: CheckIdentity;
  readonly fixed: PassMaterial;
  /** Second pass against the original server's behaviour; null if it was not made. */
  readonly faithful: PassMaterial | null;
  /** Recorded runs of findings, lowest run of each fingerprint. */
  readonly recorded: readonly RecordedDetail[];
  /** Runs of the first pass that made no end. */
  readonly outside: readonly OutsideRun[];
  /** Runs that differed when repeated, lowest run first. */
  readonly divergences: readonly DivergentRun[];
  /** A run that differed with a built-in driver, too: then the fault is ours; null for none. */
  readonly unstableRun: number | null;
  /** Whether the user stopped the check. */
  readonly isInterrupted: boolean;
  readonly internalError: string | null;
  /** Shards that are not there, from 1; empty for a whole check. */
  readonly missingShards: readonly number[];
}

/** Repro files by fingerprint, relative to the working directory. */
export type ReproPaths = ReadonlyMap<string, string>;
