// First-fit allocation in a range of addresses, with merging of neighbours on free.
//
// Deterministic; free blocks are kept sorted by address. A guest's allocations are few and alike, so the list
// stays short.

interface Block {
  address: number;
  sizeBytes: number;
}

/** Allocations are multiples of this and aligned to it, in bytes. */
export const ALLOCATION_UNIT = 16;

/** Hands out pieces of one range of addresses. */
export class Allocator {
  private readonly free: Block[] = [];
  /**
   * Addresses and sizes of the pieces handed out, in no order. Not a Map: a Map that lives on from run to run leaves a chain
   * of its old tables behind, which collections of young objects take for alive.
   */
  private readonly addresses: number[] = [];
  private readonly sizes: number[] = [];

  /** Starts over with one free range. */
  reset(address: number, sizeBytes: number): void {
    this.free.length = 0;
    this.free.push({ address, sizeBytes });
    this.addresses.length = 0;
    this.sizes.length = 0;
  }

  /** Address of a piece of at least `sizeBytes` bytes, aligned to `alignBytes` (a power of two); 0 if there is none. */
  allocate(sizeBytes: number, alignBytes: number): number {
    const needed = Math.ceil(Math.max(1, sizeBytes) / ALLOCATION_UNIT) * ALLOCATION_UNIT;
    const align = Math.max(alignBytes, ALLOCATION_UNIT);
    for (let index = 0; index < this.free.length; index++) {
      const block = this.free[index]!;
      const address = Math.ceil(block.address / align) * align;
      if (address + needed > block.address + block.sizeBytes) continue;
      this.cut(index, block, address, needed);
      this.addresses.push(address);
      this.sizes.push(needed);
      return address;
    }
    return 0;
  }

  /** Gives a piece back and returns its size in bytes; 0 if nothing is allocated at `address`. */
  release(address: number): number {
    const sizeBytes = this.forget(address);
    if (sizeBytes === 0) return 0;
    const at = this.indexAfter(address);
    const before = this.free[at - 1];
    const after = this.free[at];
    const joinsBefore = before !== undefined && before.address + before.sizeBytes === address;
    const joinsAfter = after !== undefined && address + sizeBytes === after.address;
    if (joinsBefore) {
      before.sizeBytes += sizeBytes + (joinsAfter ? after.sizeBytes : 0);
      if (joinsAfter) this.free.splice(at, 1);
    } else if (joinsAfter) {
      after.address = address;
      after.sizeBytes += sizeBytes;
    } else {
      this.free.splice(at, 0, { address, sizeBytes });
    }
    return sizeBytes;
  }

  /** Number of pieces not given back. */
  get allocatedCount(): number {
    return this.sizes.length;
  }

  /** Takes a piece off the list and returns its size in bytes; 0 if it is not there. */
  private forget(address: number): number {
    const at = this.addresses.lastIndexOf(address);
    if (at < 0) return 0;
    const sizeBytes = this.sizes[at]!;
    // The last one fills the gap.
    const lastAddress = this.addresses.pop()!;
    const lastBytes = this.sizes.pop()!;
    if (at < this.addresses.length) {
      this.addresses[at] = lastAddress;
      this.sizes[at] = lastBytes;
    }
    return sizeBytes;
  }

  private cut(index: number, block: Block, address: number, sizeBytes: number): void {
    const headBytes = address - block.address;
    const tailBytes = block.sizeBytes - headBytes - sizeBytes;
    if (headBytes === 0 && tailBytes === 0) {
      this.free.splice(index, 1);
    } else if (headBytes === 0) {
      block.address += sizeBytes;
      block.sizeBytes = tailBytes;
    } else {
      block.sizeBytes = headBytes;
      if (tailBytes > 0) this.free.splice(index + 1, 0, { address: address + sizeBytes, sizeBytes: tailBytes });
    }
  }

  /** Index of the first free block behind `address`. */
  private indexAfter(address: number): number {
    let low = 0;
    let high = this.free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.free[middle]!.address < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
