// Delta debugging: the smallest part of a list that still does what the whole list does.
//
// Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002): remove chunks, first large then
// small, until no single element can go. The answer is 1-minimal: without any one element the test says no. The test
// may answer with another list (what was left over of the candidate when it ran); minimization goes on from that.

/** A candidate that still does it: what is kept from here on. Null: it does not. */
export type ReductionTest<T> = (candidate: readonly T[]) => readonly T[] | null;

/** Result of a minimization. */
export interface Minimized<T> {
  readonly items: readonly T[];
  /** True when no single element can be left out; false when `mayGoOn` ended the search before. */
  readonly isMinimal: boolean;
}

/** Minimizes `items`, of which `test` is known to say yes. `mayGoOn` is asked before every test. */
export function minimizeList<T>(items: readonly T[], test: ReductionTest<T>, mayGoOn: () => boolean): Minimized<T> {
  let current = items;
  let chunkSize = current.length;
  while (current.length > 0 && chunkSize > 0) {
    let hasShrunk = false;
    // From the end, so that what is still to be tried keeps its place when a chunk goes.
    for (let end = current.length; end > 0; end -= chunkSize) {
      if (!mayGoOn()) return { items: current, isMinimal: false };
      const start = Math.max(0, end - chunkSize);
      const left = test([...current.slice(0, start), ...current.slice(end)]);
      if (left === null || left.length >= current.length) continue;
      current = left;
      hasShrunk = true;
      end = Math.min(end, current.length + chunkSize);
    }
    if (chunkSize === 1 && !hasShrunk) return { items: current, isMinimal: true };
    chunkSize = chunkSize === 1 ? 1 : Math.min(Math.ceil(chunkSize / 2), Math.max(1, current.length));
  }
  return { items: current, isMinimal: true };
}

/** The smallest number from `least` to `value` for which `test` says yes, found by halving; `value` itself is known to. */
export function minimizeNumber(value: number, least: number, test: (candidate: number) => boolean, mayGoOn: () => boolean): number {
  if (value <= least || !mayGoOn()) return value;
  if (test(least)) return least;
  let low = least;
  let high = value;
  while (high - low > 1 && mayGoOn()) {
    const middle = low + Math.floor((high - low) / 2);
    if (test(middle)) high = middle;
    else low = middle;
  }
  return high;
}
