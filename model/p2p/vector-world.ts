// The world a vector is replayed in: two clients' memory, a server, and what can be observed of them.
//
// Guest memory is written raw, the way a driver's stores would leave it; the server reaches it by its own view.
// What the events tell (interrupts, queues set up, device errors) is collected by listening to the trace.
import { Arena, type Dataspace } from '../../sim/arena.js';
import { AddressSpace, RIGHT_WRITE } from '../../sim/address-space.js';
import { Trace } from '../../sim/trace.js';
import { EventLog } from '../event-log.js';
import { CHAIN_FAILED, INTERRUPT_RAISED, QUEUE_CONFIGURED, QUEUE_PART } from '../events.js';
import { ENOSYS, EIO } from '../l4/errors.js';
import { LocationRegistry } from '../locations.js';
import { CONFIG_OFFSET, netQueueEntry, QUEUE_ENTRY, layoutOf, INTERRUPT_CONFIG, INTERRUPT_VRING } from '../transport/layout.js';
import { USED_ELEMENT_BYTES, USED_INDEX, USED_RING } from '../virtqueue/layout.js';
import { kindOf } from '../../sim/trace.js';
import { deviationsOf } from './quirks.js';
import type { GuestRange, Vector, VectorConnection, VectorInitialization, VectorRegion } from './vector-format.js';
import type { DirectServer, ServerBuilder } from './vector-server.js';

const PAGE_MASK = 4095n;
/** Descriptor reads from which on the recording calls an action endless. */
const BUDGET_READS = 1_000_000;
/** Largest dataspace that is made; what is registered without error must fit. */
const DATASPACE_BYTES_MAX = 1n << 26n;

/** A step that cannot be played: its file is not what the recorder writes, or the model answered otherwise before. */
export class UnplayableStep extends Error {}

interface GuestRegion {
  readonly base: bigint;
  readonly sizeBytes: bigint;
  /** Arena offset of the first byte. */
  readonly start: number;
}

interface QueuePlace {
  /** Arena offset of the used ring. */
  readonly used: number;
  readonly size: number;
}

/** One replayed world. */
export class VectorWorld {
  readonly arena = new Arena(1 << 17);
  readonly server: DirectServer;
  /** Interrupts of this action: per port VRING and CONFIG. */
  interrupts: [[number, number], [number, number]] = [[0, 0], [0, 0]];
  /** Device errors of this action: side, port, code. */
  errors: [string, number, number][] = [];
  /** Driver writes to config pages during this action, as [arena offset, bytes]. */
  readonly pageWrites: [number, Uint8Array][] = [];
  /** Used rings of the last successful set-ups, [port][queue]. */
  readonly queues: [(QueuePlace | null)[], (QueuePlace | null)[]] = [
    [null, null],
    [null, null],
  ];
  private readonly regions: [GuestRegion[], GuestRegion[]] = [[], []];
  private readonly firstDataspace: [Dataspace | null, Dataspace | null] = [null, null];
  private readonly layout = layoutOf('current');
  private readonly space = new AddressSpace(this.arena);
  /** Pages of server addresses that belonged to clients who left. */
  private readonly departedPages = new Set<number>();
  private configuredSize = 0;

  constructor(config: Vector['config'], build: ServerBuilder) {
    const { space } = this;
    const trace = new Trace(false);
    trace.reset(false, (words, at) => this.listen(words, at));
    this.server = build({
      space,
      contextId: 0,
      log: new EventLog(trace, 0),
      locations: new LocationRegistry(),
      revision: 'current',
      deviations: deviationsOf('faithful'),
      settings: { queueSizeLimit: config.queueSize, isPolling: config.mode === 'poll', trustedDataspaces: null },
      descriptorBudget: BUDGET_READS,
      triggerInterrupt: () => undefined,
      triggerOwnNotification: () => undefined,
    });
    this.server.start();
  }

  /** Starts the bookkeeping of an action. */
  beginAction(): void {
    this.interrupts = [[0, 0], [0, 0]];
    this.errors = [];
    this.pageWrites.length = 0;
  }

  /** Creates the dataspaces a connection or registration brings, so that snapshots contain them. */
  prepare(port: number, regions: readonly VectorRegion[], isNewClient: boolean): Dataspace[] {
    if (isNewClient) this.firstDataspace[port] = null;
    return regions.map((region) => {
      const shared = region.ds === 0 ? this.firstDataspace[port] : null;
      const size = BigInt(region.dsSize ?? region.size);
      const dataspace = shared ?? this.arena.createDataspace(Number(size < 1n ? 1n : size < DATASPACE_BYTES_MAX ? size : PAGE_MASK + 1n));
      this.firstDataspace[port] ??= dataspace;
      return dataspace;
    });
  }

