// The memory of one world: a single buffer from which dataspaces are cut, reset between runs instead of
// reallocated.
//
// Every store marks the 4 KiB page it touches; reset() clears just those pages. That equals clearing
// everything as long as no store bypasses markDirty - a standing test compares both.

/** Page size of the modelled machines, in bytes. */
export const PAGE_BYTES = 4096;
/** log2 of the page size. */
export const PAGE_SHIFT = 12;

const INITIAL_BYTES = 1 << 21;
/** Largest arena a run may ask for; more is a usage error of the scenario or an allocation failure of the driver. */
export const ARENA_LIMIT_BYTES = 1 << 29;

/** A page-aligned piece of the arena with its own identity; the unit of sharing between address spaces. */
export interface Dataspace {
  /** Number of the dataspace in this run, from 1, in order of creation. */
  readonly id: number;
  /** Where the dataspace starts in the arena, in bytes. */
  readonly start: number;
  /** Size in bytes, a multiple of the page size. */
  readonly sizeBytes: number;
}

/** The buffer, its views and the bookkeeping that makes it reusable. */
export class Arena {
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  /** One byte per page: 1 = written since the last reset. */
  dirty: Uint8Array;
  /** Counts stores that changed something (copies always count); quiescence watches it. */
  changes = 0;
  private owner: Uint8Array;
  private used = 0;
  private count = 0;
  private readonly starts: number[] = [];
  private readonly boundViews: { rebind(): void }[] = [];

  constructor(sizeBytes: number = INITIAL_BYTES) {
    if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1) throw new Error('Arena: a little-endian host is needed');
    const buffer = new ArrayBuffer(sizeBytes);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.dirty = new Uint8Array(sizeBytes >>> PAGE_SHIFT);
    this.owner = new Uint8Array(sizeBytes >>> PAGE_SHIFT);
  }

  /** Registers a view whose cached typed arrays must follow when the arena grows. */
  bind(view: { rebind(): void }): void {
    this.boundViews.push(view);
  }

  /**
   * Cuts a zero-filled dataspace of at least `sizeBytes` bytes.
   * Throws RangeError when the arena limit would be passed.
   */
  createDataspace(sizeBytes: number): Dataspace {
    const rounded = Math.ceil(sizeBytes / PAGE_BYTES) * PAGE_BYTES;
    if (!(rounded > 0) || this.used + rounded > ARENA_LIMIT_BYTES || this.count >= 254) {
      throw new RangeError(`createDataspace: cannot provide ${sizeBytes} bytes (in use: ${this.used} of ${ARENA_LIMIT_BYTES})`);
    }
    if (this.used + rounded > this.u8.length) this.grow(this.used + rounded);
    const start = this.used;
    this.used += rounded;
    this.count += 1;
    this.starts[this.count] = start;
    this.owner.fill(this.count, start >>> PAGE_SHIFT, this.used >>> PAGE_SHIFT);
    return { id: this.count, start, sizeBytes: rounded };
  }

  /** Number of the dataspace that owns the byte at `offset` of the arena, 0 if none. */
  dataspaceAt(offset: number): number {
    return this.owner[offset >>> PAGE_SHIFT] ?? 0;
  }

  /** Arena offset at which dataspace `id` starts. */
  startOf(id: number): number {
    return this.starts[id] ?? 0;
  }

  /** Notes that `lengthBytes` bytes from `offset` on were written. */
  markDirty(offset: number, lengthBytes: number): void {
    const last = (offset + lengthBytes - 1) >>> PAGE_SHIFT;
    for (let page = offset >>> PAGE_SHIFT; page <= last; page++) this.dirty[page] = 1;
  }

  /** True when no page of the range was written since the last reset, so that it holds zeroes. */
  isUntouched(offset: number, lengthBytes: number): boolean {
    const last = (offset + lengthBytes - 1) >>> PAGE_SHIFT;
    for (let page = offset >>> PAGE_SHIFT; page <= last; page++) if (this.dirty[page] !== 0) return false;
    return true;
  }

  /** Returns the arena to its initial state by clearing the pages that were written, neighbours at once. */
  reset(): void {
    const { dirty, u8 } = this;
    const pages = this.used >>> PAGE_SHIFT;
    for (let page = 0; page < pages; page++) {
      if (dirty[page] === 0) continue;
      const first = page;
      while (page < pages && dirty[page] !== 0) dirty[page++] = 0;
      u8.fill(0, first << PAGE_SHIFT, page << PAGE_SHIFT);
    }
    this.forget();
  }

  /** Returns the arena to its initial state by clearing all of it; the check on reset(). */
  resetFully(): void {
    this.u8.fill(0);
    this.dirty.fill(0);
    this.forget();
  }

  private forget(): void {
    this.owner.fill(0, 0, this.used >>> PAGE_SHIFT);
    this.used = 0;
    this.count = 0;
    this.starts.length = 0;
    this.changes = 0;
  }

  private grow(neededBytes: number): void {
    let sizeBytes = this.u8.length;
    while (sizeBytes < neededBytes) sizeBytes *= 2;
    const bytes = new Uint8Array(sizeBytes);
    bytes.set(this.u8);
    const dirty = new Uint8Array(sizeBytes >>> PAGE_SHIFT);
    dirty.set(this.dirty);
    const owner = new Uint8Array(sizeBytes >>> PAGE_SHIFT);
    owner.set(this.owner);
    this.u8 = bytes;
    this.u16 = new Uint16Array(bytes.buffer);
    this.u32 = new Uint32Array(bytes.buffer);
    this.dirty = dirty;
    this.owner = owner;
    for (const view of this.boundViews) view.rebind();
  }
}
