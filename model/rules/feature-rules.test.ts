// accepted-features and offered-features: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { layoutOf } from '../transport/layout.js';
import { acceptedFeatures } from './accepted-features.js';
import { EventScript, OFFER } from './event-script.js';
import { offeredFeatures } from './offered-features.js';

const LAYOUT = layoutOf('current');
const bits = (...numbers: readonly number[]): number => numbers.reduce((word, bit) => (word | (1 << (bit & 31))) >>> 0, 0);
const checked = (word0: number, word1: number, offer0 = OFFER, offer1 = 1): EventScript => {
  const script = new EventScript([acceptedFeatures]).connect(0, offer0, offer1).status(0, 0).accept(0, word0, word1);
  return script.record(events.FEATURES_CHECKED, 0, 0, 1, word0, word1, offer0, offer1);
};

test('a complete subset of the offer holds all clauses that had an occasion', () => {
  const script = checked(OFFER, 1);

  expect(script.verdict()).toEqual([]);
  const open = acceptedFeatures.clauses.filter((id) => script.outcome(id).outcome !== 'held');
  // MAC is not offered here, and nothing is claimed.
  expect(open).toEqual(['NET-DRV-5.1.4.2-2', 'CONTRACT-CLAIM']);
});

test.each([
  ['a feature that is not offered', bits(15), 1, 0, 'FEAT-DRV-2.2.1-1'],
  ['ECN without TSO', bits(1, 9), 1, bits(1, 7, 9), 'FEAT-DRV-2.2.1-2'],
  ['an unknown bit', bits(25), 1, bits(25), 'FEAT-DRV-2.2.1-4'],
  ['a reserved bit', 0, bits(32, 44), 0, 'FEAT-DRV-2.2.1-5'],
  ['a bit of PCI', 0, bits(32, 39), 0, 'FEAT-DRV-2.2.1-6'],
  ['a bit of another device', bits(4), 1, bits(4), 'FEAT-DRV-2.2.1-7'],
  ['VERSION_1 left out', 0, 0, 0, 'RSVD-DRV-6.1-1'],
  ['SR_IOV', 0, bits(32, 37), 0, 'RSVD-DRV-6.1-10'],
  ['bit 30', bits(30), 1, bits(30), 'RSVD-DRV-6.3-2'],
  ['MAC left out', 0, 1, bits(5), 'NET-DRV-5.1.4.2-2'],
])('%s is a violation', (_name, word0, word1, offer0, clause) => {
  const script = checked(word0, word1, offer0);

  expect(script.verdict()).toContain(`${clause}@0 driver`);
});

test('a private bit in the highest word is a violation unless it is offered', () => {
  const accept = (offerLast: number): string[] => {
    const script = new EventScript([acceptedFeatures]).connect(0, OFFER, 1, offerLast).status(0, 0).accept(0, OFFER);
    script.write(0, LAYOUT.driverFeaturesMap + 20, 1).record(events.FEATURES_CHECKED, 0, 0, 1, OFFER, 1, OFFER, 1);
    return script.verdict();
  };

  expect(accept(1)).toEqual([]);
  expect(accept(0)).toEqual(['FEAT-DRV-2.2.1-1@0 driver', 'FEAT-DRV-2.2.1-5@0 driver']);
});

test('feature words vanish with a reset of the fixed server and stay with the faithful one', () => {
  const stale = (profile: 'fixed' | 'faithful'): string[] => {
    const script = new EventScript([acceptedFeatures], { profile }).connect(0).status(0, 0).accept(0, OFFER);
    script
      .write(0, LAYOUT.driverFeaturesMap + 20, 1)
      .status(0, 0)
      .record(events.FEATURES_CHECKED, 0, 0, 1, OFFER, 1, OFFER, 1);
    return script.verdict();
  };

  expect(stale('fixed')).toEqual([]);
  expect(stale('faithful')).toContain('FEAT-DRV-2.2.1-1@0 driver');
});

const device = (word0: number, word1: number): EventScript => new EventScript([offeredFeatures]).connect(0, word0, word1);

test('a good offer and right answers hold all clauses', () => {
  const script = device(OFFER, 1).status(0, 0).accept(0, OFFER);

  script.featuresOk(0, OFFER).status(0, 0).accept(0, OFFER).featuresOk(0, OFFER);
  script.status(0, 0).accept(0, bits(5)).featuresOk(0, bits(5), false);

  expect(script.verdict()).toEqual([]);
  for (const id of offeredFeatures.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each([
  ['TSO without CSUM', bits(11), 1, ['FEAT-DEV-2.2.2-1@0 device', 'NET-DEV-5.1.3.1-1@0 device']],
  ['a reserved bit', bits(30), 1, ['FEAT-DEV-2.2.2-4@0 device']],
  ['no VERSION_1', 0, 0, ['RSVD-DEV-6.2-1@0 device']],
  ['SR_IOV', 0, bits(32, 37), ['FEAT-DEV-2.2.2-4@0 device', 'RSVD-DEV-6.2-10@0 device']],
])('an offer with %s is a violation by the device', (_name, word0, word1, expected) => {
  const script = device(word0, word1);

  expect(script.verdict()).toEqual(expected);
});

test('refusing a valid subset, and refusing what was accepted before, are violations by the device', () => {
  const script = device(OFFER, 1).status(0, 0).accept(0, OFFER).featuresOk(0, OFFER).status(0, 0).accept(0, OFFER);

  script.featuresOk(0, OFFER, false);

  expect(script.verdict()).toEqual(['FEAT-DEV-2.2.2-2@0 device', 'FEAT-DEV-2.2.2-5@0 device']);
});

test('accepting what is not offered is a violation by the device', () => {
  const script = device(OFFER, 1).status(0, 0).accept(0, bits(5));

  script.featuresOk(0, bits(5));

  expect(script.verdict()).toEqual(['FEAT-DEV-2.2.2-3@0 device']);
});
