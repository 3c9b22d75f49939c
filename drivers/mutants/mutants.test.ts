// The mutants as a table: named, described, sourced, resolvable in both styles.
import { expect, test } from 'vitest';
import { PLANTED_FAULTS } from '../../model/p2p/planted-faults.js';
import { ALL_RULES } from '../../model/rules/catalogue.js';
import { BUILT_IN_DRIVERS, builtInSubject, deviationsOfBuiltIn, DRIVER_MUTANTS } from '../builtin.js';

const MUTANTS = [...DRIVER_MUTANTS, ...PLANTED_FAULTS];

test('every mutant has a name of its own, a title, a source and rules that exist', () => {
  const names = [...BUILT_IN_DRIVERS.map(({ name }) => name), ...MUTANTS.map(({ id }) => id)];
  const rules = new Set(ALL_RULES.map(({ id }) => id));

  expect(new Set(names).size).toBe(names.length);
  for (const { id, side, title, source, kills } of MUTANTS) {
    expect(id, id).toMatch(side === 'driver' ? /^drv-[a-z0-9-]+$/ : side === 'device' ? /^(dev-[a-z0-9-]+|M1)$/ : /^link-[a-z0-9-]+$/);
    expect([title.length > 10, source.length > 0, kills.length > 0], id).toEqual([true, true, true]);
    expect(
      kills.filter((rule) => !rules.has(rule)),
      id,
    ).toEqual([]);
  }
});

test('the twin of a mutant changes the same parts', () => {
  for (const { id, plain, resumable } of PLANTED_FAULTS) expect(Object.keys(plain), id).toEqual(Object.keys(resumable));
});

test('a mutant of a driver is a driver, one of the server is the full driver with a deviation beside it', () => {
  expect(builtInSubject('drv-no-write-barrier')?.identity).toBe('builtin:drv-no-write-barrier');
  expect(deviationsOfBuiltIn('drv-no-write-barrier')).toEqual([]);
  expect(builtInSubject('dev-wrong-id')?.plain).toBe(builtInSubject('full')?.plain);
  expect(deviationsOfBuiltIn('dev-wrong-id')).toEqual(['dev-wrong-id']);
  expect(deviationsOfBuiltIn('dev-q15')).toEqual(['Q15']);
  expect([builtInSubject('dev-q28'), builtInSubject('dev-nothing'), builtInSubject('drv-nothing')]).toEqual([null, null, null]);
});
