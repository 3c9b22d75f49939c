// Contests with rounds too short to measure anything: what is checked is the frame, never a time.
import { describe, expect, it } from 'vitest';
import { type Contest, type Plan, runContest } from './contest.js';
import { subjectCommand } from './contender.host.js';

const PLAN: Plan = { rounds: 2, roundMs: 0.1, warmUpMs: 0 };

function contestOf(entries: Contest['entries']): Contest {
  const comparison = { what: 'hold', of: 'queue', against: 'other', measure: 'speed', floor: null, goal: null } as const;
  return { part: 'test', operation: 'event', entries, comparisons: [comparison], sameWork: ['queue', 'other'] };
}

describe('runContest', () => {
  it('makes one ratio per round of contenders that do the same work', async () => {
    const entries = [
      { name: 'queue', command: subjectCommand('subjects/queue-hold', 4) },
      { name: 'other', command: subjectCommand('anchors/closure-hold', 4) },
    ];

    const { rows, skipped } = await runContest(contestOf(entries), PLAN);

    expect([rows[0]!.values.length, skipped]).toEqual([2, []]);
  });

  it('refuses contenders that do different work', async () => {
    const entries = [
      { name: 'queue', command: subjectCommand('subjects/queue-hold', 4) },
      { name: 'other', command: subjectCommand('subjects/queue-hold', 5) },
    ];

    await expect(runContest(contestOf(entries), PLAN)).rejects.toThrow('contenders of "test" do not do the same work');
  });

  it('names a contender that cannot run and leaves its row without values', async () => {
    const entries = [
      { name: 'queue', command: subjectCommand('subjects/queue-hold', 4) },
      { name: 'other', command: { missing: 'no compiler here' } },
    ];

    const { rows, skipped } = await runContest(contestOf(entries), PLAN);

    expect([rows[0]!.values, skipped]).toEqual([[], ['test: other skipped: no compiler here']]);
  });

  it('tells what a contender that broke off said', async () => {
    const entries = [{ name: 'queue', command: subjectCommand('subjects/queue-hold', 'many') }];

    await expect(runContest(contestOf(entries), PLAN)).rejects.toThrow('parameter 0 must be an integer, got many');
  });
});
