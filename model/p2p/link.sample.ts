// A small bench for tests of the server: two clients with one region of memory each, driven by hand.
//
// Clients write descriptors and rings raw, as a driver's stores would leave them. Buffers are cut from the
// region one after the other; ring parts lie at fixed places unless a test moves them.
import { NO_OBSERVER } from '../../sim/access-observer.js';
import { AddressSpace, RIGHT_WRITE } from '../../sim/address-space.js';
import { Arena, type Dataspace } from '../../sim/arena.js';
import type { Barrier } from '../../sim/barrier.js';
import { CoarseMemory } from '../../sim/coarse-memory.js';
import { EVENT_WORDS, kindOf, Trace } from '../../sim/trace.js';
import { EventLog } from '../event-log.js';
import { CHAIN_FAILED, INTERRUPT_RAISED } from '../events.js';
import { LocationRegistry } from '../locations.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import { CONFIG_OFFSET, layoutOf, netQueueEntry, QUEUE_ENTRY, type TransportRevision } from '../transport/layout.js';
import { FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE, TRANSMIT_QUEUE, USED_RING } from '../virtqueue/layout.js';
import { type Deviations, deviationsOf, type QuirkId } from './quirks.js';
import { driveServer, type SampleServer } from './driven-server.sample.js';
import { PointToPointServer } from './server.plain.js';

/** Feature word 0 of the clients unless a test says otherwise: mergeable buffers, indirect descriptors. */
export const SAMPLE_FEATURES = 0x10008000;
/** Size of a client's region in bytes. */
export const REGION_BYTES = 0x40000;
const RING_BYTES = 0x2000;
const FIRST_BUFFER = 0x10000;

/** A descriptor to be posted: a length (the buffer is cut), or any of its fields. */
export type Piece = number | { readonly length: number; readonly address?: number; readonly flags?: number; readonly next?: number };

/** How a link is made. */
export interface LinkOptions {
  /** True: the resumable twin, driven without interruption. */
  readonly isResumable?: boolean;
  readonly deviations?: Deviations;
  readonly revision?: TransportRevision;
  readonly queueSize?: number;
  readonly isPolling?: boolean;
  readonly trusted?: readonly number[];
  readonly descriptorBudget?: number;
  readonly observesFrames?: boolean;
}

/** Where the parts of a queue lie in the client's region. */
interface Rings {
  descriptors: number;
  avail: number;
  used: number;
}

/** One client's side. */
export class SampleClient {
  readonly port: number;
  readonly base: number;
  readonly memory: Dataspace;
  features = SAMPLE_FEATURES;
  rings: [Rings, Rings];
  private readonly link: SampleLink;
  private readonly nextDescriptor = [0, 0];
  private nextBuffer = FIRST_BUFFER;

  constructor(link: SampleLink, port: number) {
    this.link = link;
    this.port = port;
    this.base = 0x100000 * (port + 1);
    this.memory = link.arena.createDataspace(REGION_BYTES);
    this.rings = [ringsAt(0), ringsAt(RING_BYTES)];
  }

  /** create, bind, register_ds: connected, not initialised. */
  connect(args: readonly string[] = []): this {
    const { server } = this.link;
    const port = server.create(0, args);
    if (port !== this.port) throw new Error(`SampleClient: port ${this.port} was expected, got ${port}`);
    server.bindInterrupt(this.port, 0, true);
    this.register(this.base, REGION_BYTES, this.memory, 3);
    return this;
  }

  /** register_ds with plain numbers. */
  register(base: number, sizeBytes: number, dataspace: Dataspace, rights: number, offset = 0): number {
    const words = { baseLow: base, baseHigh: 0, offsetLow: offset, offsetHigh: 0, sizeLow: sizeBytes, sizeHigh: 0 };
    return this.link.server.registerDataspace(this.port, { dataspace, rights, ...words });
  }

