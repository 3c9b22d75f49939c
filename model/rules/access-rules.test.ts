// The rules that need every access: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, readable, RX, TX, writable } from './event-script.js';
import { interruptCheck } from './interrupt-check.js';
import { kickCheck } from './kick-check.js';
import { availBarrier, usedBarrier } from './publication-barrier.js';
import { availReadOrder, usedReadOrder } from './read-order.js';
import { deviceRingWrites, ringOwnership } from './ring-ownership.js';
import type { RuleDefinition } from './rule.js';

const DESC = 1;
const AVAIL_FLAGS = 2;
const AVAIL_INDEX = 3;
const AVAIL_RING = 4;
const USED_FLAGS = 6;
const USED_INDEX = 7;
const USED_RING = 8;
const SERVER = 0;
const DRIVER = 1;
const FRAME = [readable(72)];

const fine = (...rules: RuleDefinition[]): EventScript => new EventScript(rules, { mode: 'fine' }).bringUp(0).bringUp(1);
const relaxed = (...rules: RuleDefinition[]): EventScript =>
  new EventScript(rules, { mode: 'weak', memory: 'relaxed' }).bringUp(0).bringUp(1);

test('filling first and publishing then holds the clauses about ownership', () => {
  const script = fine(ringOwnership, deviceRingWrites)
    .access('store', DRIVER, 0, TX, DESC, 0, 0x4000)
    .access('store', DRIVER, 0, TX, AVAIL_RING, 0, 0);

  script
    .access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1)
    .publish(0, TX, 0, FRAME)
    .use(0, TX, 0)
    .access('store', SERVER, 0, TX, USED_INDEX, 0, 1);
  script.access('store', DRIVER, 0, TX, DESC, 0, 0x5000).access('store', DRIVER, 0, TX, AVAIL_FLAGS, 0, 1);

  expect(script.verdict()).toEqual([]);
  for (const id of [...ringOwnership.clauses, ...deviceRingWrites.clauses]) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['a descriptor of a chain in flight', DESC, 0, 9, ['CLEANUP-DRV-3.3.1-1', 'SPLIT-DRV-2.7.13-1', 'SPLIT-DRV-2.7.13.1-1']],
  ['the slot of an entry that was not taken', AVAIL_RING, 0, 3, ['SPLIT-DRV-2.7.13-1']],
  ['used.flags', USED_FLAGS, 0, 1, ['SPLIT-DRV-2.7-3']],
  ['used.idx', USED_INDEX, 0, 1, ['SPLIT-DRV-2.7-3']],
  ['a used element', USED_RING, 0, 1, ['SPLIT-DRV-2.7-3']],
])('a driver that writes %s is accused', (_name, part, index, value, clauses) => {
  const script = fine(ringOwnership).publish(0, TX, 0, FRAME);

  script.access('store', DRIVER, 0, TX, part, index, value);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('a descriptor of a chain the device has taken is not a matter of order any more', () => {
  const script = fine(ringOwnership).publish(0, TX, 0, FRAME).take(0, TX, 0);

  script.access('store', DRIVER, 0, TX, DESC, 0, 9);

  expect(script.verdict()).toEqual(['CLEANUP-DRV-3.3.1-1@0 driver', 'SPLIT-DRV-2.7.13.1-1@0 driver']);
});

test.each([
  ['the same value to a published slot', AVAIL_RING, 0, 0],
  ['the next free slot', AVAIL_RING, 1, 3],
  ['a free descriptor', DESC, 2, 9],
  ['other memory', 0, 0, 9],
])('a driver may write %s', (_name, part, index, value) => {
  const script = fine(ringOwnership).publish(0, TX, 0, FRAME);

  script.access('store', DRIVER, 0, TX, part, index, value);

  expect(script.verdict()).toEqual([]);
});

test('initializing the used ring before DRIVER_OK is the driver’s right', () => {
  const script = new EventScript([ringOwnership], { mode: 'fine' })
    .connect(0)
    .status(0, 0)
    .record(events.QUEUE_CONFIGURED, 0, RX, 0, 4, 1, 0, 1);

  script.install(0, RX, [0x10000, 0x10100, 0x10200]).access('store', DRIVER, 0, RX, USED_INDEX, 0, 0);

  expect(script.verdict()).toEqual([]);
});

test.each([
  ['a descriptor', DESC],
  ['the available ring', AVAIL_RING],
])('a device that writes %s is accused', (_name, part) => {
  const script = fine(deviceRingWrites);

  script.access('store', SERVER, 0, TX, part, 1, 9);

  expect(script.verdict()).toEqual(['SPLIT-DEV-2.7.5.1-3@0 device']);
});

test('rules about accesses stay silent about drivers whose accesses are not visible, and in coarse mode', () => {
  const hidden = new EventScript([ringOwnership], { mode: 'fine', hooked: [false, true] }).bringUp(0).publish(0, TX, 0, FRAME);
  const coarse = new EventScript([ringOwnership]).bringUp(0).publish(0, TX, 0, FRAME);

  hidden.access('store', DRIVER, 0, TX, DESC, 0, 9);
  coarse.access('store', DRIVER, 0, TX, DESC, 0, 9);

  expect(hidden.outcome('CLEANUP-DRV-3.3.1-1').reason).toBe('the accesses of this driver are not visible');
  expect(coarse.outcome('CLEANUP-DRV-3.3.1-1').reason).toBe('decided in fine and weak mode only; this run was coarse');
});

/** Port 0 stores slot 0 and descriptor 0, then avail.idx, all into its store buffer; they become visible in the order given. */
const draining = (order: readonly ('slot' | 'descriptor' | 'index')[]): EventScript => {
  const script = relaxed(availBarrier, ringOwnership)
    .access('buffered', DRIVER, 0, TX, DESC, 0, 9, 1)
    .access('buffered', DRIVER, 0, TX, AVAIL_RING, 0, 0, 2);
  script.access('buffered', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 3);
  for (const what of order) {
    if (what === 'descriptor') script.access('store', DRIVER, 0, TX, DESC, 0, 9, 1);
    else if (what === 'slot') script.access('store', DRIVER, 0, TX, AVAIL_RING, 0, 0, 2);
    else script.access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 3).publish(0, TX, 0, FRAME);
  }
  return script;
};

test('what becomes visible before avail.idx holds the clause about the write barrier', () => {
  const script = draining(['slot', 'descriptor', 'index']);

  expect(script.verdict()).toEqual([]);
  expect(script.outcome('SPLIT-DRV-2.7.13.3.1-1').outcome).toBe('held');
});

test.each([['slot' as const], ['descriptor' as const]])(
  'a %s that becomes visible after avail.idx had no write barrier before it',
  (late) => {
    const script = draining([late === 'slot' ? 'descriptor' : 'slot', 'index', late]);

    expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.13.3.1-1@0 driver']);
  },
);

test('an avail.idx that did not wait at all overtook the slot in the buffer', () => {
  const script = relaxed(availBarrier)
    .access('buffered', DRIVER, 0, TX, AVAIL_RING, 0, 0, 1)
    .access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1);

  script.publish(0, TX, 0, FRAME).access('store', DRIVER, 0, TX, AVAIL_RING, 0, 0, 1);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.13.3.1-1@0 driver']);
});

