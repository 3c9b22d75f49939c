// Memory for a virtqueue of a reference driver: how large it may be, where it lies, how the device is told.
import { DriverQueue } from '../model/virtqueue/driver-queue.resumable.js';
import {
  compactAvailOffset,
  compactQueueBytes,
  compactUsedOffset,
  DESCRIPTOR_ALIGNMENT,
  QUEUE_SIZE_LIMIT,
} from '../model/virtqueue/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Guest } from './contract.js';
import type { DeviceControl } from './device-control.resumable.js';
import { DeviceUnusable } from './device-unusable.js';
import type { ModuleStyle } from './style.resumable.js';

/** Part of the RAM one queue may take: one in this many bytes. */
const RAM_SHARE = 16;
/** Attempts to get memory, each for a smaller queue once the size can shrink. */
const ATTEMPTS = 24;

/** Bytes of RAM a guest has. */
export function ramBytes(guest: Guest<ModuleStyle>): number {
  let total = 0;
  for (const region of guest.memory.regions) total += region.sizeBytes;
  return total;
}

/** The classes a ring is made of; a mutant replaces some. */
export interface RingParts {
  readonly Ring: typeof Ring;
  readonly Queue: typeof DriverQueue;
}

/** One queue with its memory; kept over resets of the device. */
export class Ring {
  readonly queue: DriverQueue;
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly index: number;
  protected readonly address: number;

  constructor(guest: Guest<ModuleStyle>, index: number, size: number, address: number, Queue: typeof DriverQueue) {
    this.guest = guest;
    this.index = index;
    this.address = address;
    const place = { descriptors: address, avail: address + compactAvailOffset(size), used: address + compactUsedOffset(size) };
    this.queue = new Queue(guest.memory, size, place);
  }

  /** Empties the rings and hands the queue to the device. */
  *install(control: DeviceControl): Resume<void> {
    const { size } = this.queue;
    yield* this.queue.initialise();
    const base = this.guest.memory.map(this.address, compactQueueBytes(size));
    const used = base + compactUsedOffset(size);
    yield* control.configureQueue(this.index, { size, descriptors: base, avail: base + compactAvailOffset(size), used });
  }

  /** Publishes what was added and notifies the device if it wants that. */
  *publish(): Resume<void> {
    if ((yield* this.queue.publish()) && (yield* this.queue.wantsKick())) yield* this.guest.notify();
  }

  /** Notifies the device of what was published before it looked. */
  *kick(): Resume<void> {
    if (this.queue.inFlight > 0 && (yield* this.queue.wantsKick())) yield* this.guest.notify();
  }

  /** Gives the memory back; the device must be off the queue. */
  free(): void {
    const bytes = compactQueueBytes(this.queue.size);
    this.guest.memory.unmap(this.guest.memory.map(this.address, bytes), bytes);
    this.guest.memory.free(this.address);
  }
}

/** Gets memory for queue `index`, as large as device and RAM allow. Throws DeviceUnusable when that fails for good. */
export function* createRing(parts: RingParts, guest: Guest<ModuleStyle>, control: DeviceControl, index: number): Resume<Ring> {
  const limit = Math.min(QUEUE_SIZE_LIMIT, yield* control.queueSizeLimit(index));
  if (limit < 1) throw new DeviceUnusable(`queue ${index} has no size`);
  const shareBytes = ramBytes(guest) / RAM_SHARE;
  let size = 2 ** (31 - Math.clz32(limit));
  while (size > 1 && compactQueueBytes(size) > shareBytes) size /= 2;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const address = guest.memory.alloc(compactQueueBytes(size), DESCRIPTOR_ALIGNMENT);
    if (address !== 0) return new parts.Ring(guest, index, size, address, parts.Queue);
    if (size > 1) size /= 2;
  }
  throw new DeviceUnusable(`no memory for queue ${index}`);
}
