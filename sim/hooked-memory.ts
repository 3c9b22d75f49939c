// The memory of an agent written in plain style: before an access is performed, the gate may let every
// resumable agent run while the caller stays on the stack.
import type { Barrier } from './barrier.js';
import type { Gate } from './gate.js';
import type { SharedMemory } from './memory.plain.js';

/** Wraps a performing view with the gate. */
export class HookedMemory implements SharedMemory {
  private readonly agentId: number;
  private readonly inner: SharedMemory;
  private readonly gate: Gate;

  constructor(agentId: number, inner: SharedMemory, gate: Gate) {
    this.agentId = agentId;
    this.inner = inner;
    this.gate = gate;
  }

  get high(): number {
    return this.inner.high;
  }

  load8(address: number): number {
    this.pass();
    return this.inner.load8(address);
  }

  load16(address: number): number {
    this.pass();
    return this.inner.load16(address);
  }

  load32(address: number): number {
    this.pass();
    return this.inner.load32(address);
  }

  load64(address: number): number {
    this.pass();
    return this.inner.load64(address);
  }

  store8(address: number, value: number): void {
    this.pass();
    this.inner.store8(address, value);
  }

  store16(address: number, value: number): void {
    this.pass();
    this.inner.store16(address, value);
  }

  store32(address: number, value: number): void {
    this.pass();
    this.inner.store32(address, value);
  }

  store64(address: number, low: number, high: number): void {
    this.pass();
    this.inner.store64(address, low, high);
  }

  copy(target: number, source: number, lengthBytes: number): void {
    this.pass();
    const cut = this.gate.cutOf(lengthBytes);
    if (cut === 0) return this.inner.copy(target, source, lengthBytes);
    this.inner.copy(target, source, cut);
    this.pass();
    this.inner.copy(target + cut, source + cut, lengthBytes - cut);
  }

  peekRange(address: number, lengthBytes: number): number {
    this.pass();
    return this.inner.peekRange(address, lengthBytes);
  }

  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): void {
    this.pass();
    this.inner.storeBytes(address, bytes, start, lengthBytes);
  }

  barrier(kind: Barrier): void {
    this.pass();
    this.inner.barrier(kind);
  }

  private pass(): void {
    if (--this.gate.countdown <= 0) this.gate.interleave(this.agentId);
  }
}
