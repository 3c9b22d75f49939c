// interrupts-due, interrupt-suppression, link-at-rest: each clause fires with the right party, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, readable, RX, TX, writable } from './event-script.js';
import { interruptsDue, interruptSuppression } from './interrupts-due.js';
import { linkAtRest } from './link-at-rest.js';

const FRAME = [readable(72)];
const BUFFER = [writable(1600)];
const OFF = 1;
const returning = (availFlags: number): EventScript =>
  new EventScript([interruptsDue, interruptSuppression]).bringUp(0).publish(0, TX, 0, FRAME).use(0, TX, 0, 0, availFlags);

test('a wanted interrupt that comes holds the clauses, one for several buffers too', () => {
  const script = returning(0).publish(0, RX, 0, BUFFER).use(0, RX, 0, 72, OFF);

  script.interrupt(0).end();

  expect(script.verdict()).toEqual([]);
  const held = ['SPLIT-DEV-2.7.7.2-2', 'SPLIT-DEV-2.7.7.2-3', 'SPLIT-DEV-2.7.14-1', 'P2P-INV-8'];
  for (const id of held) expect(script.outcome(id).outcome, id).toBe('held');
});

test('a wanted interrupt that never comes is the device’s violation at rest', () => {
  const script = returning(0);

  script.interrupt(0, 2).end();

  expect(script.verdict()).toEqual(['P2P-INV-8@0 device', 'SPLIT-DEV-2.7.14-1@0 device', 'SPLIT-DEV-2.7.7.2-3@0 device']);
});

test('a device that looks at avail.flags before it moves used.idx may miss an interrupt', () => {
  const script = new EventScript([interruptsDue]).bringUp(0).publish(0, TX, 0, FRAME).take(0, TX, 0).writeUsed(0, TX, 0, 0);

  script
    .record(events.AVAIL_FLAGS_SEEN, 0, TX << 8, OFF)
    .publishUsed(0, TX)
    .end();

  expect(script.verdict()).toContain('SPLIT-DEV-2.7.7.2-3@0 device');
});

test.each([
  ['a run that did not come to rest', (script: EventScript) => script.end(events.END_BUDGET)],
  ['a dead server', (script: EventScript) => script.record(events.SERVER_ENDED, 0, events.SERVER_CRASHED).end()],
  ['a reset of the queue', (script: EventScript) => script.status(0, 0).end()],
])('%s owes no interrupt', (_name, act) => {
  const script = returning(0);

  act(script);

  expect(script.verdict()).toEqual([]);
});

test('an interrupt after looks that all found it unwanted is a violation, unless a fault made it', () => {
  const wrong = returning(OFF).interrupt(0);
  const faulty = returning(OFF).fault(0, 'spuriousInterrupt').interrupt(0);

  expect(wrong.verdict()).toEqual(['SPLIT-DEV-2.7.7.2-2@0 device']);
  expect(faulty.verdict()).toEqual([]);
});

test('an interrupt without any returned buffer breaks no clause about suppression', () => {
  const script = new EventScript([interruptSuppression]).bringUp(0);

  script.interrupt(0).interrupt(0, 2);

  expect(script.outcome('SPLIT-DEV-2.7.7.2-2').outcome).toBe('not exercised');
});

/** Both ports up; port 1 posted a receive buffer with a kick. */
const linked = (change = {}): EventScript => {
  const script = new EventScript([linkAtRest], change).bringUp(0).bringUp(1);
  return script.publish(0, RX, 0, BUFFER).kick(0).publish(1, RX, 0, BUFFER).kick(1).look(1, RX);
};

test('a link whose work is done holds all clauses', () => {
  const script = linked().publish(0, TX, 0, FRAME).kick(0).use(0, TX, 0).use(1, RX, 0, 72);

  script.rest();

  expect(script.verdict()).toEqual([]);
  expect(script.outcome('SPLIT-DRV-2.7.10.1-4').outcome).toBe('held');
  expect(script.outcome('INIT-DRV-3.1.1-15').outcome).toBe('held');
  expect(script.outcome('P2P-INV-5', 1).outcome).toBe('held');
});

test('a frame published without a kick is its driver’s, not the device’s', () => {
  const script = linked().publish(0, TX, 0, FRAME);

  script.rest();

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.10.1-4@0 driver']);
});

test('a refill without a kick is its driver’s', () => {
  const script = new EventScript([linkAtRest]).bringUp(0).bringUp(1).publish(0, RX, 0, BUFFER).kick(0);

  script.publish(0, TX, 0, FRAME).kick(0).publish(1, RX, 0, BUFFER).rest();

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-15@1 driver', 'SPLIT-DRV-2.7.10.1-4@1 driver']);
});