test('a slot for the next publication may wait behind this avail.idx', () => {
  const script = relaxed(availBarrier)
    .access('store', DRIVER, 0, TX, AVAIL_RING, 0, 0)
    .access('buffered', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 1);

  script
    .access('buffered', DRIVER, 0, TX, AVAIL_RING, 1, 1, 2)
    .access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 1)
    .publish(0, TX, 0, FRAME);
  script.access('store', DRIVER, 0, TX, AVAIL_RING, 1, 1, 2);

  expect(script.verdict()).toEqual([]);
});

test('the write barrier is not decided where stores keep their order', () => {
  const script = new EventScript([availBarrier], { mode: 'weak', memory: 'tso' }).bringUp(0);

  expect(script.outcome('SPLIT-DRV-2.7.13.3.1-1').reason).toBe('decided under the memory models pso and relaxed only; this run had tso');
});

test('a used element that becomes visible after used.idx had no write barrier before it', () => {
  const right = relaxed(usedBarrier)
    .access('buffered', SERVER, 0, TX, USED_RING, 0, 0, 1)
    .access('buffered', SERVER, 0, TX, USED_INDEX, 0, 1, 2);
  right.access('store', SERVER, 0, TX, USED_RING, 0, 0, 1).access('store', SERVER, 0, TX, USED_INDEX, 0, 1, 2);
  const wrong = relaxed(usedBarrier)
    .access('buffered', SERVER, 0, TX, USED_RING, 0, 0, 1)
    .access('buffered', SERVER, 0, TX, USED_INDEX, 0, 1, 2);
  wrong.access('store', SERVER, 0, TX, USED_INDEX, 0, 1, 2).access('store', SERVER, 0, TX, USED_RING, 0, 0, 1);

  expect(right.outcome('SPLIT-DEV-2.7.8.2-1').outcome).toBe('held');
  expect(wrong.verdict()).toEqual(['SPLIT-DEV-2.7.8.2-1@0 device']);
});

