// When stores of one context become visible to the others: TSO, PSO and relaxed memory.
//
// A store is delayed only when the choice source says so (storeDelay, in accesses of the whole world).
// TSO: everything behind a delayed store waits, notifies included. PSO: only stores to the same bytes and
// stores behind a write barrier wait. Relaxed: PSO, and a load may return an older value of its location,
// but none older than what this context has seen there or than its last read barrier.
// Simplifications: loads never run ahead of earlier loads of *other* locations except through staleness;
// cache maintenance and non-coherent devices are out of scope.
import type { AccessObserver } from './access-observer.js';
import type { Arena } from './arena.js';
import { BARRIER_FULL, type Barrier, ordersLoads, ordersStores } from './barrier.js';
import type { ChoiceSource } from './choice.js';
import { type BufferedStore, StoreBuffer } from './store-buffer.js';

/** Memory models by the names of the command line. `sc` has no store order at all. */
export const MEMORY_MODELS = ['sc', 'tso', 'pso', 'relaxed'] as const;
/** Name of a memory model. */
export type MemoryModel = (typeof MEMORY_MODELS)[number];

/** Largest delay of a store, in world accesses. */
export const STORE_DELAY_LIMIT = 64;
/** How many versions back a stale load may reach. */
const STALE_LIMIT = 4;
/** Committed stores remembered for stale loads. */
const HISTORY_LENGTH = 128;

interface Committed {
  readonly sequence: number;
  readonly contextId: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly oldLow: number;
  readonly oldHigh: number;
}

/** The store buffers of a world and the history that stale loads draw from. */
export class StoreOrder {
  /** World-wide access count; the clock of delays. */
  accesses = 0;
  private nextRelease = Number.POSITIVE_INFINITY;
  private readonly buffers: StoreBuffer[] = [];
  private readonly history: Committed[] = [];
  private sequence = 0;
  private readonly floors: number[] = [];
  private readonly seen: Map<number, number>[] = [];
  private readonly arena: Arena;
  private readonly model: MemoryModel;
  private readonly source: ChoiceSource;
  private readonly observer: AccessObserver;
  private readonly scratch = new Uint8Array(8);
  /** Age, in versions, of the last loaded value. */
  lastStaleBy = 0;
  /** High word of the last loaded value. */
  lastHigh = 0;

  constructor(arena: Arena, model: MemoryModel, source: ChoiceSource, observer: AccessObserver) {
    this.arena = arena;
    this.model = model;
    this.source = source;
    this.observer = observer;
  }

  /** Counts an access and drains what is due. */
  tick(): void {
    this.accesses += 1;
    if (this.accesses >= this.nextRelease) this.drainDue();
  }

  store(contextId: number, offset: number, sizeBytes: number, low: number, high: number, bytes: Uint8Array | null): void {
    const buffer = this.bufferOf(contextId);
    const delay = this.source.choose('storeDelay', STORE_DELAY_LIMIT + 1);
    if (delay === 0 && (buffer.isEmpty || (this.model !== 'tso' && !this.mustWait(buffer, offset, sizeBytes)))) {
      this.commit(contextId, offset, sizeBytes, low, high, bytes, 0);
      return;
    }
    const entry = buffer.nextEntry();
    const releaseAt = this.accesses + delay;
    buffer.push({ kind: 'store', entry, offset, sizeBytes, low, high, bytes, effect: null, releaseAt });
    this.nextRelease = Math.min(this.nextRelease, Math.max(releaseAt, this.accesses + 1));
    this.observer.buffered(contextId, offset, sizeBytes, low, high, entry);
  }

  /** Loads up to eight bytes: low word returned, high word in `lastHigh`. */
  load(contextId: number, offset: number, sizeBytes: number): number {
    this.lastStaleBy = 0;
    const buffer = this.bufferOf(contextId);
    const isOwn = buffer.overlaps(offset, sizeBytes);
    if (this.model === 'relaxed' && !isOwn && sizeBytes <= 8) {
      const staleness = this.source.choose('staleLoad', STALE_LIMIT);
      const old = staleness > 0 ? this.older(contextId, offset, sizeBytes, staleness) : null;
      if (old !== null) {
        this.seenBy(contextId).set(offset, old.sequence - 1);
        return this.partOf(old, offset, sizeBytes);
      }
      this.seenBy(contextId).set(offset, this.sequence);
    }
    for (let index = 0; index < 8; index++) this.scratch[index] = index < sizeBytes ? this.arena.u8[offset + index]! : 0;
    if (isOwn) buffer.overlay(offset, sizeBytes, this.scratch);
    this.lastHigh = word(this.scratch, 4);
    return word(this.scratch, 0);
  }

  /** Bytes of a range as the context sees them; pending own stores overlaid. */
  loadRange(contextId: number, offset: number, sizeBytes: number): Uint8Array {
    const bytes = this.arena.u8.slice(offset, offset + sizeBytes);
    this.bufferOf(contextId).overlay(offset, sizeBytes, bytes);
    return bytes;
  }

  /** True when the context has unseen stores in the range. */
  hasPending(contextId: number, offset: number, sizeBytes: number): boolean {
    return this.bufferOf(contextId).overlaps(offset, sizeBytes);
  }

  barrier(contextId: number, kind: Barrier): void {
    const buffer = this.bufferOf(contextId);
    if (kind === BARRIER_FULL) this.drain(contextId);
    else if (ordersStores(kind) && this.model !== 'tso' && !buffer.isEmpty) {
      buffer.push({ kind: 'barrier', entry: 0, offset: 0, sizeBytes: 0, low: 0, high: 0, bytes: null, effect: null, releaseAt: 0 });
    }
    if (ordersLoads(kind)) this.floors[contextId] = this.sequence;
  }

