// Swarm bits: which kinds of unusual things a generated plan may contain (Groce et al., ISSTA 2012).
//
// Using everything in every run hides a lot: what crashes early keeps the rest from happening. So each run draws a subset
// of the bits and uses only those. A bit names what a guest does, never what a server gets wrong.

/** The bits: what each of them lets a plan contain. */
export const SWARM_BITS = [
  /** Pieces outside the memory that was registered, or over its end. */
  'addresses',
  /** `next` that loops or leaves the table. */
  'links',
  /** Indirect tables, sound ones among them. */
  'tables',
  /** Heads that are used again or lie outside the table. */
  'heads',
  /** Wrong flags of descriptors. */
  'directions',
  /** Empty and very short pieces. */
  'lengths',
  /** Very long pieces. */
  'bulk',
  /** Odd net headers. */
  'headers',
  /** Frames whose checksum is left to the device. */
  'checksums',
  /** avail.idx that moves too far, and used.idx written by the guest. */
  'indices',
  /** Further regions: read-only, off a page border, adjoining, overlapping. */
  'regions',
  /** Devices started again, and started differently. */
  'starts',
  /** Odd status values. */
  'statuses',
  /** Queues configured again. */
  'queues',
  /** Clients that leave, and others that come. */
  'replacements',
  /** Notifications and interrupts that are not wanted. */
  'suppression',
  /** A device that polls; requests through the command word. */
  'polling',
  /** Long bursts. */
  'bursts',
  /** Receive buffers that are too small for most frames. */
  'smallBuffers',
  /** Accesses interleaved, and store buffers. */
  'schedules',
  /** Delays, failed allocations, cut copies. */
  'faults',
  /** Ports with unusual settings. */
  'settings',
] as const;

/** Name of a swarm bit. */
export type SwarmBit = (typeof SWARM_BITS)[number];

/** The bits that are on. */
export type Swarm = ReadonlySet<SwarmBit>;

/** All bits. */
export const FULL_SWARM: Swarm = new Set(SWARM_BITS);
