// Results of checks: counts, verdict and exit status follow from the parts, and nothing else is accepted.
import { expect, test } from 'vitest';
import {
  type CheckParts,
  buildCheckResult,
  checkResultSchema,
  countClauses,
  exitStatusOf,
  type FAIL_ON,
  failingFindings,
  type LEVELS,
  severityOf,
  verdictOf,
} from './check-result.js';
import { sampleClause, sampleFinding, sampleParts } from './check-result.sample.js';

test('counts follow from the outcomes of the clauses', () => {
  const counts = countClauses(sampleParts({}).items);

  // Four clauses, one of each outcome; exercised is held plus violated.
  expect({ ...counts, items: counts.items.length }).toEqual({
    applicable: 4,
    exercised: 2,
    held: 1,
    violated: 1,
    notExercised: 1,
    undecidable: 1,
    items: 4,
  });
});

test('the built result passes its own schema and puts the worst finding first', () => {
  const result = buildCheckResult(sampleParts({}));

  expect(checkResultSchema.parse(result)).toEqual(result);
  expect(result.schema).toBe('ringproof-check/1');
  expect(result.findings.map((finding) => finding.severity)).toEqual(['violation', 'warning']);
});

test('findings of equal severity are ordered by rule and fingerprint', () => {
  const findings = [
    sampleFinding({ rule: 'b', fingerprint: '1' }),
    sampleFinding({ rule: 'a', fingerprint: '2' }),
    sampleFinding({ rule: 'a', fingerprint: '1' }),
    sampleFinding({ rule: 'a', fingerprint: '1' }),
    sampleFinding({ rule: 'c', fingerprint: '1' }),
  ];

  const result = buildCheckResult(sampleParts({ findings }));

  expect(result.findings.map((finding) => finding.rule + finding.fingerprint)).toEqual(['a1', 'a1', 'a2', 'b1', 'c1']);
});

test('equal parts in another key order give equal bytes', () => {
  const parts = sampleParts({});
  const shuffled = Object.fromEntries(Object.entries(parts).reverse()) as unknown as CheckParts;

  expect(JSON.stringify(buildCheckResult(shuffled))).toBe(JSON.stringify(buildCheckResult(parts)));
});

test.each([
  ['conforms', {}, { findings: [] }],
  ['violates', {}, {}],
  ['conforms', { isSubject: false }, {}],
  ['conforms', { severity: 'warning' as const }, {}],
  ['inconclusive', { severity: 'warning' as const }, { inconclusive: ['No frame was ever sent.'] }],
  ['violates', {}, { inconclusive: ['No frame was ever sent.'] }],
  ['inconclusive', { isSubject: false }, { stopped: 'time' as const }],
  ['inconclusive', { isSubject: false }, { internalError: 'The same seed gave two digests.' }],
] as const)('the verdict is %s for a finding with %j and a check with %j', (verdict, findingChanges, changes) => {
  const parts = sampleParts({ findings: [sampleFinding(findingChanges)], ...(changes as Partial<CheckParts>) });

  expect(verdictOf(parts)).toBe(verdict);
});

test.each([
  [0, 'must', 'warning', {}],
  [1, 'should', 'warning', {}],
  [0, 'should', 'finding', {}],
  [1, 'finding', 'finding', {}],
  [0, 'finding', 'quirk', {}],
  [1, 'quirk', 'quirk', {}],
  [1, 'must', 'violation', {}],
  [1, 'must', 'violation', { stopped: 'time' }],
  [4, 'must', 'warning', { stopped: 'time' }],
  [4, 'must', 'warning', { inconclusive: ['Nothing was exercised.'] }],
  [130, 'must', 'violation', { stopped: 'interrupted' }],
  [3, 'must', 'violation', { internalError: 'The same seed gave two digests.' }],
  [0, 'finding', 'finding', { isSubject: false }],
] as const)('the exit status is %i with --fail-on %s for a %s and %j', (status, failOn, severity, changes) => {
  const { isSubject, ...others } = { isSubject: true, ...changes };
  const result = buildCheckResult(sampleParts({ findings: [sampleFinding({ severity, isSubject })], ...(others as Partial<CheckParts>) }));

  expect(exitStatusOf(result, failOn as (typeof FAIL_ON)[number])).toBe(status);
});

test('a quirk the driver did not survive fails a check only when quirks are asked for', () => {
  const quirk = { id: 'Q1', title: 'Lost wake-up', count: 1 };
  const survived = buildCheckResult(sampleParts({ findings: [], quirks: [{ ...quirk, outcome: 'survived' }] }));
  const stalled = buildCheckResult(sampleParts({ findings: [], quirks: [{ ...quirk, outcome: 'stalled' }] }));

  expect(exitStatusOf(survived, 'quirk')).toBe(0);
  expect(exitStatusOf(stalled, 'quirk')).toBe(1);
  expect(exitStatusOf(stalled, 'finding')).toBe(0);
});

test('failing findings are those at or above the threshold', () => {
  const result = buildCheckResult(sampleParts({}));

  expect(failingFindings(result, 'must')).toHaveLength(1);
  expect(failingFindings(result, 'should')).toHaveLength(2);
});

test.each([
  ['MUST', 'violation'],
  ['MUST NOT', 'violation'],
  ['SAFETY', 'violation'],
  ['SHOULD', 'warning'],
  ['SHOULD NOT', 'warning'],
  ['HARDENING', 'finding'],
  ['DESCRIPTIVE', 'finding'],
] as const)('breaking a demand of level %s is a %s', (level, severity) => {
  expect(severityOf(level as (typeof LEVELS)[number])).toBe(severity);
});

test('asking for the severity of a permission is wrong use', () => {
  expect(() => severityOf('MAY')).toThrow('severityOf: MAY permits something and cannot be violated');
});

test.each([
  ['findings.0.repro: the path must be relative', { findings: [sampleFinding({ repro: '/srv/x.json' })] }],
  ['findings.0.repro: the path must be relative', { findings: [sampleFinding({ repro: 'C:\\x.json' })] }],
  ['subject.name: the path must be relative', { subject: { name: '/opt/driver.mjs', digest: '' } }],
  ['findings.0.count', { findings: [sampleFinding({ count: 0 })] }],
  ['findings.0.lastEvents.0', { findings: [sampleFinding({ lastEvents: [[1, 2, 3]] })] }],
  ['digest: a digest is 16 hexadecimal digits', { digest: 'xyz' }],
])('parts that break the schema are refused with the path %s', (message, changes) => {
  expect(() => buildCheckResult(sampleParts(changes))).toThrow(`buildCheckResult: ${message}`);
});

test('a result whose counts or verdict disagree with its items is refused', () => {
  const result = buildCheckResult(sampleParts({ items: [sampleClause({})] }));

  const forged = checkResultSchema.safeParse({ ...result, verdict: 'conforms', clauses: { ...result.clauses, held: 9 } });

  expect(forged.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)).toEqual([
    'clauses.held: the items give 1, got 9',
    'verdict: the findings give violates, got conforms',
  ]);
});
