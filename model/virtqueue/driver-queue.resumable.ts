// The driver's side of a split virtqueue.
//
// Follows clause catalogue §4.1, §4.3 and the clauses SPLIT-DRV-2.7.*: descriptors before slot before index with a
// write barrier in front of the index, a full barrier between the index and the look at used.flags, a read
// barrier between used.idx and the element, and a re-check after interrupts are enabled. The free list and the
// state of every chain are private: nothing the device writes is trusted without a check. Memory of the rings is
// the caller's. EVENT_IDX and packed rings are not used.
import type { Access, Resume } from '../../sim/flow.resumable.js';
import {
  AVAIL_FLAGS,
  AVAIL_INDEX,
  AVAIL_NO_INTERRUPT,
  AVAIL_RING,
  availRingBytes,
  DESCRIPTOR_ADDRESS,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FLAGS,
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_NEXT,
  descriptorTableBytes,
  FLAG_INDIRECT,
  FLAG_NEXT,
  FLAG_WRITE,
  isQueueSize,
  USED_ELEMENT_BYTES,
  USED_FLAGS,
  USED_INDEX,
  USED_NO_NOTIFY,
  USED_RING,
  usedRingBytes,
} from './layout.js';

/** What a driver queue needs of the driver's memory; the driver contract's GuestMemory is one. */
export interface QueueMemory {
  load16(address: number): Access<number>;
  load32(address: number): Access<number>;
  store16(address: number, value: number): Access<void>;
  store32(address: number, value: number): Access<void>;
  store64(address: number, value: number): Access<void>;
  fill(address: number, value: number, lengthBytes: number): Access<void>;
  readBarrier(): Access<void>;
  writeBarrier(): Access<void>;
  fullBarrier(): Access<void>;
}

/** Where the three parts of a queue lie, as the driver's loads and stores see them. */
export interface QueuePlace {
  readonly descriptors: number;
  readonly avail: number;
  readonly used: number;
}

/** A buffer of a chain: device address, length in bytes, and whether the device writes it. */
export interface Segment {
  readonly deviceAddress: number;
  readonly lengthBytes: number;
  readonly isWritable: boolean;
}

/** takeUsed() found nothing. */
export const NOTHING_USED = -1;
/** takeUsed() found something no correct device writes; `fault` says what. */
export const DEVICE_AT_FAULT = -2;
/** A chain does not fit into the free descriptors now. */
export const NO_ROOM = -1;

const NO_INDEX = 0xffff;

/** One queue of a driver. Heads returned by add() name a chain until takeUsed() returns them. */
export class DriverQueue {
  /** Number of descriptors, a power of two. */
  readonly size: number;
  readonly place: QueuePlace;
  /** Length the device reported for the chain of the last takeUsed(), in bytes. */
  usedLengthBytes = 0;
  /** What was wrong when takeUsed() returned DEVICE_AT_FAULT. */
  fault = '';
  protected readonly memory: QueueMemory;
  protected readonly mask: number;
  /** Follower of each descriptor in the free list or in its chain. */
  protected readonly follower: Uint16Array;
  /** Descriptors of the chain whose head this is, 0 when it heads no chain in flight. */
  protected readonly chainLength: Uint16Array;
  protected readonly writableBytes: Float64Array;
  protected freeHead = NO_INDEX;
  protected freeDescriptors = 0;
  protected chains = 0;
  protected availIndex = 0;
  protected unpublished = 0;
  protected usedIndex = 0;
  protected usedSeen = 0;

  /** Throws RangeError for a size that is no queue size. */
  constructor(memory: QueueMemory, size: number, place: QueuePlace) {
    if (!isQueueSize(size)) throw new RangeError(`DriverQueue: the size must be a power of two from 1 to 32768, got ${size}`);
    this.memory = memory;
    this.size = size;
    this.place = place;
    this.mask = size - 1;
    this.follower = new Uint16Array(size);
    this.chainLength = new Uint16Array(size);
    this.writableBytes = new Float64Array(size);
  }

  /** Zeroes the rings and forgets every chain; before each (re)configuration, while the device is off the queue. */
  *initialise(): Resume<void> {
    const { memory, place, size } = this;
    yield* memory.fill(place.descriptors, 0, descriptorTableBytes(size));
    yield* memory.fill(place.avail, 0, availRingBytes(size));
    yield* memory.fill(place.used, 0, usedRingBytes(size));
    for (let index = 0; index < size; index++) this.follower[index] = index + 1 < size ? index + 1 : NO_INDEX;
    this.chainLength.fill(0);
    this.freeHead = 0;
    this.freeDescriptors = size;
    this.chains = 0;
    this.availIndex = 0;
    this.unpublished = 0;
    this.usedIndex = 0;
    this.usedSeen = 0;
    this.fault = '';
  }

  /** Free descriptors. */
  get free(): number {
    return this.freeDescriptors;
  }

  /** Chains added and not taken back. */
  get inFlight(): number {
    return this.chains;
  }

  /** True when the head names a chain that was added and not taken back. */
  isInFlight(head: number): boolean {
    return (this.chainLength[head] ?? 0) > 0;
  }

  /** Adds a chain of descriptors, readable segments first. Returns its head, or NO_ROOM. Not visible before publish(). */
  *add(segments: readonly Segment[]): Resume<number> {
    const { length } = segments;
    if (length === 0 || length > this.freeDescriptors) return NO_ROOM;
    const head = this.freeHead;
    let index = head;
    let writable = 0;
    for (let position = 0; position < length; position++) {
      const segment = segments[position]!;
      const next = this.follower[index]!;
      const isLast = position === length - 1;
      const flags = (segment.isWritable ? FLAG_WRITE : 0) | (isLast ? 0 : FLAG_NEXT);
      yield* this.writeDescriptor(this.place.descriptors + DESCRIPTOR_BYTES * index, segment, flags, isLast ? 0 : next);
      if (segment.isWritable) writable += segment.lengthBytes;
      if (isLast) this.freeHead = next;
      else index = next;
    }
    yield* this.offer(head, length, writable);
    return head;
  }

