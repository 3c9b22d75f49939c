// Events are recorded under the number of their agent.
import { expect, test } from 'vitest';
import { agentOf, kindOf, Trace } from '../sim/trace.js';
import { EventLog } from './event-log.js';
import { DEVICE_RESET } from './events.js';

test('an event is recorded under the number of its agent and missing arguments are 0', () => {
  const trace = new Trace(true);

  new EventLog(trace, 3).record(DEVICE_RESET, 1);

  expect(agentOf(trace.words, 0)).toBe(3);
  expect(kindOf(trace.words, 0)).toBe(DEVICE_RESET);
  expect([...trace.words.slice(2, 8)]).toEqual([1, 0, 0, 0, 0, 0]);
});