  /** Performs a notify: behind earlier stores under TSO, at once otherwise. */
  notify(contextId: number, effect: () => void): void {
    const buffer = this.bufferOf(contextId);
    if (this.model !== 'tso' || buffer.isEmpty) {
      effect();
      return;
    }
    buffer.push({ kind: 'effect', entry: 0, offset: 0, sizeBytes: 0, low: 0, high: 0, bytes: null, effect, releaseAt: 0 });
  }

  /** A register access of the context: earlier stores are visible first under TSO. (A synchronous IPC orders more: drain().) */
  serialize(contextId: number): void {
    if (this.model === 'tso') this.drain(contextId);
  }

  /**
   * A message or interrupt reached the context: what its sender saw is seen from here on. The kernel that passes it on
   * orders it so on every machine; it says nothing about the sender's own stores.
   */
  acquire(contextId: number): void {
    this.floors[contextId] = this.sequence;
  }

  /** Makes all stores of a context visible. */
  drain(contextId: number): void {
    const buffer = this.bufferOf(contextId);
    for (let store = buffer.takeOldest(); store !== null; store = buffer.takeOldest()) this.perform(contextId, store);
  }

  /** Makes all stores of everybody visible; true if there were any. */
  drainAll(): boolean {
    let hadAny = false;
    for (let contextId = 0; contextId < this.buffers.length; contextId++) {
      if (this.buffers[contextId]?.isEmpty ?? true) continue;
      hadAny = true;
      this.drain(contextId);
    }
    return hadAny;
  }

  private drainDue(): void {
    this.nextRelease = Number.POSITIVE_INFINITY;
    for (let contextId = 0; contextId < this.buffers.length; contextId++) {
      const buffer = this.buffers[contextId];
      if (buffer === undefined) continue;
      for (let store = buffer.takeDue(this.accesses, this.model === 'tso'); store !== null; store = buffer.takeDue(this.accesses, this.model === 'tso')) {
        this.perform(contextId, store);
      }
      for (const store of buffer.entries) this.nextRelease = Math.min(this.nextRelease, Math.max(store.releaseAt, this.accesses + 1));
    }
  }

  private perform(contextId: number, store: BufferedStore): void {
    if (store.kind === 'effect') store.effect!();
    else if (store.kind === 'store') this.commit(contextId, store.offset, store.sizeBytes, store.low, store.high, store.bytes, store.entry);
  }

  private commit(contextId: number, offset: number, sizeBytes: number, low: number, high: number, bytes: Uint8Array | null, entry: number): void {
    const u8 = this.arena.u8;
    if (this.model === 'relaxed' && sizeBytes <= 8) this.remember(contextId, offset, sizeBytes);
    let isChange = false;
    for (let index = 0; index < sizeBytes; index++) {
      const byte = bytes !== null ? bytes[index]! : ((index < 4 ? low : high) >>> (8 * (index & 3))) & 0xff;
      if (u8[offset + index] === byte) continue;
      u8[offset + index] = byte;
      isChange = true;
    }
    if (isChange) {
      this.arena.markDirty(offset, sizeBytes);
      this.arena.changes++;
    }
    this.observer.stored(contextId, offset, sizeBytes, low, high, entry);
  }

  private remember(contextId: number, offset: number, sizeBytes: number): void {
    this.sequence += 1;
    for (let index = 0; index < 8; index++) this.scratch[index] = index < sizeBytes ? this.arena.u8[offset + index]! : 0;
    this.history.push({ sequence: this.sequence, contextId, offset, sizeBytes, oldLow: word(this.scratch, 0), oldHigh: word(this.scratch, 4) });
    if (this.history.length > HISTORY_LENGTH) this.history.shift();
  }

  /** What lay at a range before the store that covers it: low word, high word in `lastHigh`. */
  private partOf(store: Committed, offset: number, sizeBytes: number): number {
    const before = offset - store.offset;
    for (let index = 0; index < 8; index++) {
      const at = before + index;
      this.scratch[index] = index < sizeBytes ? ((at < 4 ? store.oldLow : store.oldHigh) >>> (8 * (at & 3))) & 0xff : 0;
    }
    this.lastHigh = word(this.scratch, 4);
    return word(this.scratch, 0);
  }

  /** The `versions`-th newest foreign store over this location that the context need not have seen; null if none. */
  private older(contextId: number, offset: number, sizeBytes: number, versions: number): Committed | null {
    const floor = Math.max(this.floors[contextId] ?? 0, this.seenBy(contextId).get(offset) ?? 0);
    let found: Committed | null = null;
    let left = versions;
    for (let index = this.history.length - 1; index >= 0 && left > 0; index--) {
      const store = this.history[index]!;
      if (store.sequence <= floor) break;
      if (store.offset >= offset + sizeBytes || offset >= store.offset + store.sizeBytes) continue;
      const isCovering = store.offset <= offset && offset + sizeBytes <= store.offset + store.sizeBytes;
      if (store.contextId === contextId || !isCovering) break;
      found = store;
      left -= 1;
    }
    if (found !== null) this.lastStaleBy = versions - left;
    return found;
  }

  private mustWait(buffer: StoreBuffer, offset: number, sizeBytes: number): boolean {
    return buffer.overlaps(offset, sizeBytes) || buffer.entries.some((store) => store.kind === 'barrier');
  }

  private bufferOf(contextId: number): StoreBuffer {
    let buffer = this.buffers[contextId];
    if (buffer === undefined) {
      buffer = new StoreBuffer();
      this.buffers[contextId] = buffer;
    }
    return buffer;
  }

  private seenBy(contextId: number): Map<number, number> {
    let map = this.seen[contextId];
    if (map === undefined) {
      map = new Map();
      this.seen[contextId] = map;
    }
    return map;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

