// Every strategy makes runs that can be made again, keeps to what its paper says, and asks nobody where nobody is preempted.
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../../drivers/builtin.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { Execution } from '../../scenarios/execution.js';
import type { RunRequest } from '../../scenarios/outcome.js';
import { plainScenario, send } from '../../scenarios/scenario.js';
import { type Candidates, EVERYBODY_ELSE, type WaitingAccess } from '../../sim/choice.js';
import { NEVER } from '../../sim/gate.js';
import { RunPlan } from '../run-plan.js';
import { STRATEGIES, strategyNamed } from './catalogue.js';
import { DEFAULT_WEIGHTS } from './default-portfolio.js';
import { drawn, strategyWorldOf } from './drawn-run.js';
import { isConflict } from './partial-order-sampling.js';
import type { StrategyWorld } from './strategy.js';

const WORLD: StrategyWorld = { rates: {}, isPreemptive: true, accessesHint: 100, questionsHint: 20, agentCount: 3 };
const execution = new Execution({ onRunStart: () => undefined });
const full = builtInSubject('full')!;
const scenario = plainScenario('strategies', [send(20_000, 0, 60, 2), send(21_000, 1, 60)]);

function requestWith(strategy: string, seed = 'strategies', mode: 'coarse' | 'fine' | 'weak' = 'weak'): RunRequest {
  const memory = mode === 'weak' ? 'relaxed' : 'sc';
  return { scenario, mode, memory, profile: 'fixed', revision: 'current', subjects: [true, false], seed, strategy };
}

/** Candidates with the given agents, the first at the gate, each before the given access. */
function offer(ids: readonly number[], accesses: readonly (WaitingAccess | null)[] = []): Candidates {
  return {
    count: ids.length + 1,
    ids: Int32Array.of(...ids, EVERYBODY_ELSE),
    accessOf: (index, into) => {
      const access = accesses[index] ?? null;
      if (access !== null) Object.assign(into, access);
      return access !== null;
    },
  };
}

function access(offset: number, isWrite: boolean): WaitingAccess {
  return { offset, sizeBytes: 2, isWrite };
}

describe.each(STRATEGIES.map(({ id }) => id))('the strategy %s', (id) => {
  it('makes the same run from the same seed, others from others, and its tape plays strictly', () => {
    const make = (seed: string) =>
      execution.run(requestWith(id, seed), full, drawn(requestWith(id, seed), { tape: null, isRecording: true, isKept: false }));
    const [first, again] = [make('a'), make('a')];
    const { strategy: _drawn, ...request } = requestWith(id, 'a');
    const played = execution.run(request, full, { tape: first.tape, isRecording: false, isKept: false });

    expect(again).toEqual(first);
    expect([played.digest, played.unplaced]).toEqual([first.digest, 0]);
    expect(new Set(['a', 'b', 'c', 'd', 'e', 'f'].map((seed) => make(seed).digest)).size).toBeGreaterThan(1);
    expect(first.end).toBe('quiescent');
  });

  it('accuses no correct driver', () => {
    for (let seed = 0; seed < 6; seed++) {
      const request = requestWith(id, `correct/${seed}`);
      expect(execution.run(request, full, drawn(request)).violations).toEqual([]);
    }
  });

  it('never wants to be asked where nobody is preempted', () => {
    const source = strategyNamed(id)!.make('s', { ...WORLD, isPreemptive: false });

    expect(source.gap(0, 0, 0)).toBe(NEVER);
    expect(source.nudge?.(0) ?? false).toBe(false);
  });
});

describe('a walk', () => {
  it('at random gives every agent its turn, and holds nobody off', () => {
    const source = strategyNamed('random')!.make('s', WORLD);
    const answers = Array.from({ length: 300 }, (_, step) => source.schedule(1, step, offer([1, 0, 2])));

    for (const answer of [0, 1, 2]) expect(answers.filter((given) => given === answer).length).toBeGreaterThan(70);
    expect(answers).not.toContain(3);
  });

  it('that is sticky switches after ten accesses on average', () => {
    const source = strategyNamed('sticky')!.make('s', WORLD);
    const gaps = Array.from({ length: 2000 }, () => source.gap(0, 0, 0));

    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeGreaterThan(8.5);
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(11.5);
    expect(source.gap(0, 0, 7)).toBe(7);
  });

  it('that is uniform prefers agents with more left to do', () => {
    const source = strategyNamed('urw')!.make('s', { ...WORLD, accessesHint: 300 });
    const answers = Array.from({ length: 150 }, (_, step) => source.schedule(1, step, offer([1, 0])));

    // What one agent gets it has no longer left, so the two come out even, closer than by fair coins.
    expect(Math.abs(answers.filter((answer) => answer === 0).length - 75)).toBeLessThan(12);
  });

  it('that is selective lets agents run freely up to accesses that decide races', () => {
    const source = strategyNamed('surw')!.make('s', WORLD);
    const free = Array.from({ length: 50 }, (_, step) => source.schedule(1, step, offer([1, 0], [access(64, true)])));
    source.nudge!(1);
    const racy = Array.from({ length: 50 }, (_, step) => {
      const answer = source.schedule(1, step, offer([1, 0], [access(64, true)]));
      source.nudge!(answer === 0 ? 1 : 0);
      return answer;
    });

    expect(new Set(free)).toEqual(new Set([0]));
    expect(new Set(racy)).toEqual(new Set([0, 1]));
    expect(source.schedule(1, 99, offer([1, 0], [null]))).toBe(0);
  });
});