test('stale entries are read without a read barrier, fresh ones hold the clause', () => {
  const fresh = relaxed(usedReadOrder, availReadOrder);
  const stale = relaxed(usedReadOrder, availReadOrder);

  fresh.access('load', DRIVER, 0, RX, USED_RING, 0, 0).access('load', SERVER, 0, RX, AVAIL_RING, 0, 0);
  stale.access('load', DRIVER, 0, RX, USED_RING, 0, 0, 1).access('load', SERVER, 0, RX, DESC, 0, 0, 2);

  expect(fresh.outcome('SPLIT-DRV-2.7.14-3').outcome).toBe('held');
  expect(fresh.outcome('SPLIT-DEV-2.7.13-1').outcome).toBe('held');
  expect(stale.verdict()).toEqual(['SPLIT-DEV-2.7.13-1@0 device', 'SPLIT-DRV-2.7.14-3@0 driver']);
});

/** Port 1 has a buffer posted with a kick; port 0 publishes a frame with the accesses given and does not kick. */
const unkicked = (act: (script: EventScript) => EventScript, weak = false): EventScript => {
  const script = weak ? relaxed(kickCheck) : fine(kickCheck);
  script
    .publish(0, RX, 0, [writable(1600)])
    .kick(0)
    .access('store', 2, 1, RX, AVAIL_INDEX, 0, 1)
    .publish(1, RX, 0, [writable(1600)])
    .kick(1)
    .look(1, RX);
  return act(script).rest();
};
const look = (script: EventScript, flags: number): EventScript => script.access('load', DRIVER, 0, TX, USED_FLAGS, 0, flags);
const store = (script: EventScript): EventScript => script.access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1).publish(0, TX, 0, FRAME);

test('a publication that is kicked holds the clauses', () => {
  const script = unkicked((story) => look(store(story), 0).kick(0).use(0, TX, 0).use(1, RX, 0));

  expect(script.verdict()).toEqual([]);
  for (const id of ['SPLIT-DRV-2.7.13.4.1-1', 'SPLIT-DRV-2.7.10.1-4', 'SPLIT-DRV-2.7.13-1'])
    expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['saw 0 and did not kick', (story: EventScript) => look(store(story), 0), ['SPLIT-DRV-2.7.10.1-4']],
  ['never looked and did not kick', (story: EventScript) => store(story), ['SPLIT-DRV-2.7.10.1-4']],
  ['looked before it published', (story: EventScript) => store(look(story, 1)), ['SPLIT-DRV-2.7.10.1-4', 'SPLIT-DRV-2.7.13-1']],
])('a driver that %s is accused at rest', (_name, act, clauses) => {
  const script = unkicked(act);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('a look at used.flags while avail.idx was still in the store buffer lacks a full barrier', () => {
  const act = (story: EventScript): EventScript => look(story.access('buffered', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 1), 1);
  const drain = (story: EventScript): EventScript => story.access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1, 1).publish(0, TX, 0, FRAME);

  const script = unkicked((story) => drain(act(story)), true);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.13.4.1-1@0 driver']);
});

test('a driver that was told not to kick is right; a device that then did not look is not', () => {
  const missed = unkicked((story) => look(store(story), 1));
  const served = unkicked((story) => look(store(story), 1).look(0, TX).use(0, TX, 0).use(1, RX, 0));
  const resting = unkicked((story) => look(store(story), 1).look(0, TX));

  expect(missed.verdict()).toEqual(['P2P-INV-5@1 device', 'SPLIT-DEV-2.7.10-1@0 device']);
  expect(served.verdict()).toEqual([]);
  expect(served.outcome('SPLIT-DEV-2.7.10-1').outcome).toBe('held');
  // It had looked, so only the rest itself is wrong.
  expect(resting.verdict()).toEqual(['P2P-INV-5@1 device']);
});

test('the same holds for a receive queue', () => {
  const script = fine(kickCheck)
    .publish(0, TX, 0, FRAME)
    .kick(0)
    .look(0, TX)
    .publish(1, RX, 1, [writable(1600)])
    .kick(1)
    .use(1, RX, 1);
  script
    .access('store', 2, 1, RX, AVAIL_INDEX, 0, 2)
    .publish(1, RX, 0, [writable(1600)])
    .access('load', 2, 1, RX, USED_FLAGS, 0, 1);

  script.rest();

  expect(script.verdict()).toEqual(['P2P-INV-5@1 device', 'SPLIT-DEV-2.7.10-1@1 device']);
});

test('a device is not accused while the driver at the other end owes it a kick of its own', () => {
  const story = fine(kickCheck).publish(1, RX, 0, [writable(1600)]).kick(1).use(1, RX, 0);
  story.access('store', 2, 1, RX, AVAIL_INDEX, 0, 2).publish(1, RX, 1, [writable(1600)]).access('load', 2, 1, RX, USED_FLAGS, 0, 0);

  story.access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 1).publish(0, TX, 0, FRAME).access('load', DRIVER, 0, TX, USED_FLAGS, 0, 1).look(0, TX);
  story.rest();

  expect(story.verdict()).toEqual(['SPLIT-DRV-2.7.10.1-4@1 driver']);
});

