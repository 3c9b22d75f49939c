// The view of a context in coarse mode: accesses are performed at once, nobody interleaves, stores are
// visible immediately. Also the base of the other views, which add hooks, records and store buffers.
//
// Hot path: one page-table look-up, one typed-array access, no allocation. Misaligned, watched and
// faulting accesses take the slow path.
import type { SharedMemory } from './memory.plain.js';
import type { AccessObserver } from './access-observer.js';
import type { Barrier } from './barrier.js';
import { type AddressSpace, RIGHT_READ, RIGHT_WRITE, WATCHED } from './address-space.js';
import { type Arena, PAGE_SHIFT } from './arena.js';
import { MemoryFault } from './memory-fault.js';

const OFFSET_MASK = 4095;
const FLAGS_MASK = 7;

/** Direct access to an address space on behalf of a context. */
export class CoarseMemory implements SharedMemory {
  readonly contextId: number;
  readonly space: AddressSpace;
  readonly observer: AccessObserver;
  high = 0;
  protected readonly arena: Arena;
  protected pages: Int32Array;
  protected u8: Uint8Array;
  protected u16: Uint16Array;
  protected u32: Uint32Array;
  protected dirty: Uint8Array;

  constructor(contextId: number, space: AddressSpace, observer: AccessObserver) {
    this.contextId = contextId;
    this.space = space;
    this.observer = observer;
    this.arena = space.arena;
    this.pages = space.pages;
    this.u8 = this.arena.u8;
    this.u16 = this.arena.u16;
    this.u32 = this.arena.u32;
    this.dirty = this.arena.dirty;
    space.bind(this);
    this.arena.bind(this);
  }

  rebind(): void {
    this.pages = this.space.pages;
    this.u8 = this.arena.u8;
    this.u16 = this.arena.u16;
    this.u32 = this.arena.u32;
    this.dirty = this.arena.dirty;
  }

