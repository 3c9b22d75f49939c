// A subject: a loaded driver, ready to be created afresh for every run.
//
// Where it came from (built in, an ES module) is decided by the loaders; the guest machine only asks in which
// styles it exists.
import type { Driver, Guest, Style } from './contract.js';

/** What helps a driver whose order of accesses is its compiler's. */
export const ORDER_REMEDY =
  'build with -matomics -mbulk-memory (Rust: -C target-feature=+atomics,+bulk-memory), ' +
  'which makes the compiler keep C11 atomics and fences, or call rp_wmb, rp_rmb and rp_mb';

/** Makes a driver of one style for one run. */
export type DriverFactory<S extends Style> = (guest: Guest<S>) => Driver<S>;

/** A driver under test or opposite to one. At least one of the factories is there. */
export interface Subject {
  /** Short name for people: `builtin:full`, `driver.mjs`. */
  readonly name: string;
  /** How it was asked for, to be written into repro files. */
  readonly identity: string;
  /** SHA-256 of the text of the entry file in hex; empty for a built-in driver, which the model version covers. */
  readonly digest: string;
  /** Generator methods: can be stopped between any two accesses. */
  readonly resumable: DriverFactory<'resumable'> | null;
  /** Plain methods: stay on the stack while others run. */
  readonly plain: DriverFactory<'plain'> | null;
  /** True when `plain` is the tested twin of `resumable`: it then runs without hooks in coarse mode. */
  readonly hasTrustedTwin: boolean;
  /**
   * True when the order of the driver's accesses is its compiler's, not its author's: nothing about it can be judged in fine
   * or weak mode. Default false.
   */
  readonly isUnordered?: boolean;
}
