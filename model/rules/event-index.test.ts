// EVENT_IDX: each clause about positions fires with the right party, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, MRG_RXBUF, OFFER, readable, RX, TX, writable } from './event-script.js';
import { interruptCheck } from './interrupt-check.js';
import { interruptsDue, interruptSuppression } from './interrupts-due.js';
import { kickCheck } from './kick-check.js';
import { linkAtRest } from './link-at-rest.js';
import { needlessKicks } from './needless-kicks.js';
import { ringStart } from './ring-start.js';
import type { RuleDefinition, RunConfiguration } from './rule.js';
import { usedFlags } from './used-flags.js';

const EVENT_IDX = 1 << 29;
const FRAME = [readable(72)];
const BUFFER = [writable(1600)];
const PART_AVAIL_INDEX = 3;
const PART_AVAIL_EVENT = 9;

/** A port that negotiated EVENT_IDX. */
const script = (rules: readonly RuleDefinition[], change: Partial<RunConfiguration> = {}): EventScript =>
  new EventScript(rules, change).bringUp(0, { features: MRG_RXBUF | EVENT_IDX, offer: OFFER | EVENT_IDX });

/** The device returned a chain of the transmit queue and looked at used_event. */
const returned = (usedEvent: number, availFlags = 0): EventScript =>
  script([interruptsDue, interruptSuppression, ringStart])
    .publish(0, TX, 0, FRAME)
    .take(0, TX, 0)
    .writeUsed(0, TX, 0, 0)
    .publishUsed(0, TX)
    .record(events.USED_EVENT_SEEN, 0, TX << 8, usedEvent, availFlags);

test('an interrupt for the element that used_event names holds the clauses about it and about flags of 0', () => {
  const story = returned(0);

  story.interrupt(0).rest();

  expect(story.verdict()).toEqual([]);
  for (const id of ['SPLIT-DEV-2.7.7.2-5', 'P2P-INV-8', 'SPLIT-DRV-2.7.7.1-3']) expect(story.outcome(id).outcome, id).toBe('held');
  expect(story.outcome('SPLIT-DEV-2.7.7.2-3').outcome).toBe('not exercised');
});

test('without that interrupt the device is accused, and of an interrupt for another element, too', () => {
  expect(returned(0).rest().verdict()).toContain('SPLIT-DEV-2.7.7.2-5@0 device');
  expect(returned(1).interrupt(0).rest().verdict()).toEqual(['SPLIT-DEV-2.7.7.2-6@0 device']);
  expect(returned(1).rest().outcome('SPLIT-DEV-2.7.7.2-6').outcome).toBe('held');
});

test('avail.flags other than 0 are the driver’s mistake', () => {
  expect(returned(0, 1).interrupt(0).verdict()).toEqual(['SPLIT-DRV-2.7.7.1-3@0 driver']);
});

test('used.flags other than 0 are the device’s mistake', () => {
  const story = script([usedFlags]).record(events.AVAIL_EVENT_SET, 0, TX << 8, 0);

  story.record(events.USED_FLAGS, 0, TX << 8, 1);

  expect(story.verdict()).toEqual(['SPLIT-DEV-2.7.10.2-3@0 device']);
  expect(story.outcome('SPLIT-DEV-2.7.10.2-3').heldCount).toBe(1);
});

/** At rest, with avail_event of the transmit queue as given; two chains published, one kick after the first. */
const published = (availEvent: number, hasSecondKick: boolean): EventScript => {
  const story = script([linkAtRest]).publish(0, RX, 0, BUFFER).publish(0, TX, 0, FRAME).kick(0).publish(0, TX, 1, FRAME);
  if (hasSecondKick) story.kick(0);
  return story
    .queueAtEnd(0, RX)
    .queueAtEnd(0, TX)
    .record(events.EVENTS_AT_END, 0, TX << 8, availEvent << 16)
    .end();
};

