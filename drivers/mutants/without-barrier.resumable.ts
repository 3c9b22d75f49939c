// The memory of a driver that forgets one kind of barrier: what mutants about memory order are made of.
import type { QueueMemory } from '../../model/virtqueue/driver-queue.resumable.js';
import type { Access, Resume } from '../../sim/flow.resumable.js';

/** A kind of barrier. */
export type BarrierName = 'read' | 'write' | 'full';

/** Passes everything on but barriers of one kind. */
class ForgetfulMemory implements QueueMemory {
  private readonly inner: QueueMemory;
  private readonly forgotten: BarrierName;

  constructor(inner: QueueMemory, forgotten: BarrierName) {
    this.inner = inner;
    this.forgotten = forgotten;
  }

  load16(address: number): Access<number> {
    return this.inner.load16(address);
  }

  load32(address: number): Access<number> {
    return this.inner.load32(address);
  }

  store16(address: number, value: number): Access<void> {
    return this.inner.store16(address, value);
  }

  store32(address: number, value: number): Access<void> {
    return this.inner.store32(address, value);
  }

  store64(address: number, value: number): Access<void> {
    return this.inner.store64(address, value);
  }

  fill(address: number, value: number, lengthBytes: number): Access<void> {
    return this.inner.fill(address, value, lengthBytes);
  }

  *readBarrier(): Resume<void> {
    if (this.forgotten !== 'read') yield* this.inner.readBarrier();
  }

  *writeBarrier(): Resume<void> {
    if (this.forgotten !== 'write') yield* this.inner.writeBarrier();
  }

  *fullBarrier(): Resume<void> {
    if (this.forgotten !== 'full') yield* this.inner.fullBarrier();
  }
}

/** The memory as it is, without one kind of barrier. */
export function withoutBarrier(memory: QueueMemory, forgotten: BarrierName): QueueMemory {
  return new ForgetfulMemory(memory, forgotten);
}
