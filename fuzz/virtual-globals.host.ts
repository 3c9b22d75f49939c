// Makes a subject's thread deterministic and harmless before the subject is imported.
//
// Clocks follow the virtual time of the run, randomness is seeded anew for every run, timers are refused with a
// sentence that names the contract's own means, and so is what would end or leave the thread. Named imports of node's
// modules see the same replacements. Promises cannot be refused: code they run outside a method finds the guest closed.
import nodeCrypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import perfHooks from 'node:perf_hooks';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { virtualizeClock, virtualPerformance } from './virtual-clock.host.js';
import { virtualizeProcess } from './virtual-process.host.js';
import { virtualizeRandom } from './virtual-random.host.js';

export { setVirtualClock } from './virtual-clock.host.js';
export { seedVirtualRandom } from './virtual-random.host.js';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;

function refuse(name: string): () => never {
  const refusal = (): never => {
    const error = new Error(`${name} is not available to a driver: use guest.armTimer, guest.requestPoll or guest.relax (driver contract)`);
    // The place to name is the driver's.
    Error.captureStackTrace(error, refusal);
    throw error;
  };
  return refusal;
}

/** Replaces the globals of this thread; cannot be undone. `print` gets what the subject writes to its console. */
export function virtualizeGlobals(print: (text: string) => void): void {
  virtualizeClock();
  const refused = Object.fromEntries(TIMERS.map((name) => [name, refuse(name)]));
  for (const [name, value] of Object.entries(refused)) Object.defineProperty(globalThis, name, { value, configurable: false, writable: false });
  Object.assign(timers, refused);
  Object.assign(timersPromises, refused);
  Object.assign(perfHooks, { performance: virtualPerformance });
  virtualizeRandom(nodeCrypto);
  virtualizeProcess(print);
  syncBuiltinESMExports();
}
