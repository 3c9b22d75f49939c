// Arguments of the factory call: the tables of l4re-p2p sheet §3.
import { expect, test } from 'vitest';
import { type FactoryArgument, fromLua, parseFactoryArguments, parseMac } from './factory-arguments.js';

test.each([
  ['11:22:33:44:55:66', [0x11, 0x22, 0x33, 0x44, 0x55, 0x66]],
  ['aA:bB:0:1:2:f', [0xaa, 0xbb, 0, 1, 2, 15]],
  ['1:2:3:4:5:6', [1, 2, 3, 4, 5, 6]],
  ['ff:ff:ff:ff:ff:ff', [255, 255, 255, 255, 255, 255]],
  ['11-22-33-44-55-66', null],
  ['1:2:3:4:5', null],
  ['1:2:3:4:5:6:7', null],
  ['1:2::4:5:6', null],
  ['0x1:2:3:4:5:6', null],
  ['1:2:3:4:5:6 ', null],
  ['111:2:3:4:5:6', null],
  ['', null],
])('the MAC text %j gives %j', (text, bytes) => {
  const mac = parseMac(text);

  expect(mac === null ? null : [...mac]).toEqual(bytes);
});

const GOOD: [FactoryArgument[], number, number[] | null][] = [
  [[], 2, null],
  [['ds-max=80'], 80, null],
  [['ds-max=3', 'ds-max=4'], 4, null],
  [['mac=1:2:3:4:5:6', 'mac=6:5:4:3:2:1'], 2, [6, 5, 4, 3, 2, 1]],
  [['DS-MAX=3', ' ds-max=3', 'ds-max', 'ds-m', 'other'], 2, null],
  [['ds-max=4\0junk', 'mac=1:2:3:4:5:6\0:7'], 4, [1, 2, 3, 4, 5, 6]],
  [['ds-max=4', null, 'ds-max=999'], 4, null],
  [['mac-addr=1:2:3:4:5:6'], 2, null],
];

test.each(GOOD)('%j is understood', (args, capacity, mac) => {
  const request = parseFactoryArguments(args, 'current')!;

  expect(request.capacity).toBe(capacity);
  expect(request.mac === null ? null : [...request.mac]).toEqual(mac);
});

const BAD: FactoryArgument[][] = [['ds-max=0'], ['ds-max=81'], ['ds-max='], ['ds-max=x'], ['mac=1:2'], [5], ['ds-max=4', 5]].map((args) => [...args]);

test.each(BAD.map((args) => [args]))('%j is refused', (args) => {
  expect(parseFactoryArguments(args, 'current')).toBeNull();
});

test('the published documentation has another key for the MAC', () => {
  expect(parseFactoryArguments(['mac-addr=1:2:3:4:5:6'], 'seed')!.mac).not.toBeNull();
  expect(parseFactoryArguments(['mac=bad'], 'seed')!.mac).toBeNull();
});

test('numeric-looking texts of a Lua script become integers', () => {
  expect(['5', ' -7 ', '5x', 'ds-max=5', 9, null].map(fromLua)).toEqual([5, -7, '5x', 'ds-max=5', 9, null]);
});
