// Reconstructs what a driver published: snapshots of chains, read from ring memory without any access.
//
// For every installed queue the watcher remembers up to which avail position it has told; sync() tells the
// rest as PUBLISHED and CHAIN_ELEMENT events. In coarse mode the server calls it when it looks at avail.idx,
// in fine mode the observer of accesses does when a store to avail.idx becomes visible. Walks are bounded by
// the queue size; what is wrong with a chain is told as PROBLEM_… and judged by rules.
import { type AddressSpace, RIGHT_READ } from '../../sim/address-space.js';
import type { Arena } from '../../sim/arena.js';
import type { EventLog } from '../event-log.js';
import {
  CHAIN_ELEMENT,
  PACKET_HEADER,
  PROBLEM_BAD_ADDRESS,
  PROBLEM_BAD_HEAD,
  PROBLEM_BAD_INDEX,
  PROBLEM_BAD_NEXT,
  PROBLEM_BAD_SIZE,
  PROBLEM_LOOP,
  PROBLEM_NONE,
  PUBLISHED,
} from '../events.js';
import { FrameImage } from '../net/frame-image.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import type { RegionList } from '../transport/regions.js';
import {
  AVAIL_INDEX,
  AVAIL_RING,
  availEventOffset,
  DESCRIPTOR_BYTES,
  FLAG_INDIRECT,
  FLAG_NEXT,
  FLAG_WRITE,
  TRANSMIT_QUEUE,
  USED_FLAGS,
  USED_INDEX,
  usedEventOffset,
} from './layout.js';

const ELEMENT_WORDS = 5;
/** Longer chains make room for themselves. */
const INITIAL_ELEMENTS = 3;

/** One watched queue. */
interface WatchedQueue {
  size: number;
  /** Arena offsets of the three parts. */
  descriptors: number;
  avail: number;
  used: number;
  /** Avail position up to which chains were told. */
  seen: number;
  regions: RegionList;
}

/** The queues of one server. */
export class RingWatcher {
  private readonly space: AddressSpace;
  private readonly arena: Arena;
  private readonly log: EventLog;
  private readonly queues: (WatchedQueue | undefined)[] = [];
  private elements = new Uint32Array(INITIAL_ELEMENTS * ELEMENT_WORDS);
  private elementCount = 0;
  private readableBytes = 0;
  private writableBytes = 0;
  private readonly image: FrameImage;

  constructor(space: AddressSpace, log: EventLog, observesFrames = false) {
    this.space = space;
    this.arena = space.arena;
    this.log = log;
    this.image = new FrameImage(observesFrames);
  }

  /** Starts watching a queue whose parts lie at the given arena offsets, from avail position 0 on. */
  install(port: number, queue: number, size: number, parts: readonly [number, number, number], regions: RegionList): void {
    this.queues[port * 2 + queue] = { size, descriptors: parts[0], avail: parts[1], used: parts[2], seen: 0, regions };
  }

  /** Stops watching a queue. */
  remove(port: number, queue: number): void {
    this.queues[port * 2 + queue] = undefined;
  }

  /** True if the queue is watched. */
  isInstalled(port: number, queue: number): boolean {
    return this.queues[port * 2 + queue] !== undefined;
  }

  /** avail.idx as it stands in memory; -1 if the queue is not installed. */
  availIndex(port: number, queue: number): number {
    const watched = this.queues[port * 2 + queue];
    return watched === undefined ? -1 : this.half(watched.avail + AVAIL_INDEX);
  }

  /** used.idx as it stands in memory; -1 if the queue is not installed. */
  usedIndex(port: number, queue: number): number {
    const watched = this.queues[port * 2 + queue];
    return watched === undefined ? -1 : this.half(watched.used + USED_INDEX);
  }

  /** used.flags as they stand in memory; 0 if the queue is not installed. */
  usedFlags(port: number, queue: number): number {
    const watched = this.queues[port * 2 + queue];
    return watched === undefined ? 0 : this.half(watched.used + USED_FLAGS);
  }

  /** avail.flags as they stand in memory; 0 if the queue is not installed. */
  availFlags(port: number, queue: number): number {
    const watched = this.queues[port * 2 + queue];
    return watched === undefined ? 0 : this.half(watched.avail);
  }

  /** used_event | avail_event << 16 as they stand in memory; 0 if the queue is not installed. */
  eventWords(port: number, queue: number): number {
    const watched = this.queues[port * 2 + queue];
    if (watched === undefined) return 0;
    const usedEvent = this.half(watched.avail + usedEventOffset(watched.size));
    return (usedEvent | (this.half(watched.used + availEventOffset(watched.size)) << 16)) >>> 0;
  }

  /** Tells the chains that became available since the last call. */
  sync(port: number, queue: number): void {
    const watched = this.queues[port * 2 + queue];
    if (watched === undefined) return;
    const end = this.half(watched.avail + AVAIL_INDEX);
    const count = (end - watched.seen) & 0xffff;
    const address = port | (queue << 8);
    if (count > watched.size) {
      this.log.record(PUBLISHED, address, watched.seen, 0, PROBLEM_BAD_INDEX, 0, 0);
      watched.seen = end;
      return;
    }
    while (watched.seen !== end) {
      this.tell(address, watched, watched.seen);
      watched.seen = (watched.seen + 1) & 0xffff;
    }
  }

