// An explanation in words says what was tried, how often, and nothing more.
import { describe, expect, it } from 'vitest';
import { PLAIN_NAMES } from './event-text.js';
import { type Explanation, explanationLines } from './explanation-lines.js';

const PREEMPTION = { preemption: { agent: 1, step: 7, to: 255 } };
const CHOICE = { choice: { kind: 'storeDelay', ordinal: 2, value: 9 } };
const BARRIER = [3 | (1 << 8), 500, 1, 0, 0, 0, 0, 0];

function textOf(changes: Partial<Explanation>): string {
  const plain: Explanation = { deviations: [], continuations: [{ kept: 0, tried: 5, failed: 5 }], noReturn: null, twin: null, twinsTried: 0, runs: 6 };
  return explanationLines({ ...plain, ...changes }, PLAIN_NAMES).join('\n');
}

describe('an explanation', () => {
  it('names the choices and the point of no return with its counts', () => {
    const continuations = [
      { kept: 0, tried: 5, failed: 1 },
      { kept: 1, tried: 5, failed: 5 },
    ];
    const text = textOf({ deviations: [PREEMPTION, CHOICE], continuations, noReturn: continuations[1]! });

    expect(text).toContain('1. driver a gives way to everybody else before its access 7');
    expect(text).toContain('2. storeDelay, question 3, is answered with 9');
    expect(text).toContain('Point of no return: choice 1. All 5 continuations that were tried behind it failed.');
    expect(text).toContain('behind no choice: 1 of 5 continuations failed');
  });

  it('says when everything fails from the start, when nothing is sure, and when there is too much to look at', () => {
    expect(textOf({ noReturn: { kept: 0, tried: 5 } })).toContain('failed from the start');
    expect(textOf({})).toContain('behind every choice some continuation passes');
    expect(textOf({ deviations: [PREEMPTION], continuations: [] })).toContain('shrink the run first');
  });

  it('shows where the nearest passing run parts, or says that there was none', () => {
    const twin = { deviation: { preemption: { agent: 0, step: 3, to: 9 } }, isAdded: true, eventIndex: 4, failing: [BARRIER], passing: [BARRIER] };

    expect(textOf({ twin, twinsTried: 3 })).toContain('with "the server gives way to agent 9 before its access 3"');
    expect(textOf({ twin: { ...twin, isAdded: false }, deviations: [PREEMPTION], twinsTried: 3 })).toContain('with one choice less that passes: without');
    expect(textOf({ twin })).toContain('executes a full barrier');
    expect(textOf({ twinsTried: 12 })).toContain('Of 12 runs with one preemption more none passes.');
  });
});
