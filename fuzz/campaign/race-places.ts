// Which places of shared memory take part in race pairs: the words by which two sides tell each other something.
import {
  PART_AVAIL_FLAGS,
  PART_AVAIL_INDEX,
  PART_AVAIL_RING,
  PART_CONFIG_PAGE,
  PART_DESCRIPTOR,
  PART_USED_FLAGS,
  PART_USED_INDEX,
  PART_USED_RING,
  partOf,
} from '../../model/locations.js';

const PARTS: ReadonlySet<number> = new Set([
  PART_AVAIL_FLAGS,
  PART_AVAIL_INDEX,
  PART_AVAIL_RING,
  PART_CONFIG_PAGE,
  PART_DESCRIPTOR,
  PART_USED_FLAGS,
  PART_USED_INDEX,
  PART_USED_RING,
]);

/** True for ring words, descriptors and config pages. */
export function indexIsRace(code: number): boolean {
  return PARTS.has(partOf(code));
}
