// Missing barriers are found in those memory models in which they matter, and in no other.
//
// What theory says: TSO swaps a store with a later load only (Owens, Sarkar, Sewell 2009); PSO swaps stores, too; relaxed
// memory loads as well. So a missing store-load barrier shows from TSO on, store-store from PSO on, load-load in relaxed memory.
import { describe, expect, it } from 'vitest';
import { builtInSubject, deviationsOfBuiltIn } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import type { MemoryModel } from '../sim/store-order.js';
import { scenariosNamed } from './check.sample.host.js';
import { findMutant } from './mutants.js';
import { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';

/** Runs in which a missing barrier has to show where it matters; and in how many it must not, where it does not. */
const ENOUGH_RUNS = 300;
const QUIET_RUNS = 100;

const MODELS: readonly MemoryModel[] = ['sc', 'tso', 'pso', 'relaxed'];
const STORE_LOAD: readonly MemoryModel[] = ['tso', 'pso', 'relaxed'];
const STORE_STORE: readonly MemoryModel[] = ['pso', 'relaxed'];
const LOAD_LOAD: readonly MemoryModel[] = ['relaxed'];

const execution = new Execution({ onRunStart: () => undefined });

/** Runs of the built-in subject under a memory model up to the first in which a rule of `kills` accuses it, with the rule; null if none does. */
function firstAccusation(name: string, memory: MemoryModel, runs: number, kills: readonly string[] | null): { run: number; rule: string } | null {
  const isWeak = memory !== 'sc';
  const plan = new RunPlan({
    seed: 'weak',
    profile: 'fixed',
    revision: 'current',
    memories: isWeak ? [memory] : [],
    modes: [isWeak ? 'weak' : 'fine'],
    scenarios: scenariosNamed('ping-pong', 'suppressed-bursts'),
    deviations: deviationsOfBuiltIn(name),
  });
  for (let run = 0; run < runs; run++) {
    const request = plan.planned(run);
    const { violations } = execution.run(request, builtInSubject(name)!, drawn(request));
    const accusation = violations.find(({ ruleId, isSubject }) => (kills === null ? true : isSubject && kills.includes(ruleId)));
    if (accusation !== undefined) return { run, rule: accusation.ruleId };
  }
  return null;
}

describe.each([
  ['the server without a store-load barrier behind enabling notifications (Q22)', 'dev-q22', STORE_LOAD],
  ['a driver without a full barrier between avail.idx and reading used.flags', 'drv-no-full-barrier', STORE_LOAD],
  ['a driver without a write barrier before avail.idx', 'drv-no-write-barrier', STORE_STORE],
  ['a device without a write barrier before used.idx', 'dev-no-write-barrier', STORE_STORE],
  ['a driver without a read barrier behind used.idx', 'drv-no-read-barrier', LOAD_LOAD],
  ['a device without a read barrier behind avail.idx', 'dev-no-read-barrier', LOAD_LOAD],
] as const)('%s', (_what, name, models) => {
  const { kills } = findMutant(name)!;

  it.each(MODELS)('under %s', (memory) => {
    const isSeen = models.includes(memory);
    const accusation = firstAccusation(name, memory, isSeen ? ENOUGH_RUNS : QUIET_RUNS, isSeen ? kills : null);

    if (isSeen) expect(kills).toContain(accusation?.rule);
    else expect(accusation).toBeNull();
  });
});

describe('with all barriers', () => {
  it.each(MODELS)('nobody is accused under %s', (memory) => {
    expect(firstAccusation('full', memory, QUIET_RUNS, null)).toBeNull();
  });
});
