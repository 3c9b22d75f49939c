// Worker thread that makes one run and posts what came out. See single-run.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { recordDifference } from './recorded-run.js';
import { placeByKey } from './guided-tape.js';
import { loadedWorld } from './loaded-world.host.js';
import type { SeenFrame, SingleRunReply, SingleRunSetup } from './single-run.host.js';
import type { RunOptions } from '../scenarios/outcome.js';
import { drawn } from './strategies/drawn-run.js';
import { failureReply } from './worker-failure.js';

async function make(setup: SingleRunSetup): Promise<SingleRunReply> {
  const { request } = setup;
  const { execution, drivers } = await loadedWorld(setup.drivers, request.scenario.peer, setup.isPrinting);
  const frames: SeenFrame[] = [];
  const placed = setup.isGuided && setup.tape !== null ? placeByKey(execution, request, drivers, setup.tape) : null;
  const options: RunOptions = {
    drivers,
    tape: placed?.tape ?? setup.tape,
    isRecording: true,
    isKept: setup.isKept,
    onFrame: (timeNs, port, isOutbound, bytes) => frames.push({ timeNs, port, isOutbound, bytes }),
  };
  const outcome = execution.run(request, drivers[0], drawn(request, options));
  const judged = drivers[request.subjects[0] ? 0 : 1];
  const difference = setup.isRepeated === true ? recordDifference(execution, judged, request) : null;
  return { kind: 'outcome', outcome, frames, missing: placed?.missing ?? [], difference };
}

make(workerData as SingleRunSetup)
  .catch((error: unknown): SingleRunReply => failureReply(error))
  .then((reply) => parentPort!.postMessage(reply));
