// An agent's pen: records level-1 events in the trace under the agent's number.
import type { Trace } from '../sim/trace.js';

/** Writes events on behalf of one agent; see events.ts for kinds and arguments. */
export class EventLog {
  /** The trace all agents of the world share. */
  readonly trace: Trace;
  /** Number of the agent in the world. */
  readonly agent: number;

  constructor(trace: Trace, agent: number) {
    this.trace = trace;
    this.agent = agent;
  }

  /** Appends one event now; arguments by kind, missing ones are 0. */
  record(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    this.trace.record(kind, this.agent, a, b, c, d, e, f);
  }
}