  /** Reset, features, queues, DRIVER_OK; rings are cleared first unless `keepsRings`. */
  initialize(options: { keepsRings?: boolean; final?: number | null } = {}): this {
    const { server } = this.link;
    for (const status of [0, 1, 3]) server.setStatus(this.port, status);
    if (options.keepsRings !== true) {
      for (const rings of this.rings) this.clear(rings.descriptors, 0x1000);
    }
    this.nextDescriptor.fill(0);
    this.writePage(layoutOf('current').driverFeaturesMap, [this.features, 1]);
    server.setStatus(this.port, 11);
    for (const queue of [RECEIVE_QUEUE, TRANSMIT_QUEUE]) this.configure(queue);
    const final = options.final === undefined ? 15 : options.final;
    if (final !== null) server.setStatus(this.port, final);
    return this;
  }

  /** Writes the entry of a queue with ready = 1 and asks for its configuration. */
  configure(queue: number, size = this.link.queueSize): number {
    const rings = this.rings[queue]!;
    const entry = netQueueEntry(queue);
    const page = this.pageView();
    page.setUint16(entry + QUEUE_ENTRY.size, size, true);
    page.setUint16(entry + QUEUE_ENTRY.ready, 1, true);
    page.setUint32(entry + QUEUE_ENTRY.descriptors, this.base + rings.descriptors, true);
    page.setUint32(entry + QUEUE_ENTRY.avail, this.base + rings.avail, true);
    page.setUint32(entry + QUEUE_ENTRY.used, this.base + rings.used, true);
    return this.link.server.configQueue(this.port, queue);
  }

  /** Posts a chain of the given pieces and returns its head index. */
  post(queue: number, pieces: readonly Piece[], firstDescriptor?: number): number {
    const size = this.link.queueSize;
    const first = firstDescriptor ?? this.nextDescriptor[queue]!;
    pieces.forEach((piece, index) => {
      const given = typeof piece === 'number' ? { length: piece } : piece;
      const address = given.address ?? this.base + this.cut(given.length);
      const isLast = index === pieces.length - 1;
      const flags = given.flags ?? (queue === RECEIVE_QUEUE ? FLAG_WRITE : 0) | (isLast ? 0 : FLAG_NEXT);
      this.describe(this.rings[queue]!.descriptors, (first + index) % size, address, given.length, flags, given.next ?? (first + index + 1) % size);
    });
    this.nextDescriptor[queue] = (first + pieces.length) % size;
    this.offer(queue, first);
    return first;
  }

  /** Posts a receive chain. */
  receive(...pieces: readonly Piece[]): number {
    return this.post(RECEIVE_QUEUE, pieces);
  }

