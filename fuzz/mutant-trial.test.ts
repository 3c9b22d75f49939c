// Mutants are killed by the rules they name; a handful here, all of them by `npm run mutants`.
import { expect, test } from 'vitest';
import { isDeviation } from '../model/p2p/planted-faults.js';
import { Execution } from '../scenarios/execution.js';
import { QUIRK_SCENARIOS } from '../scenarios/quirk-catalogue.js';
import { ALL_MUTANTS, BREAKABLE_RULES, findMutant } from './mutants.js';
import { tryMutant } from './mutant-trial.js';
import { checkScenarios, trialScenarios } from './plan-scenarios.host.js';

const execution = new Execution({ onRunStart: () => undefined });
/** Runs within which each of the chosen mutants dies; they were chosen for that. */
const FEW_RUNS = 100;

/** Quirks that show only together with others. */
const TOGETHER = 5;

const CHOSEN = [
  'drv-no-write-barrier',
  'drv-index-before-slot',
  'drv-chain-without-end',
  'drv-trusts-id',
  'dev-wrong-id',
  'dev-one-pending-flag',
  'link-lose',
  'link-flip',
  'dev-q1',
];

test.each(CHOSEN)('%s is killed', (id) => {
  const mutant = findMutant(id)!;

  const result = tryMutant(execution, mutant, 'test', trialScenarios(mutant), FEW_RUNS);

  expect(mutant.kills).toContain(result.killer);
  expect(result.rules.join(' ')).toContain(result.killer);
  expect(result.runs).toBeLessThanOrEqual(FEW_RUNS);
});

test('a mutant that no rule of its list finds survives, with what was found besides', () => {
  const mutant = { ...findMutant('link-flip')!, kills: ['used-flags'] };

  const result = tryMutant(execution, mutant, 'test', checkScenarios(null, true), 2);

  expect(result).toMatchObject({ runs: null, killer: null, rules: ['frame-delivery:device'] });
});

test('switched quirks with a scenario are mutants of the server, and rules about permissions need none', () => {
  expect(ALL_MUTANTS.filter(({ id }) => /^dev-[qtdp]\d+$/.test(id)).length).toBe(
    QUIRK_SCENARIOS.filter(({ quirk }) => isDeviation(quirk)).length - TOGETHER,
  );
  expect(BREAKABLE_RULES).not.toContain('driver-permissions');
  expect(BREAKABLE_RULES).toContain('used-flags');
});

test('an unknown mutant is wrong use', () => {
  expect(() => tryMutant(execution, { ...findMutant('link-flip')!, id: 'drv-none' }, 'test', [])).toThrow(
    'tryMutant: there is no mutant "drv-none"',
  );
});
