// The driver's side of a virtqueue against a device played by hand on the bytes of the rings.
import { describe, expect, it } from 'vitest';
import { DEVICE_AT_FAULT, DriverQueue, NO_ROOM, NOTHING_USED, type QueueMemory, type Segment } from './driver-queue.plain.js';
import { compactAvailOffset, compactQueueBytes, compactUsedOffset, FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE } from './layout.js';

/** Bytes with a log of stores and barriers in program order. */
class LoggedMemory implements QueueMemory {
  readonly view: DataView;
  readonly log: string[] = [];

  constructor(sizeBytes: number, fillByte: number) {
    this.view = new DataView(new Uint8Array(sizeBytes).fill(fillByte).buffer);
  }

  load16(address: number): number {
    this.log.push(`load ${address}`);
    return this.view.getUint16(address, true);
  }

  load32(address: number): number {
    this.log.push(`load ${address}`);
    return this.view.getUint32(address, true);
  }

  store16(address: number, value: number): void {
    this.log.push(`store ${address}`);
    this.view.setUint16(address, value, true);
  }

  store32(address: number, value: number): void {
    this.log.push(`store ${address}`);
    this.view.setUint32(address, value, true);
  }

  store64(address: number, value: number): void {
    this.log.push(`store ${address}`);
    this.view.setBigUint64(address, BigInt(value), true);
  }

  fill(address: number, value: number, lengthBytes: number): void {
    new Uint8Array(this.view.buffer, address, lengthBytes).fill(value);
  }

  readBarrier(): void {
    this.log.push('read barrier');
  }

  writeBarrier(): void {
    this.log.push('write barrier');
  }

  fullBarrier(): void {
    this.log.push('full barrier');
  }
}

/** The device's side, by hand: sees what is available and returns it. */
class HandDevice {
  taken = 0;
  private readonly view: DataView;
  private readonly queue: DriverQueue;

  constructor(memory: LoggedMemory, queue: DriverQueue) {
    this.view = memory.view;
    this.queue = queue;
  }

  get availIndex(): number {
    return this.view.getUint16(this.queue.place.avail + 2, true);
  }

  /** Heads published and not yet taken. */
  take(): number[] {
    const heads: number[] = [];
    for (; this.taken !== this.availIndex; this.taken = (this.taken + 1) & 0xffff) {
      heads.push(this.view.getUint16(this.queue.place.avail + 4 + 2 * (this.taken & (this.queue.size - 1)), true));
    }
    return heads;
  }

  /** Returns chains by one step of used.idx. */
  give(...elements: readonly (readonly [id: number, lengthBytes: number])[]): void {
    const { used } = this.queue.place;
    let index = this.view.getUint16(used + 2, true);
    for (const [id, lengthBytes] of elements) {
      const slot = used + 4 + 8 * (index & (this.queue.size - 1));
      this.view.setUint32(slot, id, true);
      this.view.setUint32(slot + 4, lengthBytes, true);
      index = (index + 1) & 0xffff;
    }
    this.view.setUint16(used + 2, index, true);
  }

  /** Descriptor as [address, length, flags, next], from a table at `table`. */
  descriptor(index: number, table = this.queue.place.descriptors): number[] {
    const at = table + 16 * index;
    const { view } = this;
    return [Number(view.getBigUint64(at, true)), view.getUint32(at + 8, true), view.getUint16(at + 12, true), view.getUint16(at + 14, true)];
  }
}

const readable = (deviceAddress: number, lengthBytes: number): Segment => ({ deviceAddress, lengthBytes, isWritable: false });
const writable = (deviceAddress: number, lengthBytes: number): Segment => ({ deviceAddress, lengthBytes, isWritable: true });

/** A queue in memory that held something else before. */
function prepare(size: number): { memory: LoggedMemory; queue: DriverQueue; device: HandDevice } {
  const memory = new LoggedMemory(compactQueueBytes(size) + 64, 0xa5);
  const queue = new DriverQueue(memory, size, { descriptors: 0, avail: compactAvailOffset(size), used: compactUsedOffset(size) });
  queue.initialise();
  return { memory, queue, device: new HandDevice(memory, queue) };
}

