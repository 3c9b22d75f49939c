// chain-shape, chain-indirect, chain-length, chain-direction, chain-memory, receive-buffers: each clause fires, right chains do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { chainDirection } from './chain-direction.js';
import { chainMemory } from './chain-memory.js';
import { chainIndirect, chainLength, chainShape } from './chain-shape.js';
import { EventScript, indirect, MRG_RXBUF, OFFER, RAM_ADDRESS, readable, RX, type ScriptElement, TX, writable } from './event-script.js';
import { receiveBuffers } from './receive-buffers.js';
import type { RuleDefinition } from './rule.js';

const published = (rule: RuleDefinition, queue: number, elements: readonly ScriptElement[], problem = 0, features = OFFER): EventScript =>
  new EventScript([rule]).bringUp(0, { features }).publish(0, queue, 0, elements, problem);

test('plain and indirect chains hold all clauses about shape', () => {
  const shape = published(chainShape, TX, [readable(12), readable(60)]);
  const table = published(chainIndirect, TX, [readable(12), indirect(32), readable(60, { index: 0 }), readable(60, { index: 1 })]);

  expect([...shape.verdict(), ...table.verdict()]).toEqual([]);
  for (const id of chainShape.clauses) expect(shape.outcome(id).outcome, id).toBe('held');
  for (const id of chainIndirect.clauses) expect(table.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['readable behind writable', TX, [writable(10), readable(10)], 0, 'SPLIT-DRV-2.7.4.2-1'],
  ['next outside the table', TX, [readable(10, { flags: 1, next: 99 })], events.PROBLEM_BAD_NEXT, 'SPLIT-DRV-2.7.5-1'],
  ['more elements than the queue has', TX, [10, 10, 10, 10, 10].map((bytes) => readable(bytes)), 0, 'SPLIT-DRV-2.7.5-2'],
  ['more than 2^32 bytes', TX, [readable(0xffffffff), readable(2)], 0, 'SPLIT-DRV-2.7.5.2-1'],
  ['a loop', TX, [readable(10), readable(10, { index: 0 })], events.PROBLEM_LOOP, 'SPLIT-DRV-2.7.5.2-2'],
  ['unknown flags', TX, [readable(10, { flags: 0x100 })], 0, 'SPLIT-DRV-2.7.3-2'],
])('%s is a violation', (_name, queue, elements, problem, clause) => {
  const script = published(chainShape, queue, elements, problem);

  expect(script.verdict()).toEqual([`${clause}@0 driver`]);
});

test('a chain longer than the walk is too long, not a loop', () => {
  const script = published(
    chainShape,
    TX,
    [10, 10, 10, 10].map((bytes) => readable(bytes)),
    events.PROBLEM_LOOP,
  );

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.5-2@0 driver']);
});

const INNER = readable(60, { index: 0 });
test.each([
  ['a table that is no whole number of descriptors', [indirect(20), INNER], 0, OFFER, 'SPLIT-DRV-2.7.5.3-1'],
  ['an empty table', [indirect(8)], events.PROBLEM_BAD_SIZE, OFFER, 'SPLIT-DRV-2.7.5.3-1'],
  ['next outside the indirect table', [indirect(16), readable(9, { index: 0, next: 9 })], events.PROBLEM_BAD_NEXT, OFFER, 'SPLIT-DRV-2.7.5.3-2'],
  ['a table without the feature', [indirect(16), INNER], 0, OFFER & ~(1 << 28), 'SPLIT-DRV-2.7.5.3.1-1'],
  ['a nested table', [indirect(16), indirect(16, { index: 0 })], 0, OFFER, 'SPLIT-DRV-2.7.5.3.1-2'],
  ['more elements than the queue has', [indirect(80), INNER, INNER, INNER, INNER, INNER], 0, OFFER, 'SPLIT-DRV-2.7.5.3.1-3'],
  ['INDIRECT with NEXT', [indirect(16, { flags: 5 }), INNER], 0, OFFER, 'SPLIT-DRV-2.7.5.3.1-4'],
])('%s is a violation', (_name, elements, problem, features, clause) => {
  const script = published(chainIndirect, TX, elements, problem, features);

  expect(script.verdict()).toEqual([`${clause}@0 driver`]);
});

test('a table with exactly as many elements as the queue is allowed', () => {
  // The descriptor that refers to the table does not count.
  const script = published(chainIndirect, TX, [indirect(64), INNER, INNER, INNER, INNER]);

  expect(script.verdict()).toEqual([]);
});

test('a very long chain is a warning of its own', () => {
  const script = new EventScript([chainLength]).bringUp(0, { size: 128 });

  script.publish(0, TX, 0, [readable(72)]);
  const short = script.outcome('SPLIT-DRV-2.7.4.2-2').outcome;
  script.publish(
    0,
    TX,
    1,
    Array.from({ length: 65 }, () => readable(10)),
  );

  expect(short).toBe('held');
  expect(script.violations()[0]).toMatchObject({ level: 'SHOULD NOT', clauseIds: ['SPLIT-DRV-2.7.4.2-2'] });
});

test('right directions hold the clauses of their queue', () => {
  const script = published(chainDirection, TX, [readable(12), readable(60)]).publish(0, RX, 0, [writable(1600)]);

  expect(script.verdict()).toEqual([]);
  for (const id of chainDirection.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['a receive buffer in the transmit queue', TX, [writable(60)], ['NET-DRV-5.1.2-1', 'NET-DRV-5.1.9.2-1', 'SPLIT-DRV-2.7.13.1-3']],
  ['a stale WRITE flag in a transmit chain', TX, [readable(12), writable(60)], ['NET-DRV-5.1.9.2-1', 'SPLIT-DRV-2.7.13.1-3']],
  ['a missing WRITE flag in a receive chain', RX, [readable(60), writable(60)], ['NET-DRV-5.1.9.3.1-6', 'SPLIT-DRV-2.7.13.1-3']],
  ['a chain without bytes', TX, [readable(0)], ['SPLIT-DRV-2.7.13.1-2']],
])('%s is a violation', (_name, queue, elements, clauses) => {
  const script = published(chainDirection, queue, elements);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('memory that is registered with the right permission holds all clauses', () => {
  const script = published(chainMemory, RX, [writable(1600)]);

  for (const id of chainMemory.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('memory that is not registered breaks all clauses about reach at once', () => {
  const script = published(chainMemory, TX, [readable(12), readable(60, { address: 0x7000_0000 })], events.PROBLEM_BAD_ADDRESS);

  expect(script.violations()).toHaveLength(1);
  expect(script.violations()[0]).toMatchObject({ clauseIds: ['SPLIT-DRV-2.7.5-3', 'RSVD-DRV-6.1-5', 'L4V-MEMORY-FIRST'], evidence: { element: 1 } });
});

test('a receive buffer in read-only memory is a violation', () => {
  const script = new EventScript([chainMemory]).bringUp(0).register(0, 0x40000, 0x1000, 1);

  script.publish(0, RX, 0, [writable(1600, { address: RAM_ADDRESS }), writable(100, { address: 0x40000 })]);

  expect(script.verdict()).toEqual(['L4V-MEMORY-RIGHTS@0 driver']);
});

test.each([
  ['a whole frame without merging', OFFER & ~MRG_RXBUF, 1526, null],
  ['less than a frame without merging', OFFER & ~MRG_RXBUF, 1525, 'NET-DRV-5.1.9.3.1-2'],
  ['a header with merging', OFFER, 12, null],
  ['less than a header with merging', OFFER, 11, 'NET-DRV-5.1.9.3.1-3'],
])('a receive buffer for %s', (_name, features, bytes, clause) => {
  const script = published(receiveBuffers, RX, [writable(bytes)], 0, features);

  expect(script.verdict()).toEqual(clause === null ? [] : [`${clause}@0 driver`]);
});

test('transmit chains are none of the rule about receive buffers', () => {
  const script = published(receiveBuffers, TX, [readable(72)]);

  for (const id of receiveBuffers.clauses) expect(script.outcome(id).outcome, id).toBe('not exercised');
});
