// The entry for properties: a broken driver is found, shrunk and replayed by seed and path; a right one passes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUILT_IN_DRIVERS, DRIVER_MUTANTS } from '../drivers/builtin.js';
import { assertConforming, malformedChain, scenario, SWARM_BITS, violationsOf } from './fast-check.js';

const full = BUILT_IN_DRIVERS.find(({ name }) => name === 'full')!;
const broken = DRIVER_MUTANTS.find(({ kills }) => kills.includes('transmit-header'))!;
const SEED = 7;

test('a driver that keeps the rules passes, in both styles and both ways of naming it', () => {
  fc.assert(
    fc.property(scenario(), (situation) => {
      assertConforming(situation, full.plain);
      assertConforming(situation, { createDriver: full.resumable, style: 'resumable' });
      assertConforming(situation, { createDriver: full.plain });
    }),
    { numRuns: 30, seed: SEED },
  );
});

test('a broken driver fails with sentences, shrinks, and fails again from seed and path', () => {
  const property = fc.property(scenario({ peers: ['driver'] }), (situation) => assertConforming(situation, broken.plain));

  const first = fc.check(property, { numRuns: 100, seed: SEED });
  const again = fc.check(property, { seed: SEED, path: first.counterexamplePath!, endOnFailure: true });

  expect(first.failed).toBe(true);
  expect(String(first.errorInstance)).toMatch(/the driver broke .*rule/);
  expect(first.numShrinks).toBeGreaterThan(0);
  expect(first.counterexample![0].acts.length).toBeLessThanOrEqual(2);
  expect(again.counterexample).toEqual(first.counterexample);
});

test('equal situations are judged equally', () => {
  for (const situation of fc.sample(scenario({ maxActs: 6 }), { numRuns: 20, seed: SEED })) {
    expect(violationsOf(situation, broken.plain)).toEqual(violationsOf(situation, broken.plain));
    expect(situation.acts.length).toBeLessThanOrEqual(6);
  }
});

test('options narrow what is drawn', () => {
  const sober = fc.sample(scenario({ swarm: [], peers: ['script'] }), { numRuns: 30, seed: SEED });

  expect(sober.every(({ ports }) => ports.filter(({ role }) => role === 'driver').length === 1)).toBe(true);
  expect(sober.every(({ schedule }) => schedule === 'coarse')).toBe(true);
  expect(() => scenario({ peers: [] })).toThrow('peers must name');
  expect(SWARM_BITS).toContain('links');
});

test('chains come alone, too', () => {
  const chains = fc.sample(malformedChain('transmit'), { numRuns: 200, seed: SEED });

  expect(chains.some(({ pieces }) => pieces.some(({ next }) => next === 'self'))).toBe(true);
  expect(fc.sample(malformedChain('receive'), { numRuns: 20, seed: SEED }).every(({ header }) => header.kind === 'plain')).toBe(true);
});
