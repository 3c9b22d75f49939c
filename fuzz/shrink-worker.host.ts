// Worker thread that shrinks one failing run and posts the result. See shrink.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { fingerprintOf } from './fingerprint.js';
import { loadedWorld, tell } from './loaded-world.host.js';
import { type FindingTest, Shrinker } from './shrink.js';
import type { ShrinkReply, ShrinkSetup } from './shrink.host.js';
import { failureReply } from './worker-failure.js';

/** Runs between two notices of progress. */
const NOTICE_PERIOD = 25;

async function make({ request, drivers: names, tape, finding, runLimit }: ShrinkSetup): Promise<ShrinkReply> {
  const { execution, drivers } = await loadedWorld(names, request.scenario.peer, false);
  const isSame: FindingTest = (violation, failure) => fingerprintOf(violation, failure) === finding.fingerprint;
  const subject = drivers[request.subjects[0] ? 0 : 1];
  const shrinker = new Shrinker(execution, subject, { request, tape }, isSame, runLimit);
  shrinker.onRun = (runs, { preemptions, faults, packets }) => {
    if (runs % NOTICE_PERIOD === 0)
      tell({ kind: 'progress', done: runs, text: `${preemptions} preemptions, ${faults} faults, ${packets} packets` });
  };
  const result = shrinker.shrink();
  return result === null ? { kind: 'not reproduced' } : { kind: 'shrunk', result };
}

make(workerData as ShrinkSetup)
  .catch((error: unknown): ShrinkReply => failureReply(error))
  .then((reply) => parentPort!.postMessage(reply));
