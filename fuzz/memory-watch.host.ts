// Watches the memory of the process: the heap limit of a thread does not count the bytes of buffers.
//
// Which thread took them cannot be seen from here, only that together they have more than they may.

const MIB = 1 << 20;
/** Time after an alarm until the next look, in ms: memory is given back by and by. */
const PAUSE_MS = 2_000;

/** How often somebody should look, in ms. */
export const MEMORY_LOOK_MS = 200;

/** Compares the process with what it had at the start. */
export class MemoryWatch {
  private readonly startBytes = process.memoryUsage.rss();
  private nextLookMs = 0;
  private readonly limitMiB: number;

  /** `limitMiB`: what one thread may use. */
  constructor(limitMiB: number) {
    this.limitMiB = limitMiB;
  }

  /** True when `threads` threads use more than they may together, one limit being left to the rest of the process. */
  isOver(threads: number): boolean {
    const nowMs = performance.now();
    const limitBytes = this.startBytes + MIB * this.limitMiB * (1 + threads);
    if (nowMs < this.nextLookMs || process.memoryUsage.rss() < limitBytes) return false;
    this.nextLookMs = nowMs + PAUSE_MS;
    return true;
  }
}