describe('DriverQueue', () => {
  it('refuses a size that is no power of two', () => {
    const memory = new LoggedMemory(64, 0);

    const create = (): DriverQueue => new DriverQueue(memory, 100, { descriptors: 0, avail: 0, used: 0 });

    expect(create).toThrow('DriverQueue: the size must be a power of two from 1 to 32768, got 100');
  });

  it('zeroes rings whose memory held something else', () => {
    const { memory, queue } = prepare(1);

    // A compact queue of one descriptor has no padding between its parts.
    const bytes = new Uint8Array(memory.view.buffer, 0, compactQueueBytes(1));

    expect(bytes.findIndex((byte) => byte !== 0)).toBe(-1);
    expect([queue.free, queue.inFlight]).toEqual([1, 0]);
  });

  it('links a chain by next, last element without NEXT, and keeps it invisible until published', () => {
    const { queue, device } = prepare(8);

    const head = queue.add([readable(0x1000, 12), readable(2 ** 40, 60), writable(0x3000, 5)]);
    const before = device.take();
    queue.publish();

    expect(before).toEqual([]);
    expect(device.take()).toEqual([head]);
    expect(device.descriptor(0)).toEqual([0x1000, 12, FLAG_NEXT, 1]);
    expect(device.descriptor(1)).toEqual([2 ** 40, 60, FLAG_NEXT, 2]);
    expect(device.descriptor(2)).toEqual([0x3000, 5, FLAG_WRITE, 0]);
    expect(queue.free).toBe(5);
  });

  it('stores descriptors and slot, then a write barrier, then the index, then a full barrier before the look at used.flags', () => {
    const { memory, queue } = prepare(2);
    memory.log.length = 0;

    queue.add([readable(0, 1)]);
    queue.publish();
    queue.wantsKick();

    const slot = queue.place.avail + 4;
    const index = queue.place.avail + 2;
    expect(memory.log.slice(4)).toEqual([`store ${slot}`, 'write barrier', `store ${index}`, 'full barrier', `load ${queue.place.used}`]);
  });

  it('puts a read barrier between used.idx and the elements, and reads the index once per batch', () => {
    const { memory, queue, device } = prepare(4);
    const heads = [queue.add([writable(0, 10)]), queue.add([writable(64, 10)])];
    queue.publish();
    device.give([heads[1]!, 3], [heads[0]!, 10]);
    memory.log.length = 0;

    const taken = [queue.takeUsed(), queue.usedLengthBytes, queue.takeUsed(), queue.usedLengthBytes];

    const { used } = queue.place;
    expect(taken).toEqual([heads[1], 3, heads[0], 10]);
    expect(memory.log).toEqual([`load ${used + 2}`, 'read barrier', `load ${used + 4}`, `load ${used + 8}`, `load ${used + 12}`, `load ${used + 16}`]);
    expect(queue.takeUsed()).toBe(NOTHING_USED);
  });

  it('takes chains of 1 to 5 descriptors back in any order without losing a descriptor', () => {
    const { queue, device } = prepare(16);
    let state = 1;
    const next = (bound: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % bound;
    const inFlight: number[] = [];
    let differences = 0;

    for (let round = 0; round < 5000; round++) {
      const head = queue.add(Array.from({ length: 1 + next(5) }, (_, index) => writable(64 * index, 64)));
      if (head !== NO_ROOM) inFlight.push(head);
      queue.publish();
      while (inFlight.length > 0 && (head === NO_ROOM || next(2) === 0)) {
        const [id] = inFlight.splice(next(inFlight.length), 1);
        device.give([id!, next(65)]);
        if (queue.takeUsed() !== id) differences += 1;
        if (head === NO_ROOM && queue.free >= 5) break;
      }
    }
    for (const id of inFlight) device.give([id, 0]);
    for (const id of inFlight) expect(queue.takeUsed()).toBe(id);

    expect(differences).toBe(0);
    expect([queue.free, queue.inFlight]).toEqual([16, 0]);
  });

  it.each([1, 2, 32768])('crosses the wrap of the 16-bit index with a queue of %i', (size) => {
    const { queue, device } = prepare(size);
    const batch = Math.min(size, 1000);
    let seen = 0;
    let differences = 0;

    // 66 batches of 1000 pass 65536; with one or two descriptors the batches are that small.
    for (let round = 0; round < Math.ceil(66_000 / batch); round++) {
      const heads = Array.from({ length: batch }, () => queue.add([readable(0, 1)]));
      queue.publish();
      const taken = device.take();
      if (taken.length !== heads.length || taken.some((head, at) => head !== heads[at])) differences += 1;
      device.give(...heads.map((head) => [head, 0] as const));
      for (const head of heads) if (queue.takeUsed() === head) seen += 1;
    }

    expect(differences).toBe(0);
    expect(seen).toBeGreaterThanOrEqual(66_000);
    expect(device.availIndex).toBe(seen & 0xffff);
  });

  it('says NO_ROOM for a chain longer than what is free, and for none at all', () => {
    const { queue } = prepare(2);

    expect(queue.add([readable(0, 1), readable(0, 1), readable(0, 1)])).toBe(NO_ROOM);
    expect(queue.add([])).toBe(NO_ROOM);
    expect(queue.free).toBe(2);
  });

  it('costs one descriptor for an indirect chain, which is no longer than the queue', () => {
    const { memory, queue, device } = prepare(2);
    const table = compactQueueBytes(2) + ((16 - (compactQueueBytes(2) % 16)) % 16);

    const head = queue.addIndirect([readable(1, 12), writable(2, 60)], table, 0x7000);
    const tooLong = queue.addIndirect([readable(1, 1), readable(2, 1), readable(3, 1)], table, 0x7000);

    expect(memory.view.byteLength).toBeGreaterThanOrEqual(table + 32);
    expect(device.descriptor(head)).toEqual([0x7000, 32, FLAG_INDIRECT, 0]);
    expect(device.descriptor(0, table)).toEqual([1, 12, FLAG_NEXT, 1]);
    expect(device.descriptor(1, table)).toEqual([2, 60, FLAG_WRITE, 0]);
    expect([queue.free, tooLong]).toEqual([1, NO_ROOM]);
  });

  it('finds no room for an indirect chain when no descriptor is free', () => {
    const { queue } = prepare(1);
    queue.add([readable(0, 1)]);

    expect(queue.addIndirect([readable(0, 1)], 0, 0)).toBe(NO_ROOM);
    expect(queue.addIndirect([], 0, 0)).toBe(NO_ROOM);
  });

  it('wants a kick unless the device set NO_NOTIFY', () => {
    const { memory, queue } = prepare(2);

    const plain = queue.wantsKick();
    memory.view.setUint16(queue.place.used, 1, true);

    expect([plain, queue.wantsKick()]).toEqual([true, false]);
  });

  it('looks again after it enabled interrupts', () => {
    const { memory, queue, device } = prepare(2);
    const head = queue.add([writable(0, 4)]);
    queue.publish();
    queue.suppressInterrupts();
    const flagsWhileSuppressed = memory.view.getUint16(queue.place.avail, true);
    memory.log.length = 0;

    const isQuiet = !queue.enableInterrupts();
    device.give([head, 4]);

    expect(flagsWhileSuppressed).toBe(1);
    expect(memory.log).toEqual([`store ${queue.place.avail}`, 'full barrier', `load ${queue.place.used + 2}`]);
    expect([isQuiet, queue.enableInterrupts()]).toEqual([true, true]);
  });

  it('publishes nothing when nothing was added', () => {
    const { memory, queue } = prepare(2);
    memory.log.length = 0;

    expect(queue.publish()).toBe(false);
    expect(memory.log).toEqual([]);
  });
});

describe('a device at fault', () => {
  it.each<[string, (device: HandDevice, head: number) => void, RegExp]>([
    ['an id outside the table', (device) => device.give([4, 0]), /names chain 4, which is not in flight/],
    ['the largest id', (device) => device.give([0xffffffff, 0]), /names chain 4294967295/],
    ['a middle element of a chain', (device, head) => device.give([head + 1, 0]), /is not in flight/],
    ['more bytes than the chain has', (device, head) => device.give([head, 11]), /reports 11 bytes in a chain with 10 writable bytes/],
    ['an index that jumps', (device, head) => device.give([head, 0], [head, 0]), /moved by 2 with 1 chains in flight/],
  ])('is told by %s', (_name, misbehave, fault) => {
    const { queue, device } = prepare(4);
    const head = queue.add([readable(0, 12), writable(64, 10)]);
    queue.publish();

    misbehave(device, head);

    expect(queue.takeUsed()).toBe(DEVICE_AT_FAULT);
    expect(queue.fault).toMatch(fault);
    expect(queue.takeUsed()).toBe(DEVICE_AT_FAULT);
  });

  it('is told by a chain returned twice', () => {
    const { queue, device } = prepare(4);
    const first = queue.add([writable(0, 10)]);
    queue.add([writable(0, 10)]);
    queue.publish();
    device.give([first, 1], [first, 1]);

    expect([queue.takeUsed(), queue.takeUsed()]).toEqual([first, DEVICE_AT_FAULT]);
  });

  it('is forgiven by a new initialisation', () => {
    const { queue, device } = prepare(4);
    device.give([9, 0]);
    queue.takeUsed();

    queue.initialise();

    expect([queue.fault, queue.takeUsed(), queue.free]).toEqual(['', NOTHING_USED, 4]);
  });
});
