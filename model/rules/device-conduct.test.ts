// Odd and hostile devices: what drivers have to bear, what is asked of them, and who is not accused.
import { describe, expect, test } from 'vitest';
import * as events from '../events.js';
import { availRing } from './avail-ring.js';
import { driverFate } from './driver-fate.js';
import { EventScript, RX, TX } from './event-script.js';
import { hostileDevice } from './hostile-device.js';
import { oddDevice } from './odd-device.js';
import { usedElements } from './used-elements.js';

const DRIVER = 1;
const ODDITIES = [
  [events.ODDITY_UNKNOWN_FLAGS, 'NET-DRV-5.1.9.4.2-1'],
  [events.ODDITY_CHECKSUM_FIELDS, 'NET-DRV-5.1.9.4.2-4'],
  [events.ODDITY_HEADER_LENGTH, 'NET-DRV-5.1.9.4.2-6'],
  [events.ODDITY_TAIL, 'SPLIT-DRV-2.7.8.3-2'],
] as const;

/** Port 0 is given `placed` frames, `odd` of them odd, and hands `delivered` up. */
function frames(oddity: number, placed: number, odd: number, delivered: number, verdict = events.DELIVERY_GOOD): EventScript {
  const script = new EventScript([oddDevice], { conduct: 'odd' }).bringUp(0);
  for (let number = 0; number < placed; number++) script.place(0, 1, 72);
  for (let number = 0; number < odd; number++) script.record(events.ODDITY_SHOWN, 0, 0, oddity);
  for (let number = 0; number < delivered; number++) script.deliver(0, number, 60, number < odd ? verdict : events.DELIVERY_GOOD);
  return script.end();
}

describe('an odd device', () => {
  test.each(ODDITIES)('oddity %i is borne by a driver that hands everything up', (oddity, clause) => {
    const script = frames(oddity, 6, 2, 6);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome(clause).outcome).toBe('held');
  });

  test.each(ODDITIES)('oddity %i is not borne by a driver that loses or spoils just the odd frames', (oddity, clause) => {
    expect(frames(oddity, 6, 2, 4).verdict()).toEqual([`${clause}@0 driver`]);
    expect(frames(oddity, 6, 2, 6, events.DELIVERY_WRONG_BYTES).verdict()).toEqual([`${clause}@0 driver`]);
  });

  test('frames lost in another way leave the clause open', () => {
    const script = frames(events.ODDITY_TAIL, 6, 2, 3);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('SPLIT-DRV-2.7.8.3-2').reason).toBe('frames were lost or changed in other ways, too');
  });

  test('frames lost where a driver put its ring out of order leave the clause open', () => {
    const script = new EventScript([oddDevice, availRing], { conduct: 'odd' }).bringUp(0).bringUp(1).give(1, TX, 2);
    script.publish(1, TX, 9, [], events.PROBLEM_BAD_HEAD);
    script.place(0, 1, 72).record(events.ODDITY_SHOWN, 0, 0, events.ODDITY_TAIL).end();

    expect(script.outcome('SPLIT-DRV-2.7.8.3-2').reason).toBe('a driver of the link put its ring out of order, and frames with it');
  });

  test('frames lost for want of memory, or at a reset, are nobody’s fault', () => {
    const poor = new EventScript([oddDevice], { conduct: 'odd' }).bringUp(0).record(events.ALLOCATED, DRIVER, 0, 0, 64).place(0, 1, 72);
    const reset = new EventScript([oddDevice], { conduct: 'odd' })
      .bringUp(0)
      .place(0, 1, 72)
      .record(events.ODDITY_SHOWN, 0, 0, events.ODDITY_TAIL);

    expect(poor.record(events.ODDITY_SHOWN, 0, 0, events.ODDITY_TAIL).end().verdict()).toEqual([]);
    expect(reset.reinitialize(0).end().verdict()).toEqual([]);
  });

  test('unknown features are borne by a driver that comes up, not by one that refuses', () => {
    const offered = (): EventScript =>
      new EventScript([oddDevice], { conduct: 'odd' }).connect(0).record(events.ODDITY_SHOWN, 0, 0, events.ODDITY_FEATURES);

    const up = offered().register(0).reinitialize(0).end();
    const refusing = offered().record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_REFUSED).end();
    const throwing = offered().record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW).end();

    expect(up.outcome('FEAT-DRV-2.2.1-10').outcome).toBe('held');
    expect(refusing.verdict()).toEqual(['FEAT-DRV-2.2.1-10@0 driver']);
    expect(throwing.verdict()).toEqual([]);
  });

  test('is not accused itself, and what its driver does wrong counts as ever', () => {
    const script = new EventScript([usedElements, availRing], { conduct: 'odd' }).bringUp(0).give(0, TX, 2);

    script.publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD);

    expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.6-3@0 driver']);
    expect(script.outcome('SPLIT-DEV-2.7.8-2').reason).toBe('the device of this run is odd on purpose');
  });
});

