// status-steps: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript } from './event-script.js';
import { statusSteps } from './status-steps.js';

const story = (change = {}): EventScript => new EventScript([statusSteps], change).connect(0);

test('a full sequence holds every step', () => {
  const script = story();

  for (const value of [0, 1, 3, 0x0b, 0x0f, 0]) script.status(0, value);

  expect(script.verdict()).toEqual([]);
  for (const id of statusSteps.clauses.filter((clause) => clause !== 'STATUS-DRV-2.1.1-3')) expect(script.outcome(id).outcome, id).toBe('held');
  // FAILED was never set, so its clause had no occasion.
  expect(script.outcome('STATUS-DRV-2.1.1-3').outcome).toBe('not exercised');
});

test.each([
  ['a first status other than 0', [1], 'INIT-DRV-3.1.1-1'],
  ['a cleared bit', [0, 1, 3, 2], 'STATUS-DRV-2.1.1-2'],
  ['going on after FAILED', [0, 1, 0x81, 0x83], 'STATUS-DRV-2.1.1-3'],
  ['DRIVER without ACKNOWLEDGE', [0, 2], 'INIT-DRV-3.1.1-2'],
  ['FEATURES_OK without DRIVER', [0, 1, 9], 'INIT-DRV-3.1.1-3'],
  ['DRIVER_OK without FEATURES_OK', [0, 1, 3, 7], 'L4V-STATUS-STEPS'],
  ['256 as a reset', [0, 1, 0x100], 'L4V-STATUS-RESET'],
])('%s is a violation by the driver', (_name, values, clause) => {
  const script = story();

  for (const value of values) script.status(0, value);

  expect(script.verdict()).toContain(`${clause}@0 driver`);
});

test('FAILED added to what the device took back of FEATURES_OK clears nothing', () => {
  const script = story().status(0, 0).status(0, 1).status(0, 3).status(0, 0x0b, 0x03);

  script.status(0, 0x83);

  expect(script.verdict()).toEqual([]);
});

test('after the device gave up, steps are not judged before the next reset', () => {
  const script = story();
  for (const value of [0, 1, 3]) script.status(0, value);

  script.deviceReset(0, events.CAUSE_DEVICE_ERROR).status(0, 0x04, 0x43).status(0, 0);

  expect(script.verdict()).toEqual([]);
});

test('in the older revision the failure bit is the device’s, so it may vanish from requests', () => {
  const script = story({ revision: 'seed' }).status(0, 0).status(0, 1).status(0, 0x81, 0x81);

  script.status(0, 3, 0x83);

  expect(script.verdict()).toEqual([]);
});