  /** Posts a transmit chain whose bytes are `content` (default: zero header and a running pattern). */
  send(pieces: readonly Piece[], content?: Uint8Array): number {
    const total = pieces.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? piece : piece.length), 0);
    const bytes = content ?? patternFrame(Math.min(total, 0x10000));
    let at = this.nextBuffer;
    let done = 0;
    for (const piece of pieces) {
      const length = typeof piece === 'number' ? piece : piece.length;
      if (typeof piece !== 'number' && piece.address !== undefined) continue;
      this.write(at, bytes.subarray(done, done + length));
      at += length;
      done += length;
    }
    return this.post(TRANSMIT_QUEUE, pieces);
  }

  /** Writes a descriptor of the table at `table` (offset in the region). */
  describe(table: number, index: number, address: number, lengthBytes: number, flags: number, next: number): void {
    const view = this.view();
    const at = table + 16 * index;
    view.setUint32(at, address >>> 0, true);
    view.setUint32(at + 4, Math.floor(address / 4294967296), true);
    view.setUint32(at + 8, lengthBytes, true);
    view.setUint16(at + 12, flags, true);
    view.setUint16(at + 14, next, true);
  }

  /** Puts a head into the avail ring and moves avail.idx on. */
  offer(queue: number, head: number): void {
    const view = this.view();
    const { avail } = this.rings[queue]!;
    const index = view.getUint16(avail + 2, true);
    view.setUint16(avail + 4 + 2 * (index % this.link.queueSize), head, true);
    view.setUint16(avail + 2, index + 1, true);
  }

  /** Sets avail.idx. */
  setAvailIndex(queue: number, index: number): void {
    this.view().setUint16(this.rings[queue]!.avail + 2, index, true);
  }

  /** Sets avail.flags. */
  setAvailFlags(queue: number, flags: number): void {
    this.view().setUint16(this.rings[queue]!.avail, flags, true);
  }

  /** used.flags of a queue. */
  usedFlags(queue: number): number {
    return this.view().getUint16(this.rings[queue]!.used, true);
  }

  /** used.idx of a queue. */
  usedIndex(queue: number): number {
    return this.view().getUint16(this.rings[queue]!.used + 2, true);
  }

  /** All used elements from position 0 on, as [id, length]. */
  used(queue: number): [number, number][] {
    const view = this.view();
    return Array.from({ length: this.usedIndex(queue) }, (_, index) => {
      const at = this.rings[queue]!.used + USED_RING + 8 * (index % this.link.queueSize);
      return [view.getUint32(at, true), view.getUint32(at + 4, true)];
    });
  }

  /** Bytes behind the address in descriptor `index` of a queue. */
  buffer(queue: number, index: number, lengthBytes: number): Uint8Array {
    const view = this.view();
    const address = view.getUint32(this.rings[queue]!.descriptors + 16 * index, true) - this.base;
    return this.link.arena.u8.slice(this.memory.start + address, this.memory.start + address + lengthBytes);
  }

  /** The cursor of the server in a queue. */
  cursor(queue: number): number {
    return this.link.server.ports[this.port as 0 | 1].queues[queue]!.cursor;
  }

  /** Status in the page. */
  get status(): number {
    return this.pageView().getUint32(CONFIG_OFFSET.status, true);
  }

  /** The status the server holds privately. */
  get shadow(): number {
    return this.link.server.ports[this.port as 0 | 1].status;
  }

  /** The page as the client sees it. */
  pageView(): DataView {
    return new DataView(this.link.arena.u8.buffer, this.link.server.ports[this.port as 0 | 1].page.start, 4096);
  }

  /** Writes words to the page. */
  writePage(offset: number, words: readonly number[]): void {
    words.forEach((word, index) => this.pageView().setUint32(offset + 4 * index, word, true));
  }

  /** Drops the last capability and lets the server notice. */
  leave(): void {
    this.link.server.markGateDead(this.port);
    this.link.server.handleDeletion();
  }

  /** Writes bytes at an offset of the region. */
  write(offset: number, bytes: Uint8Array): void {
    this.link.arena.u8.set(bytes, this.memory.start + offset);
  }

  /** The region. */
  view(): DataView {
    return new DataView(this.link.arena.u8.buffer, this.memory.start, REGION_BYTES);
  }

  /** Cuts the next buffer: its offset in the region. */
  cut(lengthBytes: number): number {
    const at = this.nextBuffer;
    this.nextBuffer += lengthBytes;
    return at;
  }

  private clear(offset: number, lengthBytes: number): void {
    this.link.arena.u8.fill(0, this.memory.start + offset, this.memory.start + offset + lengthBytes);
  }
}

/** The server's view, which also notes barriers. */
class BarrierNotingMemory extends CoarseMemory {
  readonly kinds: Barrier[] = [];

  override barrier(kind: Barrier): void {
    this.kinds.push(kind);
  }
}

/** A server and its two clients. */
export class SampleLink {
  readonly arena = new Arena(1 << 17);
  readonly trace = new Trace(true);
  readonly server: SampleServer;
  readonly queueSize: number;
  readonly a: SampleClient;
  readonly b: SampleClient;
  /** Kinds of barriers the server has executed. */
  readonly barriers: Barrier[];
  /** Times the server asked to be notified again. */
  selfNotifications = 0;

