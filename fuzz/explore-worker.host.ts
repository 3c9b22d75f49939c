// Worker thread of an exhaustive search: tells findings as they come, and the result at the end. See explore.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { Explorer } from './explore.js';
import { STOP_WORD, type ExploreReply, type ExploreSetup } from './explore.host.js';
import { loadedWorld, tell } from './loaded-world.host.js';
import { failureReply } from './worker-failure.js';

/** Runs between two notices of progress. */
const NOTICE_PERIOD = 100;

async function make({ request, drivers: names, bounds, runLimit, stop }: ExploreSetup): Promise<ExploreReply> {
  const { execution, drivers } = await loadedWorld(names, request.scenario.peer, false);
  const flags = new Int32Array(stop);
  const mayGoOn = (runs: number): boolean => runs < runLimit && Atomics.load(flags, STOP_WORD) === 0;
  const explorer = new Explorer(execution, drivers[request.subjects[0] ? 0 : 1], request, bounds, mayGoOn);
  explorer.onProgress = (runs, share) => {
    if (runs % NOTICE_PERIOD === 0) tell({ kind: 'progress', done: runs, text: String(share) });
  };
  return { kind: 'explored', result: explorer.explore() };
}

make(workerData as ExploreSetup)
  .catch((error: unknown): ExploreReply => failureReply(error))
  .then((reply) => parentPort!.postMessage(reply));
