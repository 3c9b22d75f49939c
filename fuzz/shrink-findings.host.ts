// Makes the repros of a check smaller, some at a time, each in a thread of its own.
//
// What comes out depends on repro, driver and run limit only, so a shard gives what the whole check gives. A finding that
// cannot be made smaller (its thread broke off, or it does not come again) stays as it was found.
import type { FindingSize } from '../scenarios/check-result.js';
import type { Repro } from '../scenarios/repro.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { ToldViolation } from './check-material.js';
import type { ThreadLimits } from './driver-thread.host.js';
import type { DriverIdentity } from './finding-repro.js';
import { shrinkRepro } from './shrink.host.js';

/** A finding with a smaller run. */
export interface SmallerFinding {
  readonly repro: Repro<Scenario>;
  readonly size: FindingSize;
  readonly told: ToldViolation;
  readonly lastEvents: number[][];
}

/** What is to be made smaller and how. */
export interface ShrinkingRequest {
  readonly repros: readonly Repro<Scenario>[];
  readonly driver: DriverIdentity;
  /** Runs for each finding. */
  readonly runLimit: number;
  /** Threads at a time. */
  readonly workers: number;
  readonly limits: ThreadLimits;
  /** Asked before each finding. */
  readonly mayGoOn: () => boolean;
  readonly onSmaller: (finding: SmallerFinding) => void;
  /** Told how many findings are done. */
  readonly onDone: (done: number) => void;
}

/** Makes them smaller. */
export async function shrinkFindings(request: ShrinkingRequest): Promise<void> {
  const { repros, workers, mayGoOn, onDone } = request;
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < repros.length && mayGoOn()) {
      await shrinkOne(request, repros[next++]!);
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, repros.length) }, work));
}

async function shrinkOne({ driver, runLimit, limits, onSmaller }: ShrinkingRequest, repro: Repro<Scenario>): Promise<void> {
  const { repro: smaller, result } = await shrinkRepro({ repro, driver, runLimit, limits });
  if (smaller === null || result === null) return;
  const { after, isMinimal, lastEvents, violation } = result;
  const { message, expected, seen } = violation;
  onSmaller({ repro: smaller, size: { ...after, isMinimal }, told: { message, expected, seen }, lastEvents });
}
