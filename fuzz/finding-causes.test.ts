// Causes and consequences, within a run and over all runs of a check.
import { describe, expect, it } from 'vitest';
import type { Violation } from '../model/rules/rule.js';
import { causesIn, consequencesAmong } from './finding-causes.js';
import type { FindingTally } from './tally.js';

function violation(change: Partial<Violation>): Violation {
  return {
    ruleId: 'avail-ring',
    clauseIds: ['SPLIT-DRV-2.7.6-2'],
    port: 0,
    party: 'driver',
    isSubject: true,
    level: 'MUST',
    eventIndex: 1,
    timeNs: 0,
    message: 'It.',
    expected: 'a',
    seen: 'b',
    evidence: {},
    ...change,
  };
}

function tally(fingerprint: string, causes: Record<string, number>): FindingTally {
  const count = Object.values(causes).reduce((sum, part) => sum + part, 0);
  return {
    fingerprint,
    violation: violation({}),
    runIndex: 0,
    scenario: 's',
    mode: 'fine',
    memory: 'sc',
    clauses: [],
    causes,
    count,
    countByScenario: {},
  };
}

describe('within a run', () => {
  it('the first violation by the subject explains the later ones', () => {
    expect(causesIn([violation({}), violation({ ruleId: 'x' }), violation({ party: 'link', isSubject: false })])).toEqual([0, 0, 0]);
  });

  it('a warning explains warnings, but no violation', () => {
    const warning = violation({ level: 'SHOULD' });

    expect(causesIn([warning, violation({}), warning])).toEqual([0, 1, 0]);
  });

  it('what is not by the subject explains nothing', () => {
    expect(causesIn([violation({ isSubject: false }), violation({}), violation({ ruleId: 'x' })])).toEqual([0, 1, 1]);
  });

  it('a rule that sees every access explains what was noticed before it at its port', () => {
    const late = violation({ ruleId: 'ring-ownership' });

    expect(causesIn([violation({}), late, violation({ port: 1 })])).toEqual([1, 1, 1]);
  });
});

describe('chains within a run', () => {
  it('what explains a violation may be explained itself: the root counts', () => {
    const broken = violation({});
    const access = violation({ ruleId: 'ring-ownership' });
    const others = violation({ ruleId: 'odd-device', port: 1, isSubject: false });

    // The first violation would explain the last, but the access at its port explains it.
    expect(causesIn([broken, access, others])).toEqual([1, 1, 1]);
  });
});

describe('over all runs', () => {
  it('a kind that never explained itself is a consequence of what explained it most often', () => {
    const findings = { a: tally('a', { a: 3 }), b: tally('b', { b: 5 }), c: tally('c', { a: 2, b: 4 }) };

    expect([...consequencesAmong(findings)]).toEqual([['c', 'b']]);
  });

  it('a kind that came first even once is a cause', () => {
    expect(consequencesAmong({ a: tally('a', { a: 9 }), b: tally('b', { a: 9, b: 1 }) }).size).toBe(0);
  });

  it('of two that explain equally often the first name is taken', () => {
    const findings = { b: tally('b', { b: 1 }), a: tally('a', { a: 1 }), c: tally('c', { b: 2, a: 2 }) };

    expect(consequencesAmong(findings).get('c')).toBe('a');
  });
});