  /** Registers a region: the server's result. */
  register(port: number, region: VectorRegion, dataspace: Dataspace): number {
    const base = BigInt(region.base);
    const offset = BigInt(region.offset ?? '0x0');
    const size = BigInt(region.size);
    const reported = BigInt.asUintN(64, BigInt(region.ds === 0 ? dataspace.sizeBytes : (region.dsSize ?? region.size)) + PAGE_MASK) & ~PAGE_MASK;
    const result = this.server.registerDataspace(port, {
      dataspace,
      rights: region.ro === true ? 1 : 1 | RIGHT_WRITE,
      baseLow: low(base),
      baseHigh: high(base),
      offsetLow: low(offset),
      offsetHigh: high(offset),
      sizeLow: low(size),
      sizeHigh: high(size),
      reportedBytes: Number(reported),
      queryResult: region.info === 'enosys' ? -ENOSYS : region.info === 'error' ? -EIO : 0,
    });
    if (result !== 0) return result;
    if (size > DATASPACE_BYTES_MAX) throw new UnplayableStep(`a region of ${region.size} bytes is larger than a replay can hold`);
    const rounded = region.info === 'enosys' ? size : (size + PAGE_MASK) & ~PAGE_MASK;
    const start = dataspace.start + Number(offset & ~PAGE_MASK);
    this.regions[port as 0 | 1].push({ base: base & ~PAGE_MASK, sizeBytes: rounded, start });
    return 0;
  }

  /** A client comes to a port. */
  connect(port: 0 | 1, connection: VectorConnection, dataspaces: readonly Dataspace[]): void {
    const args = [`ds-max=${connection.dsMax}`, ...(connection.mac === undefined ? [] : [`mac=${connection.mac}`])];
    const given = this.server.create(0, args);
    if (given !== port) throw new UnplayableStep(`a connection to port ${port} was expected, the server answered ${given}`);
    this.regions[port] = [];
    this.queues[port] = [null, null];
    this.server.bindInterrupt(port, 0, true);
    connection.regions.forEach((region, index) => this.register(port, region, dataspaces[index]!));
  }

  /** A call of the factory: 0 or the error. A port that is given has no regions; its interrupt stays what it was. */
  create(type: number, args: readonly (string | number)[]): number {
    const given = this.server.create(type, args);
    if (given < 0) return given;
    this.regions[given as 0 | 1] = [];
    this.firstDataspace[given as 0 | 1] = null;
    return 0;
  }

  /** The client of a port goes away; nothing if there is none. */
  leave(port: 0 | 1): void {
    const { pages } = this.space;
    const before = pages.slice();
    if (this.server.state.ports[port]!.isConnected) this.server.markGateDead(port);
    this.server.handleDeletion();
    before.forEach((entry, page) => {
      if (entry !== 0 && pages[page] === 0) this.departedPages.add(page);
    });
  }

  /** Why the server has crashed, in the words of the recording. */
  crashReason(): 'outside-region' | 'read-only' | 'unmapped-after-leave' {
    const { fault } = this.server.state;
    if (fault?.reason === 'read-only') return 'read-only';
    return fault !== null && this.departedPages.has(fault.address >>> 12) ? 'unmapped-after-leave' : 'outside-region';
  }

  /** The composite initialisation of a driver. */
  initialize(port: 0 | 1, setup: VectorInitialization): void {
    const { server } = this;
    for (const status of [0, 1, 3]) server.setStatus(port, status);
    setup.features.forEach((word, index) => this.writePage(port, this.layout.driverFeaturesMap + 4 * index, wordBytes(word)));
    const middle = setup.mid === undefined ? 11 : setup.mid;
    if (middle !== null) server.setStatus(port, middle);
    [setup.rx, setup.tx].forEach((queue, number) => {
      const entry = netQueueEntry(number);
      this.writePage(port, entry + QUEUE_ENTRY.size, wordBytes(queue.num).subarray(0, 2));
      this.writePage(port, entry + QUEUE_ENTRY.ready, Uint8Array.of(1, 0));
      this.writePage(port, entry + QUEUE_ENTRY.descriptors, longBytes(BigInt(queue.desc)));
      this.writePage(port, entry + QUEUE_ENTRY.avail, longBytes(BigInt(queue.avail)));
      this.writePage(port, entry + QUEUE_ENTRY.used, longBytes(BigInt(queue.used)));
      server.configQueue(port, number);
    });
    const final = setup.final === undefined ? 15 : setup.final;
    if (final !== null) server.setStatus(port, final);
  }

