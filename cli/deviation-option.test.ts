// `--deviation`: which numbers it takes, and how they travel into requests and repro files.
import { expect, test } from 'vitest';
import { RunPlan } from '../fuzz/run-plan.js';
import { SCENARIOS } from '../scenarios/catalogue.js';
import { UsageError } from './exit-status.js';
import { deviationOption } from './parse-options.js';

const PLAN = { seed: 's', profile: 'fixed', revision: 'current', memories: ['tso'], modes: ['fine'], scenarios: SCENARIOS } as const;

test('quirks with a switch and planted faults are taken, in either case and repeatedly', () => {
  expect(deviationOption('m1', deviationOption('Q1'))).toEqual(['Q1', 'M1']);
});

test('anything else is refused with the numbers there are', () => {
  expect(() => deviationOption('Q28')).toThrow(UsageError);
  expect(() => deviationOption('Q28')).toThrow(/--deviation: must be one of Q1, .*M1 or a mutant of the server .*, got "Q28"/);
});

test('planned runs carry the deviations, and none when there are none', () => {
  expect(new RunPlan({ ...PLAN, deviations: ['M1'] }).planned(0).deviations).toEqual(['M1']);
  expect('deviations' in new RunPlan({ ...PLAN, deviations: [] }).planned(0)).toBe(false);
});
