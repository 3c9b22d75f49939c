// Runs a mutant as a check at default options would, up to the first run in which a rule finds it that must.
//
// The second pass and the repeated runs of a check play no part. What else is found besides is kept for the matrix.
import { builtInSubject, deviationsOfBuiltIn } from '../drivers/builtin.js';
import type { Mutant } from '../model/mutant.js';
import type { Execution } from '../scenarios/execution.js';
import { accusationsIn } from '../scenarios/outcome.js';
import type { ScenarioDefinition } from '../scenarios/scenario.js';
import { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';

/** Most runs a mutant may live. */
export const TRIAL_RUNS = 2_000;

/** What became of a mutant. */
export interface TrialResult {
  readonly id: string;
  /** Number of runs up to the one that killed it; null = it survived. */
  readonly runs: number | null;
  /** The rule that killed it. */
  readonly killer: string | null;
  /** Scenario and mode of that run. */
  readonly where: string;
  /** Rules that accused anybody up to then, with the accused: `rule:party`. */
  readonly rules: readonly string[];
}

/** The plan of a check at default options. */
export function defaultPlan(seed: string, name: string, scenarios: readonly ScenarioDefinition[]): RunPlan {
  return new RunPlan({
    seed,
    profile: 'fixed',
    revision: 'current',
    memories: ['tso', 'pso', 'relaxed'],
    modes: ['coarse', 'fine', 'weak'],
    deviations: deviationsOfBuiltIn(name),
    scenarios,
  });
}

/** Makes runs until the mutant is killed, or `limit` of them. Throws Error for an unknown mutant. */
export function tryMutant(
  execution: Execution,
  mutant: Mutant,
  seed: string,
  scenarios: readonly ScenarioDefinition[],
  limit = TRIAL_RUNS,
): TrialResult {
  const { id } = mutant;
  const subject = builtInSubject(id);
  if (subject === null) throw new Error(`tryMutant: there is no mutant "${id}"`);
  const plan = defaultPlan(seed, id, scenarios);
  const rules = new Set<string>();
  for (let index = 0; index < limit; index++) {
    const request = plan.planned(index);
    const violations = accusationsIn(request, execution.run(request, subject, drawn(request)));
    for (const { ruleId, party } of violations) rules.add(`${ruleId}:${party}`);
    const killer = violations.find((violation) => violation.isSubject && mutant.kills.includes(violation.ruleId));
    if (killer === undefined) continue;
    const where = `${request.scenario.id}, ${request.mode}${request.memory === 'sc' ? '' : ` (${request.memory})`}`;
    return { id, runs: index + 1, killer: killer.ruleId, where, rules: [...rules].sort() };
  }
  return { id, runs: null, killer: null, where: '', rules: [...rules].sort() };
}