  /** Writes to a config page as its driver does. */
  writePage(port: 0 | 1, offset: number, bytes: Uint8Array): void {
    const at = this.pageStart(port) + offset;
    this.store(at, bytes);
    this.pageWrites.push([at, bytes]);
  }

  /** Writes guest memory byte by byte. */
  writeGuest(range: GuestRange): void {
    bytesOf(range.bytes).forEach((byte, index) => {
      this.store(this.arenaOffset(range, index), Uint8Array.of(byte));
    });
  }

  /** Arena offset of a byte of a guest range. Throws if the client has no such memory. */
  arenaOffset(range: GuestRange, index: number): number {
    const address = BigInt(range.address) + BigInt(index);
    const regions = this.regions[range.port];
    const chosen = range.region === undefined ? regions : regions.slice(range.region, range.region + 1);
    for (const region of chosen) {
      const offset = address - region.base;
      if (offset >= 0n && offset < region.sizeBytes) return region.start + Number(offset);
    }
    throw new UnplayableStep(`port ${range.port} has no memory at 0x${address.toString(16)}`);
  }

  /** Arena offset of the config page of a port. */
  pageStart(port: number): number {
    return this.server.state.ports[port]!.page.start;
  }

  /** Word of a config page. */
  pageWord(port: number, offset: keyof typeof CONFIG_OFFSET): number {
    return this.arena.u32[(this.pageStart(port) + CONFIG_OFFSET[offset]) >>> 2]!;
  }

  /** All bytes of the world. */
  snapshot(): Uint8Array {
    return this.arena.u8.slice();
  }

  /** used.flags, used.idx and the advance since `before` of a queue that was set up. */
  usedRing(place: QueuePlace, before: Uint8Array): { idx: number; flags: number; n?: number; new?: [number, number][] } {
    const bytes = this.arena.u8;
    const idx = half(bytes, place.used + USED_INDEX);
    const flags = half(bytes, place.used);
    const advance = (idx - half(before, place.used + USED_INDEX)) & 0xffff;
    if (advance === 0) return { idx, flags };
    const elements: [number, number][] = [];
    for (let back = Math.min(advance, place.size); back > 0; back--) {
      const at = place.used + USED_RING + USED_ELEMENT_BYTES * ((idx - back) & (place.size - 1));
      elements.push([word(bytes, at), word(bytes, at + 4)]);
    }
    return { idx, flags, n: advance, new: elements };
  }

  private store(at: number, bytes: Uint8Array): void {
    this.arena.u8.set(bytes, at);
    this.arena.markDirty(at, bytes.length);
  }

  private listen(words: Uint32Array, at: number): void {
    const kind = kindOf(words, at);
    const port = (words[at + 2]! & 0xff) as 0 | 1;
    const queue = words[at + 2]! >>> 8;
    if (kind === INTERRUPT_RAISED) {
      if ((words[at + 3]! & INTERRUPT_VRING) !== 0) this.interrupts[port][0] += 1;
      if ((words[at + 3]! & INTERRUPT_CONFIG) !== 0) this.interrupts[port][1] += 1;
    } else if (kind === QUEUE_CONFIGURED) {
      this.configuredSize = words[at + 4]!;
    } else if (kind === QUEUE_PART && words[at + 3] === 2) {
      this.queues[port][queue] = { used: this.arena.startOf(words[at + 6]!) + words[at + 7]!, size: this.configuredSize };
    } else if (kind === CHAIN_FAILED) {
      this.errors.push([queue === 0 ? 'rx' : 'tx', port, words[at + 3]! - 1]);
    }
  }
}

/** Bytes of a hexadecimal text. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

function low(value: bigint): number {
  return Number(value & 0xffffffffn);
}

function high(value: bigint): number {
  return Number(value >> 32n);
}

function half(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function word(bytes: Uint8Array, at: number): number {
  return (half(bytes, at) | (half(bytes, at + 2) << 16)) >>> 0;
}

function wordBytes(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

function longBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes.set(wordBytes(low(value)));
  bytes.set(wordBytes(high(value)), 4);
  return bytes;
}
