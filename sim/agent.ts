// What the kernel knows of an agent: an inbox, work that can begin, and failures.
//
// An agent is resumable (its work is an iterator the kernel steps between any two shared accesses) or
// plain (its work runs on the stack; its memory view calls the gate). In coarse mode resumable agents run
// their plain twin and begin() returns null as well.
import type { WaitingAccess } from './choice.js';
import type { Pause } from './flow.resumable.js';

/** Iterator of a piece of work of a resumable agent. */
export type Work = Iterator<Pause, void, void>;

/** One party with its own thread of control. */
export interface Agent {
  /** Number of the agent in its world, from 0; also its context number in traces. */
  readonly id: number;
  readonly name: string;
  /** Takes an event of the queue into the inbox; must not touch shared memory. */
  post(opcode: number, first: number, second: number): void;
  /** True when the inbox holds something that may begin while the agent is idle. */
  hasWork(): boolean;
  /** True when something in the inbox may begin on top of the agent's interrupted work (an interrupt in an open window). */
  hasNestedWork(): boolean;
  /** Begins the next piece of work: an iterator to be stepped, or null when it ran to completion on the stack. */
  begin(): Work | null;
  /** Called around nested work, so that the agent's view can put its waiting access aside and take it up again. */
  enterNested(): void;
  leaveNested(): void;
  /** Writes down the access the agent stands before; false if there is none. Absent: such an agent makes no accesses. */
  waitingAccess?(into: WaitingAccess): boolean;
  /** The agent's work threw; the agent turns it into a verdict. */
  failed(error: unknown): void;
}

/** Thrown through a plain agent's stack when the run is over or the agent's budget is spent; sticky. */
export class AgentAborted extends Error {
  constructor(reason: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = limit;
    this.name = 'AgentAborted';
  }
}
