// Checks with the generic device: what applies there, who conforms, and mutants that bring the device along.
import { describe, expect, it } from 'vitest';
import { builtInSubject, deviceOfBuiltIn } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import { GENERIC_SCENARIOS } from '../scenarios/generic.js';
import { runCheck } from './check.host.js';
import { checkRequest } from './check.sample.host.js';
import { tryMutant } from './mutant-trial.js';
import { ALL_MUTANTS } from './mutants.js';

const SHORT = GENERIC_SCENARIOS.filter(({ id }) => ['generic-bring-up', 'generic-suppressed-bursts', 'generic-flood'].includes(id));

describe.each(['builtin:generic', 'builtin:full', 'builtin:minimal'])('a check of %s with the generic device', (driver) => {
  it('conforms, names the device, and lists the clauses of virtio-net', async () => {
    const request = { driver, device: 'generic', scenarios: SHORT, modes: ['coarse', 'fine'], runs: 48, profile: null } as const;
    const result = await runCheck(checkRequest(new Map(), request));

    expect(result.findings).toEqual([]);
    expect([result.verdict, result.configuration.device, result.configuration.world]).toEqual(['conforms', 'generic', 'generic-virtio-net']);
    const outcomes = new Map(result.clauses.items.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes.get('SPLIT-DRV-2.7.10.1-6')).toBe(driver === 'builtin:generic' ? 'held' : 'not-exercised');
    expect(outcomes.get('NET-DRV-5.1.9.5-1')).toBe('undecidable');
  });
});

describe('a mutant of the generic device or of its driver', () => {
  // Those that take hundreds of runs are left to `npm run mutants`.
  const slow = ['drv-event-no-wrap', 'dev-event-no-wrap', 'drv-event-recheck-early', 'drv-config-no-retry', 'drv-event-obeys-flags'];
  const mutants = ALL_MUTANTS.filter(({ device, id }) => device === 'generic' && !slow.includes(id));
  const execution = new Execution({ onRunStart: () => undefined });

  it.each(mutants.map((mutant) => [mutant.id, mutant] as const))('%s is killed', (id, mutant) => {
    expect(deviceOfBuiltIn(id)).toBe('generic');
    expect(builtInSubject(id)).not.toBeNull();
    expect(tryMutant(execution, mutant, 'generic', GENERIC_SCENARIOS, 400).killer).not.toBeNull();
  });
});
