// Error numbers and their names.
import { expect, test } from 'vitest';
import { EINVAL, resultName } from './errors.js';

test('results are named in reports, values are printed as they are', () => {
  expect(resultName(-EINVAL)).toBe('-EINVAL');
  expect(resultName(0)).toBe('0');
  expect(resultName(-999)).toBe('-999');
});
