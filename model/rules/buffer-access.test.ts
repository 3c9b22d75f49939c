// The rules about the contents of buffers: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import { EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE } from '../../sim/trace.js';
import * as events from '../events.js';
import { bufferComplete, bufferDirection, exposedContents } from './buffer-access.js';
import { EventScript, indirect, readable, RX, TX, writable } from './event-script.js';
import type { RuleDefinition } from './rule.js';

const SERVER = 0;
const DRIVER = 1;
/** Device address and offset in its dataspace of the RAM of a scripted driver. */
const RAM_BASE = 0x10000;
const DATASPACE = 7;

/** Port 0 is up and has told where its memory lies; a buffer at RAM_BASE + n is at offset n of the dataspace. */
function placed(rules: readonly RuleDefinition[], change = {}): EventScript {
  const script = new EventScript(rules, { mode: 'fine', ...change }).connect(0).register(0, RAM_BASE);
  return script.record(events.MEMORY_PLACED, 0, 0, 0, DATASPACE, 0).reinitialize(0);
}

/** An access to plain memory of the dataspace. */
function touch(
  script: EventScript,
  kind: 'load' | 'store' | 'buffered',
  agent: number,
  offset: number,
  lengthBytes: number,
  last = 0,
): EventScript {
  const code = kind === 'load' ? EVENT_LOAD : kind === 'store' ? EVENT_STORE : EVENT_BUFFERED;
  return script.record(code, agent, DATASPACE, offset, lengthBytes, 0, 0, last);
}

const SENT = [readable(72, { address: RAM_BASE + 0x4000 })];
const ROOM = [writable(1600, { address: RAM_BASE + 0x5000 })];

test('a frame that is loaded from one buffer and stored into another holds the clauses', () => {
  const script = placed([bufferDirection, bufferComplete, exposedContents]);
  touch(script, 'store', DRIVER, 0x4000, 72).publish(0, TX, 0, SENT).publish(0, RX, 0, ROOM);

  touch(touch(script, 'load', SERVER, 0x4000, 72).take(0, RX, 0), 'store', SERVER, 0x5000, 72).give(0, RX, 0, 72);

  expect(script.verdict()).toEqual([]);
  for (const id of [...bufferDirection.clauses, ...bufferComplete.clauses, ...exposedContents.clauses])
    expect(script.outcome(id).outcome, id).toBe('held');
});

test('a device that stores into a readable buffer is accused', () => {
  const script = placed([bufferDirection]).publish(0, TX, 0, SENT);

  touch(script, 'store', SERVER, 0x4000 + 71, 1);

  expect(script.verdict()).toEqual(['SPLIT-DEV-2.7.5.1-1@0 device']);
});

test('a device that loads what the driver left in a writable buffer is accused, one that reads its own bytes is not', () => {
  const foreign = placed([bufferDirection]).publish(0, RX, 0, ROOM);
  const own = placed([bufferDirection]).publish(0, RX, 0, ROOM);
  const waiting = placed([bufferDirection], { mode: 'weak', memory: 'pso' }).publish(0, RX, 0, ROOM);

  touch(touch(foreign, 'store', SERVER, 0x5000, 12), 'load', SERVER, 0x5000, 13);
  touch(touch(own, 'store', SERVER, 0x5000, 12), 'load', SERVER, 0x5000, 12);
  touch(touch(waiting, 'buffered', SERVER, 0x5000, 12, 1), 'load', SERVER, 0x5000, 12);

  expect(foreign.verdict()).toEqual(['SPLIT-DEV-2.7.5.1-2@0 device']);
  expect(own.verdict()).toEqual([]);
  expect(waiting.verdict()).toEqual([]);
});

test('a device that reports more than it wrote is accused', () => {
  const script = placed([bufferComplete]).publish(0, RX, 0, ROOM).take(0, RX, 0);

  touch(script, 'store', SERVER, 0x5000, 72).give(0, RX, 0, 73);

  expect(script.verdict()).toEqual(['SPLIT-DEV-2.7.8.2-2@0 device']);
  expect(script.violations()[0]!.seen).toBe('byte 72 not written');
});

test.each([
  ['the frame', SENT, 0x4000],
  ['the indirect table', [indirect(32, { address: RAM_BASE + 0x6000 }), ...SENT], 0x6010],
])('a driver that writes into %s while the device has it is accused', (_name, elements, offset) => {
  const script = placed([exposedContents]).publish(0, TX, 0, elements);

  touch(script, 'store', DRIVER, offset, 2);

  expect(script.verdict()).toEqual(['CLEANUP-DRV-3.3.1-1@0 driver']);
});

test.each([
  ['a buffer that came back', (script: EventScript) => touch(script.use(0, TX, 0), 'store', DRIVER, 0x4000, 72)],
  ['a buffer after a reset', (script: EventScript) => touch(script.status(0, 0), 'store', DRIVER, 0x4000, 72)],
  ['a writable buffer', (script: EventScript) => touch(script.publish(0, RX, 0, ROOM), 'store', DRIVER, 0x5000, 72)],
  ['other memory', (script: EventScript) => touch(script, 'store', DRIVER, 0x4048, 72)],
])('a driver may write %s', (_name, act) => {
  const script = placed([exposedContents]).publish(0, TX, 0, SENT);

  act(script);

  expect(script.verdict()).toEqual([]);
});

test('a store that drains late is not a matter of these rules', () => {
  const script = placed([exposedContents], { mode: 'weak', memory: 'pso' }).publish(0, TX, 0, SENT);

  touch(script, 'store', DRIVER, 0x4000, 2, 5);

  expect(script.verdict()).toEqual([]);
});

test('bytes of two buffers at once are judged by nobody, also when one of them came back', () => {
  const script = placed([bufferDirection, exposedContents]).publish(0, TX, 0, SENT).publish(0, TX, 1, SENT);

  touch(touch(script, 'store', DRIVER, 0x4000, 72).use(0, TX, 0), 'store', DRIVER, 0x4000, 72);

  expect(script.verdict()).toEqual([]);
});

test('many chains and long buffers are followed beyond the first allocations', () => {
  const script = placed([exposedContents, bufferComplete]);
  const far = RAM_BASE + 0x9000;

  for (let round = 0; round < 400; round++)
    script.publish(0, RX, round & 3, [writable(8, { address: far }), writable(8, { address: far + 64 })]).use(0, RX, round & 3, 0);
  touch(script.publish(0, TX, 0, [readable(64, { address: far })]), 'store', DRIVER, 0x9000, 1);

  expect(script.verdict()).toEqual(['CLEANUP-DRV-3.3.1-1@0 driver']);
});
