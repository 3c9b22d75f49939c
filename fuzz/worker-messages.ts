// What the check and its workers say to each other. One message per batch, none per run.
import type { Mode } from '../scenarios/scenario.js';
import type { MemoryModel } from '../sim/store-order.js';
import type { BatchResult } from './run-batch.js';

/** Everything a worker needs to make any run of the check. */
export interface WorkerSetup {
  /** Driver as given on the command line. */
  readonly driver: string;
  readonly seed: string;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: 'seed' | 'current';
  readonly memories: readonly Exclude<MemoryModel, 'sc'>[];
  readonly modes: readonly Mode[];
  /** Ids of the scenarios, in plan order. */
  readonly scenarios: readonly string[];
  /** Capture to replay as an additional scenario, null for none. */
  readonly capture: string | null;
  /** Shared words: [0] index of the current run + 1, [1] runs made; written by the worker only. */
  readonly pulse: SharedArrayBuffer;
}

/** To a worker: make these runs. */
export interface BatchOrder {
  readonly from: number;
  readonly to: number;
}

/** From a worker. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly result: BatchResult }
  /** The driver cannot be loaded or used: one line for people. */
  | { readonly kind: 'unusable'; readonly message: string }
  /** Something inside Ringproof went wrong. */
  | { readonly kind: 'internal'; readonly message: string };
