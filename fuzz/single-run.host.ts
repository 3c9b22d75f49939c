// Makes one run in a thread of its own, so that a driver that never returns costs a time limit and nothing else.
import { Worker } from 'node:worker_threads';
import type { KeyedTape } from '../scenarios/repro.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';

/** One run to make. */
export interface SingleRunSetup {
  readonly request: RunRequest;
  /** By port: the driver as given on the command line, null for the scenario's peer. */
  readonly drivers: readonly [string | null, string | null];
  /** Deviations to play, null to draw from the seed. */
  readonly tape: KeyedTape | null;
  /** Whether scheduling deviations are placed by key instead of by step. */
  readonly isGuided: boolean;
  readonly isKept: boolean;
}

/** A frame as a stack saw it. */
export interface SeenFrame {
  readonly timeNs: number;
  readonly port: number;
  readonly isOutbound: boolean;
  readonly bytes: Uint8Array;
}

/** What became of the run. */
export type SingleRunReply =
  | { readonly kind: 'outcome'; readonly outcome: RunOutcome; readonly frames: readonly SeenFrame[]; readonly missing: readonly string[] }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'internal'; readonly message: string }
  | { readonly kind: 'wall'; readonly message: string };

/** Makes the run; gives up after `wallLimitMs`. */
export function runOnce(setup: SingleRunSetup, wallLimitMs: number): Promise<SingleRunReply> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./single-run-worker.host.js', import.meta.url), {
      workerData: setup,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 768 },
    });
    const finish = (reply: SingleRunReply): void => {
      clearTimeout(timer);
      resolve(reply);
      void worker.terminate();
    };
    const timer = setTimeout(() => finish({ kind: 'wall', message: `the run made no end within ${wallLimitMs} ms` }), wallLimitMs);
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reply: SingleRunReply) => finish(reply));
    worker.on('error', (error) => finish({ kind: 'wall', message: `the thread of the run broke off: ${error.message}` }));
    worker.on('exit', () => finish({ kind: 'wall', message: 'the driver ended the thread it runs in' }));
  });
}
