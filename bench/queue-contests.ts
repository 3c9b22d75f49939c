// The event queue against other ways to keep pending events (design §6: 1.8x a closure and object heap, 10x SimPy).
import { cppProgram, simpyScript } from './anchors.host.js';
import type { Comparison, Contest } from './contest.js';
import { subjectCommand } from './contender.host.js';

const OURS = 'event queue';
const CLOSURES = 'objects and closures';
const PROMISES = 'promise per event';
const SIMPY = 'SimPy 4';
const STANDARD = 'C++ priority_queue';

function row(pending: number, against: string, floor: number | null, goal: number | null): Comparison {
  return { what: `hold model, ${pending} pending`, of: OURS, against, measure: 'speed', floor, goal };
}

function queues(pending: number): Pick<Contest, 'part' | 'operation' | 'entries'> {
  return {
    part: 'event queue',
    operation: 'event',
    entries: [
      { name: OURS, command: subjectCommand('subjects/queue-hold', pending) },
      { name: CLOSURES, command: subjectCommand('anchors/closure-hold', pending) },
      { name: STANDARD, command: cppProgram('hold', pending) },
    ],
  };
}

/** The contests: 16 pending against everything, fewer and more against the two nearest. */
export function queueContests(): Contest[] {
  const full = queues(16);
  const slow = [
    { name: PROMISES, command: subjectCommand('anchors/promise-hold', 16) },
    { name: SIMPY, command: simpyScript('simpy_hold', 16) },
  ];
  const others = [4, 1000].map((pending) => ({
    ...queues(pending),
    comparisons: [row(pending, CLOSURES, 1.3, 1.8), row(pending, STANDARD, null, null)],
    sameWork: [OURS, CLOSURES, STANDARD],
  }));
  const main: Contest = {
    ...full,
    entries: [...full.entries, ...slow],
    comparisons: [
      row(16, CLOSURES, 1.3, 1.8),
      row(16, PROMISES, 4, 8),
      row(16, SIMPY, 5, 10),
      row(16, STANDARD, 0.3, 0.5),
    ],
    sameWork: [OURS, CLOSURES, STANDARD, PROMISES, SIMPY],
  };
  return [main, ...others];
}