  private tell(address: number, watched: WatchedQueue, position: number): void {
    const head = this.half(watched.avail + AVAIL_RING + 2 * (position & (watched.size - 1)));
    this.elementCount = 0;
    this.readableBytes = 0;
    this.writableBytes = 0;
    const problem = head >= watched.size ? PROBLEM_BAD_HEAD : this.walk(watched, watched.descriptors, watched.size, head, true);
    this.log.record(PUBLISHED, address, position | (this.elementCount << 16), head, problem, this.readableBytes, this.writableBytes);
    for (let index = 0; index < this.elementCount; index++) {
      const at = index * ELEMENT_WORDS;
      const elements = this.elements;
      const place = index | (elements[at]! << 16);
      this.log.record(CHAIN_ELEMENT, address, place, elements[at + 1]!, elements[at + 2]!, elements[at + 3]!, elements[at + 4]!);
    }
    if (address >>> 8 === TRANSMIT_QUEUE && this.readableBytes >= NET_HEADER_BYTES) this.tellHeader(address, watched);
  }

  /** Tells the net header of the chain just told, if its first 12 readable bytes can be read. */
  private tellHeader(address: number, watched: WatchedQueue): void {
    const { image, elements } = this;
    image.clear();
    for (let index = 0; index < this.elementCount && image.isOpen; index++) {
      const at = index * ELEMENT_WORDS;
      if ((elements[at + 4]! & (FLAG_INDIRECT | FLAG_WRITE)) !== 0) continue;
      const lengthBytes = elements[at + 3]!;
      const local = watched.regions.find(elements[at + 1]!, elements[at + 2]!, lengthBytes);
      const start = local === 0 ? -1 : this.space.resolve(local, lengthBytes, RIGHT_READ);
      if (start < 0) break;
      image.add(this.arena.u8, start, lengthBytes);
    }
    if (image.lengthBytes < NET_HEADER_BYTES) return;
    const { bytes } = image;
    const verdict = image.verdict(this.readableBytes);
    this.log.record(PACKET_HEADER, address, wordAt(bytes, 0), wordAt(bytes, 4), wordAt(bytes, 8), this.readableBytes - NET_HEADER_BYTES, verdict);
  }

  /** Walks a table from `first` on and collects elements; returns the first problem. */
  private walk(watched: WatchedQueue, table: number, count: number, first: number, mayBeIndirect: boolean): number {
    const u8 = this.arena.u8;
    let problem = PROBLEM_NONE;
    for (let index = first; ; ) {
      if (this.elementCount >= watched.size + (mayBeIndirect ? 0 : 1)) return PROBLEM_LOOP;
      const at = table + index * DESCRIPTOR_BYTES;
      const low = wordAt(u8, at);
      const high = wordAt(u8, at + 4);
      const lengthBytes = wordAt(u8, at + 8);
      const flags = u8[at + 12]! | (u8[at + 13]! << 8);
      const next = u8[at + 14]! | (u8[at + 15]! << 8);
      this.add(index, low, high, lengthBytes, (flags | (next << 16)) >>> 0);
      if (mayBeIndirect && (flags & FLAG_INDIRECT) !== 0) return problem === PROBLEM_NONE ? this.walkTable(watched, low, high, lengthBytes) : problem;
      if ((flags & FLAG_WRITE) !== 0) this.writableBytes += lengthBytes;
      else this.readableBytes += lengthBytes;
      if (problem === PROBLEM_NONE && watched.regions.find(low, high, lengthBytes) === 0) problem = PROBLEM_BAD_ADDRESS;
      if ((flags & FLAG_NEXT) === 0) return problem;
      if (next >= count) return problem === PROBLEM_NONE ? PROBLEM_BAD_NEXT : problem;
      index = next;
    }
  }

  private walkTable(watched: WatchedQueue, low: number, high: number, lengthBytes: number): number {
    const count = Math.floor(lengthBytes / DESCRIPTOR_BYTES);
    if (count === 0) return PROBLEM_BAD_SIZE;
    const local = watched.regions.find(low, high, lengthBytes);
    const table = local === 0 ? -1 : this.space.resolve(local, lengthBytes, RIGHT_READ);
    return table < 0 ? PROBLEM_BAD_ADDRESS : this.walk(watched, table, count, 0, false);
  }

  private add(index: number, low: number, high: number, lengthBytes: number, flagsAndNext: number): void {
    const at = this.elementCount * ELEMENT_WORDS;
    if (at + ELEMENT_WORDS > this.elements.length) {
      const elements = new Uint32Array(this.elements.length * 2);
      elements.set(this.elements);
      this.elements = elements;
    }
    this.elements[at] = index;
    this.elements[at + 1] = low;
    this.elements[at + 2] = high;
    this.elements[at + 3] = lengthBytes;
    this.elements[at + 4] = flagsAndNext;
    this.elementCount += 1;
  }

  private half(offset: number): number {
    return this.arena.u8[offset]! | (this.arena.u8[offset + 1]! << 8);
  }
}

/** Little-endian word of bytes at any alignment. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
