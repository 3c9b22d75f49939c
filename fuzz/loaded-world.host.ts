// Inside a driver thread: an execution and the two drivers of a run, loaded under virtual globals.
import { parentPort } from 'node:worker_threads';
import { builtInSubject } from '../drivers/builtin.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import type { ThreadNotice } from './driver-thread.host.js';
import { seedVirtualRandom, setVirtualClock, virtualizeGlobals } from './virtual-globals.host.js';

/** Characters of a driver's own output that are shown. */
const OUTPUT_LIMIT = 1 << 16;

/** What a thread works with. */
export interface LoadedWorld {
  readonly execution: Execution;
  readonly drivers: readonly [Subject, Subject];
}

/**
 * Loads the drivers (null = the scenario's peer) and tells the owner of the thread how far it is.
 * Throws UnusableInput when a driver cannot be used.
 */
export async function loadedWorld(names: readonly [string | null, string | null], peer: string, isPrinting: boolean): Promise<LoadedWorld> {
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  virtualizeGlobals(isPrinting ? printer() : () => undefined);
  setVirtualClock(() => execution.nowNs);
  tell({ kind: 'loading' });
  const drivers: [Subject, Subject] = [await subjectOf(names[0], peer), await subjectOf(names[1], peer)];
  tell({ kind: 'ready' });
  return { execution, drivers };
}

/** Says something to the owner of the thread. */
export function tell(notice: ThreadNotice): void {
  parentPort!.postMessage(notice);
}

/** Hands a driver's output to the owner of the thread, up to a limit; that works even if the driver never returns. */
function printer(): (text: string) => void {
  let left = OUTPUT_LIMIT;
  return (text) => {
    if (left <= 0) return;
    left -= text.length;
    const shown = left > 0 ? text : `${text.slice(0, left + text.length)}\n(further output of the driver is left out)\n`;
    tell({ kind: 'print', text: shown });
  };
}

async function subjectOf(driver: string | null, peer: string): Promise<Subject> {
  if (driver !== null) return loadDriver(driver);
  const subject = builtInSubject(peer);
  if (subject === null) throw new UnusableInput('scenario', 'peer', `there is no built-in driver "${peer}"`);
  return subject;
}
