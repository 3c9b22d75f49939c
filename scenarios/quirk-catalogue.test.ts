// Every scenario of a quirk: the device breaks the clause under `faithful` and nothing under `fixed`.
import { expect, test } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import type { Violation } from '../model/rules/rule.js';
import { Execution } from './execution.js';
import { QUICK_RUN, type RunOutcome, type RunRequest } from './outcome.js';
import { QUIRK_SCENARIOS } from './quirk-catalogue.js';
import type { QuirkScenario } from './quirk-scenario.js';
import { scenarioSchema } from './scenario.js';

const execution = new Execution({ onRunStart: () => undefined });

function request(scenario: QuirkScenario, profile: RunRequest['profile']): RunRequest {
  const { mode, memory, seed } = scenario;
  return { scenario: scenario.generate(() => 0), mode, memory, profile, revision: 'current', subjects: [false, false], seed };
}

function run(scenario: QuirkScenario, profile: RunRequest['profile']): RunOutcome {
  return execution.run(request(scenario, profile), builtInSubject('full')!, QUICK_RUN);
}

/** What is held against the server. */
function againstDevice(outcome: RunOutcome): Violation[] {
  return outcome.violations.filter(({ party }) => party === 'device' || party === 'link');
}

test.each(QUIRK_SCENARIOS.map((scenario) => [scenario.quirk, scenario] as const))('%s: the corrected server keeps everything', (_, scenario) => {
  const outcome = run(scenario, 'fixed');

  expect(againstDevice(outcome)).toEqual([]);
  expect(outcome.end).toBe('quiescent');
  expect(outcome.failures).toEqual([null, null]);
});

test('scenarios of quirks are plain data that the schema takes', () => {
  const scenarios = QUIRK_SCENARIOS.map((scenario) => scenario.generate(() => 0));

  expect(scenarios.map((scenario) => scenarioSchema.parse(JSON.parse(JSON.stringify(scenario))))).toEqual(scenarios);
});
