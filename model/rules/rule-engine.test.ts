// The engine: dispatch, counting, who may be accused, reuse; and the small parts of the shared state.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { chainMemory } from './chain-memory.js';
import { ChainSnapshot } from './chain-snapshot.js';
import { packageRoot } from './clause-file.host.js';
import type { ClauseSums } from './clause-sums.js';
import { EventScript, PLAIN_RUN, readable, RX, TX } from './event-script.js';
import { FrameQueue } from './frame-queue.js';
import { noEarlyKick } from './kick-timing.js';
import { LinkState } from './link-state.js';
import { ringOwnership } from './ring-ownership.js';
import { AT_ONCE, type RuleDefinition } from './rule.js';
import { RuleEngine } from './rule-engine.js';
import { statusSteps } from './status-steps.js';
import { strongestLevel } from './clauses.js';

const UNMAPPED = [readable(72, { address: 0x7000_0000 })];

test('a violation carries what a report needs', () => {
  const script = new EventScript([chainMemory], { subjects: [false, true] }).bringUp(1).publish(1, TX, 0, UNMAPPED, events.PROBLEM_BAD_ADDRESS);

  const [violation] = script.violations();

  expect(violation).toMatchObject({ ruleId: 'chain-memory', port: 1, party: 'driver', isSubject: true, level: 'MUST' });
  expect(violation!.message).toMatch(/^[A-Z].*\.$/);
  expect(violation!.eventIndex).toBe(script.outcome('SPLIT-DRV-2.7.5-3', 1).firstViolationAt);
  expect(violation!.timeNs).toBe(10 * (violation!.eventIndex + 1));
});

test('further violations of a clause are counted, the first is kept', () => {
  const script = new EventScript([noEarlyKick]).connect(0).status(0, 0).kick(0);

  const before = script.violations();
  script.kick(0).kick(0);

  expect(script.violations()).toEqual(before);
  expect(script.outcome('INIT-DRV-3.1.1-14').violatedCount).toBe(3);
});

test('a run with more ports than the last is judged in full', () => {
  const script = new EventScript([statusSteps]);
  script.engine.reset({ ...PLAIN_RUN, portCount: 5, subjects: [false, false, false, false, true], hooked: [] });

  script.status(4, 1);

  expect(script.outcome('INIT-DRV-3.1.1-1', 4).outcome).toBe('violated');
  expect(script.violations()[0]!.isSubject).toBe(true);
});

test('what can be decided follows the kind of run', () => {
  const script = new EventScript([ringOwnership]);
  const reasonIn = (change: object): string => {
    script.engine.reset({ ...PLAIN_RUN, ...change });
    return script.outcome('CLEANUP-DRV-3.3.1-1').reason;
  };

  const reasons = [reasonIn({}), reasonIn({ mode: 'fine' }), reasonIn({ mode: 'fine', hooked: [false, true] }), reasonIn({ mode: 'fine' })];

  expect(reasons).toEqual(['decided in fine and weak mode only; this run was coarse', '', 'the accesses of this driver are not visible', '']);
});

test('what a peer did counts against a judged driver at another port only', () => {
  const accuser: RuleDefinition = {
    ...AT_ONCE,
    id: 'accuser',
    title: 'Accuses the peer.',
    clauses: ['P2P-INV-3'],
    actor: 'link',
    create: (context) => ({
      on: [[events.HEALED, () => context.violated(0, 0, 'peer', { message: 'It was the peer.', expected: 'no', seen: 'yes', evidence: {} })]],
    }),
  };
  const isSubject = (subjects: readonly boolean[]): boolean => new EventScript([accuser], { subjects }).record(events.HEALED, 0).violations()[0]!.isSubject;

  expect(isSubject([false, true])).toBe(true);
  expect(isSubject([true, false])).toBe(false);
});

test('what the reference driver of a port did says nothing about the judged one', () => {
  const both: RuleDefinition = {
    ...AT_ONCE,
    id: 'both',
    title: 'Says of both ports what port 1 kept and port 0 did not.',
    clauses: ['INIT-DRV-3.1.1-2', 'P2P-INV-3'],
    actor: 'driver',
    create: (context) => ({
      on: [
        [
          events.HEALED,
          () => {
            context.held(0, 1);
            context.held(1, 1);
            context.undecidable(0, 0, 'it did not say');
          },
        ],
      ],
    }),
  };
  const sumsFor = (subjects: readonly boolean[]): ClauseSums => {
    const { engine } = new EventScript([both], { subjects }).record(events.HEALED, 0);
    const sums = engine.emptySums();
    engine.addTo(sums);
    return sums;
  };

  const judgedAtOne = sumsFor([false, true]);
  const judgedAtZero = sumsFor([true, false]);

  expect([...judgedAtOne.held]).toEqual([1, 1]);
  expect([...judgedAtOne.undecidable]).toEqual([0, 0]);
  // The clause about the link counts wherever it was decided.
  expect([...judgedAtZero.held]).toEqual([0, 1]);
  expect(judgedAtZero.reasons[0]).toBe('it did not say');
});

