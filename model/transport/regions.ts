// The memory a client registered with a device: checks of register_ds and translation of driver addresses.
//
// Follows l4virtio-transport sheet §5. Driver addresses are 64 bits as two words.
// Look-up takes the first region in order of registration that contains the whole range. Nothing is ever
// unregistered singly; clear() is the departure of the client.
import { type AddressSpace, RIGHT_READ, RIGHT_WRITE } from '../../sim/address-space.js';
import { type Dataspace, PAGE_BYTES } from '../../sim/arena.js';
import { EEXIST, EINVAL, ENOMEM, ENOSYS, ERANGE } from '../l4/errors.js';

/** Largest capacity a client may ask for. */
export const REGION_LIMIT = 80;
/** An address nothing is ever attached to. */
const UNMAPPED = 16;
const PAGE_MASK = PAGE_BYTES - 1;
const WORD = 4294967296;
/** Pages in 2^64 bytes. */
const PAGES_IN_ALL = 2 ** 52;

/** Arguments of register_ds as they arrive. */
export interface RegistrationRequest {
  /** The dataspace received, null if the message carried none. */
  readonly dataspace: Dataspace | null;
  /** Rights of the capability: 1 read, 2 write. */
  readonly rights: number;
  readonly baseLow: number;
  readonly baseHigh: number;
  readonly offsetLow: number;
  readonly offsetHigh: number;
  readonly sizeLow: number;
  readonly sizeHigh: number;
  /** Size the dataspace reports, in bytes; default its real size. */
  readonly reportedBytes?: number;
  /** Answer to the query for size and flags: 0, -ENOSYS or another negative error; default 0. */
  readonly queryResult?: number;
}

/** Which of the region quirks the list shows; see p2p/quirks.ts. */
export interface RegionDeviations {
  readonly T9: boolean;
  readonly T18: boolean;
  readonly T19: boolean;
}

/** Told when a quirk made a difference. */
export type QuirkListener = (id: 'T9' | 'T18' | 'T19') => void;

/** Regions of one client. */
export class RegionList {
  /** Number of regions. */
  count = 0;
  /** Region found by the last successful find(). */
  found = 0;
  private capacity = 0;
  private readonly baseLows: number[] = [];
  private readonly baseHighs: number[] = [];
  private readonly sizes: number[] = [];
  /** By region: its last address is beyond 2^64, so that no address is found in it. */
  private readonly isWrapping: boolean[] = [];
  private readonly attached: number[] = [];
  private readonly dataspaceIds: number[] = [];
  private readonly offsets: number[] = [];
  private readonly locals: number[] = [];
  private readonly writable: number[] = [];
  private readonly space: AddressSpace;
  private readonly deviations: RegionDeviations;
  private readonly trusted: readonly number[] | null;
  private readonly meet: QuirkListener;

  constructor(space: AddressSpace, deviations: RegionDeviations, trusted: readonly number[] | null, meet: QuirkListener) {
    this.space = space;
    this.deviations = deviations;
    this.trusted = trusted;
    this.meet = meet;
  }

  /** Drops all regions, unmaps them from the server and sets the capacity for the next client. */
  clear(capacity: number): void {
    for (let region = 0; region < this.count; region++) this.space.detach(this.locals[region]!);
    this.count = 0;
    this.capacity = capacity;
  }

  /**
   * Server address of the driver's range [high:low, +lengthBytes), or 0 if no single region contains it.
   * A range of length 0 needs a mapped address. Leaves the region's number in `found`.
   */
  find(low: number, high: number, lengthBytes: number): number {
    for (let region = 0; region < this.count; region++) {
      const offset = (high - this.baseHighs[region]!) * WORD + (low - this.baseLows[region]!);
      const sizeBytes = this.sizes[region]!;
      if (offset < 0 || this.isWrapping[region] || offset > sizeBytes - 1 || lengthBytes > sizeBytes - offset) continue;
      this.found = region;
      // A region may reach beyond its dataspace (T19): what lies behind that end is unmapped, and only its use is fatal.
      return offset < this.attached[region]! ? this.locals[region]! + offset : UNMAPPED;
    }
    return 0;
  }

  /** True if the server may write the region found last. */
  get isFoundWritable(): boolean {
    return this.writable[this.found] === 1;
  }

  /** Handles register_ds: 0 or a negative error number. */
  register(request: RegistrationRequest): number {
    const dataspace = request.dataspace;
    if (dataspace === null) return -EINVAL;
    if (this.trusted !== null && !this.trusted.includes(dataspace.id)) return -EINVAL;
    if (this.count >= this.capacity) return -ENOMEM;
    const queried = request.queryResult ?? 0;
    if (queried !== 0 && queried !== -ENOSYS) return queried;
    const base = { low: (request.baseLow & ~PAGE_MASK) >>> 0, high: request.baseHigh };
    const offsetBytes = wordsToNumber(request.offsetLow & ~PAGE_MASK, request.offsetHigh);
    let sizeBytes = wordsToNumber(request.sizeLow, request.sizeHigh);
    let isWritable = (request.rights & RIGHT_WRITE) !== 0;
    if (queried === -ENOSYS) {
      this.meet('T19');
      if (!this.deviations.T19) return -ENOSYS;
      isWritable = true;
    } else {
      sizeBytes = this.roundedSize(request);
      const problem = sizeBytes < 0 ? -EINVAL : this.checkSize(request.reportedBytes ?? dataspace.sizeBytes, base, offsetBytes, sizeBytes);
      if (problem !== 0) return problem;
    }
    const overlapped = this.overlapped(base, sizeBytes);
    if (overlapped >= 0) {
      this.meet('T18');
      if (!this.deviations.T18) return this.repeats(overlapped, dataspace, base, offsetBytes, sizeBytes, isWritable) ? 0 : -EEXIST;
    }
    return this.attach(dataspace, base, offsetBytes, sizeBytes, request.rights, isWritable);
  }

