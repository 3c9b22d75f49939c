// One turn of a waiting loop of a resumable agent: it sleeps until its own wake-up event, which belongs to a
// periodic source, so that a loop that waits for ever lets the run reach quiescence.
//
// Hand-written pair with relaxing.plain.ts.
import type { Access } from '../sim/flow.resumable.js';
import type { Kernel } from '../sim/kernel.js';
import { blockUntil } from '../sim/waiting.resumable.js';

/** Spends `costNs`; `sleep` posts the wake-up event, `isOver` tells that it came. */
export function relaxOnce(
  kernel: Kernel,
  agentId: number,
  costNs: number,
  sleep: (delayNs: number) => void,
  isOver: () => boolean,
): Access<void> {
  sleep(costNs);
  return blockUntil(kernel, agentId, isOver);
}
