// The view of a context in fine and weak mode: every access is reported; in weak mode stores go through
// the store order of the world.
//
// Performs accesses only; where others may run in between is the business of hooked-memory.ts and
// resumable-memory.ts, which wrap this. Registers (watched pages) are never buffered.
import type { AccessObserver } from './access-observer.js';
import { type AddressSpace, RIGHT_READ, RIGHT_WRITE, WATCHED } from './address-space.js';
import { PAGE_SHIFT } from './arena.js';
import type { Barrier } from './barrier.js';
import { CoarseMemory } from './coarse-memory.js';
import type { StoreOrder } from './store-order.js';

/** A reporting view; with a StoreOrder also a weakly ordered one. */
export class ObservedMemory extends CoarseMemory {
  private order: StoreOrder | null;

  constructor(contextId: number, space: AddressSpace, observer: AccessObserver, order: StoreOrder | null) {
    super(contextId, space, observer);
    this.order = order;
  }

  /** Puts the view under the store order of another run, so that views are reused instead of made anew. */
  useOrder(order: StoreOrder | null): void {
    this.order = order;
  }

  override load8(address: number): number {
    return this.load(address, 1);
  }

  override load16(address: number): number {
    return this.load(address, 2);
  }

  override load32(address: number): number {
    return this.load(address, 4);
  }

  override load64(address: number): number {
    return this.load(address, 8);
  }

  override store8(address: number, value: number): void {
    this.store(address, 1, value & 0xff, 0);
  }

  override store16(address: number, value: number): void {
    this.store(address, 2, value & 0xffff, 0);
  }

  override store32(address: number, value: number): void {
    this.store(address, 4, value >>> 0, 0);
  }

  override store64(address: number, low: number, high: number): void {
    this.store(address, 8, low >>> 0, high >>> 0);
  }

  override copy(target: number, source: number, lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const from = this.range(source, lengthBytes, RIGHT_READ);
    const to = this.range(target, lengthBytes, RIGHT_WRITE);
    this.observer.loaded(this.contextId, from, lengthBytes, 0, 0, 0);
    if (this.order !== null) {
      this.order.tick();
      this.order.store(this.contextId, to, lengthBytes, 0, 0, this.order.loadRange(this.contextId, from, lengthBytes));
      return;
    }
    this.u8.copyWithin(to, from, from + lengthBytes);
    this.written(to, lengthBytes);
  }

  override peekRange(address: number, lengthBytes: number): number {
    if (lengthBytes === 0) return 0;
    const offset = this.range(address, lengthBytes, RIGHT_READ);
    if (this.order !== null) {
      this.order.tick();
      if (this.order.hasPending(this.contextId, offset, lengthBytes)) this.order.drain(this.contextId);
    }
    this.observer.loaded(this.contextId, offset, lengthBytes, 0, 0, 0);
    return offset;
  }

  override storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const to = this.range(address, lengthBytes, RIGHT_WRITE);
    if (this.order !== null) {
      this.order.tick();
      this.order.store(this.contextId, to, lengthBytes, 0, 0, bytes.slice(start, start + lengthBytes));
      return;
    }
    this.u8.set(bytes.subarray(start, start + lengthBytes), to);
    this.written(to, lengthBytes);
  }

  override barrier(kind: Barrier): void {
    this.order?.barrier(this.contextId, kind);
    this.observer.fenced(this.contextId, kind);
  }

  private load(address: number, sizeBytes: number): number {
    if (this.isRegister(address)) return this.loadRegister(address, sizeBytes);
    const offset = this.range(address, sizeBytes, RIGHT_READ);
    if (this.order !== null) {
      this.order.tick();
      const low = this.order.load(this.contextId, offset, sizeBytes);
      this.high = this.order.lastHigh;
      this.observer.loaded(this.contextId, offset, sizeBytes, low, this.high, this.order.lastStaleBy);
      return low;
    }
    const low = this.loadRaw(offset, sizeBytes);
    this.observer.loaded(this.contextId, offset, sizeBytes, low, sizeBytes === 8 ? this.high : 0, 0);
    return low;
  }

  private loadRaw(offset: number, sizeBytes: number): number {
    if ((offset & (sizeBytes - 1)) !== 0) return this.loadUnaligned(offset, sizeBytes);
    switch (sizeBytes) {
      case 1:
        return this.u8[offset]!;
      case 2:
        return this.u16[offset >>> 1]!;
      case 4:
        return this.u32[offset >>> 2]!;
      default:
        this.high = this.u32[(offset >>> 2) + 1]!;
        return this.u32[offset >>> 2]!;
    }
  }

  private loadUnaligned(offset: number, sizeBytes: number): number {
    let low = 0;
    let high = 0;
    for (let index = sizeBytes - 1; index >= 0; index--) {
      if (index >= 4) high = high * 256 + this.u8[offset + index]!;
      else low = low * 256 + this.u8[offset + index]!;
    }
    if (sizeBytes === 8) this.high = high;
    return low;
  }

  private store(address: number, sizeBytes: number, low: number, high: number): void {
    if (this.isRegister(address)) return this.storeRegister(address, sizeBytes, low, high);
    const offset = this.range(address, sizeBytes, RIGHT_WRITE);
    if (this.order !== null) {
      this.order.tick();
      this.order.store(this.contextId, offset, sizeBytes, low, high, null);
      return;
    }
    this.storeRaw(offset, sizeBytes, low, high);
    this.observer.stored(this.contextId, offset, sizeBytes, low, high, 0);
  }

  private isRegister(address: number): boolean {
    return ((this.pages[address >>> PAGE_SHIFT] ?? 0) & WATCHED) !== 0;
  }

  private loadRegister(address: number, sizeBytes: number): number {
    this.order?.tick();
    this.order?.serialize(this.contextId);
    const low = this.loadSlowly(address, Math.min(4, sizeBytes));
    if (sizeBytes === 8) this.high = this.loadSlowly(address + 4, 4);
    return low;
  }

  private storeRegister(address: number, sizeBytes: number, low: number, high: number): void {
    this.order?.tick();
    this.order?.serialize(this.contextId);
    this.storeSlowly(address, Math.min(4, sizeBytes), low);
    if (sizeBytes === 8) this.storeSlowly(address + 4, 4, high);
  }

  private written(offset: number, lengthBytes: number): void {
    this.arena.markDirty(offset, lengthBytes);
    this.arena.changes++;
    this.observer.stored(this.contextId, offset, lengthBytes, 0, 0, 0);
  }
}
