// Shrinks a repro file: reads it, lets a thread do the work, and makes the smaller repro.
//
// The file is not touched; the caller decides where the smaller one goes. A run that made no end has no deviations
// written down and cannot be shrunk.
import { identityOf } from '../drivers/load-driver.host.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape, Repro } from '../scenarios/repro.js';
import type { Scenario } from '../scenarios/scenario.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import { inDriverThread, type ThreadFailure, type ThreadLimits } from './driver-thread.host.js';
import { pathFrom, readRepro, requestOf } from './replay.host.js';
import { type DriverIdentity, reproOf } from './finding-repro.js';
import type { ShrinkResult } from './shrink.js';
import { unusableInput } from './worker-failure.js';

/** What is to be shrunk and how. */
export interface ShrinkRequest {
  readonly file: string;
  /** Driver instead of the recorded one. */
  readonly driver: string | null;
  readonly runLimit: number;
  readonly limits: ThreadLimits;
  readonly onProgress?: (runs: number, text: string) => void;
}

/** What the thread gets. */
export interface ShrinkSetup {
  readonly request: RunRequest;
  readonly drivers: readonly [string | null, string | null];
  readonly tape: KeyedTape;
  /** The finding that must stay. */
  readonly finding: Pick<Repro<Scenario>['finding'], 'fingerprint'>;
  readonly runLimit: number;
}

type ShrinkDone = { readonly kind: 'shrunk'; readonly result: ShrinkResult } | { readonly kind: 'not reproduced' };

/** What the thread says at its end. */
export type ShrinkReply = ShrinkDone | Exclude<ThreadFailure, { kind: 'wall' }>;

/** Result of a shrink. */
export interface ShrunkRepro {
  /** The smaller repro; null when nothing came of it. */
  readonly repro: Repro<Scenario> | null;
  readonly result: ShrinkResult | null;
  /** Why nothing came of it; null otherwise. */
  readonly failure: string | null;
}

/** Shrinks one file. Throws UnusableInput when file or driver cannot be used. */
export async function shrinkFile({ file, driver, runLimit, limits, onProgress }: ShrinkRequest): Promise<ShrunkRepro> {
  const repro = readRepro(file);
  if (repro.tape === null)
    throw new UnusableInput(file, '$.tape', 'a run that made no end has no deviations written down, so there is nothing to shrink');
  const name = driver ?? pathFrom(file, repro.driver.path) ?? repro.driver.identity;
  const identity = { ...identityOf(name), path: driver ?? repro.driver.path };
  return shrinkRepro({ repro, driver: identity, name, runLimit, limits, ...(onProgress === undefined ? {} : { onProgress }) });
}

/** A repro to be shrunk. */
export interface ReproToShrink {
  readonly repro: Repro<Scenario>;
  /** Who the driver is, as it stands in the smaller repro. */
  readonly driver: DriverIdentity;
  /** The driver to load; absent = as the identity names it. */
  readonly name?: string;
  readonly runLimit: number;
  readonly limits: ThreadLimits;
  readonly onProgress?: (runs: number, text: string) => void;
}

/** Shrinks a repro that holds a tape. Throws UnusableInput when the driver cannot be used. */
export async function shrinkRepro({ repro, driver, name, runLimit, limits, onProgress }: ReproToShrink): Promise<ShrunkRepro> {
  const { subjects } = repro.configuration;
  const { fingerprint } = repro.finding;
  const loaded = name ?? driver.path ?? driver.identity;
  const drivers: [string | null, string | null] = [subjects[0] === true ? loaded : null, subjects[1] === true ? loaded : null];
  const data: ShrinkSetup = { request: requestOf(repro), drivers, tape: repro.tape!, finding: { fingerprint }, runLimit };
  const reply = await inDriverThread<ShrinkDone>({
    script: new URL('./shrink-worker.host.js', import.meta.url),
    data,
    driver: loaded,
    work: 'the shrink',
    limits,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (reply.kind === 'unusable') throw unusableInput(reply);
  if (reply.kind === 'internal') throw new Error(reply.message);
  if (reply.kind === 'wall') return { repro: null, result: null, failure: reply.message };
  if (reply.kind === 'not reproduced') {
    return { repro: null, result: null, failure: 'the run does not show its finding any more; replay tells what it shows now' };
  }
  const { result } = reply;
  const { request, violation, outcome, tape } = result;
  const recorded = { fingerprint, runIndex: repro.run, request, violation, outcome, tape, lastEvents: [], detail: null, place: null };
  return { repro: reproOf(recorded, driver), result, failure: null };
}
