// Two checks side by side.
import { expect, test } from 'vitest';
import { buildCheckResult } from '../scenarios/check-result.js';
import { sampleClause, sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { comparisonJson, comparisonText, compareResults } from './compare.js';
import { plainPainter } from './style.js';

const BEFORE = buildCheckResult(
  sampleParts({
    findings: [sampleFinding({ fingerprint: 'a' }), sampleFinding({ fingerprint: 'b', consequenceOf: 'a' })],
    items: [
      sampleClause({ id: 'A', outcome: 'not-exercised', count: 0, reason: 'no' }),
      sampleClause({ id: 'B' }),
      sampleClause({ id: 'C' }),
      sampleClause({ id: 'D', outcome: 'undecidable', count: 0 }),
    ],
  }),
);
const AFTER = buildCheckResult(
  sampleParts({
    seed: '8',
    findings: [sampleFinding({ fingerprint: 'b' }), sampleFinding({ fingerprint: 'c' })],
    items: [
      sampleClause({ id: 'A' }),
      sampleClause({ id: 'B', outcome: 'violated' }),
      sampleClause({ id: 'D', outcome: 'not-exercised', count: 0 }),
      sampleClause({ id: 'E' }),
    ],
  }),
);

test('findings are told apart by fingerprint, clauses by id', () => {
  const { appeared, fixed, persisting, gained, lost } = compareResults(BEFORE, AFTER);
  const names = [appeared, fixed, persisting].map((findings) => findings.map(({ fingerprint }) => fingerprint));

  expect(names).toEqual([['c'], ['a'], ['b']]);
  expect(gained.map(({ clause, before, after }) => [clause.id, before, after])).toEqual([
    ['A', 'not-exercised', 'held'],
    ['E', 'not applicable', 'held'],
  ]);
  expect(lost.map(({ clause, before, after }) => [clause.id, before, after])).toEqual([['C', 'held', 'not applicable']]);
});

test('people read it as lists with a summary; what makes the two hard to compare is said', () => {
  const text = comparisonText(compareResults(BEFORE, AFTER), plainPainter);

  expect(text).toContain('drivers/mine.mjs: violates before, violates now\n  seed: 7 before, 8 now\nNew (1 finding):\n');
  expect(text).toContain(
    'Exercised before, not any more (1 clause):\n  Store the ring slot before moving avail.idx. [C]: held before, not applicable now\n',
  );
  expect(text.endsWith('1 new, 1 fixed, 1 persisting; clauses exercised 2 of 4 before, 3 of 4 now.\n')).toBe(true);
});

test('equal checks have nothing to list', () => {
  const lines = comparisonText(compareResults(BEFORE, BEFORE), plainPainter).split('\n');

  expect(lines.filter((line) => line.endsWith(':'))).toEqual(['Persisting (2 findings):']);
});

test('programs read the same as JSON', () => {
  expect(JSON.parse(comparisonJson(compareResults(BEFORE, AFTER)))).toMatchObject({
    schema: 'ringproof-compare/1',
    before: { exercised: 2 },
    after: { exercised: 3 },
    new: [{ fingerprint: 'c' }],
    fixed: [{ fingerprint: 'a' }],
    persisting: [{ fingerprint: 'b' }],
    clausesGained: [{ id: 'A' }, { id: 'E' }],
    clausesLost: [{ id: 'C' }],
  });
});
