// New, known and waived findings: what fails, what stays visible, what is reported about waivers and baseline.
import { describe, expect, it } from 'vitest';
import { type CheckResult, type Finding, buildCheckResult, exitStatusOf } from './check-result.js';
import { sampleFinding, sampleParts } from './check-result.sample.js';
import { type Standards, baselineOf, baselineText, readBaseline, withStanding } from './check-standing.js';

const TODAY = '2027-03-01';
const WAIVER = { rule: 'split-slot-before-index', reason: 'mended in the next silicon', owner: 'jo', expires: '2027-03-01' };

function resultWith(...findings: readonly Partial<Finding>[]): CheckResult {
  return buildCheckResult(sampleParts({ findings: findings.map((change) => sampleFinding(change)) }));
}

function judged(result: CheckResult, standards: Partial<Standards>): CheckResult {
  return withStanding(result, { baseline: null, waivers: [], today: TODAY, ...standards });
}

function standings(result: CheckResult): string[] {
  return result.findings.map(({ standing }) => standing);
}

describe('a baseline', () => {
  it('makes known findings fail no more, new ones still do', () => {
    const old = resultWith({ fingerprint: 'a' });
    const baseline = { name: 'known.json', known: baselineOf(old) };

    const same = judged(old, { baseline });
    const more = judged(resultWith({ fingerprint: 'a' }, { fingerprint: 'b' }), { baseline });

    expect([same.verdict, exitStatusOf(same, 'must'), standings(same)]).toEqual(['violates', 0, ['baseline']]);
    expect([exitStatusOf(more, 'must'), standings(more)]).toEqual([1, ['baseline', 'new']]);
  });

  it('says which known findings are gone', () => {
    const known = baselineOf(resultWith({ fingerprint: 'a' }, { fingerprint: 'b' }));

    const { baseline } = judged(resultWith({ fingerprint: 'b' }), { baseline: { name: 'known.json', known } });

    expect(baseline!.fixed.map(({ fingerprint }) => fingerprint)).toEqual(['a']);
  });

  it('does not turn an inconclusive check into a clean one', () => {
    const result = buildCheckResult(sampleParts({ findings: [sampleFinding({})], inconclusive: ['too few runs'] }));

    expect(exitStatusOf(judged(result, { baseline: { name: 'k', known: baselineOf(result) } }), 'must')).toBe(4);
  });

  it('is a file that reads back the same, sorted, without waived findings', () => {
    const result = judged(
      resultWith({ fingerprint: 'z' }, { fingerprint: 'a' }, { fingerprint: 'a' }, { fingerprint: 'w', rule: 'other' }),
      {
        waivers: [{ ...WAIVER, rule: 'other' }],
      },
    );
    const baseline = baselineOf(result);

    expect(baseline.findings.map(({ fingerprint }) => fingerprint)).toEqual(['a', 'a', 'z']);
    expect(readBaseline(baselineText(baseline), 'known.json')).toEqual(baseline);
    expect(() => readBaseline('{"schema":"ringproof-baseline/1"}', 'known.json')).toThrow(/known\.json: \$\.findings/);
  });
});

describe('a waiver', () => {
  it('covers findings of its rule through its last day', () => {
    const result = judged(resultWith({}), { waivers: [WAIVER] });

    expect([standings(result), exitStatusOf(result, 'must'), result.findings[0]!.waiver]).toEqual([['waived'], 0, WAIVER]);
    expect(result.waivers).toEqual([{ ...WAIVER, state: 'used' }]);
  });

  it('of one fingerprint covers that alone', () => {
    const result = judged(resultWith({ fingerprint: 'a' }, { fingerprint: 'b' }), { waivers: [{ ...WAIVER, fingerprint: 'b' }] });

    expect(standings(result)).toEqual(['new', 'waived']);
  });

  it('that has expired or matches nothing is reported and covers nothing', () => {
    const waivers = [
      { ...WAIVER, expires: '2027-02-28' },
      { ...WAIVER, rule: 'no-such' },
    ];
    const result = judged(resultWith({}), { waivers });

    expect([standings(result), exitStatusOf(result, 'must')]).toEqual([['new'], 1]);
    expect(result.waivers.map(({ state }) => state)).toEqual(['expired', 'unmatched']);
  });

  it('extends to what is only ever seen after the waived finding', () => {
    const result = judged(
      resultWith(
        { fingerprint: 'a' },
        { fingerprint: 'b', rule: 'other', consequenceOf: 'a' },
        { fingerprint: 'c', rule: 'other', consequenceOf: 'gone' },
      ),
      {
        waivers: [WAIVER],
      },
    );

    expect(result.findings.map(({ fingerprint, standing }) => [fingerprint, standing])).toEqual([
      ['b', 'waived'],
      ['c', 'new'],
      ['a', 'waived'],
    ]);
  });
});