describe('PCT', () => {
  it('lets the agent of the highest priority run until a change, and changes as often as its depth says', () => {
    for (const [id, changes] of [['pct2', 1], ['pct3', 2], ['pct5', 4]] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const source = strategyNamed(id)!.make(`changes/${seed}`, { ...WORLD, questionsHint: 50 });
        let running = -1;
        let switches = 0;
        for (let step = 0; step < 100; step++) {
          const order = running < 0 ? [0, 1, 2] : [running, ...[0, 1, 2].filter((other) => other !== running)];
          source.gap(order[0]!, step, 0);
          const chosen = order[source.schedule(order[0]!, step, offer(order))]!;
          if (running >= 0 && chosen !== running) switches += 1;
          running = chosen;
          source.nudge!(chosen);
        }
        expect(switches).toBeLessThanOrEqual(changes);
      }
    }
  });

  it('turns fair when a run gets long, so that nobody starves', () => {
    const source = strategyNamed('pct2')!.make('s', WORLD);
    source.gap(0, 100_000, 0);
    const answers = Array.from({ length: 100 }, (_, step) => source.schedule(0, 100_000 + step, offer([0, 1, 2])));

    expect(new Set(answers)).toEqual(new Set([0, 1, 2]));
  });
});

describe('delay bounding', () => {
  it('delays at most as often as it says, and then holds the agent off', () => {
    for (const [id, delays] of [['delay1', 1], ['delay2', 2], ['delay5', 5]] as const) {
      const counts = new Set<number>();
      for (let seed = 0; seed < 20; seed++) {
        const source = strategyNamed(id)!.make(`delays/${seed}`, WORLD);
        let held = 0;
        for (let step = 0; step < 200; step++) {
          source.gap(0, step, 0);
          const answer = source.schedule(0, step, offer([0, 1, 2]));
          if (answer !== 0) {
            expect(answer).toBe(3);
            held += 1;
          }
          source.nudge!(0);
        }
        counts.add(held);
      }
      expect(Math.max(...counts)).toBe(delays);
    }
  });
});

describe('partial order sampling', () => {
  it('keeps the order of agents that do not conflict, and draws again after a conflict', () => {
    const apart = [access(0, true), access(64, true), access(128, false)];
    const together = [access(0, true), access(0, true), access(0, false)];
    /** How often the agent that lost the first question loses the second, too. */
    const staysBehind = (accesses: readonly WaitingAccess[]): number => {
      let count = 0;
      for (let seed = 0; seed < 400; seed++) {
        const source = strategyNamed('pos')!.make(`pos/${seed}`, WORLD);
        const first = source.schedule(0, 0, offer([0, 1], accesses));
        const winner = first;
        const second = source.schedule(winner, 1, offer([winner, 1 - winner], accesses));
        if (second === 0) count += 1;
      }
      return count / 400;
    };

    // The loser's dice are the lower of two when they are kept: a new throw beats them twice in three times. Thrown again it is even.
    expect(staysBehind(apart)).toBeGreaterThan(0.6);
    expect(Math.abs(staysBehind(together) - 0.5)).toBeLessThan(0.07);
  });

  it('sees a conflict where ranges overlap and one side writes', () => {
    expect(isConflict(access(0, true), access(1, false))).toBe(true);
    expect(isConflict(access(0, false), access(1, false))).toBe(false);
    expect(isConflict(access(0, true), access(2, true))).toBe(false);
  });
});

describe('drawing a run', () => {
  it('expects about as many accesses as runs of the catalogue make', () => {
    const scenarios = SCENARIOS.filter(({ id }) => id !== 'index-wrap');
    const plan = new RunPlan({ seed: 'hints', profile: 'fixed', revision: 'current', memories: ['tso'], modes: ['fine', 'weak'], scenarios });
    const ratios = Array.from({ length: 60 }, (_, index) => {
      const request = plan.planned(index);
      return execution.run(request, full, drawn(request)).accessCount / strategyWorldOf(request).accessesHint;
    }).sort((left, right) => left - right);

    expect(ratios[6]!).toBeGreaterThan(0.5);
    expect(ratios[53]!).toBeLessThan(2);
  });

  it('knows every strategy of the default portfolio, and refuses others', () => {
    expect(DEFAULT_WEIGHTS.map(([id]) => id).sort()).toEqual(STRATEGIES.map(({ id }) => id).sort());
    expect(() => drawn(requestWith('none'))).toThrow('there is no strategy "none"');
    expect(() => execution.run(requestWith('pos'), full, { tape: null, isRecording: false, isKept: false })).toThrow('needs the source');
  });
});
