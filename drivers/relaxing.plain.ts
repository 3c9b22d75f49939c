// One turn of a waiting loop of a plain agent: time passes and due work of others runs. See relaxing.resumable.ts.
import type { Kernel } from '../sim/kernel.js';
import { spendTime } from '../sim/waiting.plain.js';

/** Spends `costNs`; a plain agent stays on the stack, so nothing is posted. */
export function relaxOnce(kernel: Kernel, agentId: number, costNs: number, _sleep: (delayNs: number) => void, _isOver: () => boolean): void {
  spendTime(kernel, agentId, costNs);
}
