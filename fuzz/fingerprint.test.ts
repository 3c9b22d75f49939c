// What makes two violations one kind of finding, and what does not.
import { describe, expect, it } from 'vitest';
import type { Violation } from '../model/rules/rule.js';
import { fingerprintOf, shapeOf } from './fingerprint.js';

const VIOLATION: Violation = {
  ruleId: 'chain-memory',
  clauseIds: ['SPLIT-DRV-2.7.5-3'],
  port: 0,
  party: 'driver',
  isSubject: true,
  level: 'MUST',
  eventIndex: 17,
  timeNs: 120,
  message: 'Descriptor 3 of queue 1 refers to 0x1f00.',
  expected: 'registered memory',
  seen: '60 bytes at 0x1f00',
  evidence: { queue: 1, head: 3 },
};
const FATE: Violation = {
  ...VIOLATION,
  ruleId: 'driver-fate',
  clauseIds: ['CONTRACT-EXCEPTION'],
  evidence: {},
  message: 'An exception left a method of the driver.',
};

describe('a fingerprint', () => {
  it('begins with the rule, so that file names can be read', () => {
    expect(fingerprintOf(VIOLATION, null)).toMatch(/^chain-memory-[0-9a-f]{8}$/);
  });

  it.each<[string, Partial<Violation>]>([
    ['the port', { port: 1 }],
    ['event and time', { eventIndex: 400, timeNs: 9 }],
    ['numbers in the sentence', { message: 'Descriptor 11 of queue 1 refers to 0xbeef.' }],
    ['what was seen', { seen: '72 bytes at 0' }],
    ['further clauses', { clauseIds: ['SPLIT-DRV-2.7.5-3', 'RSVD-DRV-6.1-5'] }],
    ['other evidence', { evidence: { queue: 1, head: 9 } }],
  ])('does not change with %s', (_what, change) => {
    expect(fingerprintOf({ ...VIOLATION, ...change }, null)).toBe(fingerprintOf(VIOLATION, null));
  });

  it.each<[string, Partial<Violation>]>([
    ['the rule', { ruleId: 'chain-shape' }],
    ['the first clause', { clauseIds: ['RSVD-DRV-6.1-5'] }],
    ['the party', { party: 'peer' }],
    ['the queue', { evidence: { queue: 0 } }],
    ['the sentence', { message: 'Another sentence.' }],
  ])('changes with %s', (_what, change) => {
    expect(fingerprintOf({ ...VIOLATION, ...change }, null)).not.toBe(fingerprintOf(VIOLATION, null));
  });

  it('tells exceptions apart, not the lines they come from or the values they name', () => {
    const first = fingerprintOf(FATE, 'the driver threw RangeError: frame 2 is one too many (driver.mjs:9:15)');
    const edited = fingerprintOf(FATE, 'the driver threw RangeError: frame 77 is one too many (driver.mjs:12:3)');
    const other = fingerprintOf(FATE, 'the driver threw TypeError: frame is null (driver.mjs:9:15)');

    expect(edited).toBe(first);
    expect(other).not.toBe(first);
  });

  it('leaves what a driver threw out of findings about something else', () => {
    expect(fingerprintOf(VIOLATION, 'the driver threw Error: 1')).toBe(fingerprintOf(VIOLATION, null));
  });
});

it('the shape of a sentence has no numbers, places or quoted texts', () => {
  expect(shapeOf('load of 4 bytes at 0x1F "abc" (x.mjs:3:9)')).toBe('load of # bytes at # "…" (x.mjs)');
});
