// Waiting inside resumable code: the agent gives the processor up until somebody wakes it.
//
// Hand-written pair with waiting.plain.ts, where the same calls run the others while the caller stays on the stack.
import { type Access, PAUSED_BLOCKED, type Pause } from './flow.resumable.js';
import type { Kernel } from './kernel.js';

/** Pause value by which an agent lets due work run without being blocked. */
const PAUSED_TO_YIELD = 3 as Pause;

/** Waits until `isOver()`; whoever makes it true calls kernel.wake(). */
export function blockUntil(kernel: Kernel, agentId: number, isOver: () => boolean): Access<void> {
  return {
    *[Symbol.iterator]() {
      while (!isOver() && !kernel.isOver) {
        kernel.block(agentId);
        yield PAUSED_BLOCKED;
      }
    },
  };
}

/** Spends virtual time and lets due work run: now(). */
export function spendTime(kernel: Kernel, _agentId: number, costNs: number): Access<void> {
  return {
    *[Symbol.iterator]() {
      kernel.advance(costNs);
      yield PAUSED_TO_YIELD;
    },
  };
}
