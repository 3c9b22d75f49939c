// Which ends of the link events connect in drawings.
import { expect, test } from 'vitest';
import * as events from '../model/events.js';
import { EVENT_BARRIER, EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE, Trace } from '../sim/trace.js';
import { eventArrows, laneTitles } from './event-lanes.js';

const [DRIVER_A, MEMORY_A, DEVICE, MEMORY_B, DRIVER_B] = [0, 1, 2, 3, 4];
const AVAIL_INDEX = 3;

/** A location word of a level-2 record: dataspace, part and port. */
function place(dataspace: number, part: number, port: number): number {
  return dataspace | (part << 8) | (port << 13);
}

function arrowsOf(...records: readonly (readonly [kind: number, agent: number, first: number])[]): number[][] {
  const trace = new Trace(true);
  for (const [kind, agent, first] of records) trace.record(kind, agent, first, 0, 0, 0, 0, 0);
  return eventArrows(trace.copyWords()).map(({ from, to, isDashed }) => [from, to, isDashed ? 1 : 0]);
}

test.each([
  ['a kick goes to the device', events.KICKED, 1, 0, DRIVER_A, DEVICE],
  ['a kick of b comes from the other side', events.KICKED, 2, 1, DRIVER_B, DEVICE],
  ['an interrupt comes from the device', events.INTERRUPT_RAISED, 0, 1, DEVICE, DRIVER_B],
  ['a publication lies in memory', events.PUBLISHED, 1, 0x100, DRIVER_A, MEMORY_A],
  ['the device takes from memory', events.TAKEN, 0, 0x101, MEMORY_B, DEVICE],
  ['the device returns to memory', events.USED_PUBLISHED, 0, 1, DEVICE, MEMORY_B],
  ['a frame lies in memory', events.FRAME_IN_RING, 0, 1, MEMORY_B, MEMORY_B],
  ['the device works', events.KICK_HANDLED, 0, 0, DEVICE, DEVICE],
  ['a driver works', EVENT_BARRIER, 2, 0, DRIVER_B, DRIVER_B],
  ['the server works', EVENT_BARRIER, 0, 0, DEVICE, DEVICE],
])('%s', (_what, kind, agent, first, from, to) => {
  expect(arrowsOf([kind, agent, first])).toEqual([[from, to, 0]]);
});

test('loads come from memory, stores go there, buffered ones are not there yet', () => {
  const where = place(7, AVAIL_INDEX, 1);

  expect(arrowsOf([EVENT_LOAD, 2, where], [EVENT_STORE, 2, where], [EVENT_BUFFERED, 2, where], [EVENT_LOAD, 0, where])).toEqual([
    [MEMORY_B, DRIVER_B, 0],
    [DRIVER_B, MEMORY_B, 0],
    [DRIVER_B, MEMORY_B, 1],
    [MEMORY_B, DEVICE, 0],
  ]);
});

test('memory without a name belongs to the driver that uses it; else the device keeps to itself', () => {
  expect(arrowsOf([EVENT_LOAD, 0, place(9, 0, 0)])).toEqual([[DEVICE, DEVICE, 0]]);
  expect(arrowsOf([EVENT_STORE, 2, place(9, 0, 0)], [EVENT_LOAD, 0, place(9, 0, 0)])).toEqual([
    [DRIVER_B, MEMORY_B, 0],
    [MEMORY_B, DEVICE, 0],
  ]);
});

test('lanes are named by port', () => {
  expect(laneTitles(['vp0', 'vp1'])).toEqual(['driver vp0', 'memory vp0', 'device', 'memory vp1', 'driver vp1']);
  expect(laneTitles([])[4]).toBe('driver 1');
});
