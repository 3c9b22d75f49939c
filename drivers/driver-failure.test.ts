// Sentences about what drivers throw, and about objects that are no drivers.
import { describe, expect, it } from 'vitest';
import { describeThrown, isRefusal, placeOf } from './driver-failure.js';
import { checkDriver, kindOf } from './driver-object.js';
import { DeviceUnusable } from './device-unusable.js';
import { BREACH } from './contract-breach.js';
import { BREACH_WORDS } from '../model/protocol-words.js';

function errorWith(stack: string, message = 'm'): Error {
  return Object.assign(new Error(message), { stack });
}

describe('describeThrown', () => {
  it('names message and place without directories', () => {
    const error = errorWith('Error: m\n    at PortDriver.start (file:///some/where/driver.mjs:12:5)\n    at other.js:1:1');

    expect(describeThrown(error)).toBe('m (driver.mjs:12:5)');
    expect(placeOf(errorWith('Error: m\n    at C:\\drivers\\a.js:3:4'))).toBe('a.js:3:4');
  });

  it('does without a place, cuts long messages and keeps to one line', () => {
    expect(describeThrown(errorWith('', `a\n b${'x'.repeat(400)}`))).toBe(`a b${'x'.repeat(297)}…`);
    expect(describeThrown(Object.assign(new TypeError('t'), { stack: undefined }))).toBe('TypeError: t');
  });

  it('tells values that are no errors', () => {
    const bare = Object.create(null) as object;

    expect([describeThrown('text'), describeThrown(bare)]).toEqual(['a value that is no Error: text', 'a value that is no Error: object']);
  });

  it('knows a refusal by its name', () => {
    expect([isRefusal(new DeviceUnusable('no')), isRefusal(new Error('no')), isRefusal('DeviceUnusable')]).toEqual([true, false, false]);
  });
});

describe('checkDriver', () => {
  const methods = { start: () => undefined, transmit: () => 'full' };

  it.each<[unknown, string]>([
    [null, "createDriver must return an object with the driver's methods, got null"],
    ['driver', 'createDriver must return an object with the driver\'s methods, got "driver"'],
    [{ transmit: () => 'full' }, 'createDriver must return an object with a method start, got nothing'],
    [{ ...methods, poll: 5 }, "the driver's poll must be a method, got 5"],
    [{ ...methods, retry: 'never' }, "the driver's retry must be 'ready' or 'poll', got never"],
    [{ ...methods, pollIntervalNs: 0, poll: () => 0 }, "the driver's pollIntervalNs must be a positive integer, got 0"],
    [{ ...methods, pollIntervalNs: 5 }, 'a driver with pollIntervalNs must have a method poll'],
  ])('refuses %j', (value, sentence) => {
    expect(() => checkDriver(value)).toThrow(sentence);
  });

  it('takes what has all it needs', () => {
    const driver = { ...methods, retry: 'poll', pollIntervalNs: 5, poll: () => undefined };

    expect(checkDriver(driver)).toBe(driver);
    expect([kindOf('x'.repeat(50)), kindOf({})]).toEqual([`"${'x'.repeat(40)}…"`, 'a value of type object']);
  });
});

it('every breach of the contract has words', () => {
  expect(Object.values(BREACH)).toEqual(BREACH_WORDS.map((_, number) => number).slice(1));
});