test('a clause that the claimed version does not have is neither held nor violated', () => {
  const saying: RuleDefinition = {
    ...statusSteps,
    id: 'saying',
    clauses: ['NOTIFY-DRV-2.3-1'],
    create: (context) => ({
      on: [
        [
          events.HEALED,
          () => {
            context.held(0, 0);
            context.violated(0, 0, 'driver', { message: 'm', expected: 'e', seen: 's', evidence: {} });
          },
        ],
      ],
    }),
  };
  const outcomeOf = (spec: '1.0' | '1.1'): string =>
    new EventScript([saying], { claim: { spec, features: null } }).record(events.HEALED, 0).outcome('NOTIFY-DRV-2.3-1').outcome;

  expect([outcomeOf('1.0'), outcomeOf('1.1')]).toEqual(['not exercised', 'violated']);
});

test('wrong use is refused by name', () => {
  expect(() => new RuleEngine([statusSteps, statusSteps])).toThrow('RuleEngine: two rules are called "status-steps"');
  expect(() => new RuleEngine([{ ...statusSteps, id: 'other', clauses: ['NONE-1'] }])).toThrow('there is no clause "NONE-1"');
  expect(() => new RuleEngine([]).outcomes()).toThrow('RuleEngine: no run was started');
  expect(() => new EventScript([statusSteps]).outcome('P2P-INV-1')).toThrow('no rule of this script decides P2P-INV-1 at port 0');
  expect(() => packageRoot(mkdtempSync(`${tmpdir()}/ringproof-`))).toThrow('packageRoot: no package.json at or above');
});

test('records of unknown ports and queues change nothing', () => {
  const state = new LinkState({ derived: () => undefined });
  state.reset(PLAIN_RUN);

  const nowhere = state.queueOf(7);

  expect(nowhere).toBe(state.queueOf(RX | (9 << 8)));
  expect(nowhere.isInstalled).toBe(false);
  expect(state.portOf(7).port).toBe(0);
  expect(state.peerOf(0)).toBe(1);
  state.reset({ ...PLAIN_RUN, portCount: 3 });
  expect(state.peerOf(0)).toBe(-1);
});

test('a chain snapshot grows with long chains and ignores elements nobody announced', () => {
  const chain = new ChainSnapshot();
  const words = new Uint32Array(8);
  words[3] = 200 << 16;
  chain.begin(words, 0);

  for (let element = 0; element < 201; element++) chain.add(words, 0);

  expect(chain.received).toBe(200);
  expect(chain.isComplete).toBe(true);
});

test('elements without a chain and parts without a meaning are ignored', () => {
  const script = new EventScript([chainMemory]).bringUp(0);

  script.record(events.CHAIN_ELEMENT, 1, TX << 8, 0, 0, 0, 60, 0).record(events.QUEUE_PART, 0, TX << 8, 3);

  expect(script.verdict()).toEqual([]);
});

test('a region of 4 GiB and one more region than are followed are no trouble', () => {
  const script = new EventScript([chainMemory]).connect(0).register(0, 0, 0).status(0, 0);
  for (let region = 0; region < 90; region++) script.register(0, 0x10000, 0x1000);

  expect(script.verdict()).toEqual([]);
});

test('frames are matched by length in order, come back, settle, and can be taken out', () => {
  const queue = new FrameQueue();
  for (let number = 0; number < 300; number++) queue.push(number, 100 + number);

  const isTaken = queue.takeLength(102);
  queue.rewind();
  const afterRewind = queue.firstLength;
  queue.takeLength(101);
  queue.settle();
  queue.settle();
  queue.settle();
  queue.rewind();
  queue.remove(5);
  queue.remove(999);

  expect([isTaken, afterRewind, queue.firstLength, queue.count]).toEqual([true, 100, 102, 297]);
  expect(queue.takeLength(105)).toBe(false);
  expect(queue.hasLonger(398)).toBe(true);
  queue.dropLast(500);
  expect([queue.isEmpty, queue.firstLength]).toEqual([true, 0]);
});

test('a full frame queue moves settled frames out before it grows', () => {
  const queue = new FrameQueue();

  for (let number = 0; number < 1000; number++) {
    queue.push(number, number);
    queue.takeLength(number);
    queue.settle();
  }
  queue.push(1000, 7);

  expect([queue.count, queue.firstLength]).toEqual([1, 7]);
});

test('the strongest level decides', () => {
  expect(strongestLevel(['NET-DRV-5.1.9.3-1', 'CONTRACT-WAKE'])).toBe('MUST');
  expect(strongestLevel(['NET-DRV-5.1.9.3-1'])).toBe('SHOULD');
});

test('where a driver broke off, device and link are left alone; a driver that refused excuses nobody', () => {
  const accuser = (id: string, party: 'device' | 'link'): RuleDefinition => ({
    ...AT_ONCE,
    id,
    title: 'Accuses.',
    clauses: ['P2P-INV-3'],
    actor: 'link',
    create: (context) => ({
      on: [[events.HEALED, () => context.violated(0, 1, party, { message: 'It was you.', expected: 'no', seen: 'yes', evidence: {} })]],
    }),
  });
  const verdictAfter = (party: 'device' | 'link', port: number, reason: number): string[] =>
    new EventScript([accuser('accuser', party)]).connect(0).connect(1).record(events.DRIVER_ENDED, 1 + port, port, reason).record(events.HEALED, 0).verdict();

  expect(verdictAfter('device', 1, events.DRIVER_THREW)).toEqual([]);
  expect(verdictAfter('device', 0, events.DRIVER_THREW)).toEqual(['P2P-INV-3@1 device']);
  expect(verdictAfter('link', 0, events.DRIVER_HUNG)).toEqual([]);
  expect(verdictAfter('link', 0, events.DRIVER_REFUSED)).toEqual(['P2P-INV-3@1 link']);
});
