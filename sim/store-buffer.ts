// Store buffers: stores of a context that others cannot see yet.
//
// Follows exploration-algorithms sheet, section 4. Entries are numbered from 1 in order of issue, so that a
// trace can tell enqueue and drain apart. A write barrier is an entry of its own: stores behind it wait for
// stores before it, but nothing is forced out. What may leave when is decided here; when it is tried is
// store-order.ts.

/** Something that waits in a store buffer. */
export interface BufferedStore {
  readonly kind: 'store' | 'barrier' | 'effect';
  readonly entry: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly low: number;
  readonly high: number;
  /** Bytes of a range store, null for a word. */
  readonly bytes: Uint8Array | null;
  /** What an ordered notify does when its turn comes. */
  readonly effect: (() => void) | null;
  /** World access count from which on it may drain. */
  readonly releaseAt: number;
}

/** FIFO of the pending stores of one context. */
export class StoreBuffer {
  /** Oldest first. */
  readonly entries: BufferedStore[] = [];
  private issued = 0;

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Number for the next store entering the buffer. */
  nextEntry(): number {
    this.issued += 1;
    return this.issued;
  }

  push(store: BufferedStore): void {
    this.entries.push(store);
  }

  /** True when a pending store touches any of the given bytes. */
  overlaps(offset: number, sizeBytes: number): boolean {
    for (const store of this.entries) if (touches(store, offset, sizeBytes)) return true;
    return false;
  }

  /** Overlays the pending bytes of this context onto bytes read from memory. */
  overlay(offset: number, sizeBytes: number, into: Uint8Array): void {
    for (const store of this.entries) {
      if (store.kind !== 'store') continue;
      const first = Math.max(offset, store.offset);
      const end = Math.min(offset + sizeBytes, store.offset + store.sizeBytes);
      for (let at = first; at < end; at++) into[at - offset] = byteOf(store, at - store.offset);
    }
  }

  /** Removes and returns the first entry that may drain at this access count, or null. */
  takeDue(worldAccesses: number, isTotalOrder: boolean): BufferedStore | null {
    for (let index = 0; index < this.entries.length; index++) {
      const store = this.entries[index]!;
      if (store.releaseAt <= worldAccesses && this.isFree(index, isTotalOrder)) {
        this.entries.splice(index, 1);
        return store;
      }
      if (isTotalOrder) return null;
    }
    return null;
  }

  /** Removes and returns the oldest entry, or null. */
  takeOldest(): BufferedStore | null {
    return this.entries.shift() ?? null;
  }

  reset(): void {
    this.entries.length = 0;
    this.issued = 0;
  }

  /** True when nothing older holds the entry back. */
  private isFree(index: number, isTotalOrder: boolean): boolean {
    if (index === 0) return true;
    if (isTotalOrder) return false;
    const store = this.entries[index]!;
    if (store.kind === 'barrier') return false;
    for (let elder = 0; elder < index; elder++) {
      const other = this.entries[elder]!;
      if (other.kind === 'barrier' || touches(other, store.offset, store.sizeBytes)) return false;
    }
    return true;
  }
}

function touches(store: BufferedStore, offset: number, sizeBytes: number): boolean {
  return store.kind === 'store' && store.offset < offset + sizeBytes && offset < store.offset + store.sizeBytes;
}

/** Byte `index` of a buffered store. */
export function byteOf(store: BufferedStore, index: number): number {
  if (store.bytes !== null) return store.bytes[index]!;
  return ((index < 4 ? store.low : store.high) >>> (8 * (index & 3))) & 0xff;
}
