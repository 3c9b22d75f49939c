// A published descriptor chain as the trace shows it: PUBLISHED and its CHAIN_ELEMENT records put together.
//
// One object is reused for every chain; it is complete when all announced elements have arrived.
import { FLAG_INDIRECT } from '../virtqueue/layout.js';

const FIRST_CAPACITY = 64;

/** The last published chain. */
export class ChainSnapshot {
  port = 0;
  queue = 0;
  /** Position in the available ring, 16 bit. */
  position = 0;
  head = 0;
  /** Announced elements. */
  count = 0;
  /** Elements that have arrived. */
  received = 0;
  /** PROBLEM_… code of the snapshot. */
  problem = 0;
  readableBytes = 0;
  writableBytes = 0;
  /** Number of the element that refers to an indirect table, -1 without one. */
  indirectAt = -1;
  /** True when the head was already with the device. */
  wasInFlight = false;
  /** First descriptor that already belongs to another chain in flight, -1 if none. */
  conflict = -1;
  tableIndex = new Int32Array(FIRST_CAPACITY);
  addressLow = new Uint32Array(FIRST_CAPACITY);
  addressHigh = new Uint32Array(FIRST_CAPACITY);
  lengthBytes = new Uint32Array(FIRST_CAPACITY);
  flags = new Uint16Array(FIRST_CAPACITY);
  next = new Uint16Array(FIRST_CAPACITY);

  get isComplete(): boolean {
    return this.received === this.count;
  }

  /** Elements in the queue's own table. */
  get directCount(): number {
    return this.indirectAt < 0 ? this.received : this.indirectAt + 1;
  }

  /** Elements that hold data: all but the one that refers to an indirect table. */
  get dataCount(): number {
    return this.indirectAt < 0 ? this.received : this.received - 1;
  }

  /** Starts with a PUBLISHED record at `at`. */
  begin(words: Uint32Array, at: number): void {
    const portAndQueue = words[at + 2]!;
    this.port = portAndQueue & 0xff;
    this.queue = portAndQueue >>> 8;
    this.position = words[at + 3]! & 0xffff;
    this.count = words[at + 3]! >>> 16;
    this.head = words[at + 4]!;
    this.problem = words[at + 5]!;
    this.readableBytes = words[at + 6]!;
    this.writableBytes = words[at + 7]!;
    this.received = 0;
    this.indirectAt = -1;
    this.wasInFlight = false;
    this.conflict = -1;
    if (this.count > this.tableIndex.length) this.grow(this.count);
  }

  /** Adds a CHAIN_ELEMENT record; one too many is ignored. */
  add(words: Uint32Array, at: number): void {
    const index = this.received;
    if (index >= this.count) return;
    this.tableIndex[index] = words[at + 3]! >>> 16;
    this.addressLow[index] = words[at + 4]!;
    this.addressHigh[index] = words[at + 5]!;
    this.lengthBytes[index] = words[at + 6]!;
    const flags = words[at + 7]! & 0xffff;
    this.flags[index] = flags;
    this.next[index] = words[at + 7]! >>> 16;
    if (this.indirectAt < 0 && (flags & FLAG_INDIRECT) !== 0) this.indirectAt = index;
    this.received = index + 1;
  }

  /** Device address of element `index`; exact below 2^53. */
  addressOf(index: number): number {
    return this.addressHigh[index]! * 4294967296 + this.addressLow[index]!;
  }

  private grow(count: number): void {
    const capacity = count * 2;
    this.tableIndex = new Int32Array(capacity);
    this.addressLow = new Uint32Array(capacity);
    this.addressHigh = new Uint32Array(capacity);
    this.lengthBytes = new Uint32Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.next = new Uint16Array(capacity);
  }
}
