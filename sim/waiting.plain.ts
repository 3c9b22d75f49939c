// Waiting in plain style: others run while the caller stays on the stack. See waiting.resumable.ts.
import type { Kernel } from './kernel.js';

/** Waits until `isOver()`. Throws AgentAborted when that can never come. */
export function blockUntil(kernel: Kernel, agentId: number, isOver: () => boolean): void {
  if (!isOver()) kernel.runUntil(agentId, isOver);
}

/** Spends virtual time and lets due work run: now() and relax(). */
export function spendTime(kernel: Kernel, agentId: number, costNs: number): void {
  kernel.advance(costNs);
  kernel.runDue(agentId);
}
