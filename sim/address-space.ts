// An address space: attachments of dataspaces at addresses, looked up by page.
//
// Addresses are Numbers below 2^31. Every attachment gets fresh addresses with an unmapped page behind
// it and addresses are never handed out twice in a run, so a pointer that outlives its attachment, or
// runs past its end, hits nothing: this is how "use after detach" and "past the end" become verdicts.
// Page table entry: arena offset of the page | rights bits; 0 = nothing mapped.
import { type Arena, type Dataspace, PAGE_BYTES, PAGE_SHIFT } from './arena.js';

/** Page may be read. */
export const RIGHT_READ = 1;
/** Page may be written. */
export const RIGHT_WRITE = 2;
/** Accesses to the page are reported to the view's observer in every mode (device registers). */
export const WATCHED = 4;

/** First address ever handed out; keeps null pointers and small offsets unmapped. */
export const FIRST_ADDRESS = 0x100000;
const ADDRESS_LIMIT = 0x7fff0000;

/** The page table of one protection domain (a server task, a guest). */
export class AddressSpace {
  /** Page table, indexed by address >>> 12. */
  pages: Int32Array = new Int32Array(1024);
  /** Number of the attachment a page belongs to (0 = none), indexed like `pages`. */
  attachmentOf: Uint16Array = new Uint16Array(1024);
  private nextAddress = FIRST_ADDRESS;
  private attachments = 0;
  private readonly views: { rebind(): void }[] = [];
  readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Registers a view whose cached page table must follow when the table grows. */
  bind(view: { rebind(): void }): void {
    this.views.push(view);
  }

  /**
   * Attaches `sizeBytes` (rounded up to pages) of a dataspace from `offset` (a page multiple) on.
   * Returns the local address of the first byte. Throws RangeError when the addresses are used up
   * or the piece lies outside the dataspace.
   */
  attach(dataspace: Dataspace, offset: number, sizeBytes: number, rights: number): number {
    const rounded = Math.ceil(sizeBytes / PAGE_BYTES) * PAGE_BYTES;
    if (offset % PAGE_BYTES !== 0 || offset < 0 || offset + rounded > dataspace.sizeBytes || rounded <= 0) {
      throw new RangeError(`attach: [${offset}, +${sizeBytes}) is not a page range of a dataspace of ${dataspace.sizeBytes} bytes`);
    }
    const address = this.nextAddress;
    if (address + rounded > ADDRESS_LIMIT) throw new RangeError('attach: address space used up');
    this.nextAddress = address + rounded + PAGE_BYTES;
    this.reserve((this.nextAddress >>> PAGE_SHIFT) + 1);
    this.attachments += 1;
    const first = address >>> PAGE_SHIFT;
    for (let page = 0; page < rounded >>> PAGE_SHIFT; page++) {
      this.pages[first + page] = (dataspace.start + offset + (page << PAGE_SHIFT)) | rights;
      this.attachmentOf[first + page] = this.attachments;
    }
    return address;
  }

  /** Takes away what was attached at `address`; the addresses stay unused for the rest of the run. */
  detach(address: number): void {
    const first = address >>> PAGE_SHIFT;
    const attachment = this.attachmentOf[first] ?? 0;
    if (attachment === 0) throw new RangeError(`detach: nothing is attached at ${address}`);
    for (let page = first; this.attachmentOf[page] === attachment; page++) {
      this.pages[page] = 0;
      this.attachmentOf[page] = 0;
    }
  }

  /**
   * Arena offset of `address` if `lengthBytes` bytes from there on lie in one attachment with all of
   * `rights`; -1 otherwise. A length of 0 is treated as 1.
   */
  resolve(address: number, lengthBytes: number, rights: number): number {
    if (address >>> 0 !== address || lengthBytes > ADDRESS_LIMIT) return -1;
    const first = this.pages[address >>> PAGE_SHIFT] ?? 0;
    if ((first & rights) !== rights) return -1;
    if (lengthBytes > 1) {
      const lastPage = (address + lengthBytes - 1) >>> PAGE_SHIFT;
      const attachment = this.attachmentOf[address >>> PAGE_SHIFT];
      if (this.attachmentOf[lastPage] !== attachment) return -1;
    }
    return (first & ~(PAGE_BYTES - 1)) + (address & (PAGE_BYTES - 1));
  }

  /** Forgets all attachments; addresses start over. */
  reset(): void {
    const end = Math.min(this.pages.length, (this.nextAddress >>> PAGE_SHIFT) + 1);
    this.pages.fill(0, 0, end);
    this.attachmentOf.fill(0, 0, end);
    this.nextAddress = FIRST_ADDRESS;
    this.attachments = 0;
  }

  private reserve(pageCount: number): void {
    if (pageCount <= this.pages.length) return;
    let length = this.pages.length;
    while (length < pageCount) length *= 2;
    const pages = new Int32Array(length);
    pages.set(this.pages);
    const attachmentOf = new Uint16Array(length);
    attachmentOf.set(this.attachmentOf);
    this.pages = pages;
    this.attachmentOf = attachmentOf;
    for (const view of this.views) view.rebind();
  }
}