  /** Size rounded up to pages, modulo 2^64; -1 if base and offset cannot be brought together. */
  private roundedSize({ baseLow, offsetLow, sizeLow, sizeHigh }: RegistrationRequest): number {
    const basePart = baseLow & PAGE_MASK;
    const offsetPart = offsetLow & PAGE_MASK;
    let extraBytes = 0;
    if (basePart !== 0 || offsetPart !== 0) {
      this.meet('T9');
      if (!this.deviations.T9) {
        if (basePart !== offsetPart) return -1;
        extraBytes = basePart;
      }
    }
    // Counted in pages, of which 2^64 bytes have 2^52: exact, where bytes above 2^53 are not.
    const pages = (sizeHigh >>> 0) * (WORD / PAGE_BYTES) + Math.ceil(((sizeLow >>> 0) + extraBytes) / PAGE_BYTES);
    return (pages % PAGES_IN_ALL) * PAGE_BYTES;
  }

  private checkSize(reportedBytes: number, base: { low: number; high: number }, offsetBytes: number, sizeBytes: number): number {
    const available = (Math.ceil(reportedBytes / PAGE_BYTES) % PAGES_IN_ALL) * PAGE_BYTES;
    if (available < PAGE_BYTES) return -EINVAL;
    if (offsetBytes >= available) return -ERANGE;
    if (sizeBytes > available || offsetBytes > available - sizeBytes) return -EINVAL;
    return endHigh(base, sizeBytes) > 0xffffffff ? -EINVAL : 0;
  }

  /** Lowest region that shares an address with the range; -1 if none. */
  private overlapped(base: { low: number; high: number }, sizeBytes: number): number {
    for (let region = 0; region < this.count; region++) {
      const low = this.baseLows[region]!;
      const high = this.baseHighs[region]!;
      const distance = (base.high - high) * WORD + (base.low - low);
      if (distance >= 0 ? distance < this.sizes[region]! : -distance < sizeBytes) return region;
    }
    return -1;
  }

  /**
   * True if a region was registered just so before: a driver that is loaded again in the same client cannot know that its
   * memory is registered already, and nothing can be unregistered. The fixed server then answers 0 and keeps the region.
   */
  private repeats(
    region: number,
    dataspace: Dataspace,
    base: { low: number; high: number },
    offsetBytes: number,
    sizeBytes: number,
    isWritable: boolean,
  ): boolean {
    const isSamePlace = this.baseLows[region] === base.low && this.baseHighs[region] === base.high && this.sizes[region] === sizeBytes;
    const isSameMemory = this.dataspaceIds[region] === dataspace.id && this.offsets[region] === offsetBytes;
    if (!isSamePlace || !isSameMemory || (this.writable[region] === 1) !== isWritable) return false;
    this.found = region;
    return true;
  }

  private attach(
    dataspace: Dataspace,
    base: { low: number; high: number },
    offsetBytes: number,
    sizeBytes: number,
    rights: number,
    isWritable: boolean,
  ): number {
    const present = Math.min(sizeBytes, dataspace.sizeBytes - offsetBytes);
    if (!(present > 0)) return -EINVAL;
    const region = this.count;
    try {
      this.locals[region] = this.space.attach(dataspace, offsetBytes, present, RIGHT_READ | (rights & RIGHT_WRITE));
    } catch (error) {
      if (error instanceof RangeError) return -ENOMEM;
      throw error;
    }
    this.baseLows[region] = base.low;
    this.baseHighs[region] = base.high;
    this.sizes[region] = sizeBytes;
    this.isWrapping[region] = endHigh(base, sizeBytes - 1) > 0xffffffff;
    this.attached[region] = present;
    this.dataspaceIds[region] = dataspace.id;
    this.offsets[region] = offsetBytes;
    this.writable[region] = isWritable ? 1 : 0;
    this.found = region;
    this.count = region + 1;
    return 0;
  }
}

/** High word of base + bytes; 2^32 and more when the sum does not fit into 64 bits. */
function endHigh(base: { low: number; high: number }, bytes: number): number {
  return base.high + Math.floor(bytes / WORD) + (base.low + (bytes % WORD) >= WORD ? 1 : 0);
}

/** Value of a 64-bit number given as two words; exact below 2^53. */
export function wordsToNumber(low: number, high: number): number {
  return (high >>> 0) * WORD + (low >>> 0);
}