test('what was announced before DRIVER_OK only may lie with a device that waits for notifications', () => {
  const early = (change = {}): EventScript =>
    new EventScript([linkAtRest], change)
      .bringUp(0)
      .bringUp(1)
      .publish(0, RX, 0, BUFFER)
      .publish(0, TX, 0, FRAME)
      .kick(0)
      .publish(1, RX, 0, BUFFER)
      .record(events.KICKED, 2, 1, 1)
      .rest();
  const hears = early();
  const neverAnnounced = new EventScript([linkAtRest]).bringUp(0).bringUp(1).publish(0, TX, 0, FRAME).kick(0).publish(1, RX, 0, BUFFER).rest();

  expect(hears.verdict()).toEqual(['P2P-INV-5@1 device']);
  expect(neverAnnounced.verdict().filter((line) => line.endsWith('device'))).toEqual([]);
});

test('work that both drivers announced and the device left lying is the device’s', () => {
  const script = linked().publish(0, TX, 0, FRAME).kick(0);

  script.rest();

  expect(script.verdict()).toEqual(['P2P-INV-5@1 device']);
});

test('a chain the device holds counts as waiting', () => {
  const script = linked().publish(0, TX, 0, FRAME).kick(0).take(0, TX, 0);

  script.queueAtEnd(0, RX).queueAtEnd(0, TX, { holdsChain: 1 }).queueAtEnd(1, RX).queueAtEnd(1, TX).end();

  expect(script.verdict()).toEqual(['P2P-INV-5@1 device']);
});

test('a frame larger than what the receiver posted does not wait for the device', () => {
  const script = linked()
    .publish(0, TX, 0, [readable(3012)])
    .kick(0);

  script.rest();

  expect(script.verdict()).toEqual([]);
});

test.each([
  ['a lost kick', (script: EventScript) => script.fault(1, 'lostNotification')],
  ['a lost kick of an unknown context', (script: EventScript) => script.fault(9, 'lostNotification')],
  ['a device that asked for none', (script: EventScript) => script.record(events.USED_FLAGS, 0, TX << 8, 1)],
])('%s excuses the driver', (_name, act) => {
  const script = linked();

  act(script);
  script.publish(0, TX, 0, FRAME).rest();

  expect(script.outcome('SPLIT-DRV-2.7.10.1-4').violatedCount).toBe(0);
});

test('a suppression that a kick handler sets and clears is not seen by drivers in coarse mode', () => {
  const script = linked()
    .record(events.KICK_HANDLED, 0)
    .record(events.USED_FLAGS, 0, TX << 8, 1)
    .record(events.USED_FLAGS, 0, TX << 8, 0);

  script.record(events.KICK_DONE, 0).publish(0, TX, 0, FRAME).rest();

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.10.1-4@0 driver']);
});

test('a suppression the handler leaves behind is seen', () => {
  const script = linked()
    .record(events.KICK_HANDLED, 0)
    .record(events.USED_FLAGS, 0, TX << 8, 1);

  script.record(events.KICK_DONE, 0).publish(0, TX, 0, FRAME).rest();

  expect(script.outcome('SPLIT-DRV-2.7.10.1-4').violatedCount).toBe(0);
});

test('with interleaving a publication without a kick leaves the device undecided', () => {
  const script = linked({ mode: 'fine' })
    .record(events.USED_FLAGS, 0, TX << 8, 1)
    .publish(0, TX, 0, FRAME);

  script.rest();

  expect(script.outcome('P2P-INV-5', 1)).toMatchObject({ outcome: 'undecidable', reason: 'a driver may have missed its kick' });
});

test('a polling device is to blame even without kicks', () => {
  const script = linked({ pollingIntervalNs: 1000 })
    .record(events.USED_FLAGS, 0, TX << 8, 1)
    .publish(0, TX, 0, FRAME);

  script.rest();

  expect(script.verdict()).toEqual(['P2P-INV-5@1 device']);
});

test('kicks that do not tell what was published leave the matter open', () => {
  const script = new EventScript([linkAtRest]).bringUp(0).bringUp(1).publish(1, RX, 0, BUFFER).kick(1, 0, 0).publish(0, TX, 0, FRAME).kick(0, 0, 0);

  script.rest();

  expect(script.verdict()).toEqual([]);
  expect(script.outcome('SPLIT-DRV-2.7.10.1-4').reason).toBe('the kicks of this trace do not tell what was published');
});

test('a lost kick leaves the resting link undecided', () => {
  const script = linked().publish(0, TX, 0, FRAME).kick(0).fault(1, 'lostNotification');

  script.rest();

  expect(script.outcome('P2P-INV-5', 1).reason).toBe('a recorded fault took a kick');
});

test('under total store order a kick covers what was stored before it, visible or not', () => {
  const script = linked({ mode: 'weak', memory: 'tso' }).access('buffered', 1, 0, TX, 3, 0, 1, 7);

  // The record says 0 because nothing is visible yet; the kick itself waits behind the store.
  script.kick(0, 1, 0).access('store', 1, 0, TX, 3, 0, 1, 7).publish(0, TX, 0, FRAME).use(0, TX, 0).rest();

  expect(script.verdict()).toEqual([]);
  expect(script.outcome('SPLIT-DRV-2.7.10.1-4').outcome).toBe('held');
});