describe('a hostile device', () => {
  const hostile = (misdeed: number = events.HOSTILITY_USED_ID): EventScript =>
    new EventScript([hostileDevice, driverFate, availRing, usedElements], { conduct: 'hostile' })
      .bringUp(0)
      .record(events.ODDITY_SHOWN, 0, 0, misdeed);

  test('is survived by a driver that is there at the end', () => {
    const script = hostile().end();

    expect(script.verdict()).toEqual([]);
    for (const id of ['HOSTILE-MEMORY', 'HOSTILE-EXCEPTION', 'HOSTILE-TERMINATES', 'SPLIT-DRV-2.7.8-3'])
      expect(script.outcome(id).outcome, id).toBe('held');
    expect(hostile(events.HOSTILITY_BUFFER_COUNT).end().outcome('NET-DRV-5.1.9.4-2').outcome).toBe('held');
  });

  test.each([
    ['touches foreign memory', events.DRIVER_FAULTED, [0, 0x1234, 4, 1], 'HOSTILE-MEMORY'],
    ['hands foreign memory around', events.CONTRACT_BROKEN, [0, 3], 'HOSTILE-MEMORY'],
    ['throws', events.DRIVER_ENDED, [0, events.DRIVER_THREW], 'HOSTILE-EXCEPTION'],
    ['hangs', events.DRIVER_ENDED, [0, events.DRIVER_HUNG], 'HOSTILE-TERMINATES'],
  ])('finds a driver that %s, and that is all that is said of it', (_name, kind, values, clause) => {
    const script = hostile().record(kind, DRIVER, ...values);

    expect(script.verdict()).toEqual([`${clause}@0 driver`, 'SPLIT-DRV-2.7.8-3@0 driver']);
  });

  test('finds a driver that hands up what the device made up, unless it cannot know', () => {
    const length = hostile(events.HOSTILITY_USED_LENGTH).deliver(0, 0, 60, events.DELIVERY_WRONG_LENGTH);
    const count = hostile(events.HOSTILITY_BUFFER_COUNT).deliver(0, 0, 60, events.DELIVERY_UNKNOWN);
    const again = hostile(events.HOSTILITY_USED_AGAIN).deliver(0, 0, 60, events.DELIVERY_UNKNOWN);

    expect(length.verdict()).toEqual(['SPLIT-DRV-2.7.8-3@0 driver']);
    expect(count.verdict()).toEqual(['NET-DRV-5.1.9.4-2@0 driver']);
    const jump = hostile(events.HOSTILITY_INDEX).deliver(0, 0, 60, events.DELIVERY_WRONG_LENGTH);
    expect([...again.verdict(), ...jump.verdict()]).toEqual([]);
  });

  test('before its first misdeed asks nothing, and a driver may do with it what it likes', () => {
    const early = new EventScript([hostileDevice], { conduct: 'hostile' })
      .bringUp(0)
      .record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW);
    const wild = hostile().publish(0, TX, 9, [], events.PROBLEM_BAD_HEAD).give(0, RX, 2);

    expect(early.verdict()).toEqual([]);
    expect(wild.verdict()).toEqual([]);
  });
});
