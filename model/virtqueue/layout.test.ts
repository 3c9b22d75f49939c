// Sizes and offsets of rings against the specification.
import { expect, test } from 'vitest';
import { compactAvailOffset, compactQueueBytes, compactUsedOffset, isQueueSize } from './layout.js';

test('the compact layout puts the used ring on a word border behind the avail ring', () => {
  expect(compactAvailOffset(8)).toBe(128); // 8 descriptors of 16 bytes
  expect(compactUsedOffset(8)).toBe(152); // 128 + 2·8 + 6 = 150, rounded up to 4
  expect(compactQueueBytes(8)).toBe(222); // 152 + 8·8 + 6
});

test('queue sizes are powers of two from 1 to 32768', () => {
  expect([1, 2, 256, 32768].every(isQueueSize)).toBe(true);
  expect([0, 3, 255, 65536, -4].some(isQueueSize)).toBe(false);
});
