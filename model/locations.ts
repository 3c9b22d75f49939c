// Names for places in shared memory: which byte of a dataspace is part of which ring or config page.
//
// Read by reports, by the keys of scheduling deviations and by level-2 rules for every access, so a look-up
// is a few range comparisons and allocates nothing. Queues are known from installation until they go down.
import type { Arena } from '../sim/arena.js';
import { CONFIG_PAGE_BYTES } from './transport/layout.js';
import { AVAIL_RING, DESCRIPTOR_BYTES, USED_ELEMENT_BYTES, USED_RING } from './virtqueue/layout.js';

/** Memory with no known meaning. */
export const PART_OTHER = 0;
/** A descriptor of the queue table. */
export const PART_DESCRIPTOR = 1;
/** avail.flags. */
export const PART_AVAIL_FLAGS = 2;
/** avail.idx. */
export const PART_AVAIL_INDEX = 3;
/** A slot of the avail ring. */
export const PART_AVAIL_RING = 4;
/** The spare word behind the avail ring. */
export const PART_USED_EVENT = 5;
/** used.flags. */
export const PART_USED_FLAGS = 6;
/** used.idx. */
export const PART_USED_INDEX = 7;
/** An element of the used ring. */
export const PART_USED_RING = 8;
/** The spare word behind the used ring. */
export const PART_AVAIL_EVENT = 9;
/** A byte of a config page. */
export const PART_CONFIG_PAGE = 10;

const PART_NAMES = ['other', 'desc', 'avail.flags', 'avail.idx', 'avail.ring', 'used_event', 'used.flags', 'used.idx', 'used.ring', 'avail_event', 'config'];

/** Words per queue: size, then dataspace and offset of table, avail ring, used ring. */
const QUEUE_WORDS = 7;
const QUEUES_PER_PORT = 2;

/** Part of a location code (PART_…). */
export function partOf(code: number): number {
  return code & 15;
}

/** Queue of a location code. */
export function queueOf(code: number): number {
  return (code >>> 4) & 1;
}

/** Port of a location code. */
export function portOf(code: number): number {
  return code >>> 5;
}

/** Short name of a location such as `tx.avail.idx`, `config` or `other`; the port is not part of it. */
export function nameOf(code: number): string {
  const part = partOf(code);
  const name = PART_NAMES[part];
  if (name === undefined || part === PART_OTHER) return 'other';
  if (part === PART_CONFIG_PAGE) return name;
  return `${queueOf(code) === 0 ? 'rx' : 'tx'}.${name}`;
}

/** The ring parts and config pages of one world; reset between runs. */
export class LocationRegistry {
  private queues = new Int32Array(2 * QUEUES_PER_PORT * QUEUE_WORDS);
  private pages: number[] = [];
  private portCount = 0;

  /** Forgets everything. */
  reset(): void {
    this.queues.fill(0);
    this.pages.length = 0;
    this.portCount = 0;
  }

  /** Notes the config page of a port. */
  setConfigPage(port: number, dataspaceId: number): void {
    this.reserve(port);
    this.pages[port] = dataspaceId;
  }

  /** Notes an installed queue (0 or 1) by the arena offsets of its three parts. */
  installQueue(arena: Arena, port: number, queue: number, size: number, parts: readonly [number, number, number]): void {
    this.reserve(port);
    const at = this.baseOf(port, queue);
    this.queues[at] = size;
    for (let part = 0; part < 3; part++) {
      const id = arena.dataspaceAt(parts[part]!);
      this.queues[at + 1 + 2 * part] = id;
      this.queues[at + 2 + 2 * part] = parts[part]! - arena.startOf(id);
    }
  }

  /** Forgets a queue that went down. */
  removeQueue(port: number, queue: number): void {
    if (port < this.portCount) this.queues[this.baseOf(port, queue)] = 0;
  }

  /** Code of the place: part | queue << 4 | port << 5; PART_OTHER for memory with no known meaning. */
  locationOf(dataspaceId: number, offset: number): number {
    for (let port = 0; port < this.portCount; port++) {
      if (this.pages[port] === dataspaceId && offset < CONFIG_PAGE_BYTES) return PART_CONFIG_PAGE | (port << 5);
      for (let queue = 0; queue < 2; queue++) {
        const at = this.baseOf(port, queue);
        const size = this.queues[at]!;
        if (size === 0) continue;
        const part = this.partAt(at, size, dataspaceId, offset);
        if (part !== PART_OTHER) return part | (queue << 4) | (port << 5);
      }
    }
    return PART_OTHER;
  }

  /** Index of the descriptor, ring slot or element the place belongs to; page offset for config pages, else 0. */
  indexOf(code: number, offset: number): number {
    const part = partOf(code);
    if (part === PART_CONFIG_PAGE) return offset;
    const at = this.baseOf(portOf(code), queueOf(code));
    if (part === PART_DESCRIPTOR) return Math.floor((offset - this.queues[at + 2]!) / DESCRIPTOR_BYTES);
    if (part === PART_AVAIL_RING) return (offset - this.queues[at + 4]! - AVAIL_RING) >> 1;
    if (part === PART_USED_RING) return Math.floor((offset - this.queues[at + 6]! - USED_RING) / USED_ELEMENT_BYTES);
    return 0;
  }

  private partAt(at: number, size: number, dataspaceId: number, offset: number): number {
    const queues = this.queues;
    if (queues[at + 3] === dataspaceId) {
      const inRing = offset - queues[at + 4]!;
      if (inRing >= 0 && inRing < 2 * size + 6) {
        if (inRing < AVAIL_RING) return inRing < 2 ? PART_AVAIL_FLAGS : PART_AVAIL_INDEX;
        return inRing < AVAIL_RING + 2 * size ? PART_AVAIL_RING : PART_USED_EVENT;
      }
    }
    if (queues[at + 5] === dataspaceId) {
      const inRing = offset - queues[at + 6]!;
      if (inRing >= 0 && inRing < USED_ELEMENT_BYTES * size + 6) {
        if (inRing < USED_RING) return inRing < 2 ? PART_USED_FLAGS : PART_USED_INDEX;
        return inRing < USED_RING + USED_ELEMENT_BYTES * size ? PART_USED_RING : PART_AVAIL_EVENT;
      }
    }
    if (queues[at + 1] === dataspaceId) {
      const inTable = offset - queues[at + 2]!;
      if (inTable >= 0 && inTable < DESCRIPTOR_BYTES * size) return PART_DESCRIPTOR;
    }
    return PART_OTHER;
  }

  private baseOf(port: number, queue: number): number {
    return (port * QUEUES_PER_PORT + queue) * QUEUE_WORDS;
  }

  private reserve(port: number): void {
    if (port < this.portCount) return;
    this.portCount = port + 1;
    const words = this.portCount * QUEUES_PER_PORT * QUEUE_WORDS;
    if (words <= this.queues.length) return;
    const queues = new Int32Array(2 * words);
    queues.set(this.queues);
    this.queues = queues;
  }
}
