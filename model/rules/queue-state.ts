// What the trace says about one virtqueue since it was installed: which chains are with the device, where
// both indices stand, and which notifications are due.
//
// Heads move free -> published -> taken -> free; a head is free again when the used.idx that covers it is
// published, since from then on the driver may have seen it. Positions are 16-bit counters (virtio 2.7.6, 2.7.8).
import type { ChainSnapshot } from './chain-snapshot.js';

/** The driver owns the head. */
export const HEAD_FREE = 0;
/** The head was made available. */
export const HEAD_PUBLISHED = 1;
/** The device has taken the chain. */
export const HEAD_TAKEN = 2;

/** No value yet; for positions and event numbers. */
export const NONE = -1;

/** Queues followed per port. */
export const QUEUES_PER_PORT = 4;

/** State of one queue of one port. */
export class QueueState {
  readonly port: number;
  readonly queue: number;
  isInstalled = false;
  /** Number of entries, 0 while not installed. */
  size = 0;
  /** Times it was installed in this run. */
  installCount = 0;
  /** Dataspace id and offset of the descriptor table, the available and the used ring. */
  readonly partDataspace = new Int32Array(3);
  readonly partOffset = new Float64Array(3);

  headState = new Uint8Array(0);
  /** By head: readable and writable bytes, number of data elements, bytes of the first data element, position. */
  readableBytes = new Float64Array(0);
  writableBytes = new Float64Array(0);
  firstBytes = new Float64Array(0);
  positionOf = new Int32Array(0);
  /** By head: problem of the snapshot. */
  problemOf = new Uint8Array(0);
  /** By descriptor: head of the chain in flight that holds it, plus 1; 0 = none. */
  ownerOf = new Int32Array(0);
  /** By descriptor: next descriptor of the same chain, -1 at the end. */
  private nextOf = new Int32Array(0);
  /** By slot of the available ring: the head published there last. */
  headAt = new Int32Array(0);

  /** Position that the next published chain must have. */
  availIndex = 0;
  /** Position that the next taken chain must have. */
  takeIndex = 0;
  /** Chains with the device. */
  inFlight = 0;
  publishedCount = 0;
  takenCount = 0;
  returnedCount = 0;

  /** used.idx as the device left it last. */
  usedIndex = 0;
  /** By slot of the used ring: element written and not yet published. */
  usedId = new Float64Array(0);
  usedBytes = new Float64Array(0);
  usedIsFresh = new Uint8Array(0);

  /** avail.idx at the device's last look, NONE before. */
  lookedIndex = NONE;
  /** avail.idx as the driver stored it last in program order, NONE while accesses are not told. */
  issuedIndex = NONE;
  /** avail.idx at the driver's last kick, NONE before. */
  kickedIndex = NONE;
  /** EVENT_IDX: avail_event as the device set it last; used.idx when it looked at used_event last. */
  availEvent = 0;
  decidedIndex = 0;
  /** used.flags as the driver left it. */
  foundUsedFlags = 0;
  /** used.flags as the device set it, 0 before. */
  usedFlags = 0;
  /** True when the device asked for no kicks at any time since the installation. */
  wasSuppressed = false;
  /** Event at which used.idx moved and avail.flags was not read since, NONE if none. */
  checkOwedAt = NONE;
  /** Event at which the device saw that an interrupt is wanted and sent none since, NONE if none. */
  interruptOwedAt = NONE;
  /** Looks at avail.flags since the last interrupt that found it suppressed. */
  suppressedLooks = 0;
  /** Looks since the last interrupt that found it wanted. */
  wantedLooks = 0;

  /** Raw state at the end of the run, from QUEUE_AT_END; valid if hasEnd. */
  hasEnd = false;
  endAvailIndex = 0;
  endUsedIndex = 0;
  endCursor = 0;
  endUsedFlags = 0;
  endAvailFlags = 0;
  endHoldsChain = false;
  endKicksPending = 0;
  /** EVENT_IDX: both words at the end. */
  endUsedEvent = 0;
  endAvailEvent = 0;

  constructor(port: number, queue: number) {
    this.port = port;
    this.queue = queue;
  }

  /** Forgets the run. */
  reset(): void {
    this.remove();
    this.installCount = 0;
    this.hasEnd = false;
  }

  /** The queue is off: nothing is with the device any more. */
  remove(): void {
    this.isInstalled = false;
    this.size = 0;
    this.inFlight = 0;
    this.checkOwedAt = NONE;
    this.interruptOwedAt = NONE;
    this.suppressedLooks = 0;
    this.wantedLooks = 0;
  }

