// Control flow of resumable agents: what a generator hands to the scheduler and how it is typed.
//
// A resumable agent is written with generator functions; each shared access and each wait is a
// `yield*`. Its plain twin (build/twins.mjs) imports flow.plain.ts instead, where the same names
// stand for direct calls. Nothing here runs; the scheduler is kernel.ts.

/** The agent stands before a shared access and the scheduler wants to be asked. */
export const PAUSED_AT_ACCESS = 1;
/** The agent waits for something that another agent or an event must bring about. */
export const PAUSED_BLOCKED = 2;

/** Why a resumable agent handed control back. */
export type Pause = typeof PAUSED_AT_ACCESS | typeof PAUSED_BLOCKED;

/** Result type of a generator function of a resumable module; in its twin simply `T`. */
export type Resume<T> = Generator<Pause, T, void>;

/** Something a resumable module delegates to with `yield*` that is not itself a generator; in the twin simply `T`. */
export interface Access<T> {
  [Symbol.iterator](): Iterator<Pause, T, void>;
}
