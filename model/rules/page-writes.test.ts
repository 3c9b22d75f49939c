// page-writes, no-early-kick, kick-suppression and revision: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { CONFIG_OFFSET } from '../transport/layout.js';
import { EventScript, OFFER, RX, TX } from './event-script.js';
import { kickSuppression, noEarlyKick } from './kick-timing.js';
import { pageWrites } from './page-writes.js';
import { revision } from './revision.js';
import { statusSteps } from './status-steps.js';

const COMMAND_OFFER = 1;
const story = (): EventScript => new EventScript([pageWrites]).connect(0).status(0, 0);

test('a correct bring-up holds the clauses about the page', () => {
  const script = new EventScript([pageWrites]).bringUp(0).read(0, CONFIG_OFFSET.deviceConfig);

  expect(script.verdict()).toEqual([]);
  const held = pageWrites.clauses.filter((id) => script.outcome(id).outcome === 'held');
  expect(held).toEqual(['NET-DRV-5.1.4.2-1', 'INIT-DRV-3.1.1-6', 'CFG-DRV-2.5.1-4', 'L4V-PAGE-OWNER', 'L4V-REGIONS']);
});

test('a write to the device config before FEATURES_OK breaks both clauses', () => {
  const script = story();

  script.write(0, CONFIG_OFFSET.deviceConfig, 1);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-6@0 driver', 'NET-DRV-5.1.4.2-1@0 driver']);
});

test.each([CONFIG_OFFSET.status, CONFIG_OFFSET.magic, CONFIG_OFFSET.generation, 0xc0])('a write to the device’s word at %i is a violation', (offset) => {
  const script = story();

  script.write(0, offset, 1);

  expect(script.verdict()).toEqual(['L4V-PAGE-OWNER@0 driver']);
});

test('the driver’s own words may be written', () => {
  const script = story();

  script.write(0, CONFIG_OFFSET.driverNotifyIndex, 0).write(0, CONFIG_OFFSET.interruptStatus, 0).write(0, CONFIG_OFFSET.queueSelect, 1);

  expect(script.verdict()).toEqual([]);
});

test('reading a field whose feature is not offered is a violation', () => {
  const script = story();

  script.read(0, CONFIG_OFFSET.deviceConfig + 10);

  expect(script.verdict()).toEqual(['CFG-DRV-2.5.1-4@0 driver']);
});

test('reading a field whose feature is offered holds the clause', () => {
  const script = new EventScript([pageWrites]).connect(0, OFFER | (1 << 16));

  script.read(0, CONFIG_OFFSET.deviceConfig + 6);

  expect(script.outcome('CFG-DRV-2.5.1-4').outcome).toBe('held');
});

test('one command at a time, and only where it is offered', () => {
  const polite = new EventScript([pageWrites]).connect(0, OFFER, 1, COMMAND_OFFER);
  const hasty = new EventScript([pageWrites]).connect(0, OFFER, 1, COMMAND_OFFER);
  const wrong = story();

  polite.write(0, CONFIG_OFFSET.command, 0x01000000).record(events.COMMAND_TAKEN, 0, 0, 0x01000000).write(0, CONFIG_OFFSET.command, 0x02000000);
  hasty.write(0, CONFIG_OFFSET.command, 0x01000000).write(0, CONFIG_OFFSET.command, 0x02000000);
  wrong.write(0, CONFIG_OFFSET.command, 0x01000000);

  expect(polite.verdict()).toEqual([]);
  expect(hasty.verdict()).toEqual(['L4V-CMD-WORD@0 driver']);
  expect(wrong.verdict()).toEqual(['L4V-CMD-OFFERED@0 driver']);
});

test('one region more than the port has room for is a violation; a failure for another reason is not', () => {
  const ENOMEM = 12;
  const script = story().register(0, 0x10000, 0x1000, 3, ENOMEM);
  const early = script.verdict();

  // The script's port has room for 4 regions.
  for (let region = 0; region < 4; region++) script.register(0, 0x10000 * (region + 1), 0x1000);
  script.register(0, 0x90000, 0x1000, 3, ENOMEM);

  expect(early).toEqual([]);
  expect(script.verdict()).toEqual(['L4V-REGIONS@0 driver']);
});

test('a kick before DRIVER_OK is a violation, one after it holds', () => {
  const early = new EventScript([noEarlyKick]).connect(0).status(0, 0).status(0, 1);
  const right = new EventScript([noEarlyKick]).bringUp(0);

  early.kick(0);
  right.kick(0);

  expect(early.verdict()).toEqual(['INIT-DRV-3.1.1-14@0 driver']);
  expect(right.outcome('INIT-DRV-3.1.1-14').outcome).toBe('held');
});

test('the trigger that goes with a command is not a kick', () => {
  const script = new EventScript([noEarlyKick]).connect(0, OFFER, 1, COMMAND_OFFER);

  script.write(0, CONFIG_OFFSET.command, 0x01000000).kick(0);

  expect(script.verdict()).toEqual([]);
});

test('a kick after a later reset cannot be placed when notifications are not ordered', () => {
  const script = new EventScript([noEarlyKick], { mode: 'weak', memory: 'relaxed' }).connect(0).status(0, 0).status(0, 0);

  script.kick(0);

  expect(script.outcome('INIT-DRV-3.1.1-14')).toMatchObject({
    outcome: 'undecidable',
    reason: 'notifications and status writes are not ordered under this memory model',
  });
});

test('a kick is unwanted only if both queues ask for none', () => {
  const script = new EventScript([kickSuppression]).bringUp(0).record(events.USED_FLAGS, 0, RX, 1);

  script.kick(0);
  const one = script.verdict();
  script.record(events.USED_FLAGS, 0, TX << 8, 1).kick(0);

  expect(one).toEqual([]);
  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.10.1-3@0 driver']);
});

test('whether a kick is unwanted is not decided with interleaving', () => {
  const script = new EventScript([kickSuppression], { mode: 'fine' }).bringUp(0);

  script.kick(0);

  expect(script.outcome('SPLIT-DRV-2.7.10.1-3').reason).toBe('decided in coarse mode only; this run was fine');
});

test.each([
  ['current', 2, 38],
  ['seed', 4, 38],
  ['seed', 256, 38],
] as const)('on a device of revision %s operation %i is one finding and silences the rest', (device, opcode, result) => {
  const script = new EventScript([revision, statusSteps], { revision: device }).record(events.CONNECTED, 0, 0, 4, OFFER, 1, 0, 256);

  script.record(events.CONTROL_CALL, 0, 0, opcode, 0, result).record(events.CONTROL_CALL, 0, 0, opcode, 0, result).status(0, 2, 2);

  expect(script.verdict()).toEqual(['L4V-REVISION@0 driver']);
  expect(script.outcome('INIT-DRV-3.1.1-1').reason).toBe('the driver speaks another revision of the transport');
});

test('the operations of the own revision hold the clause', () => {
  const script = new EventScript([revision]).connect(0);

  expect(script.outcome('L4V-REVISION')).toMatchObject({ outcome: 'held', heldCount: 2 });
});
