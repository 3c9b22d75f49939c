// Reading level-2 records: where an access went, and whose it was.
//
// LOAD, STORE and BUFFERED carry a = dataspace id | location code << 8 | index << 16, b offset, c bytes, d and e
// the value, f staleness or store-buffer entry. Location codes: model/locations.ts (part | queue << 4 | port << 5).
import { QUEUES_PER_PORT } from './queue-state.js';

/** Parts of a queue in a location code. */
export const PART_DESCRIPTOR = 1;
export const PART_AVAIL_FLAGS = 2;
export const PART_AVAIL_INDEX = 3;
export const PART_AVAIL_RING = 4;
export const PART_USED_EVENT = 5;
export const PART_USED_FLAGS = 6;
export const PART_USED_INDEX = 7;
export const PART_USED_RING = 8;
export const PART_AVAIL_EVENT = 9;

/** Agent of the server; every other agent is a context of some driver. */
export const SERVER_AGENT = 0;

/** Part of the queue the access went to; 0 for other memory. */
export function partOf(where: number): number {
  return (where >>> 8) & 15;
}

/** Port whose queue it is. */
export function portOf(where: number): number {
  return (where >>> 13) & 7;
}

/** Number of the queue in LinkState.queues. */
export function queueIndexOf(where: number): number {
  return portOf(where) * QUEUES_PER_PORT + ((where >>> 12) & 1);
}

/** Index of the descriptor, slot or element. */
export function elementOf(where: number): number {
  return where >>> 16;
}

/** The position from `from` on that a slot of a ring with `size` entries belongs to, 16 bit. */
export function positionOf(slot: number, from: number, size: number): number {
  return (from + ((slot - from) & (size - 1))) & 0xffff;
}
