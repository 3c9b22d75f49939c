// The memory of a resumable agent: each operation is delegated to with `yield*` and may pause once before
// it is performed.
//
// One object serves as view, iterable and iterator, so an access that does not pause allocates nothing.
// The operation waits in fields between the pause and its performance; when a nested task (an interrupt in
// an opened window) uses the same view meanwhile, the kernel puts the fields aside with stash().
import type { Barrier } from './barrier.js';
import type { WaitingAccess } from './choice.js';
import { type Access, PAUSED_AT_ACCESS, type Pause } from './flow.resumable.js';
import type { Gate } from './gate.js';
import type * as plain from './memory.plain.js';
import type { SharedMemory } from './memory.resumable.js';

const LOAD8 = 1;
const LOAD16 = 2;
const LOAD32 = 3;
const LOAD64 = 4;
const STORE8 = 5;
const STORE16 = 6;
const STORE32 = 7;
const STORE64 = 8;
const COPY = 9;
const PEEK = 10;
const STORE_BYTES = 11;
const BARRIER = 12;
const COPY_REST = 13;

const NO_BYTES = new Uint8Array(0);

type Step = { done: boolean; value: number };

/** An operation put aside while a nested task uses the view. */
export interface StashedAccess {
  readonly operation: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly bytes: Uint8Array;
  readonly hasPassed: boolean;
}

/** Wraps a performing view for generator code. */
export class ResumableMemory implements SharedMemory {
  private readonly inner: plain.SharedMemory;
  private readonly gate: Gate;
  private operation = 0;
  private first = 0;
  private second = 0;
  private third = 0;
  private bytes: Uint8Array = NO_BYTES;
  private hasPassed = false;
  private readonly paused: Step = { done: false, value: PAUSED_AT_ACCESS };
  private readonly finished: Step = { done: true, value: 0 };

  constructor(inner: plain.SharedMemory, gate: Gate) {
    this.inner = inner;
    this.gate = gate;
  }

  get high(): number {
    return this.inner.high;
  }

  load8(address: number): Access<number> {
    return this.prepare(LOAD8, address, 0, 0);
  }

  load16(address: number): Access<number> {
    return this.prepare(LOAD16, address, 0, 0);
  }

  load32(address: number): Access<number> {
    return this.prepare(LOAD32, address, 0, 0);
  }

  load64(address: number): Access<number> {
    return this.prepare(LOAD64, address, 0, 0);
  }

  store8(address: number, value: number): Access<void> {
    return this.prepare(STORE8, address, value, 0) as Access<unknown> as Access<void>;
  }

  store16(address: number, value: number): Access<void> {
    return this.prepare(STORE16, address, value, 0) as Access<unknown> as Access<void>;
  }

  store32(address: number, value: number): Access<void> {
    return this.prepare(STORE32, address, value, 0) as Access<unknown> as Access<void>;
  }

  store64(address: number, low: number, high: number): Access<void> {
    return this.prepare(STORE64, address, low, high) as Access<unknown> as Access<void>;
  }

  copy(target: number, source: number, lengthBytes: number): Access<void> {
    return this.prepare(COPY, target, source, lengthBytes) as Access<unknown> as Access<void>;
  }

  peekRange(address: number, lengthBytes: number): Access<number> {
    return this.prepare(PEEK, address, lengthBytes, 0);
  }

  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): Access<void> {
    this.bytes = bytes;
    return this.prepare(STORE_BYTES, address, start, lengthBytes) as Access<unknown> as Access<void>;
  }

  barrier(kind: Barrier): Access<void> {
    return this.prepare(BARRIER, kind, 0, 0) as Access<unknown> as Access<void>;
  }

  [Symbol.iterator](): Iterator<Pause, number, void> {
    return this as unknown as Iterator<Pause, number, void>;
  }

  /** Iterator protocol: pauses at most once, then performs the prepared operation. */
  next(): Step {
    if (!this.hasPassed) {
      this.hasPassed = true;
      if (--this.gate.countdown <= 0) return this.paused;
    }
    const operation = this.operation;
    if (operation === COPY) return this.copyMaybeCut();
    this.finished.value = this.perform(operation);
    return this.finished;
  }

  /** Puts the waiting operation aside; see unstash(). */
  stash(): StashedAccess {
    const { operation, first, second, third, bytes, hasPassed } = this;
    return { operation, first, second, third, bytes, hasPassed };
  }

  /** Brings back what stash() put aside. */
  unstash(saved: StashedAccess): void {
    this.operation = saved.operation;
    this.first = saved.first;
    this.second = saved.second;
    this.third = saved.third;
    this.bytes = saved.bytes;
    this.hasPassed = saved.hasPassed;
  }

  /** Writes down the operation that waits, with its address for an offset; false for a barrier, or if none waits. Of a copy its target. */
  describe(into: WaitingAccess): boolean {
    const { operation } = this;
    if (operation === 0 || operation === BARRIER || !this.hasPassed) return false;
    into.offset = this.first;
    into.isWrite = operation >= STORE8 && operation !== PEEK;
    into.sizeBytes = this.sizeOf(operation);
    return true;
  }

  private sizeOf(operation: number): number {
    if (operation <= LOAD64) return 1 << (operation - LOAD8);
    if (operation <= STORE64) return 1 << (operation - STORE8);
    return operation === PEEK ? this.second : this.third;
  }

  private prepare(operation: number, first: number, second: number, third: number): this & Access<number> {
    this.operation = operation;
    this.first = first;
    this.second = second;
    this.third = third;
    this.hasPassed = false;
    return this as this & Access<number>;
  }

  private copyMaybeCut(): Step {
    const cut = this.gate.cutOf(this.third);
    this.inner.copy(this.first, this.second, cut === 0 ? this.third : cut);
    this.finished.value = 0;
    if (cut === 0) return this.finished;
    this.first += cut;
    this.second += cut;
    this.third -= cut;
    this.operation = COPY_REST;
    return --this.gate.countdown <= 0 ? this.paused : this.next();
  }

  private perform(operation: number): number {
    const inner = this.inner;
    switch (operation) {
      case LOAD8:
        return inner.load8(this.first);
      case LOAD16:
        return inner.load16(this.first);
      case LOAD32:
        return inner.load32(this.first);
      case LOAD64:
        return inner.load64(this.first);
      case STORE8:
        inner.store8(this.first, this.second);
        return 0;
      case STORE16:
        inner.store16(this.first, this.second);
        return 0;
      case STORE32:
        inner.store32(this.first, this.second);
        return 0;
      case STORE64:
        inner.store64(this.first, this.second, this.third);
        return 0;
      case PEEK:
        return inner.peekRange(this.first, this.second);
      case STORE_BYTES:
        inner.storeBytes(this.first, this.bytes, this.second, this.third);
        return 0;
      case COPY_REST:
        inner.copy(this.first, this.second, this.third);
        return 0;
      default:
        inner.barrier(this.first as Barrier);
        return 0;
    }
  }
}

