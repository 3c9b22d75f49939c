// Minimization of lists and numbers: what comes out still does it, and nothing can be left out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimizeList, minimizeNumber } from './delta-debugging.js';

const always = (): boolean => true;

describe('minimizeList', () => {
  it('finds exactly the elements a test needs, wherever they stand', () => {
    const list = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 120 });
    const cases = list.chain((items) => fc.record({ items: fc.constant(items), needed: fc.subarray(items) }));

    fc.assert(
      fc.property(cases, ({ items, needed }) => {
        const hasAll = (candidate: readonly number[]): boolean => needed.every((one) => candidate.includes(one));

        const { items: left, isMinimal } = minimizeList(items, (candidate) => (hasAll(candidate) ? candidate : null), always);

        expect([...left]).toEqual(needed);
        expect(isMinimal).toBe(true);
      }),
    );
  });

  it('leaves nothing out that alone makes the test say no, also when several answers are possible', () => {
    // Any two even numbers will do.
    const hasTwo = (candidate: readonly number[]): boolean => candidate.filter((one) => one % 2 === 0).length >= 2;

    const { items } = minimizeList([...Array(64).keys()], (candidate) => (hasTwo(candidate) ? candidate : null), always);

    expect(items.filter((one) => one % 2 === 0)).toHaveLength(2);
    expect(items).toHaveLength(2);
  });

  it('goes on from what the test says is left of a candidate', () => {
    const keepsTens = (candidate: readonly number[]): readonly number[] | null =>
      candidate.includes(7) ? candidate.filter((one) => one === 7 || one % 10 === 0) : null;

    const { items } = minimizeList([...Array(64).keys()], keepsTens, always);

    expect(items).toEqual([7]);
  });

  it('ends when it may not go on, with what it has', () => {
    let tests = 0;
    const test = (candidate: readonly number[]): readonly number[] | null => (candidate.includes(3) ? candidate : null);

    const { items, isMinimal } = minimizeList([...Array(64).keys()], test, () => tests++ < 2);

    expect(items).toContain(3);
    expect(items.length).toBeGreaterThan(1);
    expect(isMinimal).toBe(false);
  });

  it('tests each element of a minimal list once more and no more than that', () => {
    let tests = 0;
    const test = (candidate: readonly number[]): readonly number[] | null => {
      tests += 1;
      return candidate.length === 8 ? candidate : null;
    };

    minimizeList([...Array(8).keys()], test, always);

    // Chunks of 8, 4, 2 and 1 of eight elements: 1 + 2 + 4 + 8 candidates.
    expect(tests).toBe(15);
  });
});

describe('minimizeNumber', () => {
  it('finds the least number of a run of numbers that do it', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (least, more) => {
        expect(minimizeNumber(least + more, 0, (candidate) => candidate >= least, always)).toBe(least);
      }),
    );
  });

  it('asks nothing when there is nothing to gain, and stops when told', () => {
    expect(minimizeNumber(1, 1, () => expect.fail('asked'), always)).toBe(1);
    expect(
      minimizeNumber(
        9,
        1,
        () => expect.fail('asked'),
        () => false,
      ),
    ).toBe(9);
  });
});
