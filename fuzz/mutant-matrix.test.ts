// What the bench says: faults are named one by one, and the sum counts them.
import { expect, test } from 'vitest';
import { type Acquittal, type Bench, benchText, faultsOf, type Trial } from './mutant-matrix.js';
import { ALL_MUTANTS, BREAKABLE_RULES, findMutant, MISTAKES_WITHOUT_MUTANT } from './mutants.js';

const flip = findMutant('link-flip')!;
const killed: Trial = {
  id: 'link-flip',
  runs: 3,
  killer: 'frame-delivery',
  where: 'flood, coarse',
  rules: ['frame-delivery:device'],
  timeMs: 12,
};
const survived: Trial = { id: 'link-flip', runs: null, killer: null, where: '', rules: ['used-flags:device'], timeMs: 900 };
const clean: Acquittal = { name: 'full', runs: 10, alarms: [], firstAlarm: null, violates: false, inconclusive: [] };
const bench = (change: Partial<Bench>): Bench => ({
  mutants: [flip],
  trials: [killed],
  correct: [clean],
  vacuous: [],
  isWhole: false,
  ...change,
});

test('a bench in which every mutant dies and nobody is accused wrongly has no fault', () => {
  expect(faultsOf(bench({}))).toEqual([]);
  expect(benchText(bench({}))).toContain(
    '1 of 1 mutants killed; runs to kill: median 3, worst 3; time to kill: median 12 ms, worst 12 ms; 1 of',
  );
  expect(benchText(bench({}))).toContain('frame-delivery: link-flip');
});

test('a survivor, a false alarm, a correct driver without a verdict and a vacuous driver that conforms are faults', () => {
  const alarmed = { ...clean, alarms: ['used-flags:device'], firstAlarm: 'run 3', inconclusive: ['no frame'] };

  expect(faultsOf(bench({ trials: [survived], correct: [alarmed], vacuous: [{ ...clean, name: 'vacuous-idle' }] }))).toEqual([
    'link-flip survived; seen besides: used-flags:device',
    'false alarm on the correct driver full: used-flags:device; first: run 3',
    'false alarm on the correct driver full: no frame',
    'the vacuous driver vacuous-idle conforms',
  ]);
  expect(
    faultsOf(
      bench({
        vacuous: [
          { ...clean, inconclusive: ['no frame'] },
          { ...clean, violates: true },
        ],
      }),
    ),
  ).toEqual([]);
  expect(benchText(bench({ trials: [{ ...survived, rules: [] }] }))).toContain('link-flip survived\n');
});

test('a median time to kill of a second is too long', () => {
  expect(faultsOf(bench({ trials: [{ ...killed, timeMs: 1_000 }] }))).toEqual(['the median time to kill is 1000 ms or more']);
});

test('every common mistake has a mutant or a reason why it has none, not both', () => {
  const made = new Set(
    ALL_MUTANTS.flatMap(({ source }) => [...source.matchAll(/mistakes? ([\d, and]+)/g)].flatMap(([, list]) => list!.match(/\d+/g) ?? [])).map(Number),
  );
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);

  expect(numbers.filter((number) => made.has(number) === (MISTAKES_WITHOUT_MUTANT[number] !== undefined))).toEqual([]);
});

test('in a whole bench every rule that can be broken must have killed a mutant', () => {
  expect(faultsOf(bench({ isWhole: true }))).toHaveLength(BREAKABLE_RULES.length - 1);
});