  constructor(options: LinkOptions = {}) {
    const space = new AddressSpace(this.arena);
    const memory = new BarrierNotingMemory(0, space, NO_OBSERVER);
    this.barriers = memory.kinds;
    this.trace.reset(true, null);
    this.queueSize = options.queueSize ?? 8;
    const environment = {
      space,
      contextId: 0,
      log: new EventLog(this.trace, 0),
      locations: new LocationRegistry(),
      revision: options.revision ?? 'current',
      deviations: options.deviations ?? deviationsOf('faithful'),
      settings: { queueSizeLimit: this.queueSize, isPolling: options.isPolling === true, trustedDataspaces: options.trusted ?? null },
      descriptorBudget: options.descriptorBudget ?? 200_000,
      observesFrames: options.observesFrames ?? false,
      triggerInterrupt: () => undefined,
      triggerOwnNotification: () => (this.selfNotifications += 1),
    };
    this.server = options.isResumable === true ? driveServer(environment, memory) : new PointToPointServer({ ...environment, memory });
    this.server.start();
    this.a = new SampleClient(this, 0);
    this.b = new SampleClient(this, 1);
  }

  /** Connects and initialises both clients. */
  open(): this {
    this.a.connect().initialize();
    this.b.connect().initialize();
    return this;
  }

  /** The notification interrupt is handled, and again as often as the server asked for it. */
  kick(): void {
    for (;;) {
      const before = this.selfNotifications;
      this.server.handleKick();
      if (this.selfNotifications === before) return;
    }
  }

  /** A polling tick. */
  tick(): void {
    this.server.handleTick();
  }

  /** Arguments of all events of a kind. */
  events(kind: number): number[][] {
    const rows: number[][] = [];
    for (let at = 0; at < this.trace.count * EVENT_WORDS; at += EVENT_WORDS) {
      if (kindOf(this.trace.words, at) === kind) rows.push([...this.trace.words.slice(at + 2, at + EVENT_WORDS)]);
    }
    return rows;
  }

  /** Device errors so far on a port. */
  errors(port: number): number {
    return this.events(CHAIN_FAILED).filter((row) => (row[0]! & 0xff) === port).length;
  }

  /** Interrupts so far on a port with one of `bits` set. */
  interrupts(port: number, bits: number): number {
    return this.events(INTERRUPT_RAISED).filter((row) => row[0] === port && (row[1]! & bits) !== 0).length;
  }

  /** True if the quirk has made a difference. */
  met(id: QuirkId): boolean {
    return this.server.context.hasMet(id);
  }
}

/** A link under `faithful`. */
export function faithfulLink(options: LinkOptions = {}): SampleLink {
  return new SampleLink({ ...options, deviations: deviationsOf('faithful') });
}

/** A link under `fixed`. */
export function fixedLink(options: LinkOptions = {}): SampleLink {
  return new SampleLink({ ...options, deviations: deviationsOf('fixed') });
}

/** A net header, zero but for the given fields, and a payload in which byte k is 7·(k+12) mod 256. */
export function patternFrame(lengthBytes: number, flags = 0, start = 0, offset = 0): Uint8Array {
  const bytes = Uint8Array.from({ length: lengthBytes }, (_, index) => (7 * index) & 0xff);
  bytes.fill(0, 0, NET_HEADER_BYTES);
  bytes.set([flags, 0, 0, 0, 0, 0, start & 0xff, start >>> 8, offset & 0xff, offset >>> 8, 0, 0].slice(0, lengthBytes));
  return bytes;
}

/** Right of a region that may be read but not written. */
export const READ_ONLY = 1;
/** Both rights. */
export const READ_WRITE = READ_ONLY | RIGHT_WRITE;

function ringsAt(offset: number): Rings {
  return { descriptors: offset, avail: offset + 0x800, used: offset + 0xa00 };
}
