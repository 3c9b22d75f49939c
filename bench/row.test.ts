// The table: bars, spread and figures. Nothing here is timed.
import { describe, expect, it } from 'vitest';
import { median } from './median.js';
import { withTable } from './readme.js';
import { renderTable, type Row, standingOf } from './row.js';

function rowWith(change: Partial<Row>): Row {
  return {
    part: 'queue',
    what: 'hold',
    against: 'heap',
    unit: 'x',
    values: [2],
    better: 'higher',
    floor: 1.3,
    goal: 1.8,
    costNs: [20, 40],
    ...change,
  };
}

describe('median', () => {
  it('is the middle value of an odd and the mean of the two middle values of an even number of values', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow('at least one value');
  });
});

describe('standingOf', () => {
  it('compares the median of a speed with the goal first and the floor second', () => {
    expect([[1.8], [1.3], [1.29]].map((values) => standingOf(rowWith({ values })))).toEqual(['goal', 'floor', 'MISSED']);
  });

  it('takes bars of a cost as upper bounds', () => {
    const standings = [[1.1], [1.2], [1.3]].map((values) => standingOf(rowWith({ values, better: 'lower', floor: 1.25, goal: 1.1 })));

    expect(standings).toEqual(['goal', 'floor', 'MISSED']);
  });

  it('calls a row without floor missed as soon as the goal is', () => {
    expect(standingOf(rowWith({ values: [1.79], floor: null }))).toBe('MISSED');
  });

  it('tells a figure without bars and a skipped row from a reached one', () => {
    expect(standingOf(rowWith({ floor: null, goal: null }))).toBe('figure');
    expect(standingOf(rowWith({ values: [] }))).toBe('skipped');
  });
});

describe('renderTable', () => {
  it('shows median, spread, bars and costs of a row', () => {
    const [, , line] = renderTable([rowWith({ values: [2, 4, 3], costNs: [123.4, 5.678] })]).split('\n');

    const cells = line!.split('|').map((cell) => cell.trim());
    expect(cells).toEqual(['', 'queue', 'hold', 'heap', '3.00x', '2.00–4.00', '≥ 1.3x', '≥ 1.8x', 'goal', '123 : 5.68', '']);
  });

  it('shows dashes where nothing was measured', () => {
    const [, , line] = renderTable([rowWith({ values: [], unit: 'MB', better: 'lower', floor: null, goal: 5, costNs: [null, null] })]).split('\n');

    const cells = line!.split('|').map((cell) => cell.trim());
    expect(cells).toEqual(['', 'queue', 'hold', 'heap', '–', '–', '–', '≤ 5 MB', 'skipped', '–', '']);
  });
});

describe('withTable', () => {
  it('replaces what stands between the marks and nothing else', () => {
    const begin = '<!-- table: written by npm run bench -- --write -->';
    const end = '<!-- end of table -->';

    expect(withTable(`head\n${begin}\nold\n${end}\ntail`, 'new\n')).toBe(`head\n${begin}\n\nnew\n\n${end}\ntail`);
  });

  it('refuses a file without the marks', () => {
    expect(() => withTable('nothing', 'table')).toThrow('withTable: the README needs the lines');
  });
});
