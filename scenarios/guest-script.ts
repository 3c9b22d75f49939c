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
  private nextBuffer = FIRST_BUFFER;

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
    }
    return this;
  }

  /** Asks for a queue to be configured; `descriptors` is the device address of its table. */
  configure(queue: number, via: RequestWay = 'call', descriptors = this.base + ringOf(queue)): this {
    const place = this.base + ringOf(queue);
    return this.add({ kind: 'queue', queue, size: this.size, ready: 1, descriptors, avail: place + AVAIL_OFFSET, used: place + USED_OFFSET, via });
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
    return this.add({ kind: 'bytes', at, hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') });
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
