// A virtqueue as this driver uses it: one descriptor per buffer, descriptor number = buffer number.
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
  DeviceUnusable,
  FLAG_WRITE,
  USED_ELEMENT_BYTES,
  USED_FLAGS,
  USED_INDEX,
  USED_NO_NOTIFY,
  USED_RING,
  usedRingBytes,
} from 'ringproof/driver';

/** Faults that can be planted; all off in the correct driver. */
export const NO_FAULTS = { indexBeforeSlot: false, earlyFlags: false, noRecheck: false, noWriteBarrier: false };

const ATTEMPTS = 20;

/** Memory for a part of a ring. An allocation may fail now and succeed a moment later. */
function allocate(memory, sizeBytes) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const address = memory.alloc(sizeBytes, 16);
    if (address !== 0) return address;
  }
  throw new DeviceUnusable('no memory for a ring');
}

export class Ring {
  constructor(guest, size, faults) {
    const { memory } = guest;
    this.guest = guest;
    this.memory = memory;
    this.faults = faults;
    this.size = size;
    this.descriptors = allocate(memory, descriptorTableBytes(size));
    this.avail = allocate(memory, availRingBytes(size));
    this.used = allocate(memory, usedRingBytes(size));
    this.clear();
  }

  /** Empties the ring. Only while the device is off it. */
  clear() {
    this.memory.fill(this.descriptors, 0, descriptorTableBytes(this.size));
    this.memory.fill(this.avail, 0, availRingBytes(this.size));
    this.memory.fill(this.used, 0, usedRingBytes(this.size));
    this.availIndex = 0;
    this.usedIndex = 0;
    this.idle = [];
    for (let index = this.size - 1; index >= 0; index--) this.idle.push(index);
    this.busy = new Array(this.size).fill(null);
  }

  get isFull() {
    return this.idle.length === 0;
  }

  /** Makes a buffer available. `owner` is what take() returns when the device is done with it. */
  add(address, lengthBytes, isWritable, owner) {
    const { memory } = this;
    const index = this.idle.pop();
    const descriptor = this.descriptors + DESCRIPTOR_BYTES * index;
    memory.store64(descriptor + DESCRIPTOR_ADDRESS, memory.map(address, lengthBytes));
    memory.store32(descriptor + DESCRIPTOR_LENGTH, lengthBytes);
    memory.store16(descriptor + DESCRIPTOR_FLAGS, isWritable ? FLAG_WRITE : 0);
    memory.store16(descriptor + DESCRIPTOR_NEXT, 0);
    this.busy[index] = { owner, lengthBytes: isWritable ? lengthBytes : 0 };
    this.publish(index);
  }

  publish(index) {
    const { memory, faults } = this;
    const slot = this.avail + AVAIL_RING + 2 * (this.availIndex % this.size);
    const early = faults.earlyFlags ? memory.load16(this.used + USED_FLAGS) : 0;
    this.availIndex = (this.availIndex + 1) & 0xffff;
    if (faults.indexBeforeSlot) memory.store16(this.avail + AVAIL_INDEX, this.availIndex);
    memory.store16(slot, index);
    if (!faults.indexBeforeSlot) {
      if (!faults.noWriteBarrier) memory.writeBarrier();
      memory.store16(this.avail + AVAIL_INDEX, this.availIndex);
    }
    this.sampledFlags = early;
  }

  /** Notifies the device unless it asked not to be. */
  kick() {
    const { memory, faults } = this;
    memory.fullBarrier();
    const flags = faults.earlyFlags ? this.sampledFlags : memory.load16(this.used + USED_FLAGS);
    if ((flags & USED_NO_NOTIFY) === 0) this.guest.notify();
  }

  /** The next buffer the device is done with, or null. */
  take() {
    const { memory } = this;
    if (memory.load16(this.used + USED_INDEX) === this.usedIndex) return null;
    memory.readBarrier();
    const element = this.used + USED_RING + USED_ELEMENT_BYTES * (this.usedIndex % this.size);
    const index = memory.load32(element);
    const lengthBytes = memory.load32(element + 4);
    const buffer = this.busy[index] ?? null;
    if (buffer === null || lengthBytes > buffer.lengthBytes) throw new Error(`the device returned buffer ${index} with ${lengthBytes} bytes`);
    this.usedIndex = (this.usedIndex + 1) & 0xffff;
    this.busy[index] = null;
    this.idle.push(index);
    return { owner: buffer.owner, lengthBytes };
  }

  /** Owners of the buffers the device has not returned. */
  outstanding() {
    return this.busy.filter((buffer) => buffer !== null).map((buffer) => buffer.owner);
  }

  suppressInterrupts() {
    this.memory.store16(this.avail + AVAIL_FLAGS, AVAIL_NO_INTERRUPT);
  }

  /** Enables interrupts; true if there is something for which none may come. */
  enableInterrupts() {
    this.memory.store16(this.avail + AVAIL_FLAGS, 0);
    if (this.faults.noRecheck) return false;
    this.memory.fullBarrier();
    return this.memory.load16(this.used + USED_INDEX) !== this.usedIndex;
  }

  free() {
    for (const address of [this.descriptors, this.avail, this.used]) this.memory.free(address);
  }
}