test('a queue that asks for no kicks at rest, a lost kick and a run without rest accuse nobody', () => {
  const quiet = fine(kickCheck)
    .publish(0, RX, 0, [writable(1600)])
    .kick(0);
  store(quiet).queueAtEnd(0, TX, { usedFlags: 1 }).queueAtEnd(0, RX).end();
  const lost = unkicked((story) => store(story).fault(1, 'lostNotification'));
  const restless = fine(kickCheck).kick(0, 1, 1);
  store(restless).end(events.END_BUDGET);

  expect([...quiet.verdict(), ...lost.verdict(), ...restless.verdict()]).toEqual([]);
});

/** Port 0 gets a frame; its driver has last seen `seen` in used.idx. */
const receiving = (seen: number, act: (script: EventScript) => EventScript, availFlags = 0): EventScript => {
  const script = fine(interruptCheck)
    .publish(0, RX, 0, [writable(1600)])
    .use(0, RX, 0, 72, 1);
  act(script.access('load', DRIVER, 0, RX, USED_INDEX, 0, seen));
  return script.queueAtEnd(0, RX, { availFlags }).queueAtEnd(0, TX).end();
};

test('a driver that has seen everything holds the clauses, by two bytes or by four', () => {
  const two = receiving(1, (script) => script);
  const four = receiving(0, (script) =>
    script.access('load', DRIVER, 0, RX, USED_FLAGS, 0, 1 << 16, 0, 4).access('load', DRIVER, 0, RX, USED_FLAGS, 0, 0),
  );

  for (const script of [two, four]) for (const id of interruptCheck.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['enabled interrupts without looking again', (script: EventScript) => script, 0, 'SPLIT-DRV-2.7.14-2'],
  ['rests with interrupts off', (script: EventScript) => script, 1, 'SPLIT-DRV-2.7.14-2'],
  ['was interrupted and did not look', (script: EventScript) => script.record(events.INTERRUPT_TAKEN, 1, 0, 0), 0, 'NOTIFY-DRV-2.3-1'],
])('a driver that %s is accused', (_name, act, availFlags, clause) => {
  const script = receiving(0, act, availFlags);

  expect(script.verdict()).toEqual([`${clause}@0 driver`]);
});

test.each([
  [
    'the device owes an interrupt',
    (script: EventScript) => script.publish(0, RX, 1, [writable(1600)]).use(0, RX, 1, 72, 0),
    'the device owes an interrupt',
  ],
  ['a fault took the interrupt', (script: EventScript) => script.fault(0, 'lostNotification'), 'a recorded fault took an interrupt'],
])('a driver is not accused when %s', (_name, act, reason) => {
  const script = receiving(0, act);

  expect(script.outcome('SPLIT-DRV-2.7.14-2')).toMatchObject({ outcome: 'undecidable', reason });
});

test('a driver that ended, and transmit buffers nobody collected, are left alone', () => {
  const ended = receiving(0, (script) => script.record(events.DRIVER_ENDED, 1, 0, events.DRIVER_THREW));
  const lazy = fine(interruptCheck).publish(0, TX, 0, FRAME).use(0, TX, 0, 0, 1).access('load', DRIVER, 0, TX, USED_INDEX, 0, 0).rest();

  expect([...ended.verdict(), ...lazy.verdict()]).toEqual([]);
});

test('a device that looks at avail.flags before its used.idx is visible is accused, not the driver that looked again', () => {
  const looking = (isEarly: boolean): EventScript => {
    const script = fine(interruptCheck)
      .publish(0, RX, 0, [writable(1600)])
      .take(0, RX, 0)
      .writeUsed(0, RX, 0, 72);
    const flags = (): EventScript => script.access('load', SERVER, 0, RX, AVAIL_FLAGS, 0, 1);
    const index = (): EventScript => script.access('store', SERVER, 0, RX, USED_INDEX, 0, 1);
    script.publishUsed(0, RX);
    if (isEarly) flags();
    index();
    if (!isEarly) flags();
    return script.record(events.AVAIL_FLAGS_SEEN, 0, 0, 1).access('load', DRIVER, 0, RX, USED_INDEX, 0, 0).rest();
  };

  expect(looking(true).verdict()).toEqual(['P2P-INV-8@0 device']);
  expect(looking(false).verdict()).toEqual(['SPLIT-DRV-2.7.14-2@0 driver']);
});
