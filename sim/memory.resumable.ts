// The shared memory of a context as resumable code sees it: every method is delegated to with `yield*`.
//
// Addresses are Numbers local to the view's address space; values are unsigned. See memory.plain.ts for
// the same interface in plain style; the implementations are coarse-memory.ts, hooked-memory.ts and
// resumable-memory.ts.
import type { Access } from './flow.resumable.js';
import type { Barrier } from './barrier.js';

/** Loads and stores of one context; each may be interleaved with every other agent's. */
export interface SharedMemory {
  load8(address: number): Access<number>;
  load16(address: number): Access<number>;
  load32(address: number): Access<number>;
  /** Loads eight bytes as one access: returns the low word and leaves the high word in `high`. */
  load64(address: number): Access<number>;
  /** High word of the last load64 of this view. */
  readonly high: number;
  store8(address: number, value: number): Access<void>;
  store16(address: number, value: number): Access<void>;
  store32(address: number, value: number): Access<void>;
  store64(address: number, low: number, high: number): Access<void>;
  /** Copies inside this address space; one access (fine mode may cut it once). Length 0 never faults. */
  copy(target: number, source: number, lengthBytes: number): Access<void>;
  /** Reads a range as one access; returns its offset in `arena.u8`, valid until the next access of anybody. */
  peekRange(address: number, lengthBytes: number): Access<number>;
  /** Writes bytes taken from a private array as one access. */
  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): Access<void>;
  barrier(kind: Barrier): Access<void>;
}
