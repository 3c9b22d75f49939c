// Exhaustive search: complete within its bounds, smallest runs first, the same every time, honest when it ends early.
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import { type RunRequest, QUICK_RUN } from '../scenarios/outcome.js';
import { plainScenario, send } from '../scenarios/scenario.js';
import { CHOICE_KINDS } from '../sim/choice.js';
import { exampleDriver } from './check.sample.host.js';
import { type ExploreBounds, Explorer, type ExploreResult } from './explore.js';
import { ProbeSource } from './probe-source.js';

const ALWAYS = (): boolean => true;
const full = builtInSubject('full')!;
const onePacket = plainScenario('one', [send(20_000, 0, 60)]);
const twoPackets = plainScenario('two', [send(20_000, 0, 60), send(21_000, 0, 60)]);

function requestFor(port: 0 | 1, change: Partial<RunRequest> = {}): RunRequest {
  const subjects: [boolean, boolean] = [port === 0, port === 1];
  return { scenario: onePacket, mode: 'fine', memory: 'sc', profile: 'fixed', revision: 'current', subjects, seed: 'explore', ...change };
}

function explored(
  subject: Subject,
  request: RunRequest,
  bounds: ExploreBounds,
  mayGoOn: (runs: number) => boolean = ALWAYS,
): ExploreResult {
  return new Explorer(new Execution({ onRunStart: () => undefined }), subject, request, bounds, mayGoOn).explore();
}

describe('an exhaustive search', () => {
  let noRecheck: Subject;
  let noBarrier: Subject;

  beforeAll(async () => {
    noRecheck = await loadDriver(exampleDriver('driver-no-recheck'));
    noBarrier = await loadDriver(exampleDriver('driver-no-write-barrier'));
  });

  it('of no deviations is the one plain run', () => {
    const { runs, isComplete, runsByDepth, findings } = explored(full, requestFor(0), { preemptions: 0, faults: 0 });

    expect({ runs, isComplete, runsByDepth, findings }).toEqual({ runs: 1, isComplete: true, runsByDepth: [1], findings: [] });
  });

  it('of one preemption finds a missing re-check, with a run that replays', () => {
    const request = requestFor(1, { scenario: twoPackets });

    const { findings, isComplete } = explored(noRecheck, request, { preemptions: 1, faults: 0 });

    const found = findings.find(({ violation }) => violation.ruleId === 'interrupt-check')!;
    const again = new Execution({ onRunStart: () => undefined }).run(request, noRecheck, { ...QUICK_RUN, tape: found.tape });
    expect(isComplete).toBe(true);
    expect(found.tape.schedule).toHaveLength(1);
    expect(again.digest).toBe(found.outcome.digest);
  }, 60_000);

  it('of one fault under weak memory finds a missing write barrier, and nothing in a driver that has it', () => {
    const request = requestFor(0, { mode: 'weak', memory: 'pso' });
    const bounds = { preemptions: 0, faults: 1 };

    const broken = explored(noBarrier, request, bounds);
    const right = explored(full, request, bounds);

    expect(broken.findings.map(({ violation }) => violation.ruleId)).toContain('avail-barrier');
    expect([right.isComplete, right.findings]).toEqual([true, []]);
  }, 60_000);

  it.each([
    ['a missing re-check', () => noRecheck, 1, 'fixed'],
    ['kicks decided too early', () => builtInSubject('drv-early-flags')!, 1, 'fixed'],
    ['a correct driver', () => full, 0, 'fixed'],
    ['the original server', () => full, 1, 'faithful'],
  ] as const)('shows every outcome that a search without reduction shows: %s', (_what, subject, port, profile) => {
    const request = requestFor(port, { scenario: twoPackets, profile });
    /** Rules broken and by whom, and how runs ended, over all runs. */
    const outcomesOf = (isReducing: boolean): { readonly outcomes: readonly string[]; readonly runs: number } => {
      const outcomes = new Set<string>();
      const execution = new Execution({ onRunStart: () => undefined });
      const run = execution.run.bind(execution);
      execution.run = (...call) => {
        const outcome = run(...call);
        outcomes.add(`${outcome.end} ${outcome.outcomeDigest}`);
        for (const { ruleId, party } of outcome.violations) outcomes.add(`${ruleId} ${party}`);
        return outcome;
      };
      const explorer = new Explorer(execution, subject(), request, { preemptions: 1, faults: 0 }, ALWAYS);
      explorer.isReducing = isReducing;
      return { runs: explorer.explore().runs, outcomes: [...outcomes].sort() };
    };

    const [all, reduced] = [outcomesOf(false), outcomesOf(true)];

    expect(reduced.outcomes).toEqual(all.outcomes);
    expect(reduced.runs).toBeLessThan(all.runs / 4);
  }, 60_000);

  it('is the same every time', () => {
    const search = (): ExploreResult => explored(full, requestFor(0), { preemptions: 1, faults: 0 });

    expect(search()).toEqual(search());
  }, 60_000);

  it('that is ended early says how far it came', () => {
    const { runs, isComplete, share } = explored(full, requestFor(0), { preemptions: 2, faults: 0 }, (made) => made < 150);

    expect([runs, isComplete]).toEqual([150, false]);
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThan(1);
  }, 60_000);
});

describe('the probe', () => {
  const two = { count: 2, ids: Int32Array.of(4, 9) };

  it('numbers questions, answers the given ones and writes down what else could be answered behind them', () => {
    const probe = new ProbeSource([{ question: 1, value: 1 }], new Set(['copyCut']), true);

    const answers = [probe.choose('copyCut', 4), probe.schedule(4, 10, two), probe.choose('storeDelay', 4), probe.choose('copyCut', 8)];

    expect(answers).toEqual([0, 1, 0, 0]);
    expect(probe.questions).toEqual([{ number: 2, bound: 8, agent: -1, step: CHOICE_KINDS.indexOf('copyCut'), others: [] }]);
  });

  it('that does not probe asks for nothing more, and refuses an answer that is not on offer', () => {
    const probe = new ProbeSource([{ question: 0, value: 3 }], new Set(), false);

    expect(probe.gap()).toBe(1);
    expect(() => probe.schedule(4, 10, two)).toThrow('fewer answers');
    expect(probe.gap()).toBeGreaterThan(1_000_000);
  });
});