test('used.flags of 1 is no excuse for a missing kick', () => {
  const story = script([linkAtRest]).publish(0, RX, 0, BUFFER).kick(0).publish(0, TX, 0, FRAME);

  story.queueAtEnd(0, RX).queueAtEnd(0, TX, { usedFlags: 1 }).record(events.EVENTS_AT_END, 0, TX << 8, 0).end();

  expect(story.verdict()).toEqual(['SPLIT-DRV-2.7.10.1-5@0 driver']);
});

test('a chain that avail_event names needs a kick, others need none', () => {
  expect(published(1, false).verdict()).toEqual(['SPLIT-DRV-2.7.10.1-6@0 driver']);
  expect(published(1, true).outcome('SPLIT-DRV-2.7.10.1-6').outcome).toBe('held');
  expect(published(7, false).verdict()).toEqual([]);
});

/** With every access: the driver stores avail.idx 1, then looks at avail_event and sees `shown`; `early` looks before. */
const looked = (shown: number, order: 'late' | 'early' | 'never'): EventScript => {
  const story = script([kickCheck], { mode: 'fine' }).publish(0, RX, 0, BUFFER).kick(0);
  const look = (): unknown => story.access('load', 1, 0, TX, PART_AVAIL_EVENT, 0, shown);
  if (order === 'early') look();
  story.access('store', 1, 0, TX, PART_AVAIL_INDEX, 0, 1).publish(0, TX, 0, FRAME);
  if (order === 'late') look();
  return story
    .queueAtEnd(0, RX)
    .queueAtEnd(0, TX)
    .record(events.EVENTS_AT_END, 0, TX << 8, 0)
    .end();
};

test.each([
  ['sees that a kick is wanted and sends none', 0, 'late', ['SPLIT-DRV-2.7.10.1-6@0 driver']],
  ['looks before it publishes', 9, 'early', ['SPLIT-DRV-2.7.10.1-6@0 driver', 'SPLIT-DRV-2.7.13-1@0 driver']],
  ['never looks', 0, 'never', ['SPLIT-DRV-2.7.10.1-6@0 driver']],
  ['is told that no kick is wanted', 9, 'late', []],
] as const)('with every access told, a driver that %s is judged by what it saw', (_name, shown, order, verdict) => {
  expect(looked(shown, order).verdict()).toEqual(verdict);
});

/** Two kicks after two chains, with looks at avail_event or without. */
const kicked = (looks: boolean, second: number): EventScript => {
  const story = script([needlessKicks], { mode: 'fine' });
  for (const [head, shown] of [
    [0, 0],
    [1, second],
  ] as const) {
    story.access('store', 1, 0, TX, PART_AVAIL_INDEX, 0, head + 1).publish(0, TX, head, FRAME);
    if (looks) story.access('load', 1, 0, TX, PART_AVAIL_EVENT, 0, shown);
    story.kick(0);
  }
  return story;
};

test('a kick that neither queue asked for is needless, one that a look asked for is not', () => {
  expect(kicked(false, 0).verdict()).toEqual(['SPLIT-DRV-2.7.10.1-7@0 driver']);
  expect(kicked(true, 0).verdict()).toEqual(['SPLIT-DRV-2.7.10.1-7@0 driver']);
  expect(kicked(true, 1).verdict()).toEqual([]);
  expect(kicked(true, 1).outcome('SPLIT-DRV-2.7.10.1-7').heldCount).toBe(2);
});

test('a device that looked at used_event before its used.idx was visible is to blame for a driver that rests', () => {
  const story = script([interruptCheck], { mode: 'fine' }).publish(0, RX, 0, BUFFER).take(0, RX, 0).writeUsed(0, RX, 0, 72);
  story.access('load', 0, 0, RX, 5, 0, 0).publishUsed(0, RX).record(events.USED_EVENT_SEEN, 0, RX << 8, 0, 0).interrupt(0);

  story.access('store', 0, 0, RX, 7, 0, 1).rest();

  expect(story.verdict()).toEqual(['P2P-INV-8@0 device']);
});
