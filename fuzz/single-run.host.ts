// Makes one run in a thread of its own, so that a driver that never returns costs a time limit and nothing else.
import type { KeyedTape } from '../scenarios/repro.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import { inDriverThread, type ThreadFailure, type ThreadLimits, type ThreadNotice } from './driver-thread.host.js';
import type { DifferingRun } from './recorded-run.js';

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
  /** Whether the run is made again and again to catch it differing from itself. */
  readonly isRepeated?: boolean;
  /** Whether the driver's own console output is told; otherwise it is dropped. */
  readonly isPrinting: boolean;
}

/** A frame as a stack saw it. */
export interface SeenFrame {
  readonly timeNs: number;
  readonly port: number;
  readonly isOutbound: boolean;
  readonly bytes: Uint8Array;
}

/** A run that was made. */
export interface MadeRun {
  readonly kind: 'outcome';
  readonly outcome: RunOutcome;
  readonly frames: readonly SeenFrame[];
  readonly missing: readonly string[];
  /** How the run differed from itself when it was made again; null when it did not. */
  readonly difference: DifferingRun | null;
}

/** What became of the run. */
export type SingleRunResult = MadeRun | ThreadFailure;

/** What the thread says. */
export type SingleRunReply = MadeRun | ThreadNotice | Exclude<ThreadFailure, { kind: 'wall' }>;

/** Makes the run; gives up when a limit is reached. */
export function runOnce(setup: SingleRunSetup, limits: ThreadLimits): Promise<SingleRunResult> {
  return inDriverThread<MadeRun>({
    script: new URL('./single-run-worker.host.js', import.meta.url),
    data: setup,
    driver: setup.drivers.find((driver) => driver !== null) ?? 'driver',
    work: 'the run',
    limits,
  });
}
