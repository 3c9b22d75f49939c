// Writes scripts: keeps the books of a small guest (rings, free descriptors, buffers) and turns its acts into steps.
//
// The guest has one region, registered under a base address of its own: rings at the start, buffers behind. Everything
// can be overridden, since most scripts are about guests that do something wrong.
import type { RequestWay, ScriptStep } from '../drivers/script-step.js';
import { CONFIG_OFFSET, layoutOf } from '../model/transport/layout.js';
import { FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../model/virtqueue/layout.js';
import { openChecksum, UDP_CHECKSUM_OFFSET, UDP_START, writeFrame } from './payload.js';

/** Feature word 0 of a scripted guest unless its script says otherwise: mergeable buffers, indirect descriptors. */
export const SCRIPT_FEATURES = 0x10008000;
/** Feature bit GUEST_CSUM. */
export const GUEST_CHECKSUM = 2;
/** An address that no scripted guest registers. */
export const UNMAPPED = 0x7f000000;

/** By byte: its two hexadecimal digits. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const NET_HEADER_BYTES = 12;
const QUEUE_BYTES = 0x8000;
const AVAIL_OFFSET = 0x4000;
const USED_OFFSET = 0x5000;
const FIRST_BUFFER = 0x10000;
/** Status values of an initialisation before its queues. */
const FIRST_STEPS = [0, 1, 3] as const;
const FEATURES_OK = 0x0b;
const RUNNING = 0x0f;
const OFFER = layoutOf('current').deviceFeaturesMap;

/** A descriptor to be posted: a length (its buffer is cut behind the last one), or any of its fields. */
export type Piece = number | { readonly length: number; readonly address?: number; readonly flags?: number; readonly next?: number };

/** How a scripted guest initialises. */
export interface Initialization {
  /** Feature word 0. */
  readonly features?: number;
  /** Whether the feature words are written at all. */
  readonly writesFeatures?: boolean;
  /** The last status, null for none. */
  readonly final?: number | null;
}

/** The net header of a frame. */
export interface HeaderFields {
  readonly flags?: number;
  readonly gsoType?: number;
  readonly gsoSize?: number;
  readonly checksumStart?: number;
  readonly checksumOffset?: number;
}

/** A script in the making. */
export class GuestScript {
  readonly steps: ScriptStep[] = [];
  /** Device address of the first byte of the region. */
  readonly base: number;
  private readonly port: number;
  private readonly size: number;
  private readonly availIndex = [0, 0];
  private readonly nextDescriptor = [0, 0];
  private readonly heads = [-1, -1];
  /** By queue: descriptors taken in all, and the chains that may still be with the device, oldest first. */
  private readonly taken = [0, 0];
  private readonly lent: { readonly from: number; readonly position: number }[][] = [[], []];
  /** By queue: heads that were offered with awaitSlot(). */
  private readonly offered = [0, 0];
  /** Steps that wait for descriptors. */
  private readonly waits: number[] = [];
  private nextBuffer = FIRST_BUFFER;
  private readonly nextOfQueue = [0, 0];
  private nextTable = 0;

  constructor(port: number, queueSize = 8) {
    this.port = port;
    this.size = queueSize;
    this.base = 0x1000000 * (port + 1);
  }

  /** Goes on at a virtual time. */
  at(ns: number): this {
    return this.add({ kind: 'at', ns });
  }

  /** Config page, interrupt, notification object, and the region with `ramBytes`. */
  connect(ramBytes = 1 << 18): this {
    return this.add({ kind: 'connect' }).register(this.base, 0, ramBytes);
  }

  /** Registers a piece of the region under a device address. */
  register(base: number, offsetBytes: number, sizeBytes: number, rights = 3): this {
    return this.add({ kind: 'register', base, offsetBytes, sizeBytes, rights });
  }

  /** Asks for a status. */
  status(value: number, via: RequestWay = 'call'): this {
    return this.add({ kind: 'status', value, via });
  }

  /** Reset, empty rings, features, queues, DRIVER_OK. */
  initialize(plan: Initialization = {}): this {
    const { features = SCRIPT_FEATURES, writesFeatures = true, final = RUNNING } = plan;
    for (const value of FIRST_STEPS) this.status(value);
    this.emptyRings().readPage(OFFER);
    if (writesFeatures) this.add({ kind: 'features', word0: features, word1: 1 });
    this.status(FEATURES_OK).readPage(CONFIG_OFFSET.status);
    for (const queue of [RECEIVE_QUEUE, TRANSMIT_QUEUE]) this.configure(queue);
    return final === null ? this : this.status(final);
  }

  /** Clears the rings and starts counting anew; buffers stay where they are. */
  emptyRings(): this {
    for (const queue of [RECEIVE_QUEUE, TRANSMIT_QUEUE]) {
      this.add({ kind: 'fill', at: ringOf(queue), lengthBytes: QUEUE_BYTES, value: 0 });
      this.availIndex[queue] = 0;
      this.nextDescriptor[queue] = 0;
      this.taken[queue] = 0;
      this.offered[queue] = 0;
      this.lent[queue]!.length = 0;
    }
    return this;
  }

  /** Asks for a queue to be configured; `descriptors` is the device address of its table. */
  configure(queue: number, via: RequestWay = 'call', descriptors = this.base + ringOf(queue), size = this.size, ready = 1): this {
    const place = this.base + ringOf(queue);
    return this.add({ kind: 'queue', queue, size, ready, descriptors, avail: place + AVAIL_OFFSET, used: place + USED_OFFSET, via });
  }

  /** Reads a word of the config page. */
  readPage(offset: number): this {
    return this.add({ kind: 'readPage', offset });
  }

  /** Writes a chain and puts its head into the avail ring; not yet published. */
  post(queue: number, pieces: readonly Piece[], head = this.nextDescriptor[queue]!): this {
    pieces.forEach((piece, index) => {
      const given = typeof piece === 'number' ? { length: piece } : piece;
      const isLast = index === pieces.length - 1;
      const flags = given.flags ?? (queue === RECEIVE_QUEUE ? FLAG_WRITE : 0) | (isLast ? 0 : FLAG_NEXT);
      const next = given.next ?? (head + index + 1) % this.size;
      this.describe(ringOf(queue) + 16 * ((head + index) % this.size), given.address ?? this.base + this.cut(given.length), given.length, flags, next);
    });
    this.nextDescriptor[queue] = (head + pieces.length) % this.size;
    return this.offer(queue, head);
  }

  /** Writes a descriptor at a place of the region. */
  describe(at: number, address: number, lengthBytes: number, flags: number, next: number): this {
    return this.add({ kind: 'descriptor', at, address, lengthBytes, flags, next });
  }

  /** Writes a descriptor of a queue's table, also one behind its end. */
  describeIn(queue: number, index: number, address: number, lengthBytes: number, flags: number, next: number): this {
    return this.describe(ringOf(queue) + 16 * index, address, lengthBytes, flags, next);
  }

  /** Puts a head into the avail ring; not yet published. */
  offer(queue: number, head: number): this {
    const position = this.availIndex[queue]!;
    this.availIndex[queue] = (position + 1) & 0xffff;
    return this.add({ kind: 'half', at: ringOf(queue) + AVAIL_OFFSET + 4 + 2 * (position % this.size), value: head });
  }

  /** Moves avail.idx behind everything that was posted, or to a given value. */
  publish(queue: number, index = this.availIndex[queue]!): this {
    this.availIndex[queue] = index & 0xffff;
    return this.add({ kind: 'publish', at: ringOf(queue) + AVAIL_OFFSET + 2, index: index & 0xffff });
  }

  /** Moves avail.idx behind everything that was posted and `jump` further (modulo 2^16); the guest's books stay right. */
  publishAhead(queue: number, jump: number): this {
    return this.add({ kind: 'publish', at: ringOf(queue) + AVAIL_OFFSET + 2, index: (this.availIndex[queue]! + jump) & 0xffff });
  }

  /** Writes avail.flags. */
  availFlags(queue: number, value: number): this {
    return this.add({ kind: 'half', at: ringOf(queue) + AVAIL_OFFSET, value });
  }

  /** Writes used.idx, which is the device's. */
  usedIndex(queue: number, value: number): this {
    return this.add({ kind: 'half', at: ringOf(queue) + USED_OFFSET + 2, value });
  }

  /** Takes `count` descriptors of the table in turn, waiting for them to come back if they are with the device: the index of the first. */
  takeDescriptors(queue: number, count: number): number {
    const head = this.nextDescriptor[queue]!;
    this.nextDescriptor[queue] = (head + count) % this.size;
    this.heads[queue] = head;
    this.taken[queue]! += count;
    const lent = this.lent[queue]!;
    let wanted = -1;
    while (lent.length > 0 && this.taken[queue]! - lent[0]!.from > this.size) wanted = lent.shift()!.position;
    if (wanted >= 0) {
      this.waits.push(this.steps.length);
      this.add({ kind: 'await', at: ringOf(queue) + USED_OFFSET + 2, index: (wanted + 1) & 0xffff, skip: 0 });
    }
    lent.push({ from: this.taken[queue]! - count, position: this.availIndex[queue]! });
    return head;
  }

  /** Waits for the slot of the avail ring that comes next, if the device may still have to read it. */
  awaitSlot(queue: number): this {
    const position = this.availIndex[queue]!;
    const since = this.offered[queue]! - this.size;
    this.offered[queue]! += 1;
    if (since < 0) return this;
    this.waits.push(this.steps.length);
    return this.add({ kind: 'await', at: ringOf(queue) + USED_OFFSET + 2, index: (position - this.size + 1) & 0xffff, skip: 0 });
  }

  /** From here on the guest need not wait for anything any more: who waits in vain goes on here. */
  recover(): this {
    for (const at of this.waits) this.steps[at] = { ...(this.steps[at] as Extract<ScriptStep, { kind: 'await' }>), skip: this.steps.length - at - 1 };
    this.waits.length = 0;
    return this;
  }

  /** The head that was taken last, -1 before the first. */
  lastHead(queue: number): number {
    return this.heads[queue]!;
  }

  /** Posts and publishes `count` receive chains of the given pieces. */
  receive(count: number, ...pieces: readonly Piece[]): this {
    for (let index = 0; index < count; index++) this.post(RECEIVE_QUEUE, pieces);
    return this.publish(RECEIVE_QUEUE);
  }

  /** Posts and publishes a transmit chain; `content` is its bytes where pieces have no address of their own. */
  send(pieces: readonly Piece[], content: Uint8Array | null = null, head?: number): this {
    const own = pieces.map((piece) => (typeof piece === 'number' ? piece : piece.address === undefined ? piece.length : 0));
    const bytes = content ?? this.frame(own.reduce((sum, length) => sum + length, 0));
    this.write(this.nextBuffer, bytes);
    return this.post(TRANSMIT_QUEUE, pieces, head).publish(TRANSMIT_QUEUE);
  }

  /** Writes bytes at a place of the region. */
  write(at: number, bytes: Uint8Array): this {
    if (bytes.length === 0) return this;
    let hex = '';
    for (const byte of bytes) hex += HEX[byte]!;
    return this.add({ kind: 'bytes', at, hex });
  }

  /** Sets bytes at a place of the region. */
  fill(at: number, lengthBytes: number, value: number): this {
    return this.add({ kind: 'fill', at, lengthBytes, value });
  }

  /** Notifies the device. */
  kick(): this {
    return this.add({ kind: 'kick', unlessFlags: null });
  }

  /** Notifies the device unless it asks for no notifications of a queue. */
  kickIfWanted(queue: number): this {
    return this.add({ kind: 'kick', unlessFlags: ringOf(queue) + USED_OFFSET });
  }

  /** Cuts a buffer: its place in the region. */
  cut(lengthBytes: number): number {
    const at = this.nextBuffer;
    this.nextBuffer += lengthBytes;
    return at;
  }

  /**
   * Prepares to cut buffers for `lengthBytes` bytes of a queue between two places of the region: goes back to the first one when it
   * is used up, and waits then for everything that was posted to come back.
   */
  reserveAround(queue: number, lengthBytes: number, from: number, end: number): this {
    const next = this.nextOfQueue[queue]!;
    if (next >= from && next + Math.min(lengthBytes, end - from) <= end) return this;
    this.nextOfQueue[queue] = from;
    if (next < from || this.offered[queue] === 0) return this;
    this.waits.push(this.steps.length);
    return this.add({ kind: 'await', at: ringOf(queue) + USED_OFFSET + 2, index: this.availIndex[queue]!, skip: 0 });
  }

  /** Cuts a buffer of a queue there. */
  cutAround(queue: number, lengthBytes: number, from: number, end: number): number {
    const wanted = Math.min(lengthBytes, end - from);
    if (this.nextOfQueue[queue]! + wanted > end) this.nextOfQueue[queue] = from;
    const at = this.nextOfQueue[queue]!;
    this.nextOfQueue[queue] = at + wanted;
    return at;
  }

  /** Cuts a table likewise; tables lie at multiples of 16. */
  cutTable(lengthBytes: number, from: number, end: number): number {
    if (this.nextTable < from || this.nextTable + lengthBytes > end) this.nextTable = from;
    const at = this.nextTable;
    this.nextTable += (lengthBytes + 15) & ~15;
    return at;
  }

  /** A net header and a frame, `lengthBytes` together; shorter ones are cut. */
  frame(lengthBytes: number, header: HeaderFields = {}): Uint8Array {
    const bytes = new Uint8Array(Math.max(lengthBytes, NET_HEADER_BYTES + 14));
    writeFrame(bytes, NET_HEADER_BYTES, this.port, this.steps.length, bytes.length - NET_HEADER_BYTES);
    const { flags = 0, gsoType = 0, gsoSize = 0, checksumStart = 0, checksumOffset = 0 } = header;
    bytes.set([flags, gsoType, 0, 0, gsoSize & 0xff, gsoSize >>> 8, checksumStart & 0xff, checksumStart >>> 8, checksumOffset & 0xff, checksumOffset >>> 8]);
    return bytes.slice(0, lengthBytes);
  }

  /** A net header and a UDP frame whose checksum is left to the device. */
  openFrame(lengthBytes: number): Uint8Array {
    const bytes = this.frame(lengthBytes, { flags: 1, checksumStart: UDP_START, checksumOffset: UDP_CHECKSUM_OFFSET });
    openChecksum(bytes, NET_HEADER_BYTES, lengthBytes - NET_HEADER_BYTES);
    return bytes;
  }

  private add(step: ScriptStep): this {
    this.steps.push(step);
    return this;
  }
}

function ringOf(queue: number): number {
  return queue * QUEUE_BYTES;
}
