// used-elements, used-index-owner, used-flags, received-buffers: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { availRing } from './avail-ring.js';
import { EventScript, MRG_RXBUF, OFFER, readable, RX, TX, writable } from './event-script.js';
import { receivedBuffers } from './received-buffers.js';
import { usedElements, usedIndexOwner } from './used-elements.js';
import { usedFlags } from './used-flags.js';

const FRAME = [readable(72)];
const story = (rules = [usedElements, usedIndexOwner]): EventScript => new EventScript(rules).bringUp(0);

test('chains returned once and in order hold all clauses', () => {
  const script = story();

  for (let lap = 0; lap < 9; lap++) script.publish(0, TX, lap % 4, FRAME).publish(0, RX, lap % 4, [writable(100)]);
  for (let lap = 0; lap < 4; lap++) script.use(0, TX, lap % 4).use(0, RX, lap % 4, 100);

  expect(script.verdict()).toEqual([]);
  for (const id of [...usedElements.clauses, 'SPLIT-DRV-2.7-3']) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['a head that was never published', (script: EventScript) => script.give(0, TX, 3), ['P2P-INV-1', 'SPLIT-DEV-2.7.8-2']],
  ['a head twice', (script: EventScript) => script.use(0, TX, 0).give(0, TX, 0), ['P2P-INV-1', 'SPLIT-DEV-2.7.8-2']],
  ['a head that was not taken', (script: EventScript) => script.give(0, TX, 0), ['P2P-INV-1', 'SPLIT-DEV-2.7.8-2']],
  ['a slot that was not written', (script: EventScript) => script.take(0, TX, 0).publishUsed(0, TX), ['P2P-INV-1', 'SPLIT-DEV-2.7.8-1']],
  ['chains out of order', (script: EventScript) => script.take(0, TX, 0).use(0, TX, 1), ['P2P-INV-1']],
  ['bytes in a chain that has none to write', (script: EventScript) => script.use(0, TX, 0, 5), ['VQ-DEV-2.6-1']],
])('%s is a violation by the device', (_name, act, clauses) => {
  const script = story().publish(0, TX, 0, FRAME).publish(0, TX, 1, FRAME);

  act(script);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 device`));
});

test('a receive chain returned out of order breaks the second invariant', () => {
  const script = story()
    .publish(0, RX, 0, [writable(100)])
    .publish(0, RX, 1, [writable(100)]);

  script.take(0, RX, 0).use(0, RX, 1, 50);

  expect(script.verdict()).toEqual(['P2P-INV-2@0 device']);
});

test('chains that were put back may be taken and returned later', () => {
  const script = story().publish(0, TX, 0, FRAME);

  script
    .take(0, TX, 0)
    .record(events.UNTAKEN, 0, TX << 8, 0, 1)
    .record(events.TAKEN, 0, TX << 8, 0, 0)
    .give(0, TX, 0);

  expect(script.verdict()).toEqual([]);
});

test('after the driver broke the ring the device is not accused there before the next reset', () => {
  const script = story([availRing, usedElements]).publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD);

  script.give(0, TX, 9);
  const excused = script.verdict();
  const reason = script.outcome('SPLIT-DEV-2.7.8-2').reason;
  script.reinitialize(0).give(0, TX, 3);

  expect(excused).toEqual(['SPLIT-DRV-2.7.6-3@0 driver']);
  expect(reason).toBe('the driver misbehaved first at this port');
  expect(script.verdict()).toContain('SPLIT-DEV-2.7.8-2@0 device');
});

test('after the device broke the ring the driver is not accused there', () => {
  const script = story([availRing, usedElements]).publish(0, TX, 1, FRAME).give(0, TX, 3);

  script.publish(0, TX, 1, FRAME);

  expect(script.verdict()).toEqual(['P2P-INV-1@0 device', 'SPLIT-DEV-2.7.8-2@0 device']);
  expect(script.outcome('SPLIT-DRV-2.7.6-2')).toMatchObject({ outcome: 'held', violatedCount: 0 });
});

test('used.idx that is not what the device left there was moved by the driver', () => {
  const script = story()
    .publish(0, TX, 0, FRAME)
    .take(0, TX, 0)
    .record(events.USED_WRITTEN, 0, TX << 8, 7, 0, 0);

  script.record(events.USED_PUBLISHED, 0, TX << 8, 7, 8);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7-3@0 driver']);
});

test('a step longer than the ring is the device’s', () => {
  const script = story([usedIndexOwner]);

  script.record(events.USED_PUBLISHED, 0, TX << 8, 0, 5);

  expect(script.verdict()).toEqual(['SPLIT-DEV-2.7.8-1@0 device']);
});

test('used.flags may be 0, 1, and whatever the driver left in the other bits', () => {
  const clean = story([usedFlags]);
  const dirty = new EventScript([usedFlags]).connect(0).record(events.QUEUE_CONFIGURED, 0, RX, 0, 4, 1, 0, 1);
  dirty.install(0, RX, [0x10000, 0x10100, 0x10200], 0, 0, 0, 0x80);

  clean.record(events.USED_FLAGS, 0, RX, 1).record(events.USED_FLAGS, 0, RX, 0);
  const right = clean.outcome('SPLIT-DEV-2.7.10.2-1').outcome;
  clean.record(events.USED_FLAGS, 0, RX, 2);
  dirty.record(events.USED_FLAGS, 0, RX, 0x81);

  expect(right).toBe('held');
  expect(clean.verdict()).toEqual(['SPLIT-DEV-2.7.10.2-1@0 device']);
  expect(dirty.verdict()).toEqual([]);
});

/** A frame of 172 bytes with its header is taken from port 1; port 0 has three buffers of 100 bytes. */
const placing = (features = OFFER): EventScript => {
  const script = new EventScript([receivedBuffers]).bringUp(0, { features }).bringUp(1);
  for (let head = 0; head < 3; head++) script.publish(0, RX, head, [writable(100)]);
  return script
    .publish(1, TX, 0, [readable(172)])
    .take(1, TX, 0)
    .take(0, RX, 0)
    .take(0, RX, 1);
};

test('a frame in two buffers holds the clauses about merging', () => {
  const script = placing().writeUsed(0, RX, 0, 100).writeUsed(0, RX, 1, 72, 1);

  script.place(0, 2, 172).publishUsed(0, RX, 2);

  expect(script.verdict()).toEqual([]);
  const open = receivedBuffers.clauses.filter((id) => script.outcome(id).outcome !== 'held');
  expect(open).toEqual(['NET-DEV-5.1.9.3.2-2', 'NET-DEV-5.1.9.4.1-1', 'P2P-INV-3']);
});

test('several buffers without MRG_RXBUF are a violation', () => {
  const script = placing(OFFER & ~MRG_RXBUF)
    .writeUsed(0, RX, 0, 100)
    .writeUsed(0, RX, 1, 72, 1);

  script.place(0, 2, 172).publishUsed(0, RX, 2);

  expect(script.verdict()).toEqual(['NET-DEV-5.1.9.3.2-2@0 device', 'NET-DEV-5.1.9.4.1-1@0 device', 'P2P-INV-3@0 device']);
});

test.each([
  ['a wrong count', 3, [100, 72], 2, ['NET-DEV-5.1.9.3.2-1', 'NET-DEV-5.1.9.4.1-4']],
  ['a count of 0', 0, [100, 72], 2, ['NET-DEV-5.1.9.3.2-1', 'NET-DEV-5.1.9.4.1-2']],
  ['a buffer left partly empty', 2, [90, 82], 2, ['NET-DEV-5.1.9.4.1-3']],
  ['a first buffer shorter than the header', 2, [4, 168], 2, ['NET-DEV-5.1.9.4-1', 'NET-DEV-5.1.9.4.1-3']],
  ['lengths that do not add up', 2, [100, 70], 2, ['P2P-INV-4']],
])('%s is a violation by the device', (_name, count, lengths, step, clauses) => {
  const script = placing();

  lengths.forEach((bytes, ahead) => script.writeUsed(0, RX, ahead, bytes, ahead));
  script.place(0, count, 172).publishUsed(0, RX, step);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 device`));
});

test('a frame that was not sent is a violation, one from before a reset is forgotten', () => {
  const foreign = placing();
  const after = placing();

  foreign.place(0, 2, 180);
  after
    .reinitialize(1)
    .publish(1, TX, 0, [readable(72)])
    .take(1, TX, 0)
    .place(0, 1, 72);

  expect(foreign.verdict()).toEqual(['P2P-INV-4@0 device']);
  expect(after.verdict()).toEqual([]);
});

test('a sender that broke its ring leaves open what it had sent', () => {
  const script = new EventScript([availRing, receivedBuffers])
    .bringUp(0)
    .bringUp(1)
    .publish(0, RX, 0, [writable(100)]);

  script.publish(1, TX, 9, [], events.PROBLEM_BAD_HEAD).take(1, TX, 9).take(0, RX, 0).place(0, 1, 72);

  expect(script.outcome('P2P-INV-4')).toMatchObject({ outcome: 'undecidable', violatedCount: 0 });
});

test('a chain that was put back is not waited for', () => {
  const script = placing().record(events.UNTAKEN, 0, 1 | (TX << 8), 0, 1);

  script.place(0, 2, 172);

  expect(script.verdict()).toEqual(['P2P-INV-4@0 device']);
});
