// Which run has which number.
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../scenarios/catalogue.js';
import type { Mode } from '../scenarios/scenario.js';
import { scenariosNamed } from './check.sample.host.js';
import { type PlanOptions, RunPlan } from './run-plan.js';

function planOf(changes: Partial<PlanOptions> = {}): RunPlan {
  return new RunPlan({
    seed: 'plan',
    profile: 'fixed',
    revision: 'current',
    memories: ['tso', 'pso', 'relaxed'],
    modes: ['coarse', 'fine', 'weak'],
    scenarios: SCENARIOS,
    ...changes,
  });
}

describe('a run plan', () => {
  it('gives the same run for the same number, whatever was asked before', () => {
    const [plan, other] = [planOf(), planOf()];
    const numbers = [700, 3, 0, 3, 55_000_000];

    expect(numbers.map((index) => plan.planned(index))).toEqual(numbers.toReversed().map((index) => other.planned(index)).toReversed());
  });

  it('begins with every scenario in every mode it is made for, on every port', () => {
    const plan = planOf();
    const first = Array.from({ length: plan.smallestCount }, (_, index) => plan.planned(index));
    const modes = ['coarse', 'fine', 'weak'] as const;
    const expected = SCENARIOS.flatMap(({ id, weights }) => modes.filter((mode) => weights[mode] > 0).map((mode) => `${id} ${mode}`));

    expect(first.map(({ scenario, mode }) => `${scenario.id} ${mode}`).sort()).toEqual(expected.sort());
    expect(new Set(first.map(({ subjects }) => subjects.join())).size).toBe(3);
  });

  it('then draws scenarios by weight, and memory models only in weak mode', () => {
    const plan = planOf({ scenarios: scenariosNamed('flood', 'ping-pong') });
    const runs = Array.from({ length: 1000 }, (_, index) => plan.planned(1000 + index));
    const share = (id: string, mode: Mode): number => runs.filter((run) => run.scenario.id === id && run.mode === mode).length / 1000;

    // Weights: flood 6/3/2, ping-pong 2/6/4, together 23; 1000 draws stay within 4 % of that.
    expect(Math.abs(share('flood', 'coarse') - 6 / 23)).toBeLessThan(0.04);
    expect(Math.abs(share('ping-pong', 'fine') - 6 / 23)).toBeLessThan(0.04);
    expect(new Set(runs.filter(({ mode }) => mode !== 'weak').map(({ memory }) => memory))).toEqual(new Set(['sc']));
    expect(new Set(runs.filter(({ mode }) => mode === 'weak').map(({ memory }) => memory))).toEqual(new Set(['tso', 'pso', 'relaxed']));
  });

  it('depends on seed and profile, and hands deviations of the server through', () => {
    expect(planOf({ seed: 'other' }).planned(500)).not.toEqual(planOf().planned(500));
    expect(planOf({ profile: 'faithful' }).planned(500).seed).toBe('plan/faithful/500');
    expect(planOf({ deviations: ['Q1'] }).planned(0).deviations).toEqual(['Q1']);
    expect(planOf().planned(0)).not.toHaveProperty('deviations');
  });

  it('refuses to be empty', () => {
    expect(() => planOf({ scenarios: scenariosNamed('index-wrap'), modes: ['weak'] })).toThrow('RunPlan: no scenario runs in any of the chosen modes');
  });
});
