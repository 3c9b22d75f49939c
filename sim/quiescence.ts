// When nothing more will happen: the moment at which liveness is judged, never by time-out.
//
// Reached when only periodic sources have pending events and each of them has run often enough since the
// last progress (a store that changed shared memory, a frame, an interrupt). Timers and waits need two
// runs; a relax() loop, which may count its turns before it acts, needs many more.
import type { Arena } from './arena.js';
import type { EventQueue } from './event-queue.js';

/** Runs without progress after which a timer or wait counts as idle. */
const TIMER_RUNS = 2;
/** Runs without progress after which a relaxing loop counts as idle. */
export const RELAX_RUNS = 2000;

/** Progress bookkeeping of one run. */
export class Quiescence {
  /** Progress noted by the world, besides changed memory. */
  notes = 0;
  private readonly needed: number[] = [0];
  private readonly runs: number[] = [0];
  private readonly marks: number[] = [0];
  private progress = 0;
  /** True when the source ran often enough without progress. */
  private readonly isSatisfied = (source: number): boolean =>
    this.marks[source] === this.progress && this.runs[source]! >= this.needed[source]!;

  /** Registers a periodic source; returns its number, from 1. */
  addSource(isRelaxing: boolean): number {
    this.needed.push(isRelaxing ? RELAX_RUNS : TIMER_RUNS);
    this.runs.push(0);
    this.marks.push(-1);
    return this.needed.length - 1;
  }

  /** An event of the source is about to be handled. */
  ran(source: number, arena: Arena): void {
    const progress = this.notes + arena.changes;
    if (this.marks[source] === progress) {
      this.runs[source]! += 1;
      return;
    }
    this.marks[source] = progress;
    this.runs[source] = 1;
  }

  /** True when only satisfied periodic sources are pending. */
  isReached(queue: EventQueue, arena: Arena): boolean {
    if (queue.plainCount > 0) return false;
    this.progress = this.notes + arena.changes;
    return queue.everySource(this.isSatisfied);
  }

  reset(): void {
    this.notes = 0;
    this.needed.length = 1;
    this.runs.length = 1;
    this.marks.length = 1;
  }
}