  /**
   * Adds a chain through a table of descriptors at `table` (its device address beside it) with room for all segments;
   * costs one descriptor of the queue. Only if INDIRECT_DESC was negotiated. Returns the head, or NO_ROOM.
   */
  *addIndirect(segments: readonly Segment[], table: number, tableDeviceAddress: number): Resume<number> {
    const { length } = segments;
    if (length === 0 || length > this.size || this.freeDescriptors === 0) return NO_ROOM;
    let writable = 0;
    for (let position = 0; position < length; position++) {
      const segment = segments[position]!;
      const isLast = position === length - 1;
      const flags = (segment.isWritable ? FLAG_WRITE : 0) | (isLast ? 0 : FLAG_NEXT);
      yield* this.writeDescriptor(table + DESCRIPTOR_BYTES * position, segment, flags, isLast ? 0 : position + 1);
      if (segment.isWritable) writable += segment.lengthBytes;
    }
    const head = this.freeHead;
    const outer: Segment = { deviceAddress: tableDeviceAddress, lengthBytes: DESCRIPTOR_BYTES * length, isWritable: false };
    yield* this.writeDescriptor(this.place.descriptors + DESCRIPTOR_BYTES * head, outer, FLAG_INDIRECT, 0);
    this.freeHead = this.follower[head]!;
    yield* this.offer(head, 1, writable);
    return head;
  }

  /** Makes everything added since the last call available; true if there was something. */
  *publish(): Resume<boolean> {
    if (this.unpublished === 0) return false;
    this.availIndex = (this.availIndex + this.unpublished) & 0xffff;
    this.unpublished = 0;
    yield* this.memory.writeBarrier();
    yield* this.memory.store16(this.place.avail + AVAIL_INDEX, this.availIndex);
    return true;
  }

  /** After publish(): whether the device wants to be notified. */
  *wantsKick(): Resume<boolean> {
    yield* this.memory.fullBarrier();
    const flags = yield* this.memory.load16(this.place.used + USED_FLAGS);
    return (flags & USED_NO_NOTIFY) === 0;
  }

  /** Takes the next used chain: its head, NOTHING_USED or DEVICE_AT_FAULT. Its descriptors are free again. */
  *takeUsed(): Resume<number> {
    if (this.usedIndex === this.usedSeen && !(yield* this.look())) return this.fault === '' ? NOTHING_USED : DEVICE_AT_FAULT;
    const element = this.place.used + USED_RING + USED_ELEMENT_BYTES * (this.usedIndex & this.mask);
    const id = yield* this.memory.load32(element);
    const lengthBytes = yield* this.memory.load32(element + 4);
    if (!this.isInFlight(id)) return this.blame(`a used element names chain ${id}, which is not in flight`);
    if (lengthBytes > this.writableBytes[id]!) {
      return this.blame(`a used element reports ${lengthBytes} bytes in a chain with ${this.writableBytes[id]!} writable bytes`);
    }
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    this.usedLengthBytes = lengthBytes;
    this.release(id);
    return id;
  }

  /** Asks the device for no interrupts; a hint. */
  *suppressInterrupts(): Resume<void> {
    yield* this.memory.store16(this.place.avail + AVAIL_FLAGS, AVAIL_NO_INTERRUPT);
  }

  /** Asks for interrupts again; true if something was used meanwhile, for which no interrupt may come. */
  *enableInterrupts(): Resume<boolean> {
    yield* this.memory.store16(this.place.avail + AVAIL_FLAGS, 0);
    yield* this.memory.fullBarrier();
    const index = yield* this.memory.load16(this.place.used + USED_INDEX);
    return index !== this.usedIndex;
  }

  /** Reads used.idx; true if there are new elements, which may be read from now on. */
  protected *look(): Resume<boolean> {
    const index = yield* this.memory.load16(this.place.used + USED_INDEX);
    if (index === this.usedIndex) return false;
    const count = (index - this.usedIndex) & 0xffff;
    if (count > this.chains) {
      this.blame(`used.idx moved by ${count} with ${this.chains} chains in flight`);
      return false;
    }
    this.usedSeen = index;
    yield* this.memory.readBarrier();
    return true;
  }

  protected blame(sentence: string): number {
    this.fault = sentence;
    return DEVICE_AT_FAULT;
  }

  protected *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
    yield* this.memory.store64(address + DESCRIPTOR_ADDRESS, segment.deviceAddress);
    yield* this.memory.store32(address + DESCRIPTOR_LENGTH, segment.lengthBytes);
    yield* this.memory.store16(address + DESCRIPTOR_FLAGS, flags);
    yield* this.memory.store16(address + DESCRIPTOR_NEXT, next);
  }

  /** Puts a finished chain into the next slot of the avail ring. */
  protected *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
    this.freeDescriptors -= descriptors;
    this.chains += 1;
    this.chainLength[head] = descriptors;
    this.writableBytes[head] = writableBytes;
    const slot = (this.availIndex + this.unpublished) & this.mask;
    this.unpublished += 1;
    yield* this.memory.store16(this.place.avail + AVAIL_RING + 2 * slot, head);
  }

  protected release(head: number): void {
    const length = this.chainLength[head]!;
    let last = head;
    for (let position = 1; position < length; position++) last = this.follower[last]!;
    this.follower[last] = this.freeHead;
    this.freeHead = head;
    this.freeDescriptors += length;
    this.chains -= 1;
    this.chainLength[head] = 0;
  }
}
