// Failing runs explained by others: what is said was tried, and a run that passes does pass.
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { Execution } from '../scenarios/execution.js';
import type { RunRequest } from '../scenarios/outcome.js';
import { plainScenario, send } from '../scenarios/scenario.js';
import { EMPTY_TAPE, type RunTape } from '../sim/choice.js';
import { FailureExplainer, pointOfNoReturn } from './explain-failure.js';
import { Explorer } from './explore.js';

const execution = new Execution({ onRunStart: () => undefined });
const request: RunRequest = {
  scenario: plainScenario('two', [send(20_000, 0, 60), send(21_000, 0, 60)]),
  mode: 'fine',
  memory: 'sc',
  profile: 'fixed',
  revision: 'current',
  subjects: [true, false],
  seed: 'explain',
};
const isKickCheck = ({ ruleId }: { readonly ruleId: string }): boolean => ruleId === 'kick-check';
const early = builtInSubject('drv-early-flags')!;

/** A run with one preemption in which the driver looks at used.flags too early. */
function failingTape(): RunTape {
  const { findings } = new Explorer(execution, early, request, { preemptions: 1, faults: 0 }, () => true).explore();
  return findings.find(({ violation }) => isKickCheck(violation))!.tape;
}

describe('a failing run', () => {
  const tape = failingTape();
  const explanation = new FailureExplainer(execution, early, isKickCheck, 10).explain({ request, tape })!;

  it('is told by its choices, with continuations behind each', () => {
    expect(explanation.deviations).toHaveLength(tape.schedule.length);
    expect(explanation.continuations.map(({ kept, tried }) => [kept, tried])).toEqual([
      [0, 10],
      [1, 10],
    ]);
    expect(explanation.continuations[1]!.failed).toBeGreaterThan(explanation.continuations[0]!.failed);
    expect(explanation.runs).toBe(1 + 20 + explanation.twinsTried);
  });

  it('has a twin that passes without the preemption, the same up to the first difference', () => {
    const twin = explanation.twin!;

    expect([explanation.twinsTried, twin.isAdded]).toEqual([1, false]);
    expect(execution.run(request, early, { tape: EMPTY_TAPE, isRecording: false, isKept: false }).violations).toEqual([]);
    expect(twin.failing.slice(0, 3)).toEqual(twin.passing.slice(0, 3));
    expect(twin.failing[3]).not.toEqual(twin.passing[3]);
  });

  it('is explained the same every time', () => {
    expect(new FailureExplainer(execution, early, isKickCheck, 10).explain({ request, tape })).toEqual(explanation);
  });

  it('that needs no choice fails behind none, and is looked for with one preemption more', () => {
    const subject = builtInSubject('drv-no-header')!;
    const wrong = ({ isSubject }: { readonly isSubject: boolean }): boolean => isSubject;
    const always = new FailureExplainer(execution, subject, wrong, 5).explain({ request, tape: EMPTY_TAPE })!;

    expect(always.continuations).toEqual([{ kept: 0, tried: 5, failed: 5 }]);
    expect(always.twin).toBeNull();
    expect(always.twinsTried).toBeGreaterThan(10);
  });

  it('that passes is not explained', () => {
    expect(new FailureExplainer(execution, builtInSubject('full')!, isKickCheck, 2).explain({ request, tape: EMPTY_TAPE })).toBeNull();
  });
});

describe('the point of no return', () => {
  const counts = (...failed: number[]) => failed.map((count, kept) => ({ kept, tried: 4, failed: count }));

  it('is the first choice behind which, and behind all later ones, everything failed', () => {
    expect(pointOfNoReturn(counts(0, 1, 4, 4))?.kept).toBe(2);
    expect(pointOfNoReturn(counts(4, 3, 4))?.kept).toBe(2);
    expect(pointOfNoReturn(counts(4))?.kept).toBe(0);
  });

  it('is none when a continuation behind the last choice passed', () => {
    expect(pointOfNoReturn(counts(0, 4, 3))).toBeNull();
    expect(pointOfNoReturn([])).toBeNull();
  });
});
