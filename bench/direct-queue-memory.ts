// The memory a driver queue works on when its guest is called directly: a coarse view of the guest's address space.
//
// What a driver behind the contract reaches through guest memory, without the guest machine in between; barriers are
// nothing in coarse mode.
import type { CoarseMemory } from '../sim/coarse-memory.js';
import type { QueueMemory } from '../model/virtqueue/driver-queue.plain.js';

const WORD = 4294967296;

/** Adapter from a coarse view to what DriverQueue needs. */
export class DirectQueueMemory implements QueueMemory {
  private readonly view: CoarseMemory;

  constructor(view: CoarseMemory) {
    this.view = view;
  }

  load16(address: number): number {
    return this.view.load16(address);
  }

  load32(address: number): number {
    return this.view.load32(address);
  }

  store16(address: number, value: number): void {
    this.view.store16(address, value);
  }

  store32(address: number, value: number): void {
    this.view.store32(address, value);
  }

  store64(address: number, value: number): void {
    this.view.store64(address, value, value < WORD ? 0 : Math.floor(value / WORD));
  }

  fill(address: number, value: number, lengthBytes: number): void {
    for (let index = 0; index < lengthBytes; index++) this.view.store8(address + index, value);
  }

  readBarrier(): void {}

  writeBarrier(): void {}

  fullBarrier(): void {}
}
