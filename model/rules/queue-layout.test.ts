// queue-layout: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import { EventScript, RAM_ADDRESS, RAM_BYTES, RX } from './event-script.js';
import { queueLayout } from './queue-layout.js';

const EINVAL = 22;
const story = (rights = 3): EventScript => new EventScript([queueLayout]).connect(0).register(0, RAM_ADDRESS, RAM_BYTES, rights);

test('legal sizes in registered memory hold all clauses', () => {
  const script = new EventScript([queueLayout]).bringUp(0);

  expect(script.verdict()).toEqual([]);
  for (const id of queueLayout.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['a size that is no power of two', 3, 0, 'SPLIT-DRV-2.7-1@0 driver'],
  ['a size of 0', 0, 0, 'SPLIT-DRV-2.7-1@0 driver'],
  // The script's device takes 256 entries.
  ['a size above the device maximum', 512, 0, 'SPLIT-DRV-2.7-2@0 driver'],
  ['a descriptor table at an odd place', 4, 8, 'SPLIT-DRV-2.7.1-1@0 driver'],
  ['an available ring at an odd address', 4, 1, 'SPLIT-DRV-2.7.1-2@0 driver'],
  ['a used ring not at a multiple of 4', 4, 2, 'SPLIT-DRV-2.7.1-3@0 driver'],
])('%s is a violation', (_name, size, shift, expected) => {
  const script = story();

  script.configure(0, RX, size, RAM_ADDRESS + shift, EINVAL);

  expect(script.verdict()).toContain(expected);
});

test('rings outside registered memory are a violation', () => {
  const script = story();

  script.configure(0, RX, 4, RAM_ADDRESS + RAM_BYTES, EINVAL);

  expect(script.verdict()).toEqual(['L4V-MEMORY-FIRST@0 driver']);
});

test('a used ring in read-only memory is a violation', () => {
  const script = story(1);

  script.configure(0, RX, 4, RAM_ADDRESS, EINVAL);

  expect(script.verdict()).toEqual(['L4V-MEMORY-RIGHTS@0 driver']);
});
