// before-driver-ok, device-failure, server-fate, driver-fate, driver-accepts, permissions: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { CONFIG_OFFSET } from '../transport/layout.js';
import { availRing } from './avail-ring.js';
import { beforeDriverOk } from './before-driver-ok.js';
import { deviceFailure } from './device-failure.js';
import { driverAccepts, driverFate } from './driver-fate.js';
import { EventScript, readable, RX, TX } from './event-script.js';
import { devicePermissions, driverPermissions } from './permissions.js';
import { serverFate } from './server-fate.js';
import { usedElements } from './used-elements.js';

const FRAME = [readable(72)];

test('a device that waits for DRIVER_OK holds all clauses', () => {
  const script = new EventScript([beforeDriverOk]).bringUp(0).publish(0, TX, 0, FRAME).use(0, TX, 0).interrupt(0);

  expect(script.verdict()).toEqual([]);
  for (const id of beforeDriverOk.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('using a queue before DRIVER_OK is a violation, after a reset of one clause more', () => {
  const early = new EventScript([beforeDriverOk]).connect(0).status(0, 0).status(0, 1).status(0, 3);
  const late = new EventScript([beforeDriverOk]).bringUp(0).status(0, 0);

  early.take(0, TX, 0);
  late.take(0, TX, 0);

  expect(early.verdict()).toEqual(['STATUS-DEV-2.1.2-1@0 device']);
  expect(late.verdict()).toEqual(['RESET-DEV-2.4.1-3@0 device', 'STATUS-DEV-2.1.2-1@0 device']);
});

test('an interrupt before DRIVER_OK or after a reset is a violation, a config interrupt before DRIVER_OK is not', () => {
  const early = new EventScript([beforeDriverOk]).connect(0).status(0, 0).status(0, 1);
  const config = new EventScript([beforeDriverOk]).connect(0).status(0, 0).status(0, 1);
  const late = new EventScript([beforeDriverOk]).bringUp(0).status(0, 0);

  early.interrupt(0);
  config.interrupt(0, 2);
  late.interrupt(0, 2);

  expect(early.verdict()).toEqual(['P2P-INV-8@0 device', 'STATUS-DEV-2.1.2-2@0 device']);
  expect(config.verdict()).toEqual([]);
  expect(late.verdict()).toEqual(['RESET-DEV-2.4.1-2@0 device']);
});

test('a reset that does not make the status 0 is a violation', () => {
  const script = new EventScript([beforeDriverOk]).bringUp(0);

  script.status(0, 0, 0x0f);

  expect(script.verdict()).toEqual(['RESET-DEV-2.4.1-1@0 device', 'STATUS-DEV-2.1-1@0 device']);
});

const failing = (): EventScript => new EventScript([deviceFailure]).bringUp(0).record(events.CHAIN_FAILED, 0, TX << 8, events.PROBLEM_BAD_ADDRESS, 0);
const gaveUp = (script: EventScript): EventScript =>
  script.deviceReset(0, events.CAUSE_DEVICE_ERROR).record(events.DEVICE_STATUS, 0, 0, 0x4f, events.CAUSE_DEVICE_ERROR);

test('a device that says it gave up and interrupts holds all clauses', () => {
  const script = gaveUp(failing());

  script.interrupt(0, 2).end();

  expect(script.verdict()).toEqual([]);
  for (const id of deviceFailure.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('a device that gave up and says nothing is a violation', () => {
  const script = failing();

  script.end();

  expect(script.verdict()).toEqual(['STATUS-DEV-2.1.2-3@0 device']);
});

test('giving up without a configuration interrupt is a violation, at the end or at the next chain', () => {
  const atEnd = gaveUp(failing()).interrupt(0, 1).end();
  const atChain = gaveUp(failing()).take(0, TX, 0);

  expect(atEnd.verdict()).toEqual(['OPER-DEV-3.2.1-2@0 device', 'STATUS-DEV-2.1.2-4@0 device']);
  expect(atChain.verdict()).toEqual(['OPER-DEV-3.2.1-2@0 device', 'STATUS-DEV-2.1.2-4@0 device']);
});

test('a driver that resets first, or that asked for a wrong status, is owed no configuration interrupt', () => {
  const first = failing().status(0, 0).end();
  const wrong = new EventScript([deviceFailure]).bringUp(0).status(0, 0x07, 0x4f).end();
  const settled = gaveUp(failing()).status(0, 0).end();

  expect([...first.verdict(), ...wrong.verdict(), ...settled.verdict()]).toEqual([]);
});

test('a server that lives holds what it did', () => {
  const script = new EventScript([serverFate]).bringUp(0).publish(0, TX, 0, FRAME).use(0, TX, 0).record(events.KICK_DONE, 0).record(events.POLL_TICK, 0);

  script.rest();

  expect(script.verdict()).toEqual([]);
  expect(script.outcome('P2P-INV-7').heldCount).toBe(2);
  // No driver misbehaved, so there was nothing to keep from the other port.
  expect(script.outcome('P2P-INV-10', 1).outcome).toBe('not exercised');
});

test('a crash and a hang are violations, and harm the other port if one driver is to blame', () => {
  const crash = new EventScript([availRing, serverFate]).bringUp(0).publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD);
  const hang = new EventScript([serverFate]).bringUp(0);

  crash.record(events.SERVER_ENDED, 0, events.SERVER_CRASHED, 1, 0);
  hang.record(events.SERVER_ENDED, 0, events.SERVER_HUNG, 0, 255);

  expect(crash.verdict()).toEqual(['P2P-INV-10@1 device', 'P2P-INV-6@0 device', 'SPLIT-DRV-2.7.6-3@0 driver']);
  expect(hang.verdict()).toEqual(['P2P-INV-7@0 device']);
});

test('a ring broken at the innocent port after the other driver’s mistake breaks the separation', () => {
  const script = new EventScript([availRing, usedElements, serverFate]).bringUp(0).bringUp(1);

  script.publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD).give(1, RX, 2, 0).end();

  expect(script.verdict()).toContain('P2P-INV-10@1 device');
});

test('a mistake that stays at its port holds the separation; two mistaken drivers leave it open', () => {
  const one = new EventScript([availRing, serverFate]).bringUp(0).bringUp(1).publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD).end();
  const two = new EventScript([availRing, serverFate]).bringUp(0).bringUp(1);
  two.publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD).publish(1, TX, 9, [], events.PROBLEM_BAD_HEAD).end();

  expect(one.outcome('P2P-INV-10', 1).outcome).toBe('held');
  expect(two.outcome('P2P-INV-10', 1).outcome).toBe('not exercised');
});

test.each([
  ['a load outside its memory', events.DRIVER_FAULTED, [0, 0x1234, 4, 0], 'CONTRACT-MEMORY'],
  ['a store outside its memory', events.DRIVER_FAULTED, [0, 0x1234, 4, 1], 'CONTRACT-MEMORY'],
  ['an exception', events.DRIVER_ENDED, [0, events.DRIVER_THREW], 'CONTRACT-EXCEPTION'],
  ['a method that does not return', events.DRIVER_ENDED, [0, events.DRIVER_HUNG], 'CONTRACT-TERMINATES'],
  ['an operation out of turn', events.CONTRACT_BROKEN, [0, 3], 'CONTRACT-TURN'],
  ['a createDriver that returns no driver', events.CONTRACT_BROKEN, [0, 9], 'CONTRACT-DRIVER'],
])('%s is a violation by the driver, whatever the device did', (_name, kind, values, clause) => {
  const script = new EventScript([usedElements, driverFate]).bringUp(0).give(0, TX, 2);

  script.record(kind, 1, ...values);

  expect(script.verdict()).toContain(`${clause}@0 driver`);
});

test('a driver that comes up holds the clauses about its fate', () => {
  const script = new EventScript([driverFate, driverAccepts]).bringUp(0).record(events.ALLOCATED, 1, 0, 0x1000, 64);

  for (const id of [...driverFate.clauses, ...driverAccepts.clauses]) expect(script.outcome(id).outcome, id).toBe('held');
});

test('refusing a correct device is a violation, refusing for want of memory is not', () => {
  const refusing = new EventScript([driverFate, driverAccepts]).connect(0);
  const poor = new EventScript([driverAccepts]).connect(0).record(events.ALLOCATED, 1, 0, 0, 64);

  refusing.record(events.DRIVER_ENDED, 1, 0, events.DRIVER_REFUSED);
  poor.record(events.DRIVER_ENDED, 1, 0, events.DRIVER_REFUSED);

  expect(refusing.verdict()).toEqual(['CONTRACT-ACCEPTS@0 driver', 'FEAT-DRV-2.2.1-8@0 driver']);
  expect(poor.outcome('CONTRACT-ACCEPTS').reason).toBe('allocations failed during start');
});

test('permissions are exercised and never violated', () => {
  const script = new EventScript([driverPermissions, devicePermissions]).connect(0).read(0, CONFIG_OFFSET.deviceConfig).bringUp(0);
  script.record(events.USED_FLAGS, 0, RX, 1).record(events.AVAIL_FLAGS_SEEN, 0, RX, 1);
  script
    .publish(0, TX, 0, FRAME)
    .publish(0, TX, 1, FRAME)
    .record(events.PACKET_HEADER, 1, TX << 8, 1);
  script.kick(0).look(0, TX).look(0, RX).kick(0).place(0, 1, 72, 1).place(0, 1, 72, 2);

  script.status(0, 0).accept(0, 0, 0).featuresOk(0, 0, false, 0);

  expect(script.verdict()).toEqual([]);
  for (const id of [...driverPermissions.clauses, ...devicePermissions.clauses]) expect(script.outcome(id).outcome, id).toBe('held');
});

test('permissions that nobody used are not exercised', () => {
  const script = new EventScript([driverPermissions, devicePermissions]).bringUp(0);
  script
    .record(events.USED_FLAGS, 0, RX, 0)
    .record(events.AVAIL_FLAGS_SEEN, 0, RX, 0)
    .record(events.PACKET_HEADER, 1, TX << 8, 0);

  script.publish(0, TX, 0, FRAME).kick(0).look(0, TX).place(0, 1, 72);

  for (const id of [...driverPermissions.clauses, ...devicePermissions.clauses]) expect(script.outcome(id).outcome, id).toBe('not exercised');
});
