// avail-ring: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { availRing } from './avail-ring.js';
import { EventScript, readable, TX } from './event-script.js';

const story = (): EventScript => new EventScript([availRing]).bringUp(0);
const FRAME = [readable(72)];

test('heads that are reused after their return hold all clauses', () => {
  const script = story();

  for (let lap = 0; lap < 10; lap++)
    script
      .publish(0, TX, lap % 4, FRAME)
      .look(0, TX)
      .use(0, TX, lap % 4);

  expect(script.verdict()).toEqual([]);
  for (const id of availRing.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('a head the device still has is a violation, also of the slot it stands in', () => {
  const script = story().publish(0, TX, 1, FRAME);

  script.publish(0, TX, 1, FRAME);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.6-2@0 driver', 'SPLIT-DRV-2.7.6-3@0 driver']);
});

test('a head outside the table is a violation', () => {
  const script = story();

  script.publish(0, TX, 4, [], events.PROBLEM_BAD_HEAD);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.6-3@0 driver']);
});

test('a descriptor of a chain in flight is a violation', () => {
  const script = story().publish(0, TX, 0, [readable(12), readable(60)]);

  script.publish(0, TX, 2, [readable(12), readable(60, { index: 1 })]);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.13.1-1@0 driver']);
});

test('all descriptors of a returned chain are free again', () => {
  const script = story()
    .publish(0, TX, 0, [readable(12), readable(60)])
    .use(0, TX, 0);

  script.publish(0, TX, 1, [readable(12), readable(60, { index: 0 })]);

  expect(script.verdict()).toEqual([]);
});

test('after a reset every head is free', () => {
  const script = story().publish(0, TX, 0, FRAME).publish(0, TX, 1, FRAME);

  script.reinitialize(0).publish(0, TX, 0, FRAME);

  expect(script.verdict()).toEqual([]);
});

test.each([
  ['further ahead than the ring is long', 5, ['SPLIT-DRV-2.7.13.3-1', 'SPLIT-DRV-2.7.6-4']],
  ['moved back', 65535, ['SPLIT-DRV-2.7.13.3-1', 'SPLIT-DRV-2.7.6.1-1']],
])('avail.idx %s is a violation', (_name, index, clauses) => {
  const script = story().look(0, TX, 0);

  script.look(0, TX, index);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('a jump told as a publication is a violation', () => {
  const script = story();

  script.publish(0, TX, 0, [], events.PROBLEM_BAD_INDEX);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.6-4@0 driver']);
});

test('a look at a queue that is off says nothing', () => {
  const script = new EventScript([availRing]).connect(0);

  script.look(0, TX, 300);

  expect(script.verdict()).toEqual([]);
});
