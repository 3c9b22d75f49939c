// Worker thread that makes one run and posts what came out. See single-run.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { builtInSubject } from '../drivers/builtin.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import { placeByKey } from './guided-tape.js';
import { seedVirtualRandom, virtualizeGlobals } from './virtual-globals.host.js';
import type { SeenFrame, SingleRunReply, SingleRunSetup } from './single-run.host.js';

async function subjectOf(driver: string | null, peer: string): Promise<Subject> {
  if (driver !== null) return loadDriver(driver);
  const subject = builtInSubject(peer);
  if (subject === null) throw new Error(`the scenario wants the unknown built-in driver "${peer}"`);
  return subject;
}

async function make(setup: SingleRunSetup): Promise<SingleRunReply> {
  virtualizeGlobals();
  const { request } = setup;
  const drivers: [Subject, Subject] = [
    await subjectOf(setup.drivers[0], request.scenario.peer),
    await subjectOf(setup.drivers[1], request.scenario.peer),
  ];
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  const frames: SeenFrame[] = [];
  const placed = setup.isGuided ? placeByKey(execution, request, drivers, setup.tape!) : null;
  const outcome = execution.run(request, drivers[0], {
    drivers,
    tape: placed?.tape ?? setup.tape,
    isRecording: true,
    isKept: setup.isKept,
    onFrame: (timeNs, port, isOutbound, bytes) => frames.push({ timeNs, port, isOutbound, bytes }),
  });
  return { kind: 'outcome', outcome, frames, missing: placed?.missing ?? [] };
}

make(workerData as SingleRunSetup)
  .then((reply) => parentPort!.postMessage(reply))
  .catch((error: unknown) => {
    const isUnusable = error instanceof Error && error.name === 'UnusableInput';
    const message = error instanceof Error ? (isUnusable ? error.message : (error.stack ?? error.message)) : String(error);
    parentPort!.postMessage({ kind: isUnusable ? 'unusable' : 'internal', message } satisfies SingleRunReply);
  });
