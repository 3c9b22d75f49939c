// Minima: what is short makes a check inconclusive and is named.
import { expect, test } from 'vitest';
import { buildCheckResult, exitStatusOf } from './check-result.js';
import { sampleParts } from './check-result.sample.js';
import { clauseThreshold, withThresholds } from './check-thresholds.js';

const CLEAN = buildCheckResult(sampleParts({ findings: [] }));

test('clauses that were not exercised are named with the reason', () => {
  // Two of the four sample clauses were exercised.
  expect(clauseThreshold(CLEAN, 3)).toEqual({
    name: 'clauses exercised',
    wanted: 3,
    reached: 2,
    missing: [
      'Set FAILED when the device is given up. [INIT-DRV-3.1.1-9]: The driver never gave the device up.',
      'Check used.flags behind a barrier. [SPLIT-DRV-2.7.7-2]: The driver gives no access hooks, so the order of its loads cannot be seen.',
    ],
  });
});

test('a threshold that is not reached makes the check inconclusive, a reached one changes nothing', () => {
  const short = withThresholds(CLEAN, [clauseThreshold(CLEAN, 3)]);
  const reached = withThresholds(CLEAN, [clauseThreshold(CLEAN, 2)]);

  expect([short.verdict, exitStatusOf(short, 'must'), short.inconclusive]).toEqual([
    'inconclusive',
    4,
    ['clauses exercised: 2, at least 3 are wanted'],
  ]);
  expect([reached.verdict, exitStatusOf(reached, 'must'), reached.thresholds.length]).toEqual(['conforms', 0, 1]);
});

test('a violation outweighs a threshold', () => {
  const result = buildCheckResult(sampleParts({}));

  expect(exitStatusOf(withThresholds(result, [clauseThreshold(result, 3)]), 'must')).toBe(1);
});
