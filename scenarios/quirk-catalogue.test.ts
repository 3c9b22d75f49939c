// Every scenario of a quirk: the device breaks the clause under `faithful` and nothing under `fixed`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { packageRoot } from '../model/rules/clause-file.host.js';
import type { Violation } from '../model/rules/rule.js';
import { SCENARIOS } from './catalogue.js';
import { Execution } from './execution.js';
import { QUICK_RUN, type RunOutcome, type RunRequest } from './outcome.js';
import { QUIRK_SCENARIOS, quirksWithoutScenario } from './quirk-catalogue.js';
import { quirkPage } from './quirk-page.js';
import { type QuirkScenario, quirkScenario } from './quirk-scenario.js';
import { scenarioSchema } from './scenario.js';

/** Runs in which a fault that needs the right moment is looked for. */
const MANY_RUNS = 300;
/** Time for them on a busy machine, in ms. */
const MANY_RUNS_MS = 60_000;

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

test.each(QUIRK_SCENARIOS.map((scenario) => [scenario.quirk, scenario] as const))('%s: the original breaks its clause', (_, scenario) => {
  const outcome = run(scenario, 'faithful');

  expect(againstDevice(outcome).flatMap(({ clauseIds }) => clauseIds)).toContain(scenario.clause);
});

test.each(QUIRK_SCENARIOS.filter(({ mode }) => mode === 'coarse').map((scenario) => [scenario.quirk, scenario] as const))(
  '%s: shows in fine mode just as well',
  (_, scenario) => {
    const [faithful, fixed] = (['faithful', 'fixed'] as const).map((profile) =>
      execution.run({ ...request(scenario, profile), mode: 'fine' }, builtInSubject('full')!, QUICK_RUN),
    );

    expect(againstDevice(faithful!).flatMap(({ clauseIds }) => clauseIds)).toContain(scenario.clause);
    expect(againstDevice(fixed!)).toEqual([]);
  },
);

test('every quirk of the sheets has a scenario or a reason', () => {
  const without = quirksWithoutScenario();

  expect(without.map(({ quirk }) => quirk)).toEqual(['Q23', 'Q28', 'Q32', 'T3', 'T4', 'T6', 'T8', 'T10', 'T11', 'T12', 'T13', 'T17', 'T20']);
  expect(without.every(({ reason }) => reason.length > 20)).toBe(true);
});

test('Q22 shows in some of many weak runs under faithful and in none under fixed', () => {
  const scenario = QUIRK_SCENARIOS.find(({ quirk }) => quirk === 'Q22')!;
  const count = (profile: RunRequest['profile']): number => {
    let found = 0;
    for (let seed = 0; seed < MANY_RUNS; seed++) {
      const outcome = execution.run({ ...request(scenario, profile), seed: String(seed) }, builtInSubject('full')!, QUICK_RUN);
      if (againstDevice(outcome).length > 0) found += 1;
    }
    return found;
  };

  expect(count('faithful')).toBeGreaterThan(0);
  expect(count('fixed')).toBe(0);
}, MANY_RUNS_MS);

test('M1: a server that reads avail.flags before used.idx is published is caught in fine mode', () => {
  const definition = SCENARIOS.find(({ id }) => id === 'suppressed-bursts')!;
  const caught = (deviations: RunRequest['deviations']): Violation[] => {
    const found: Violation[] = [];
    for (let run = 0; run < MANY_RUNS; run++) {
      const scenario = definition.generate((bound) => run % bound);
      const base = { scenario, mode: 'fine', memory: 'sc', profile: 'fixed', revision: 'current', subjects: [true, true], seed: `m1/${run}` } as const;
      const outcome = execution.run(deviations === undefined ? base : { ...base, deviations }, builtInSubject('full')!, QUICK_RUN);
      found.push(...againstDevice(outcome));
    }
    return found;
  };

  const broken = caught(['M1']);

  expect(new Set(broken.map(({ ruleId }) => ruleId))).toEqual(new Set(['interrupts-due']));
  expect(broken.every(({ party, isSubject }) => party === 'device' && isSubject)).toBe(true);
  expect(caught(undefined)).toEqual([]);
}, MANY_RUNS_MS);

test('the page about quirks is as build/quirk-page.mjs writes it', () => {
  const page = readFileSync(join(packageRoot(import.meta.dirname), 'docs', 'quirks.md'), 'utf8');

  expect(page).toBe(quirkPage());
});

test('an unknown quirk is refused by name', () => {
  expect(() => quirkScenario('Q99', 'P2P-INV-1', 'nothing', () => undefined)).toThrow('quirkScenario: there is no quirk Q99');
});

test('scenarios of quirks are plain data that the schema takes', () => {
  const scenarios = QUIRK_SCENARIOS.map((scenario) => scenario.generate(() => 0));

  expect(scenarios.map((scenario) => scenarioSchema.parse(JSON.parse(JSON.stringify(scenario))))).toEqual(scenarios);
});
