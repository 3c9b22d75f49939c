// Batches and their tallies: adding up is independent of how the runs were cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import { scenariosNamed, wrongDriver } from './check.sample.host.js';
import { campaignDigest } from './campaign-digest.host.js';
import { BatchRunner } from './run-batch.js';
import { RunPlan } from './run-plan.js';
import { type Tally, emptyTally, mergeTally } from './tally.js';

const RUNS = 40;
const plan = new RunPlan({
  seed: 'batch',
  profile: 'faithful',
  revision: 'current',
  memories: ['tso', 'relaxed'],
  modes: ['coarse', 'fine', 'weak'],
  scenarios: scenariosNamed('bring-up', 'ping-pong', 'peer-replaced', 'checksum-offload', 'device-error'),
});
const execution = new Execution({ onRunStart: () => undefined });
const thrower = await loadDriver(wrongDriver('throws-in-transmit'));
const yes = (): boolean => true;

function tallyOf(subject: Subject, from: number, to: number): Tally {
  return new BatchRunner(plan, execution, subject).run(from, to, yes).tally;
}

describe('tallies', () => {
  const whole = tallyOf(thrower, 0, RUNS);

  it('of parts add up to that of the whole, wherever the runs are cut', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: RUNS - 1 }), { maxLength: 3 }), (cuts) => {
        const borders = [0, ...cuts.toSorted((left, right) => left - right), RUNS];
        const sum = emptyTally();
        for (let part = 1; part < borders.length; part++) mergeTally(sum, tallyOf(thrower, borders[part - 1]!, borders[part]!));

        expect(sum).toEqual(whole);
      }),
      { seed: 1, numRuns: 4 },
    );
  });

  it('hold every kind of entry in these runs', () => {
    expect([whole.runs, whole.repeated, whole.digests.length]).toEqual([RUNS, RUNS / 10, RUNS]);
    expect(Object.values(whole.runsByScenario).reduce((sum, count) => sum + count, 0)).toBe(RUNS);
    expect(Object.keys(whole.findings).length).toBeGreaterThan(0);
    expect(Object.keys(whole.quirks).length).toBeGreaterThan(0);
    expect(Object.values(whole.clauses).some(({ obstacle }) => obstacle !== '')).toBe(true);
    expect(Object.values(whole.clauses).some(({ absent }) => absent > 0)).toBe(true);
    for (const { count, countByScenario } of Object.values(whole.findings))
      expect(Object.values(countByScenario).reduce((sum, part) => sum + part, 0)).toBe(count);
  });

  it('give a digest that changes with each run and with their order', () => {
    const digest = campaignDigest(whole.digests);

    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(campaignDigest(whole.digests.toReversed())).not.toBe(digest);
    expect(campaignDigest(whole.digests.slice(1))).not.toBe(digest);
  });

  it('count a kind of finding once a run, and say what came first in each', () => {
    const [first] = Object.values(whole.findings);
    const { causes, clauses, count, fingerprint, violation } = first!;

    expect(count).toBeLessThanOrEqual(RUNS);
    expect(Object.values(causes).reduce((sum, part) => sum + part, 0)).toBe(count);
    expect(causes[fingerprint]).toBe(count);
    expect(clauses).toEqual(violation.clauseIds);
  });
});

describe('a batch runner', () => {
  it('records the first run of each kind of finding, and an earlier one that comes later', () => {
    const runner = new BatchRunner(plan, execution, thrower);
    const late = runner.run(20, RUNS, yes).recorded;
    const again = runner.run(20, RUNS, yes).recorded;
    const early = runner.run(0, 20, yes).recorded;

    expect(late.length).toBeGreaterThan(0);
    expect(again).toEqual([]);
    expect(early.map(({ fingerprint }) => fingerprint)).toContain(late[0]!.fingerprint);
    for (const { runIndex } of early) expect(runIndex).toBeLessThan(20);
    for (const { lastEvents, violation } of late) expect(lastEvents.length).toBe(Math.min(40, violation.eventIndex + 1));
    expect(late.find(({ violation }) => violation.ruleId === 'driver-fate')?.detail).toMatch(/frame 2 is one too many/);
  });

  it('ends the batch where it is told to', () => {
    const asked: number[] = [];

    const result = new BatchRunner(plan, execution, builtInSubject('full')!).run(5, 30, (index) => asked.push(index) < 4);

    expect([result.from, result.to, result.tally.runs, asked]).toEqual([5, 8, 3, [5, 6, 7, 8]]);
  });

  it('notices a driver that is not the same twice, be it in a repeated or in a recorded run', () => {
    let created = 0;
    const fickle: Subject = {
      ...thrower,
      plain: (guest) => {
        created += 1;
        if (created % 3 === 0) throw new Error('not this time');
        return thrower.plain!(guest);
      },
    };

    const { divergences } = new BatchRunner(plan, execution, fickle).run(0, RUNS, yes);

    expect(divergences.length).toBeGreaterThan(0);
    for (const { runIndex, request } of divergences) expect(request).toEqual(plan.planned(runIndex));
  });
});
