// Virtual time of a world: integer nanoseconds, moved by events and by calls that cost time, never back.
import type { Arena } from './arena.js';
import { type EventHandle, EventQueue } from './event-queue.js';
import { Quiescence } from './quiescence.js';
import type { Trace } from './trace.js';

/** The clock and the events that lie ahead; the kernel extends it by agents. */
export class WorldClock {
  /** Virtual time in ns. */
  nowNs = 0;
  readonly queue = new EventQueue();
  readonly quiescence = new Quiescence();
  protected readonly arena: Arena;
  protected readonly trace: Trace;

  constructor(arena: Arena, trace: Trace) {
    this.arena = arena;
    this.trace = trace;
  }

  /** Schedules an event for an agent `delayNs` from now. `source` > 0 marks a periodic source (quiescence.ts). */
  post(delayNs: number, eventClass: number, agent: number, opcode: number, first: number, second: number, source = 0): EventHandle {
    return this.queue.push(this.nowNs + delayNs, eventClass, agent, opcode, first, second, source);
  }

  /** Notes something that counts as progress besides stores: a frame, an interrupt. */
  progress(): void {
    this.quiescence.notes += 1;
  }

  /** Time 0, nothing ahead. */
  protected restartClock(): void {
    this.nowNs = 0;
    this.queue.reset();
    this.quiescence.reset();
  }

  /** Moves time on by the cost of a call. */
  protected passTime(costNs: number): void {
    this.nowNs += costNs;
    this.trace.timeNs = this.nowNs;
  }

  /** The event in the queue's fields happens now, or at its time if that lies ahead; an overtaken one happens late. */
  protected happen(): void {
    const { queue } = this;
    if (queue.timeNs > this.nowNs) this.nowNs = queue.timeNs;
    this.trace.timeNs = this.nowNs;
    if (queue.source !== 0) this.quiescence.ran(queue.source, this.arena);
  }
}
