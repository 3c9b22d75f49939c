// The transmit side of the full driver: a header and the frame's own memory in one chain, no copy.
//
// Every frame in flight has a slot with its header and a table of two descriptors. While there is plenty of room
// the chain lies in the queue, else in the table (if indirect descriptors were negotiated). No chain may be longer
// than the queue, tables included, so for a queue of one descriptor header and frame are copied into one piece.
// Clauses NET-DRV-5.1.9.2.1-*, SPLIT-DRV-2.7.5.3.1-*.
import { NET_HEADER_BYTES, NET_NEEDS_CHECKSUM } from '../model/net/header.js';
import { DEVICE_AT_FAULT, NOTHING_USED, type Segment } from '../model/virtqueue/driver-queue.resumable.js';
import { DESCRIPTOR_BYTES } from '../model/virtqueue/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Frame, Guest } from './contract.js';
import { DeviceUnusable } from './device-unusable.js';
import { ramBytes, type Ring } from './ring.resumable.js';
import type { ModuleStyle } from './style.resumable.js';

/** A slot: 12 bytes of header, padding, two descriptors. */
export const SLOT_BYTES = 48;
/** Where the descriptors lie in a slot. */
export const TABLE_OFFSET = 16;
const CHAIN_LENGTH = 2;
/** Part of the RAM the slots may take: one in this many bytes. */
const RAM_SHARE = 32;
const ATTEMPTS = 24;

/** A frame under way. */
export interface Sending {
  readonly frame: Frame;
  readonly slot: number;
  /** Copy of header and frame, 0 when the frame's own memory is used. */
  readonly copy: number;
}

/** Frames under way to the device. */
export class TransmitPath {
  /** The device returned something no correct device returns; only a reset helps. */
  isBroken = false;
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly ring: Ring;
  protected readonly slots: number;
  protected readonly freeSlots: number[] = [];
  protected readonly sending = new Map<number, Sending>();
  protected isIndirect = false;

  constructor(guest: Guest<ModuleStyle>, ring: Ring) {
    this.guest = guest;
    this.ring = ring;
    let count = Math.min(ring.queue.size, Math.max(1, Math.floor(ramBytes(guest) / RAM_SHARE / SLOT_BYTES)));
    let slots = 0;
    for (let attempt = 0; attempt < ATTEMPTS && slots === 0; attempt++) {
      slots = guest.memory.alloc(count * SLOT_BYTES, DESCRIPTOR_BYTES);
      if (slots === 0 && count > 1) count = Math.floor(count / 2);
    }
    if (slots === 0) throw new DeviceUnusable('no memory for transmit headers');
    this.slots = slots;
    for (let index = count - 1; index >= 0; index--) this.freeSlots.push(slots + index * SLOT_BYTES);
  }

  /** A device run begins; the ring is empty. */
  begin(isIndirect: boolean): void {
    this.isIndirect = isIndirect;
    this.isBroken = false;
  }

  /** The device was reset: what was under way is lost, its memory goes back. */
  end(): void {
    for (const sending of this.sending.values()) this.finish(sending);
    this.sending.clear();
  }

  /** Frames under way. */
  get inFlight(): number {
    return this.sending.size;
  }

  /** True when the next frame will find a slot and descriptors. */
  get hasRoom(): boolean {
    return this.freeSlots.length > 0 && this.ring.queue.free >= this.neededDescriptors;
  }

  /** Queues a frame and tells the device; false when there is no room or no memory. */
  *send(frame: Frame): Resume<boolean> {
    const slot = this.freeSlots.at(-1);
    if (slot === undefined || !this.hasRoom) return false;
    const copy = this.mustCopy ? this.guest.memory.alloc(NET_HEADER_BYTES + frame.lengthBytes) : 0;
    if (this.mustCopy && copy === 0) return false;
    yield* this.writeHeader(copy === 0 ? slot : copy, frame);
    const head = copy === 0 ? yield* this.addChain(slot, frame) : yield* this.addCopy(copy, frame);
    this.freeSlots.pop();
    this.sending.set(head, { frame, slot, copy });
    yield* this.announce();
    return true;
  }

  /** Gives the frames back that the device is done with; returns how many. */
  *reclaim(): Resume<number> {
    let count = 0;
    while (!this.isBroken) {
      const head = yield* this.ring.queue.takeUsed();
      if (head === NOTHING_USED) break;
      if (head === DEVICE_AT_FAULT) {
        this.isBroken = true;
        break;
      }
      const sending = this.sending.get(head)!;
      this.sending.delete(head);
      this.finish(sending);
      count += 1;
    }
    return count;
  }

  /** Gives all memory back; the device is off the queue. */
  free(): void {
    this.end();
    this.guest.memory.free(this.slots);
  }

  /** Tells the device of what was queued. */
  protected *announce(): Resume<void> {
    yield* this.ring.publish();
  }

  protected get mustCopy(): boolean {
    return this.ring.queue.size < CHAIN_LENGTH;
  }

  protected get neededDescriptors(): number {
    return this.isIndirect || this.mustCopy ? 1 : CHAIN_LENGTH;
  }

  /** All twelve bytes are written: a slot holds the header of an earlier frame. */
  protected *writeHeader(address: number, frame: Frame): Resume<void> {
    const { memory } = this.guest;
    const { checksum } = frame;
    yield* memory.store32(address, checksum === null ? 0 : NET_NEEDS_CHECKSUM);
    yield* memory.store32(address + 4, checksum === null ? 0 : checksum.startBytes << 16);
    yield* memory.store32(address + 8, checksum === null ? 0 : checksum.offsetBytes);
  }

  protected *addChain(slot: number, frame: Frame): Resume<number> {
    const { memory } = this.guest;
    const { queue } = this.ring;
    const slotAddress = memory.map(slot, SLOT_BYTES);
    const frameAddress = memory.map(frame.address, frame.lengthBytes);
    const segments: readonly Segment[] = [
      { deviceAddress: slotAddress, lengthBytes: NET_HEADER_BYTES, isWritable: false },
      { deviceAddress: frameAddress, lengthBytes: frame.lengthBytes, isWritable: false },
    ];
    const isRoomy = queue.free >= CHAIN_LENGTH && queue.free * 2 > queue.size;
    if (isRoomy || !this.isIndirect) return yield* queue.add(segments);
    return yield* queue.addIndirect(segments, slot + TABLE_OFFSET, slotAddress + TABLE_OFFSET);
  }

  protected *addCopy(copy: number, frame: Frame): Resume<number> {
    const { memory } = this.guest;
    yield* memory.copy(copy + NET_HEADER_BYTES, frame.address, frame.lengthBytes);
    const lengthBytes = NET_HEADER_BYTES + frame.lengthBytes;
    return yield* this.ring.queue.add([{ deviceAddress: memory.map(copy, lengthBytes), lengthBytes, isWritable: false }]);
  }

  protected finish(sending: Sending): void {
    const { memory } = this.guest;
    const { copy, frame, slot } = sending;
    if (copy !== 0) memory.free(copy);
    this.freeSlots.push(slot);
    this.guest.transmitted(frame);
  }
}
