// The memory of a server that forgets one kind of barrier: what mutants about memory order are made of.
import type { Barrier } from '../../sim/barrier.js';
import type { Access, Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import type { DeviceContext } from '../transport/device-context.js';

/** Passes everything on but barriers of one kind. */
class ForgetfulMemory implements SharedMemory {
  private readonly inner: SharedMemory;
  private readonly forgotten: Barrier;

  constructor(inner: SharedMemory, forgotten: Barrier) {
    this.inner = inner;
    this.forgotten = forgotten;
  }

  get high(): number {
    return this.inner.high;
  }

  load8(address: number): Access<number> {
    return this.inner.load8(address);
  }

  load16(address: number): Access<number> {
    return this.inner.load16(address);
  }

  load32(address: number): Access<number> {
    return this.inner.load32(address);
  }

  load64(address: number): Access<number> {
    return this.inner.load64(address);
  }

  store8(address: number, value: number): Access<void> {
    return this.inner.store8(address, value);
  }

  store16(address: number, value: number): Access<void> {
    return this.inner.store16(address, value);
  }

  store32(address: number, value: number): Access<void> {
    return this.inner.store32(address, value);
  }

  store64(address: number, low: number, high: number): Access<void> {
    return this.inner.store64(address, low, high);
  }

  copy(target: number, source: number, lengthBytes: number): Access<void> {
    return this.inner.copy(target, source, lengthBytes);
  }

  peekRange(address: number, lengthBytes: number): Access<number> {
    return this.inner.peekRange(address, lengthBytes);
  }

  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): Access<void> {
    return this.inner.storeBytes(address, bytes, start, lengthBytes);
  }

  *barrier(kind: Barrier): Resume<void> {
    if (kind !== this.forgotten) yield* this.inner.barrier(kind);
  }
}

/** The context as it is, with a memory that forgets one kind of barrier. */
export function withoutBarrier(context: DeviceContext<SharedMemory>, forgotten: Barrier): DeviceContext<SharedMemory> {
  const memory = new ForgetfulMemory(context.memory, forgotten);
  return Object.create(context, { memory: { value: memory } }) as DeviceContext<SharedMemory>;
}
