// An exhaustive search of a scenario: the judged driver on one port, then on the other, a thread for each.
import { identityOf } from '../drivers/load-driver.host.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { Repro } from '../scenarios/repro.js';
import type { Scenario } from '../scenarios/scenario.js';
import { inDriverThread, type ThreadFailure, type ThreadLimits } from './driver-thread.host.js';
import type { ExploreBounds, ExploredFinding, ExploreResult } from './explore.js';
import { reproOf } from './finding-repro.js';
import { unusableInput } from './worker-failure.js';

/** Word of the shared flags that ends a search. */
export const STOP_WORD = 0;

/** What is to be searched. */
export interface ExploreRequest {
  /** The judged driver as given on the command line. */
  readonly driver: string;
  /** The run without its subjects: each port is judged in turn. */
  readonly run: Omit<RunRequest, 'subjects'>;
  readonly bounds: ExploreBounds;
  /** Runs for each port. */
  readonly runLimit: number;
  readonly limits: ThreadLimits;
  /** Told of runs made at both ports and of the share of the last bound's tree that is done. */
  readonly onProgress: (runs: number, share: number) => void;
  /** Called with what ends the search early. */
  readonly onInterrupt: (stop: () => void) => void;
}

/** What a thread gets. */
export interface ExploreSetup {
  readonly request: RunRequest;
  readonly drivers: readonly [string | null, string | null];
  readonly bounds: ExploreBounds;
  readonly runLimit: number;
  readonly stop: SharedArrayBuffer;
}

interface ExploreDone {
  readonly kind: 'explored';
  readonly result: ExploreResult;
}

/** What a thread says at its end. */
export type ExploreReply = ExploreDone | Exclude<ThreadFailure, { kind: 'wall' }>;

/** The search with the driver at one port. */
export interface ExploredPort {
  readonly port: 0 | 1;
  /** Null when the search broke off; `failure` says why. */
  readonly result: ExploreResult | null;
  readonly failure: string | null;
  /** One repro for each finding. */
  readonly repros: readonly Repro<Scenario>[];
}

/** Searches both ports. Throws UnusableInput when the driver cannot be used. */
export async function explore(request: ExploreRequest): Promise<ExploredPort[]> {
  const identity = { ...identityOf(request.driver), path: request.driver };
  const stop = new SharedArrayBuffer(4);
  request.onInterrupt(() => Atomics.store(new Int32Array(stop), STOP_WORD, 1));
  const done = [0, 0];
  const shares = [0, 0];
  const searchPort = async (port: 0 | 1): Promise<ExploredPort> => {
    const run: RunRequest = { ...request.run, subjects: [port === 0, port === 1] };
    const data: ExploreSetup = {
      request: run,
      drivers: [port === 0 ? request.driver : null, port === 1 ? request.driver : null],
      bounds: request.bounds,
      runLimit: request.runLimit,
      stop,
    };
    const reply = await inDriverThread<ExploreDone>({
      script: new URL('./explore-worker.host.js', import.meta.url),
      data,
      driver: request.driver,
      work: 'the search',
      limits: request.limits,
      onProgress: (runs, share) => {
        done[port] = runs;
        shares[port] = Number(share);
        request.onProgress(done[0]! + done[1]!, (shares[0]! + shares[1]!) / 2);
      },
    });
    if (reply.kind === 'unusable') throw unusableInput(reply);
    if (reply.kind === 'internal') throw new Error(reply.message);
    if (reply.kind === 'wall') return { port, result: null, failure: reply.message, repros: [] };
    const repros = reply.result.findings.map((finding) => reproOf(recordedOf(run, finding), identity));
    return { port, result: reply.result, failure: null, repros };
  };
  return Promise.all([searchPort(0), searchPort(1)]);
}

function recordedOf(
  request: RunRequest,
  { fingerprint, runIndex, violation, outcome, tape }: ExploredFinding,
): Parameters<typeof reproOf>[0] {
  return { fingerprint, runIndex, request, violation, outcome, tape, lastEvents: [], detail: null, place: null };
}
