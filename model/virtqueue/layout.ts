// Layout of a split virtqueue in memory: sizes, offsets, flags.
//
// Follows clause catalogue §4.1 and l4virtio-transport sheet §10. All fields little-endian.

/** Queue numbers of a network port: device to driver, driver to device. */
export const RECEIVE_QUEUE = 0;
export const TRANSMIT_QUEUE = 1;

/** Size of a descriptor in bytes. */
export const DESCRIPTOR_BYTES = 16;
/** Offsets in a descriptor: address u64, length u32, flags u16, next u16. */
export const DESCRIPTOR_ADDRESS = 0;
export const DESCRIPTOR_LENGTH = 8;
export const DESCRIPTOR_FLAGS = 12;
export const DESCRIPTOR_NEXT = 14;
/** The chain goes on at `next`. */
export const FLAG_NEXT = 1;
/** The device may write the buffer (else: read it). */
export const FLAG_WRITE = 2;
/** The buffer is a table of descriptors. */
export const FLAG_INDIRECT = 4;

/** Offsets in the avail ring: flags u16, idx u16, ring u16[num], used_event u16. */
export const AVAIL_FLAGS = 0;
export const AVAIL_INDEX = 2;
export const AVAIL_RING = 4;
/** avail.flags: the driver wants no interrupt. */
export const AVAIL_NO_INTERRUPT = 1;

/** Offsets in the used ring: flags u16, idx u16, elements {id u32, len u32}[num], avail_event u16. */
export const USED_FLAGS = 0;
export const USED_INDEX = 2;
export const USED_RING = 4;
/** Size of a used element in bytes. */
export const USED_ELEMENT_BYTES = 8;
/** used.flags: the device wants no kick. */
export const USED_NO_NOTIFY = 1;

/** Largest queue size. */
export const QUEUE_SIZE_LIMIT = 32768;
/** Required alignment of the three parts in bytes. */
export const DESCRIPTOR_ALIGNMENT = 16;
export const AVAIL_ALIGNMENT = 2;
export const USED_ALIGNMENT = 4;

/** Size of the descriptor table of a queue of `size` descriptors, in bytes. */
export function descriptorTableBytes(size: number): number {
  return DESCRIPTOR_BYTES * size;
}

/** Size of the avail ring including the spare word at its end, in bytes. */
export function availRingBytes(size: number): number {
  return 2 * size + 6;
}

/** Size of the used ring including the spare word at its end, in bytes. */
export function usedRingBytes(size: number): number {
  return USED_ELEMENT_BYTES * size + 6;
}

/** Offset of the avail ring in the compact layout (table, avail, used), in bytes. */
export function compactAvailOffset(size: number): number {
  return descriptorTableBytes(size);
}

/** Offset of the used ring in the compact layout, in bytes. */
export function compactUsedOffset(size: number): number {
  return (descriptorTableBytes(size) + availRingBytes(size) + 3) & ~3;
}

/** Size of a queue in the compact layout, in bytes. */
export function compactQueueBytes(size: number): number {
  return compactUsedOffset(size) + usedRingBytes(size);
}

/** True for a power of two from 1 to the limit. */
export function isQueueSize(size: number): boolean {
  return size >= 1 && size <= QUEUE_SIZE_LIMIT && (size & (size - 1)) === 0;
}

/** Offset of `used_event` in the avail ring: the used position at which the driver wants an interrupt (EVENT_IDX). */
export function usedEventOffset(size: number): number {
  return AVAIL_RING + 2 * size;
}

/** Offset of `avail_event` in the used ring: the avail position at which the device wants a kick (EVENT_IDX). */
export function availEventOffset(size: number): number {
  return USED_RING + USED_ELEMENT_BYTES * size;
}

/**
 * True if the other side wants to be notified of an index that moved from `oldIndex` to `newIndex` when it named `event`:
 * the entry at that position is among the new ones (virtio 2.7.10, header file of the appendix; all values 16 bits).
 */
export function needsEvent(event: number, newIndex: number, oldIndex: number): boolean {
  return ((newIndex - event - 1) & 0xffff) < ((newIndex - oldIndex) & 0xffff);
}
