// The stacks above the drivers: what a driver may do with lent frames when it is stopped.
import { expect, test } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { Execution } from './execution.js';
import { QUICK_RUN } from './outcome.js';
import { restartUnderLoad } from './restart-under-load.js';

/** Runs of which some stop the driver while the stack holds frames of it. */
const RUNS = 80;
const HOLD_NS = 1_500;

test('frames a driver had lent when it was stopped are its own again', () => {
  const execution = new Execution({ onRunStart: () => undefined });
  const rules = new Set<string>();

  for (let run = 0; run < RUNS; run++) {
    const scenario = restartUnderLoad.generate((bound) => (run * 7) % bound);
    const [first, second] = scenario.ports;
    const held = {
      ...scenario,
      ports: [
        { ...first, holdNs: HOLD_NS },
        { ...second, holdNs: HOLD_NS },
      ] as typeof scenario.ports,
    };
    const base = {
      mode: 'fine',
      memory: 'sc',
      profile: 'fixed',
      revision: 'current',
      subjects: [true, true],
      seed: `lent/${run}`,
    } as const;
    for (const { ruleId } of execution.run({ ...base, scenario: held }, builtInSubject('full')!, QUICK_RUN).violations) rules.add(ruleId);
  }

  expect([...rules]).toEqual([]);
});
