// ring-start: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, RX } from './event-script.js';
import { ringStart } from './ring-start.js';

const found = (availIndex: number, availFlags: number, usedFlags: number): EventScript => {
  const script = new EventScript([ringStart]).connect(0).register(0);
  script.record(events.QUEUE_CONFIGURED, 0, RX, 0, 4, 1, 0, 1);
  return script.install(0, RX, [0x10000, 0x10100, 0x10200], availIndex, 0, availFlags, usedFlags);
};

test('clean rings, empty or filled in before, hold all clauses', () => {
  const empty = found(0, 0, 0);
  // 4 buffers in a ring of 4: filled in before the ring was handed over.
  const filled = found(4, 1, 0);

  expect([...empty.verdict(), ...filled.verdict()]).toEqual([]);
  for (const id of ['SPLIT-DRV-2.7.6-1', 'SPLIT-DRV-2.7.7.1-1', 'SPLIT-DRV-2.7.10.1-1']) expect(filled.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['avail.idx of former use', 5, 0, 0, 'SPLIT-DRV-2.7.6-1'],
  ['rubbish in avail.flags', 0, 2, 0, 'SPLIT-DRV-2.7.7.1-1'],
  ['used.flags not cleared', 0, 0, 1, 'SPLIT-DRV-2.7.10.1-1'],
])('%s is a violation', (_name, availIndex, availFlags, usedFlags, clause) => {
  const script = found(availIndex, availFlags, usedFlags);

  expect(script.verdict()).toEqual([`${clause}@0 driver`]);
});

test('avail.flags with a value without meaning later on is a violation', () => {
  const script = found(0, 0, 0);

  script.record(events.AVAIL_FLAGS_SEEN, 0, RX, 0x8001);

  expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.7.1-1@0 driver']);
});