  /** The device took over a queue of `size` entries (a power of two up to 32768). */
  install(size: number): void {
    this.remove();
    if (size > this.headState.length) this.allocate(size);
    else this.clear(size);
    this.isInstalled = true;
    this.size = size;
    this.installCount++;
    this.availIndex = 0;
    this.takeIndex = 0;
    this.usedIndex = 0;
    this.publishedCount = 0;
    this.takenCount = 0;
    this.returnedCount = 0;
    this.lookedIndex = NONE;
    this.kickedIndex = NONE;
    this.availEvent = 0;
    this.decidedIndex = 0;
    this.issuedIndex = NONE;
    this.foundUsedFlags = 0;
    this.usedFlags = 0;
    this.wasSuppressed = false;
  }

  /** Takes a complete snapshot over; tells conflicts with chains in flight in the snapshot itself. */
  publish(chain: ChainSnapshot): void {
    this.publishedCount++;
    this.availIndex = (chain.position + 1) & 0xffff;
    if (chain.head >= this.size) return;
    this.headAt[chain.position & (this.size - 1)] = chain.head;
    this.claim(chain);
    if (chain.wasInFlight) return;
    this.headState[chain.head] = HEAD_PUBLISHED;
    this.inFlight++;
    this.readableBytes[chain.head] = chain.readableBytes;
    this.writableBytes[chain.head] = chain.writableBytes;
    this.firstBytes[chain.head] = firstDataBytes(chain);
    this.positionOf[chain.head] = chain.position;
    this.problemOf[chain.head] = chain.problem;
  }

  /** The device took the chain; true when it was published and not yet taken. */
  take(position: number, head: number): boolean {
    this.takenCount++;
    this.takeIndex = (position + 1) & 0xffff;
    const isPublished = head < this.size && this.headState[head] === HEAD_PUBLISHED;
    if (isPublished) this.headState[head] = HEAD_TAKEN;
    return isPublished;
  }

  /** The device returned the head; its descriptors are the driver's again. */
  giveBack(head: number): void {
    this.returnedCount++;
    if (head >= this.size || this.headState[head] === HEAD_FREE) return;
    this.headState[head] = HEAD_FREE;
    this.inFlight--;
    for (let index = head; index >= 0 && this.ownerOf[index] === head + 1; index = this.nextOf[index]!) this.ownerOf[index] = 0;
  }

  /** The device put its last `count` taken chains back. */
  untake(cursor: number, count: number): void {
    this.takenCount -= count;
    this.takeIndex = cursor;
    for (let ahead = 0; ahead < count; ahead++) {
      const head = this.headAt[(cursor + ahead) & (this.size - 1)]!;
      if (head >= 0 && this.headState[head] === HEAD_TAKEN) this.headState[head] = HEAD_PUBLISHED;
    }
  }

  /** Marks the chain's descriptors in the queue's table as the device's. */
  private claim(chain: ChainSnapshot): void {
    chain.wasInFlight = this.headState[chain.head] !== HEAD_FREE;
    const owner = chain.head + 1;
    let previous = NONE;
    for (let element = 0; element < chain.directCount; element++) {
      const index = chain.tableIndex[element]!;
      if (index >= this.size) return;
      if (this.ownerOf[index] !== 0) {
        if (chain.conflict < 0 && this.ownerOf[index] !== owner) chain.conflict = index;
        return;
      }
      this.ownerOf[index] = owner;
      this.nextOf[index] = NONE;
      if (previous >= 0) this.nextOf[previous] = index;
      previous = index;
    }
  }

  private allocate(size: number): void {
    this.headState = new Uint8Array(size);
    this.readableBytes = new Float64Array(size);
    this.writableBytes = new Float64Array(size);
    this.firstBytes = new Float64Array(size);
    this.positionOf = new Int32Array(size);
    this.problemOf = new Uint8Array(size);
    this.ownerOf = new Int32Array(size);
    this.nextOf = new Int32Array(size);
    this.headAt = new Int32Array(size).fill(NONE);
    this.usedId = new Float64Array(size);
    this.usedBytes = new Float64Array(size);
    this.usedIsFresh = new Uint8Array(size);
  }

  private clear(size: number): void {
    this.headState.fill(0, 0, size);
    this.ownerOf.fill(0, 0, size);
    this.headAt.fill(NONE, 0, size);
    this.usedIsFresh.fill(0, 0, size);
  }
}

/** Bytes of the first element that holds data, 0 for an empty chain. */
function firstDataBytes(chain: ChainSnapshot): number {
  const first = chain.indirectAt === 0 ? 1 : 0;
  return first < chain.received ? chain.lengthBytes[first]! : 0;
}
