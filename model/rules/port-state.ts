// What the trace says about one port: negotiation, config page as the driver wrote it, registered memory,
// notifications, and who misbehaved first.
import { NONE } from './queue-state.js';
import { MASK_EVENT_INDEX } from './ring-constants.js';
import { netQueueEntry, QUEUE_ENTRY_BYTES, STATUS_DRIVER_OK, STATUS_FAILURE, type TransportLayout } from '../transport/layout.js';

/** Queue entries of the config page that are followed. */
export const ENTRY_COUNT = 4;
const MAX_REGIONS = 80;
const PAGE_BYTES = 4096;
/** Words of the larger of the two feature maps. */
const FEATURE_WORDS = 8;
/** Offsets of a queue entry's fields in words: num_max | num << 16, ready, desc, avail, used (low, high). */
const ENTRY_WORDS = QUEUE_ENTRY_BYTES / 4;

/** State of one port. */
export class PortState {
  readonly port: number;
  /** Offered feature words; 0, 1 and the last one are known. */
  readonly offered = new Uint32Array(FEATURE_WORDS);
  isConnected = false;
  queueSizeLimit = 0;
  regionLimit = 0;

  /** Status word the device shows. */
  status = 0;
  /** Status the driver asked for last; 0 after a reset. */
  requested = 0;
  /** Requests since the client was connected. */
  requestCount = 0;
  /** Word `index` of the driver's feature map as the driver wrote it. */
  readonly accepted = new Uint32Array(FEATURE_WORDS);
  /** True once the driver has read an offered word. */
  hasReadOffer = false;
  /** 1: the device took the features; 0: it refused; -1: not asked since the last reset. */
  verdict = -1;
  /** Negotiated words 0 and 1; valid while isNegotiated. */
  negotiated0 = 0;
  negotiated1 = 0;
  isNegotiated = false;
  /** Features at FEATURES_OK were read back by the driver. */
  hasReadVerdict = false;
  /** Times DRIVER_OK appeared in the shown status. */
  driverOkCount = 0;
  /** Kicks since DRIVER_OK. */
  kickCount = 0;
  /** Kicks of this port say what was published. */
  hasToldIndices = false;
  /** The driver has bound its interrupt. */
  hasInterrupt = false;
  /** A command word waits for the device. */
  isCommandPending = false;

  /** Queue entries as the page shows them (ENTRY_WORDS words each). */
  readonly entries = new Uint32Array(ENTRY_COUNT * ENTRY_WORDS);

  regionCount = 0;
  readonly regionBase = new Float64Array(MAX_REGIONS);
  readonly regionBytes = new Float64Array(MAX_REGIONS);
  readonly regionRights = new Uint8Array(MAX_REGIONS);
  /** Dataspace behind each region and the offset in it of the region's first byte. */
  readonly regionDataspace = new Int32Array(MAX_REGIONS);
  readonly regionOffset = new Float64Array(MAX_REGIONS);

  /** The device turned its queues off by itself; until the driver resets it, steps of the driver are not judged. */
  hasGivenUp = false;
  /** The driver broke the ring protocol at this port since the last reset. */
  driverBroke = false;
  /** The device did. */
  deviceBroke = false;
  /** Event at which the driver of this port broke the protocol for the first time, NONE if it did not. */
  driverBrokeAt = NONE;
  /** Event at which the device did at this port. */
  deviceBrokeAt = NONE;
  /** The driver speaks another revision of the transport: nothing else counts. */
  speaksOtherRevision = false;
  /** A recorded fault took a kick of this port. */
  lostKick = false;
  /** A recorded fault took an interrupt of this port. */
  lostInterrupt = false;
  /** A recorded fault made interrupts of this port without cause. */
  spuriousInterrupts = 0;
  /** Recorded allocation failures of this port. */
  allocationFailures = 0;
  /** Clients that left this port in this run. */
  departureCount = 0;
  /** Device resets of this port in this run. */
  resetCount = 0;
  /** Reason a driver broke off, 0 while it did not. */
  endedReason = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** Forgets the run. */
  reset(): void {
    this.offered.fill(0);
    this.accepted.fill(0);
    this.entries.fill(0);
    this.disconnect();
    this.driverBrokeAt = NONE;
    this.deviceBrokeAt = NONE;
    this.speaksOtherRevision = false;
    this.lostKick = false;
    this.lostInterrupt = false;
    this.spuriousInterrupts = 0;
    this.allocationFailures = 0;
    this.resetCount = 0;
    this.departureCount = 0;
    this.endedReason = 0;
    this.driverOkCount = 0;
    this.status = 0;
  }

