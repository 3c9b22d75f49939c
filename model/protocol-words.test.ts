// Words for numbers: each with a name, and what has none.
import { expect, test } from 'vitest';
import * as words from './protocol-words.js';

test.each([
  [words.statusText(0), '0 (reset)'],
  [words.statusText(0xf), '0xf (ACKNOWLEDGE DRIVER DRIVER_OK FEATURES_OK)'],
  [words.statusText(0x10), '0x10'],
  [words.featuresText(0, 0), 'none'],
  [words.featuresText(1 << 6, 1), 'bit 6, VERSION_1'],
  [words.featureWordText(1, 4), 'RING_PACKED'],
  [words.featureWordText(0, 3), 'CSUM, GUEST_CSUM'],
  [words.featureWordText(2, 3), '0x3 in feature word 2'],
  [words.checksumText(3), 'wrong'],
  [words.checksumText(9), 'number 9'],
  [words.headerFlagsText(0), 'none'],
  [words.headerFlagsText(3), '0x3 (NEEDS_CSUM DATA_VALID)'],
  [words.gsoTypeText(0), 'NONE'],
  [words.gsoTypeText(0x81), 'TCPV4 with ECN'],
  [words.gsoTypeText(0x1f), '0x1f, no type there is'],
  [words.breachText(9), 'createDriver returned something that is no driver'],
  [words.breachText(77), 'breach number 77'],
  [words.serverEndText(1), 'an access outside registered memory'],
  [words.serverEndText(77), 'reason 77'],
])('a number reads as %s', (text, expected) => {
  expect(text).toBe(expected);
});
