// Which clauses apply to a driver that claims some features only.
import { expect, test } from 'vitest';
import { CLAUSES } from '../model/rules/clauses.js';
import { FEATURE_NAMES, isClaimed } from './claimed-features.js';

test.each<[string | null, readonly string[] | null, boolean]>([
  [null, [], true],
  ['MRG_RXBUF', null, true],
  ['MRG_RXBUF', [], false],
  ['MRG_RXBUF', ['MRG_RXBUF'], true],
  ['not MRG_RXBUF', ['MRG_RXBUF'], true],
  ['INDIRECT_DESC and IN_ORDER', ['IN_ORDER'], false],
  ['INDIRECT_DESC and IN_ORDER', ['IN_ORDER', 'INDIRECT_DESC'], true],
  ['RSS or HASH_REPORT', ['HASH_REPORT'], true],
  ['RSS or HASH_REPORT', ['CSUM'], false],
  ['any HOST GSO', ['HOST_TSO6'], true],
  ['not MRG_RXBUF and any GUEST GSO', ['HOST_TSO6'], false],
])('a clause under %j applies to claims of %j: %s', (condition, claimed, applies) => {
  expect(isClaimed(condition, claimed)).toBe(applies);
});

test('without any claim only what holds without features is left', () => {
  const left = CLAUSES.filter(({ feature }) => isClaimed(feature, []));

  expect(left.some(({ feature }) => feature !== null && !feature.includes('not '))).toBe(false);
  expect(left.length).toBeLessThan(CLAUSES.length);
  expect(FEATURE_NAMES).toContain('MRG_RXBUF');
});
