// The gate every fine-grained access passes: a countdown to the next question for the scheduler.
//
// One gate per world. Views decrement `countdown`; at zero a resumable agent pauses and a plain agent
// calls `interleave`. Between questions an access costs one decrement.

/** Countdown value that is never reached in a run. */
export const NEVER = 0x3fffffff;

/** Shared by all fine views of a world; owned by the kernel. */
export interface Gate {
  /** Accesses left until the scheduler wants to be asked; the access that brings it to 0 waits. */
  countdown: number;
  /** Called by a plain agent's view at zero: lets others run and re-arms the countdown. */
  interleave(agentId: number): void;
  /** Where a copy of `lengthBytes` is to be cut in two accesses, in bytes from its start; 0 = not at all. */
  cutOf(lengthBytes: number): number;
}
