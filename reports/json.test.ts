// The JSON report: stable, readable back, strict.
import { expect, test } from 'vitest';
import { buildCheckResult } from '../scenarios/check-result.js';
import { sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { PLAIN_NAMES } from './event-text.js';
import { jsonReport, readJsonReport } from './json.js';

test('the document starts with what a reader looks for first', () => {
  const text = jsonReport(buildCheckResult(sampleParts({})), PLAIN_NAMES);

  expect(Object.keys(JSON.parse(text) as object).slice(0, 8)).toEqual([
    'schema',
    'verdict',
    'subject',
    'configuration',
    'seed',
    'runs',
    'events',
    'digest',
  ]);
  expect(text.endsWith('}\n')).toBe(true);
});

test('a finding carries its last events as words and as lines', () => {
  const document = JSON.parse(jsonReport(buildCheckResult(sampleParts({})), PLAIN_NAMES)) as { findings: { lastEventLines: string[] }[] };

  expect(document.findings[0]!.lastEventLines[1]).toBe('14.310 us  driver a  kicks the device (avail.idx of rx 0, of tx 8)');
});

test('what was written is read back as the same result', () => {
  const result = buildCheckResult(sampleParts({}));

  expect(readJsonReport(jsonReport(result, PLAIN_NAMES), 'r.json')).toEqual(result);
});

test.each([
  ['"findings": [', '"findings": 3, "x": [', 'r.json: $.findings: '],
  ['"held": 1', '"held": 2', 'r.json: $.clauses.held: the items give 1, got 2'],
  ['ringproof-check/1', 'ringproof-check/9', 'r.json: $.schema: written by a newer Ringproof: version 9, this one reads 1 to 1'],
])('a report in which %s became %s is refused', (before, after, complaint) => {
  const text = jsonReport(buildCheckResult(sampleParts({})), PLAIN_NAMES).replace(before, after);

  expect(() => readJsonReport(text, 'r.json')).toThrow(complaint);
});

test('a finding that is no object is refused by the schema', () => {
  const result = { ...buildCheckResult(sampleParts({ findings: [sampleFinding({})] })), findings: [null] };

  expect(() => readJsonReport(JSON.stringify(result), 'r.json')).toThrow('r.json: $.findings[0]: ');
});
