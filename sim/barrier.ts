// Kinds of memory barriers a context can execute, after the usual kernel vocabulary.

/** Full barrier (mb): no access moves across it in either direction. */
export const BARRIER_FULL = 1;
/** Read barrier (rmb): later loads are not satisfied before earlier loads. */
export const BARRIER_READ = 2;
/** Write barrier (wmb): later stores become visible after earlier stores. */
export const BARRIER_WRITE = 3;
/** Acquire: later accesses stay behind the loads before it. */
export const BARRIER_ACQUIRE = 4;
/** Release: earlier accesses stay ahead of the stores behind it. */
export const BARRIER_RELEASE = 5;

/** One of the five barrier kinds. */
export type Barrier =
  | typeof BARRIER_FULL
  | typeof BARRIER_READ
  | typeof BARRIER_WRITE
  | typeof BARRIER_ACQUIRE
  | typeof BARRIER_RELEASE;

/** Names for reports, indexed by kind. */
export const BARRIER_NAMES: readonly string[] = ['none', 'full', 'read', 'write', 'acquire', 'release'];

/** True when the kind keeps stores in order (buffered stores before it drain before those behind it). */
export function ordersStores(kind: Barrier): boolean {
  return kind === BARRIER_FULL || kind === BARRIER_WRITE || kind === BARRIER_RELEASE;
}

/** True when the kind keeps loads in order (loads behind it see at least what was visible at it). */
export function ordersLoads(kind: Barrier): boolean {
  return kind === BARRIER_FULL || kind === BARRIER_READ || kind === BARRIER_ACQUIRE;
}
