// What the check and its workers say to each other. One message per batch, none per run.
import type { DeviationId } from '../model/p2p/quirks.js';
import type { Claim } from '../model/rules/claim.js';
import type { Mode } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import type { ScriptCoverage } from './script-coverage.host.js';
import type { BatchResult } from './run-batch.js';

/** Everything a worker needs to make any run of the check. */
export interface WorkerSetup {
  /** Driver as given on the command line. */
  readonly driver: string;
  readonly seed: string;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: 'seed' | 'current';
  readonly claim?: Claim;
  readonly deviations?: readonly DeviationId[];
  readonly memories: readonly Exclude<MemoryModel, 'sc'>[];
  readonly modes: readonly Mode[];
  /** Ids of the scenarios, in plan order. */
  readonly scenarios: readonly string[];
  /** Strategy of all runs; absent = the default portfolio. */
  readonly strategy?: string;
  /** Capture to replay as an additional scenario, null for none. */
  readonly capture: string | null;
  /** Whether what is executed of the driver's files is counted. */
  readonly countsCoverage?: boolean;
  /** Shared words, see PULSE. */
  readonly pulse: SharedArrayBuffer;
}

/** Words of the pulse: the first two are written by the worker, the third by the check. */
export const PULSE = {
  /** Index of the current run + 1, 0 between batches. */
  run: 0,
  /** Runs made of the current batch. */
  made: 1,
  /** 1 = end the batch before the next run. */
  stop: 2,
} as const;
/** Size of the pulse in bytes. */
export const PULSE_BYTES = 12;

/** To a worker: tell what was executed of the driver's files; the last message of a campaign. */
export const COVERAGE_ORDER = 'coverage';

/** To a worker: make these runs. */
export interface BatchOrder {
  readonly from: number;
  readonly to: number;
}

/** From a worker. */
export type WorkerReply =
  /** The driver file is about to be loaded: from here on its time counts. */
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** `strays`: errors of driver code that ran outside every method, in a promise. */
  | { readonly kind: 'batch'; readonly result: BatchResult; readonly strays: readonly string[] }
  /** What was executed of the driver's files. */
  | { readonly kind: 'coverage'; readonly scripts: readonly ScriptCoverage[] }
  | UnusableReply
  /** Something inside Ringproof went wrong. */
  | { readonly kind: 'internal'; readonly message: string };

/** The input cannot be used; the parts of an UnusableInput. */
export interface UnusableReply {
  readonly kind: 'unusable';
  readonly fileName: string;
  readonly place: string;
  readonly rule: string;
}
