// Worker thread of the bench of mutants: takes one name at a time and tells what became of it.
import { parentPort } from 'node:worker_threads';
import { builtInSubject, deviceOfBuiltIn } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import { GENERIC_SCENARIOS } from '../scenarios/generic.js';
import { HOSTILE_SCENARIOS } from '../scenarios/hostile-device.js';
import { severityOf } from '../scenarios/check-result.js';
import { QUICK_RUN, accusationsIn } from '../scenarios/outcome.js';
import { shortcomingsOf } from './check-summary.js';
import { defaultPlan, tryMutant } from './mutant-trial.js';
import type { MutantOrder, MutantReply } from './mutant-work.host.js';
import { findMutant } from './mutants.js';
import { checkScenarios, trialScenarios } from './plan-scenarios.host.js';
import { addRun } from './run-batch.js';
import { drawn } from './strategies/drawn-run.js';
import { addClauses, emptyTally } from './tally.js';

const execution = new Execution({ onRunStart: () => undefined });
const port = parentPort!;

function tried({ name, seed, runs }: MutantOrder): MutantReply {
  const mutant = findMutant(name)!;
  const startedMs = performance.now();
  const result = tryMutant(execution, mutant, seed, trialScenarios(mutant), runs);
  return { kind: 'mutant', trial: { ...result, timeMs: performance.now() - startedMs } };
}

function acquitted({ name, seed, from = 0, runs, hasHostile = false }: MutantOrder): MutantReply {
  const subject = builtInSubject(name)!;
  const device = deviceOfBuiltIn(name);
  const scenarios = checkScenarios(null, false, device ?? 'reference');
  const everywhere = [...checkScenarios(null, false), ...HOSTILE_SCENARIOS, ...GENERIC_SCENARIOS];
  const plan = defaultPlan(seed, name, hasHostile ? everywhere : scenarios);
  const tally = emptyTally();
  const options = { ...QUICK_RUN, sums: execution.emptySums() };
  let violates = false;
  const alarms = new Set<string>();
  let firstAlarm: string | null = null;
  for (let index = from; index < from + runs; index++) {
    const request = plan.planned(index);
    const outcome = execution.run(request, subject, drawn(request, options));
    addRun(tally, request, outcome, index);
    for (const { ruleId, party, isSubject, level, message } of accusationsIn(request, outcome)) {
      alarms.add(`${ruleId}:${party}`);
      firstAlarm ??= `run ${index}, ${request.scenario.id}, ${request.mode} ${request.memory}: ${ruleId}: ${message}`;
      violates ||= isSubject && severityOf(level) === 'violation';
    }
  }
  addClauses(tally, options.sums);
  return { kind: 'driver', acquittal: { name, runs, alarms: [...alarms].sort(), firstAlarm, violates, inconclusive: shortcomingsOf(tally) } };
}

port.on('message', (order: MutantOrder) => port.postMessage(order.kind === 'mutant' ? tried(order) : acquitted(order)));
