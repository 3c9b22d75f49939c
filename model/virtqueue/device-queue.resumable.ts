// The device side of a split virtqueue: taking chains, writing and publishing used elements, flags.
//
// Follows l4virtio-transport sheet §10 and the access order of l4re-p2p sheet §5.6. used.idx is not shadowed:
// it is read from memory for every operation. Only readiness gates the use of a queue; going down keeps the
// cursor. Descriptors are the business of end-point.resumable.ts.
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import { AVAIL_FLAGS_SEEN, DEVICE_LOOKED, TAKEN, UNTAKEN, USED_FLAGS as USED_FLAGS_SET, USED_PUBLISHED, USED_WRITTEN } from '../events.js';
import type { DeviceContext } from '../transport/device-context.js';
import {
  AVAIL_INDEX,
  AVAIL_RING,
  DESCRIPTOR_BYTES,
  USED_ELEMENT_BYTES,
  USED_FLAGS,
  USED_INDEX,
  USED_NO_NOTIFY,
  USED_RING,
} from './layout.js';

/** Answer of take(): no chain is available. */
export const NOTHING_AVAILABLE = -1;
/** Answer of take(): avail.idx moved by more than the ring holds. */
export const BAD_AVAIL_INDEX = -2;

/** One queue of a device as its server sees it. */
export class DeviceQueue {
  readonly port: number;
  readonly number: number;
  /** port | queue << 8, as in events. */
  readonly eventAddress: number;
  /** True between installation and disable(). */
  isReady = false;
  /** Server addresses of the parts. */
  descriptors = 0;
  avail = 0;
  used = 0;
  /** Number of descriptors. */
  size = 0;
  /** Next avail position to take, 16 bits. */
  cursor = 0;
  /** False while publications are collected for one interrupt. */
  isKickDirect = true;
  /** A publication asked for an interrupt while they are collected. */
  isKickPending = false;
  /** Counts installations and disables; tells whether something taken is from before. */
  epoch = 0;
  protected lastLooked = -1;
  protected readonly context: DeviceContext<SharedMemory>;

  constructor(context: DeviceContext<SharedMemory>, port: number, number: number) {
    this.context = context;
    this.port = port;
    this.number = number;
    this.eventAddress = port | (number << 8);
  }

  /** Takes the rings at these server addresses into use; the cursor starts at 0, memory stays as it is. */
  install(descriptors: number, avail: number, used: number, size: number): void {
    this.descriptors = descriptors;
    this.avail = avail;
    this.used = used;
    this.size = size;
    this.cursor = 0;
    this.epoch += 1;
    this.lastLooked = -1;
    this.isReady = true;
  }

  /** Takes the queue out of use. */
  disable(): void {
    if (!this.isReady) return;
    this.isReady = false;
    this.epoch += 1;
    this.context.watcher.remove(this.port, this.number);
    this.context.locations.removeQueue(this.port, this.number);
  }

  /** True when chains are available beyond the cursor. */
  *hasMoved(): Resume<boolean> {
    const index = yield* this.context.memory.load16(this.avail + AVAIL_INDEX);
    if (index !== this.lastLooked) this.look(index);
    return index !== this.cursor;
  }

  /** Takes the next chain: its head index, not checked; or NOTHING_AVAILABLE or BAD_AVAIL_INDEX. */
  *take(): Resume<number> {
    const memory = this.context.memory;
    const index = yield* memory.load16(this.avail + AVAIL_INDEX);
    if (index !== this.lastLooked) this.look(index);
    const position = this.cursor;
    if (index === position) return NOTHING_AVAILABLE;
    if (((index - position) & 0xffff) > this.size) {
      this.context.meet('P3', this.port);
      if (!this.context.deviations.P3) return BAD_AVAIL_INDEX;
    }
    yield* memory.barrier(BARRIER_READ);
    this.cursor = (position + 1) & 0xffff;
    const head = yield* memory.load16(this.avail + AVAIL_RING + 2 * (position & (this.size - 1)));
    this.context.log.record(TAKEN, this.eventAddress, position, head, 0, 0, 0);
    return head;
  }

  /** Puts the last `count` taken chains back, to be taken again. */
  putBack(count: number): void {
    if (count === 0) return;
    this.cursor = (this.cursor - count) & 0xffff;
    this.context.log.record(UNTAKEN, this.eventAddress, this.cursor, count, 0, 0, 0);
  }

  /** Index of the descriptor at a server address, as the used ring shows it. */
  idOf(descriptor: number): number {
    return Math.floor((descriptor - this.descriptors) / DESCRIPTOR_BYTES) & 0xffff;
  }

  /** Writes a used element `ahead` slots beyond used.idx; the driver does not see it yet. */
  *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
    const memory = this.context.memory;
    const index = yield* memory.load16(this.used + USED_INDEX);
    const position = (index + ahead) & 0xffff;
    yield* memory.store64(this.used + USED_RING + USED_ELEMENT_BYTES * (position & (this.size - 1)), id, lengthBytes);
    this.context.log.record(USED_WRITTEN, this.eventAddress, position, id, lengthBytes, 0, 0);
  }

  /** Moves used.idx on by `count` behind a write barrier. */
  *publishUsed(count: number): Resume<void> {
    const memory = this.context.memory;
    yield* memory.barrier(BARRIER_WRITE);
    const index = yield* memory.load16(this.used + USED_INDEX);
    const next = (index + count) & 0xffff;
    yield* memory.store16(this.used + USED_INDEX, next);
    this.context.log.record(USED_PUBLISHED, this.eventAddress, index, next, 0, 0, 0);
  }

  /** True if the driver wants no interrupt, read behind a full barrier. */
  *isInterruptSuppressed(): Resume<boolean> {
    const memory = this.context.memory;
    yield* memory.barrier(BARRIER_FULL);
    const flags = yield* memory.load16(this.avail);
    this.context.log.record(AVAIL_FLAGS_SEEN, this.eventAddress, flags, 0, 0, 0, 0);
    return (flags & 1) !== 0;
  }

  /** Sets or clears the NO_NOTIFY bit of used.flags, keeping the others, if the queue is in use. */
  *suppressKicks(isSuppressed: boolean): Resume<void> {
    if (!this.isReady) return;
    const memory = this.context.memory;
    const before = yield* memory.load16(this.used + USED_FLAGS);
    const flags = isSuppressed ? before | USED_NO_NOTIFY : before & ~USED_NO_NOTIFY;
    yield* memory.store16(this.used + USED_FLAGS, flags);
    this.recordFlags(flags);
  }

  protected recordFlags(flags: number): void {
    this.context.log.record(USED_FLAGS_SET, this.eventAddress, flags, 0, 0, 0, 0);
  }

  protected look(index: number): void {
    this.lastLooked = index;
    this.context.watcher.sync(this.port, this.number);
    this.context.log.record(DEVICE_LOOKED, this.eventAddress, index, this.cursor, 0, 0, 0);
  }
}
