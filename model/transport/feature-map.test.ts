// Feature helpers, and T8: the original's guard lets bits 192 to 255 reach what lies behind the map.
import { expect, test } from 'vitest';
import { clearFeature, getFeature, LOOSE_GUARD_WORDS, setFeature } from './feature-map.js';
import { CONFIG_OFFSET, layoutOf } from './layout.js';

const DRIVER_MAP_WORD = layoutOf('current').driverFeaturesMap / 4;
const WORDS = layoutOf('current').featureWords;

test('bits are set, read and cleared in the word they belong to', () => {
  const page = new Uint32Array(1024);

  expect(setFeature(page, DRIVER_MAP_WORD, 160, WORDS)).toBe(true);
  expect(page[DRIVER_MAP_WORD + 5]).toBe(1); // 160 = 5 · 32
  expect(getFeature(page, DRIVER_MAP_WORD, 160, WORDS)).toBe(true);
  expect(clearFeature(page, DRIVER_MAP_WORD, 160, WORDS)).toBe(true);
  expect(getFeature(page, DRIVER_MAP_WORD, 160, WORDS)).toBe(false);
});

test('T8: with the loose guard bit 224 changes the generation, with the right one nothing happens', () => {
  const loose = new Uint32Array(1024);
  const right = new Uint32Array(1024);

  setFeature(loose, DRIVER_MAP_WORD, 224, LOOSE_GUARD_WORDS);

  expect(loose[CONFIG_OFFSET.generation / 4]).toBe(1);
  expect([setFeature(right, DRIVER_MAP_WORD, 224, WORDS), clearFeature(right, DRIVER_MAP_WORD, 224, WORDS)]).toEqual([false, false]);
  expect(getFeature(loose, DRIVER_MAP_WORD, 224, WORDS)).toBe(false);
  expect(right.every((word) => word === 0)).toBe(true);
});
