// A portfolio gives runs in proportion to shares, moves shares towards what finds something, and starves nobody.
import { describe, expect, it } from 'vitest';
import { Portfolio, type PortfolioState } from './portfolio.js';

const three = new Portfolio([
  ['a', 2],
  ['b', 1],
  ['c', 1],
], 0.1);

function countsOf(state: PortfolioState, runs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < runs; index++) {
    const lane = three.laneOf(index, state);
    counts[lane] = (counts[lane] ?? 0) + 1;
  }
  return counts;
}

describe('a portfolio', () => {
  it('spreads runs over its lanes in proportion to their shares', () => {
    const state = three.start();

    const counts = countsOf(state, 1000);

    state.lanes.forEach(({ id, share }) => expect(Math.abs(counts[id]! - 1000 * share)).toBeLessThan(5));
    expect(state.lanes.map(({ share }) => share)).toEqual([expect.closeTo(0.45), expect.closeTo(0.275), expect.closeTo(0.275)]);
  });

  it('gives most to the lane that finds most per access, and to each its floor', () => {
    const results = [
      { id: 'a', runs: 50, accesses: 50_000, features: 2, findings: 0 },
      { id: 'b', runs: 25, accesses: 25_000, features: 2, findings: 1 },
      { id: 'c', runs: 25, accesses: 25_000, features: 0, findings: 0 },
    ];

    const [a, b, c] = three.next(three.start(), results).lanes.map(({ share }) => share) as [number, number, number];

    expect(b).toBeGreaterThan(a);
    expect(a).toBeGreaterThan(c);
    expect(c).toBeCloseTo(0.1);
    expect(a + b + c).toBeCloseTo(1);
  });

  it('forgets old rewards, and shares evenly when nobody ever found anything', () => {
    const rewarded = three.next(three.start(), [{ id: 'a', runs: 1, accesses: 1000, features: 9, findings: 0 }]);
    const later = three.next(rewarded, [
      { id: 'a', runs: 1, accesses: 10_000, features: 0, findings: 0 },
      { id: 'b', runs: 1, accesses: 1000, features: 9, findings: 0 },
    ]);

    expect(rewarded.lanes[0]!.share).toBeGreaterThan(later.lanes[0]!.share);
    expect(new Set(three.next(three.start(), []).lanes.map(({ share }) => share.toFixed(6))).size).toBe(1);
  });

  it('survives a file', () => {
    const state = three.next(three.start(), [{ id: 'c', runs: 3, accesses: 300, features: 1, findings: 1 }]);

    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('refuses no lanes, and a floor that cannot be had', () => {
    expect(() => new Portfolio([])).toThrow('at least one lane');
    expect(() => new Portfolio([['a', 1], ['b', 1]], 0.6)).toThrow('cannot have');
  });
});
