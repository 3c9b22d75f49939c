// The shared memory of a context in plain style: every method performs its access before it returns.
//
// Same operations and meaning as memory.resumable.ts, for plain twins and for drivers written without
// generators.
import type { Barrier } from './barrier.js';

/** Loads and stores of one context. */
export interface SharedMemory {
  load8(address: number): number;
  load16(address: number): number;
  load32(address: number): number;
  /** Loads eight bytes as one access: returns the low word and leaves the high word in `high`. */
  load64(address: number): number;
  /** High word of the last load64 of this view. */
  readonly high: number;
  store8(address: number, value: number): void;
  store16(address: number, value: number): void;
  store32(address: number, value: number): void;
  store64(address: number, low: number, high: number): void;
  /** Copies inside this address space; one access. Length 0 never faults. */
  copy(target: number, source: number, lengthBytes: number): void;
  /** Reads a range as one access; returns its offset in `arena.u8`, valid until the next access of anybody. */
  peekRange(address: number, lengthBytes: number): number;
  /** Writes bytes taken from a private array as one access. */
  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): void;
  barrier(kind: Barrier): void;
}
