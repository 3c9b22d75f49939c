// Determinism of single runs on a small scale; build/determinism.mjs does the same with 10,000 runs and two processes.
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { SCENARIOS } from '../scenarios/catalogue.js';
import { GENERIC_SCENARIOS } from '../scenarios/generic.js';
import { Execution, type ExecutionHooks } from '../scenarios/execution.js';
import { withGenerators } from '../scenarios/generator-subject.js';
import type { RunOutcome } from '../scenarios/outcome.js';
import type { Mode } from '../scenarios/scenario.js';
import { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';

const HOOKS: ExecutionHooks = { onRunStart: () => undefined };
/** Enough to see every short scenario in every mode, and then some. */
const RUNS = 80;
const DRIVERS: readonly string[] = ['full', 'minimal', 'generic'];
const INDICES: readonly number[] = Array.from({ length: RUNS }, (_, index) => index);

const scenarios = [...SCENARIOS, ...GENERIC_SCENARIOS].filter(({ id }) => !id.endsWith('-wrap'));

function planOf(modes: readonly Mode[], profile: 'fixed' | 'faithful' = 'fixed'): RunPlan {
  return new RunPlan({ seed: 'standing', revision: 'current', profile, memories: ['tso', 'pso', 'relaxed'], modes, scenarios });
}

function runOf(execution: Execution, plan: RunPlan, index: number): RunOutcome {
  const request = plan.planned(index);
  return execution.run(request, builtInSubject(DRIVERS[index % DRIVERS.length]!)!, drawn(request));
}

const plan = planOf(['coarse', 'fine', 'weak']);

describe('a run', () => {
  const reused = new Execution(HOOKS);
  const expected = INDICES.map((index) => runOf(reused, plan, index).digest);

  it('has the same digest on reused and on fresh state', () => {
    const fresh = INDICES.map((index) => runOf(new Execution(HOOKS), plan, index).digest);

    expect(fresh).toEqual(expected);
  });

  it('does not depend on the runs before it', () => {
    const backwards = INDICES.toReversed().map((index) => runOf(reused, plan, index).digest);

    expect(backwards.toReversed()).toEqual(expected);
  });

  it('has the same digest when all memory is cleared before it instead of the pages that were written', () => {
    const clearing = new Execution({ ...HOOKS, isClearingFully: true });

    expect(INDICES.map((index) => runOf(clearing, plan, index).digest)).toEqual(expected);
  });

  it('has the same digest whether or not rules judge it, it is recorded, or its events are kept', () => {
    const unjudged = new Execution({ ...HOOKS, isJudging: false });
    const watched = (index: number): string => {
      const options = { tape: null, isRecording: true, isKept: true, onFrame: () => undefined };
      const request = plan.planned(index);
      return reused.run(request, builtInSubject(DRIVERS[index % DRIVERS.length]!)!, drawn(request, options)).digest;
    };

    expect(INDICES.map((index) => runOf(unjudged, plan, index).digest)).toEqual(expected);
    expect(INDICES.map(watched)).toEqual(expected);
  });

  it('has a digest of its own', () => {
    expect(new Set(expected).size).toBe(RUNS);
  });
});

describe('plain twins', () => {
  it.each(['fixed', 'faithful'] as const)('behave in coarse mode like the generators they were made from (%s server)', (profile) => {
    const coarse = planOf(['coarse'], profile);
    const twins = new Execution(HOOKS);
    const generators = new Execution({ ...HOOKS, usesGenerators: true });

    for (const index of INDICES) expect(runOf(generators, coarse, index).digest, `run ${index}`).toBe(runOf(twins, coarse, index).digest);
  });

  it('are told from generators that are none of a driver, or do not keep to the contract', () => {
    const full = builtInSubject('full')!;
    const wild = withGenerators({
      ...full,
      resumable: () => ({
        *start() {
          yield 1 as never;
        },
        transmit: () => 'full',
      }),
    });

    expect(() => withGenerators({ ...full, resumable: null })).toThrow('withGenerators: builtin:full has no resumable form');
    expect(() => wild.plain!({ memory: {}, transport: {} } as never).start()).toThrow('a driver yielded something that is no guest operation');
  });
});
