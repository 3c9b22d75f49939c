// The feature helpers of the interface: bits of a map in the config page.
//
// Follows l4virtio-transport sheet §2. The original guards against words from 8 on although the current maps
// have 6 words, so bits 192 to 255 reach what lies behind the map (T8): for the driver's map a reserved word
// and the generation. `limitWords` chooses the guard.

/** Words the original's guard lets pass. */
export const LOOSE_GUARD_WORDS = 8;

/** True if `bit` is set in the map that starts at word `mapWord` of the page; false beyond the guard. */
export function getFeature(page: Uint32Array, mapWord: number, bit: number, limitWords: number): boolean {
  const word = bit >>> 5;
  return word < limitWords && (page[mapWord + word]! & (1 << (bit & 31))) !== 0;
}

/** Sets `bit` in the map; false (and nothing done) beyond the guard. */
export function setFeature(page: Uint32Array, mapWord: number, bit: number, limitWords: number): boolean {
  const word = bit >>> 5;
  if (word >= limitWords) return false;
  page[mapWord + word] = page[mapWord + word]! | (1 << (bit & 31));
  return true;
}

/** Clears `bit` in the map; false (and nothing done) beyond the guard. */
export function clearFeature(page: Uint32Array, mapWord: number, bit: number, limitWords: number): boolean {
  const word = bit >>> 5;
  if (word >= limitWords) return false;
  page[mapWord + word] = page[mapWord + word]! & ~(1 << (bit & 31));
  return true;
}
