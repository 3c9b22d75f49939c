// The event queue against a sorted array, which is simple enough to be right.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';

interface Pending {
  time: number;
  eventClass: number;
  sequence: number;
  agent: number;
  handle: number;
}

const command = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), time: fc.nat(50), eventClass: fc.nat(3), agent: fc.nat(3), source: fc.nat(1) }),
  fc.record({ kind: fc.constant('pop' as const) }),
  fc.record({ kind: fc.constant('take' as const), agent: fc.nat(3) }),
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('peek' as const) }),
);

function byOrder(left: Pending, right: Pending): number {
  return left.time - right.time || left.eventClass - right.eventClass || left.sequence - right.sequence;
}

describe('EventQueue', () => {
  it('behaves like a sorted array for any sequence of pushes, pops, takes, cancels and looks', () => {
    const queue = new EventQueue();
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        queue.reset();
        const oracle: Pending[] = [];
        let sequence = 0;
        for (const step of commands) {
          if (step.kind === 'push') {
            const handle = queue.push(step.time, step.eventClass, step.agent, sequence, 0, 0, step.source);
            oracle.push({ time: step.time, eventClass: step.eventClass, sequence: sequence++, agent: step.agent, handle });
            oracle.sort(byOrder);
          } else if (step.kind === 'peek') {
            // A command of its own, because a look fills the root a pop left empty.
            expect(queue.peekTime()).toBe(oracle[0]?.time ?? Number.POSITIVE_INFINITY);
          } else if (step.kind === 'cancel') {
            const victim = oracle[step.which];
            if (victim === undefined) continue;
            expect(queue.cancel(victim.handle)).toBe(true);
            oracle.splice(step.which, 1);
          } else {
            const at = step.kind === 'pop' ? 0 : oracle.findIndex((pending) => pending.agent === step.agent);
            const expected = at < 0 ? undefined : oracle.splice(at, 1)[0];
            const found = step.kind === 'pop' ? queue.pop() : queue.take(step.agent);
            expect(found).toBe(expected !== undefined);
            if (expected !== undefined) expect([queue.timeNs, queue.opcode, queue.agent]).toEqual([expected.time, expected.sequence, expected.agent]);
          }
          expect(queue.count).toBe(oracle.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('grows beyond its first size and keeps the order', () => {
    const queue = new EventQueue();
    for (let index = 0; index < 500; index++) queue.push((index * 7919) % 500, 1, 0, 0, index, 0, 0);

    const times: number[] = [];
    while (queue.pop()) times.push(queue.timeNs);

    expect(times).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  it('refuses more pending events than it can name', () => {
    const queue = new EventQueue();

    expect(() => {
      for (let index = 0; index <= 65536; index++) queue.push(0, 0, 0, 0, 0, 0, 0);
    }).toThrow('more than 65536 pending events');
  });

  it('refuses more events in a run than sequence numbers tell apart', () => {
    const queue = new EventQueue();
    // 2^28 - 1 is the last sequence number; counting up to it would take seconds.
    Object.assign(queue, { sequence: 268435455 });
    queue.push(0, 0, 0, 0, 0, 0, 0);

    expect(() => queue.push(0, 0, 0, 0, 0, 0, 0)).toThrow('more than 268435456 events in one run');
  });

  it('tells whether an agent has events and which sources are pending', () => {
    const queue = new EventQueue();
    queue.push(1, 0, 2, 0, 0, 0, 5);
    const sources: number[] = [];

    expect([queue.timeOf(2), queue.timeOf(1), queue.plainCount]).toEqual([1, Number.POSITIVE_INFINITY, 0]);
    expect(queue.everySource((source) => sources.push(source) > 0)).toBe(true);
    expect(queue.everySource(() => false)).toBe(false);
    expect(sources).toEqual([5]);
  });

  it('does not cancel by the handle of an event whose slot was used again', () => {
    const queue = new EventQueue();
    const old = queue.push(1, 0, 0, 0, 0, 0, 0);
    queue.pop();
    queue.push(2, 0, 0, 0, 0, 0, 0);

    expect(queue.cancel(old)).toBe(false);
    expect(queue.count).toBe(1);
  });
});
