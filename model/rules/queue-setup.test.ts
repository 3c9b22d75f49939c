// queue-setup: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { netQueueEntry, QUEUE_ENTRY } from '../transport/layout.js';
import { EventScript, OFFER, RAM_ADDRESS, RX, TX } from './event-script.js';
import { queueSetup } from './queue-setup.js';

const ENTRY = netQueueEntry(RX);
const settled = (): EventScript =>
  new EventScript([queueSetup]).connect(0).register(0).status(0, 0).status(0, 1).status(0, 3).accept(0, OFFER).featuresOk(0, OFFER).readStatus(0);

test('queues set up between FEATURES_OK and DRIVER_OK hold all clauses', () => {
  const script = new EventScript([queueSetup]).bringUp(0);

  expect(script.verdict()).toEqual([]);
  for (const id of queueSetup.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('a queue set up before the features are settled comes too early', () => {
  const script = new EventScript([queueSetup]).connect(0).register(0).status(0, 0).status(0, 1).status(0, 3);

  script.configure(0, RX, 4);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-10@0 driver']);
});

test('a queue configured at status 0 breaks the precondition', () => {
  const script = new EventScript([queueSetup]).connect(0).register(0).status(0, 0);

  script.configure(0, RX, 4, RAM_ADDRESS, 5);

  expect(script.verdict()).toContain('L4V-QUEUE-PRECONDITION@0 driver');
});

test('a queue set up after DRIVER_OK comes too late', () => {
  const script = new EventScript([queueSetup]).bringUp(0);

  script
    .write(0, ENTRY + QUEUE_ENTRY.ready, 0, 2)
    .record(events.QUEUE_CONFIGURED, 0, 0, 0, 4, 0)
    .configure(0, RX, 4);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-11@0 driver']);
});

test('DRIVER_OK with a queue missing comes too early', () => {
  const script = settled().configure(0, TX, 4);

  script.status(0, 0x0f, 0x4b);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-11@0 driver']);
});

test('a queue that does not exist is a violation', () => {
  const script = settled();

  script.record(events.QUEUE_CONFIGURED, 0, 2 << 8, 34, 4, 1);

  expect(script.verdict()).toEqual(['VQ-DRV-2.6-2@0 driver']);
});

test.each([
  ['size', QUEUE_ENTRY.size, 2],
  ['descriptor address', QUEUE_ENTRY.descriptors, 4],
  ['used address', QUEUE_ENTRY.used + 4, 4],
])('changing the %s of a ready entry is a violation', (_name, field, sizeBytes) => {
  const script = new EventScript([queueSetup]).bringUp(0);

  script.write(0, ENTRY + field, 8, sizeBytes);

  expect(script.verdict()).toEqual(['L4V-QUEUE-FIELDS@0 driver']);
});

test('entries may change again after a reset, after ready was written 0, and after a refused configuration', () => {
  const script = settled().configure(0, RX, 3, RAM_ADDRESS, 22).configure(0, RX, 4).configure(0, TX, 4).status(0, 0x0f);

  script.status(0, 0).write(0, ENTRY + QUEUE_ENTRY.size, 8, 2);
  script
    .write(0, ENTRY + QUEUE_ENTRY.ready, 1, 2)
    .write(0, ENTRY + QUEUE_ENTRY.ready, 0, 2)
    .write(0, ENTRY + QUEUE_ENTRY.size, 4, 2);

  expect(script.verdict()).toEqual([]);
});

test('the notify indices of a ready entry may be written', () => {
  const script = new EventScript([queueSetup]).bringUp(0);

  script.write(0, ENTRY + QUEUE_ENTRY.driverNotifyIndex, 0, 2);

  expect(script.verdict()).toEqual([]);
});
