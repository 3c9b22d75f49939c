// The memory of an agent written in plain style: before an access is performed, the gate may let every
// resumable agent run while the caller stays on the stack.
import type { Barrier } from './barrier.js';
import type { WaitingAccess } from './choice.js';
import type { Gate } from './gate.js';
import type { SharedMemory } from './memory.plain.js';

/** Wraps a performing view with the gate. */
export class HookedMemory implements SharedMemory {
  private readonly agentId: number;
  private readonly inner: SharedMemory;
  private readonly gate: Gate;
  private address = 0;
  /** Of the access that waits at the gate; 0 for none. */
  private sizeBytes = 0;
  private isWrite = false;

  constructor(agentId: number, inner: SharedMemory, gate: Gate) {
    this.agentId = agentId;
    this.inner = inner;
    this.gate = gate;
  }

  get high(): number {
    return this.inner.high;
  }

  load8(address: number): number {
    this.pass(address, 1, false);
    return this.inner.load8(address);
  }

  load16(address: number): number {
    this.pass(address, 2, false);
    return this.inner.load16(address);
  }

  load32(address: number): number {
    this.pass(address, 4, false);
    return this.inner.load32(address);
  }

  load64(address: number): number {
    this.pass(address, 8, false);
    return this.inner.load64(address);
  }

  store8(address: number, value: number): void {
    this.pass(address, 1, true);
    this.inner.store8(address, value);
  }

  store16(address: number, value: number): void {
    this.pass(address, 2, true);
    this.inner.store16(address, value);
  }

  store32(address: number, value: number): void {
    this.pass(address, 4, true);
    this.inner.store32(address, value);
  }

  store64(address: number, low: number, high: number): void {
    this.pass(address, 8, true);
    this.inner.store64(address, low, high);
  }

  copy(target: number, source: number, lengthBytes: number): void {
    this.pass(target, lengthBytes, true);
    const cut = this.gate.cutOf(lengthBytes);
    if (cut === 0) return this.inner.copy(target, source, lengthBytes);
    this.inner.copy(target, source, cut);
    this.pass(target + cut, lengthBytes - cut, true);
    this.inner.copy(target + cut, source + cut, lengthBytes - cut);
  }

  peekRange(address: number, lengthBytes: number): number {
    this.pass(address, lengthBytes, false);
    return this.inner.peekRange(address, lengthBytes);
  }

  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): void {
    this.pass(address, lengthBytes, true);
    this.inner.storeBytes(address, bytes, start, lengthBytes);
  }

  barrier(kind: Barrier): void {
    this.pass(0, 0, false);
    this.inner.barrier(kind);
  }

  /** Writes down the access that waits at the gate, with its address for an offset; false for a barrier, or if none waits. Of a copy its target. */
  describe(into: WaitingAccess): boolean {
    if (this.sizeBytes === 0) return false;
    into.offset = this.address;
    into.sizeBytes = this.sizeBytes;
    into.isWrite = this.isWrite;
    return true;
  }

  private pass(address: number, sizeBytes: number, isWrite: boolean): void {
    if (--this.gate.countdown <= 0) this.wait(address, sizeBytes, isWrite);
  }

  /** What runs meanwhile may use this view: an interrupt in an open window, or the driver's next life. */
  private wait(address: number, sizeBytes: number, isWrite: boolean): void {
    this.address = address;
    this.sizeBytes = sizeBytes;
    this.isWrite = isWrite;
    this.gate.interleave(this.agentId);
    this.sizeBytes = 0;
  }
}
