// Worker thread that makes one run and posts what came out. See single-run.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { builtInSubject } from '../drivers/builtin.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import { recordDifference } from './recorded-run.js';
import { placeByKey } from './guided-tape.js';
import type { SeenFrame, SingleRunReply, SingleRunSetup } from './single-run.host.js';
import { seedVirtualRandom, setVirtualClock, virtualizeGlobals } from './virtual-globals.host.js';
import { failureReply } from './worker-failure.js';

/** Characters of a driver's own output that are shown. */
const OUTPUT_LIMIT = 1 << 16;

/** Hands a driver's output to the owner of the thread, up to a limit; that works even if the driver never returns. */
function printer(): (text: string) => void {
  let left = OUTPUT_LIMIT;
  return (text) => {
    if (left <= 0) return;
    left -= text.length;
    const shown = left > 0 ? text : `${text.slice(0, left + text.length)}\n(further output of the driver is left out)\n`;
    parentPort!.postMessage({ kind: 'print', text: shown } satisfies SingleRunReply);
  };
}

async function subjectOf(driver: string | null, peer: string): Promise<Subject> {
  if (driver !== null) return loadDriver(driver);
  const subject = builtInSubject(peer);
  if (subject === null) throw new UnusableInput('scenario', 'peer', `there is no built-in driver "${peer}"`);
  return subject;
}

async function make(setup: SingleRunSetup): Promise<SingleRunReply> {
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  virtualizeGlobals(setup.isPrinting ? printer() : () => undefined);
  setVirtualClock(() => execution.nowNs);
  parentPort!.postMessage({ kind: 'loading' } satisfies SingleRunReply);
  const { request } = setup;
  const drivers: [Subject, Subject] = [
    await subjectOf(setup.drivers[0], request.scenario.peer),
    await subjectOf(setup.drivers[1], request.scenario.peer),
  ];
  parentPort!.postMessage({ kind: 'ready' } satisfies SingleRunReply);
  const frames: SeenFrame[] = [];
  const placed = setup.isGuided && setup.tape !== null ? placeByKey(execution, request, drivers, setup.tape) : null;
  const outcome = execution.run(request, drivers[0], {
    drivers,
    tape: placed?.tape ?? setup.tape,
    isRecording: true,
    isKept: setup.isKept,
    onFrame: (timeNs, port, isOutbound, bytes) => frames.push({ timeNs, port, isOutbound, bytes }),
  });
  const judged = drivers[request.subjects[0] ? 0 : 1];
  const difference = setup.isRepeated === true ? recordDifference(execution, judged, request) : null;
  return { kind: 'outcome', outcome, frames, missing: placed?.missing ?? [], difference };
}

make(workerData as SingleRunSetup)
  .catch((error: unknown): SingleRunReply => failureReply(error))
  .then((reply) => parentPort!.postMessage(reply));