  load8(address: number): number {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_READ | WATCHED)) !== RIGHT_READ || address >>> 0 !== address) return this.loadSlowly(address, 1);
    return this.u8[(entry & ~FLAGS_MASK) + (address & OFFSET_MASK)]!;
  }

  load16(address: number): number {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_READ | WATCHED)) !== RIGHT_READ || (address & 1) !== 0 || address >>> 0 !== address) {
      return this.loadSlowly(address, 2);
    }
    return this.u16[((entry & ~FLAGS_MASK) + (address & OFFSET_MASK)) >>> 1]!;
  }

  load32(address: number): number {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_READ | WATCHED)) !== RIGHT_READ || (address & 3) !== 0 || address >>> 0 !== address) {
      return this.loadSlowly(address, 4);
    }
    return this.u32[((entry & ~FLAGS_MASK) + (address & OFFSET_MASK)) >>> 2]!;
  }

  load64(address: number): number {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_READ | WATCHED)) !== RIGHT_READ || (address & 7) !== 0 || address >>> 0 !== address) {
      const low = this.loadSlowly(address, 4);
      this.high = this.loadSlowly(address + 4, 4);
      return low;
    }
    const index = ((entry & ~FLAGS_MASK) + (address & OFFSET_MASK)) >>> 2;
    this.high = this.u32[index + 1]!;
    return this.u32[index]!;
  }

  store8(address: number, value: number): void {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_WRITE | WATCHED)) !== RIGHT_WRITE || address >>> 0 !== address) return this.storeSlowly(address, 1, value);
    const index = (entry & ~FLAGS_MASK) + (address & OFFSET_MASK);
    if (this.u8[index] === (value & 0xff)) return;
    this.u8[index] = value;
    this.dirty[index >>> PAGE_SHIFT] = 1;
    this.arena.changes++;
  }

  store16(address: number, value: number): void {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_WRITE | WATCHED)) !== RIGHT_WRITE || (address & 1) !== 0 || address >>> 0 !== address) {
      return this.storeSlowly(address, 2, value);
    }
    const offset = (entry & ~FLAGS_MASK) + (address & OFFSET_MASK);
    if (this.u16[offset >>> 1] === (value & 0xffff)) return;
    this.u16[offset >>> 1] = value;
    this.dirty[offset >>> PAGE_SHIFT] = 1;
    this.arena.changes++;
  }

  store32(address: number, value: number): void {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_WRITE | WATCHED)) !== RIGHT_WRITE || (address & 3) !== 0 || address >>> 0 !== address) {
      return this.storeSlowly(address, 4, value);
    }
    const offset = (entry & ~FLAGS_MASK) + (address & OFFSET_MASK);
    if (this.u32[offset >>> 2] === value >>> 0) return;
    this.u32[offset >>> 2] = value;
    this.dirty[offset >>> PAGE_SHIFT] = 1;
    this.arena.changes++;
  }

  store64(address: number, low: number, high: number): void {
    const entry = this.pages[address >>> PAGE_SHIFT]!;
    if ((entry & (RIGHT_WRITE | WATCHED)) !== RIGHT_WRITE || (address & 7) !== 0 || address >>> 0 !== address) {
      this.store32(address, low);
      this.store32(address + 4, high);
      return;
    }
    const offset = (entry & ~FLAGS_MASK) + (address & OFFSET_MASK);
    const index = offset >>> 2;
    if (this.u32[index] === low >>> 0 && this.u32[index + 1] === high >>> 0) return;
    this.u32[index] = low;
    this.u32[index + 1] = high;
    this.dirty[offset >>> PAGE_SHIFT] = 1;
    this.arena.changes++;
  }

  copy(target: number, source: number, lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const from = this.range(source, lengthBytes, RIGHT_READ);
    const to = this.range(target, lengthBytes, RIGHT_WRITE);
    this.u8.copyWithin(to, from, from + lengthBytes);
    this.arena.markDirty(to, lengthBytes);
    this.arena.changes++;
  }

  peekRange(address: number, lengthBytes: number): number {
    return lengthBytes === 0 ? 0 : this.range(address, lengthBytes, RIGHT_READ);
  }

  storeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const to = this.range(address, lengthBytes, RIGHT_WRITE);
    this.u8.set(bytes.subarray(start, start + lengthBytes), to);
    this.arena.markDirty(to, lengthBytes);
    this.arena.changes++;
  }

  barrier(_kind: Barrier): void {}

  /** Arena offset of a range inside one attachment with the given right, or a thrown MemoryFault. */
  protected range(address: number, lengthBytes: number, right: number): number {
    const offset = this.space.resolve(address, lengthBytes, right);
    if (offset >= 0) return offset;
    const isMapped = this.space.resolve(address, lengthBytes, RIGHT_READ) >= 0;
    throw new MemoryFault(this.contextId, address, lengthBytes, right === RIGHT_WRITE, isMapped ? 'read-only' : 'outside');
  }

  /** Loads 1, 2 or 4 bytes at any alignment, reporting watched pages. */
  protected loadSlowly(address: number, sizeBytes: number): number {
    const offset = this.range(address, sizeBytes, RIGHT_READ);
    let value = 0;
    if (sizeBytes === 4 && (offset & 3) === 0) value = this.u32[offset >>> 2]!;
    else for (let index = sizeBytes - 1; index >= 0; index--) value = value * 256 + this.u8[offset + index]!;
    if ((this.pages[address >>> PAGE_SHIFT]! & WATCHED) !== 0) this.observer.registerLoaded(this.contextId, offset, sizeBytes, value);
    return value;
  }

  /** Stores 1, 2 or 4 bytes at any alignment, reporting watched pages. */
  protected storeSlowly(address: number, sizeBytes: number, value: number): void {
    const offset = this.range(address, sizeBytes, RIGHT_WRITE);
    this.storeRaw(offset, sizeBytes, value, 0);
    if ((this.pages[address >>> PAGE_SHIFT]! & WATCHED) === 0) return;
    const stored = sizeBytes === 4 ? value >>> 0 : sizeBytes === 2 ? value & 0xffff : value & 0xff;
    this.observer.registerStored(this.contextId, offset, sizeBytes, stored);
  }

  /** Writes 1, 2, 4 or 8 bytes at an arena offset; counts a change only if bytes differ. */
  protected storeRaw(offset: number, sizeBytes: number, low: number, high: number): void {
    if ((offset & (sizeBytes - 1)) !== 0) return this.storeUnaligned(offset, sizeBytes, low, high);
    if (sizeBytes === 1) {
      if (this.u8[offset] === (low & 0xff)) return;
      this.u8[offset] = low;
    } else if (sizeBytes === 2) {
      if (this.u16[offset >>> 1] === (low & 0xffff)) return;
      this.u16[offset >>> 1] = low;
    } else {
      const index = offset >>> 2;
      if (this.u32[index] === low >>> 0 && (sizeBytes === 4 || this.u32[index + 1] === high >>> 0)) return;
      this.u32[index] = low;
      if (sizeBytes === 8) this.u32[index + 1] = high;
    }
    this.dirty[offset >>> PAGE_SHIFT] = 1;
    this.arena.changes++;
  }

  private storeUnaligned(offset: number, sizeBytes: number, low: number, high: number): void {
    let hasChanged = false;
    for (let index = 0; index < sizeBytes; index++) {
      const byte = ((index < 4 ? low : high) >>> (8 * (index & 3))) & 0xff;
      if (this.u8[offset + index] === byte) continue;
      this.u8[offset + index] = byte;
      hasChanged = true;
    }
    if (!hasChanged) return;
    this.arena.markDirty(offset, sizeBytes);
    this.arena.changes++;
  }
}