  /** The client is gone: what belonged to it is gone too. */
  disconnect(): void {
    this.isConnected = false;
    this.queueSizeLimit = 0;
    this.regionLimit = 0;
    this.regionCount = 0;
    this.requestCount = 0;
    this.hasReadOffer = false;
    this.isCommandPending = false;
    this.hasInterrupt = false;
    this.hasToldIndices = false;
    this.startOver();
  }

  /** The device turned its queues off by itself: the entries are off, the rest waits for the driver's reset. */
  giveUp(): void {
    this.hasGivenUp = true;
    this.clearEntries();
  }

  /** A reset by the driver: a new negotiation begins. */
  startOver(): void {
    this.hasGivenUp = false;
    this.requested = 0;
    this.verdict = -1;
    this.hasReadVerdict = false;
    this.isNegotiated = false;
    this.negotiated0 = 0;
    this.negotiated1 = 0;
    this.kickCount = 0;
    this.driverBroke = false;
    this.deviceBroke = false;
    this.clearEntries();
  }

  private clearEntries(): void {
    for (let index = 0; index < ENTRY_COUNT; index++) {
      this.entries[index * ENTRY_WORDS] = 0;
      this.entries[index * ENTRY_WORDS + 1] = 0;
    }
  }

  /** Adds a region in registration order, in whole pages as the server does. */
  addRegion(base: number, sizeBytes: number, rights: number): void {
    if (this.regionCount >= MAX_REGIONS) return;
    this.regionBase[this.regionCount] = base - (base % PAGE_BYTES);
    this.regionBytes[this.regionCount] = Math.ceil(sizeBytes / PAGE_BYTES) * PAGE_BYTES;
    this.regionRights[this.regionCount] = rights;
    this.regionCount++;
  }

  /** Tells what lies behind the region added last. */
  placeRegion(dataspace: number, offset: number): void {
    if (this.regionCount === 0) return;
    this.regionDataspace[this.regionCount - 1] = dataspace;
    this.regionOffset[this.regionCount - 1] = offset;
  }

  /** The device cleared the ready field of an entry. */
  clearReady(queue: number): void {
    if (queue < ENTRY_COUNT) this.entries[queue * ENTRY_WORDS + 1] = 0;
  }

  /** Number of the first region that holds the whole range, -1 if none does (transport sheet §5). */
  regionOf(address: number, lengthBytes: number): number {
    for (let index = 0; index < this.regionCount; index++) {
      const start = address - this.regionBase[index]!;
      if (start >= 0 && start < this.regionBytes[index]! && start + lengthBytes <= this.regionBytes[index]!) return index;
    }
    return -1;
  }

  /** Puts a driver's store to the page into the followed words. */
  storeToPage(layout: TransportLayout, offset: number, sizeBytes: number, value: number): void {
    const first = netQueueEntry(0);
    const map = layout.driverFeaturesMap;
    if (offset >= first && offset < first + ENTRY_COUNT * QUEUE_ENTRY_BYTES) merge(this.entries, offset - first, sizeBytes, value);
    else if (offset >= map && offset < map + layout.featureWords * 4) merge(this.accepted, offset - map, sizeBytes, value);
  }

  /** The entry's `ready` field as the page shows it. */
  isReady(queue: number): boolean {
    return queue < ENTRY_COUNT && (this.entries[queue * ENTRY_WORDS + 1]! & 0xffff) !== 0;
  }

  /** Address of a part (0 desc, 1 avail, 2 used) as the entry shows it. */
  partAddress(queue: number, part: number): number {
    const word = queue * ENTRY_WORDS + 2 + 2 * part;
    return this.entries[word + 1]! * 4294967296 + this.entries[word]!;
  }

  /** True when the driver of the port works and its device did not fail. */
  get isUp(): boolean {
    return this.isConnected && this.endedReason === 0 && (this.status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
  }

  /** True when notifications go by positions (EVENT_IDX), not by flags. */
  get usesEvents(): boolean {
    return this.hasFeature(MASK_EVENT_INDEX);
  }

  /** True when the feature (word 0 mask) was negotiated. */
  hasFeature(mask: number): boolean {
    return (this.negotiated0 & mask) !== 0;
  }
}

/** Writes 1, 2 or 4 bytes at byte `offset` into little-endian words. */
function merge(words: Uint32Array, offset: number, sizeBytes: number, value: number): void {
  const index = offset >>> 2;
  if (sizeBytes >= 4) {
    words[index] = value;
    return;
  }
  const shift = (offset & 3) * 8;
  const mask = ((1 << (8 * sizeBytes)) - 1) << shift;
  words[index] = (words[index]! & ~mask) | ((value << shift) & mask);
}
