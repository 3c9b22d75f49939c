// Worker thread of the bench of mutants: takes one name at a time and tells what became of it.
import { parentPort } from 'node:worker_threads';
import { builtInSubject } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import { severityOf } from '../scenarios/check-result.js';
import { QUICK_RUN } from '../scenarios/outcome.js';
import { shortcomingsOf } from './check-summary.js';
import { defaultPlan, tryMutant } from './mutant-trial.js';
import type { Acquittal, Trial } from './mutant-matrix.js';
import { findMutant } from './mutants.js';
import { checkScenarios, trialScenarios } from './plan-scenarios.host.js';
import { addRun } from './run-batch.js';
import { addClauses, emptyTally } from './tally.js';

/** A job: a mutant to be killed, or a driver to be run so many times. */
export interface MutantOrder {
  readonly name: string;
  readonly kind: 'mutant' | 'driver';
  readonly seed: string;
  readonly runs: number;
}

/** Answer to a job. */
export type MutantReply = { readonly kind: 'mutant'; readonly trial: Trial } | { readonly kind: 'driver'; readonly acquittal: Acquittal };

const execution = new Execution({ onRunStart: () => undefined });
const port = parentPort!;

function tried({ name, seed, runs }: MutantOrder): MutantReply {
  const mutant = findMutant(name)!;
  const startedMs = performance.now();
  const result = tryMutant(execution, mutant, seed, trialScenarios(mutant), runs);
  return { kind: 'mutant', trial: { ...result, timeMs: performance.now() - startedMs } };
}

function acquitted({ name, seed, runs }: MutantOrder): MutantReply {
  const subject = builtInSubject(name)!;
  const plan = defaultPlan(seed, name, checkScenarios(null, false));
  const tally = emptyTally();
  const options = { ...QUICK_RUN, sums: execution.emptySums() };
  let violates = false;
  const alarms = new Set<string>();
  for (let index = 0; index < runs; index++) {
    const request = plan.planned(index);
    const outcome = execution.run(request, subject, options);
    addRun(tally, request, outcome, index);
    for (const { ruleId, party, isSubject, level } of outcome.violations) {
      alarms.add(`${ruleId}:${party}`);
      violates ||= isSubject && severityOf(level) === 'violation';
    }
  }
  addClauses(tally, options.sums);
  return { kind: 'driver', acquittal: { name, runs, alarms: [...alarms].sort(), violates, inconclusive: shortcomingsOf(tally) } };
}

port.on('message', (order: MutantOrder) => port.postMessage(order.kind === 'mutant' ? tried(order) : acquitted(order)));
