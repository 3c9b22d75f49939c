// How messages are cut, which features stay, and what stands behind the rings: each clause fires, right streams do not.
import { describe, expect, test } from 'vitest';
import { EVENT_LOAD } from '../../sim/trace.js';
import * as events from '../events.js';
import { EventScript, indirect, OFFER, readable, RX, type ScriptElement, TX } from './event-script.js';
import { availEventIgnored, usedEventIgnored } from './event-words.js';
import { fixedFeatures } from './fixed-features.js';
import { messageFraming } from './message-framing.js';
import { FLAG_WRITE } from '../virtqueue/layout.js';

const SERVER = 0;
const DRIVER = 1;
const AVAIL_FLAGS = 2;
const AVAIL_INDEX = 3;
const USED_EVENT = 5;
const AVAIL_EVENT = 9;

describe('message-framing', () => {
  const SHAPES: readonly (readonly [string, readonly ScriptElement[], readonly string[]])[] = [
    ['one descriptor', [readable(72)], ['SPLIT-DEV-2.7.4.1-1']],
    ['three descriptors', [readable(5), readable(7), readable(60)], ['SPLIT-DEV-2.7.4.1-1']],
    ['header and packet', [readable(12), readable(60)], []],
    ['an indirect table with WRITE', [indirect(32, { flags: 4 | FLAG_WRITE }), readable(12), readable(60)], ['SPLIT-DEV-2.7.5.3.2-1']],
    ['a descriptor in front of a table', [readable(12), indirect(16), readable(60)], ['SPLIT-DEV-2.7.5.3.2-2']],
  ];

  test.each(SHAPES)('a message in %s that comes back holds what it exercises', (_name, elements, clauses) => {
    const script = new EventScript([messageFraming]).bringUp(0).publish(0, TX, 0, elements).use(0, TX, 0);

    expect(script.verdict()).toEqual([]);
    for (const id of messageFraming.clauses) expect(script.outcome(id).outcome, id).toBe(clauses.includes(id) ? 'held' : 'not exercised');
  });

  test.each(SHAPES)('a device that fails for %s is accused of what it should bear', (_name, elements, clauses) => {
    const script = new EventScript([messageFraming]).bringUp(0).publish(0, TX, 0, elements).take(0, TX, 0);

    script.record(events.CHAIN_FAILED, SERVER, TX << 8, events.PROBLEM_BAD_FLAGS, 0);

    expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 device`));
  });

  test('a malformed message exercises nothing', () => {
    const script = new EventScript([messageFraming])
      .bringUp(0)
      .publish(0, TX, 0, [readable(72)], events.PROBLEM_BAD_ADDRESS)
      .take(0, TX, 0);

    script.record(events.CHAIN_FAILED, SERVER, TX << 8, events.PROBLEM_BAD_ADDRESS, 0).record(events.CHAIN_FAILED, SERVER, TX << 8, 1, 99);

    expect(script.verdict()).toEqual([]);
  });
});

describe('fixed-features', () => {
  test('features stay through the steps that follow, and may change with a reset', () => {
    const script = new EventScript([fixedFeatures]).bringUp(0).reinitialize(0, 4, OFFER & ~1);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('FEAT-DEV-2.2-1').heldCount).toBe(2);
  });

  test('a device that takes other features later is accused, one that takes the same again is not', () => {
    const other = new EventScript([fixedFeatures]).bringUp(0).featuresOk(0, OFFER & ~1);
    const same = new EventScript([fixedFeatures]).bringUp(0).featuresOk(0, OFFER);

    expect(other.verdict()).toEqual(['FEAT-DEV-2.2-1@0 device']);
    expect(same.verdict()).toEqual([]);
  });
});

describe('event words', () => {
  const fine = (): EventScript => new EventScript([usedEventIgnored, availEventIgnored], { mode: 'fine' }).bringUp(0).bringUp(1);

  test('notifications by the flags hold both clauses', () => {
    const script = fine()
      .publish(0, TX, 0, [readable(72)])
      .kick(0)
      .use(0, TX, 0)
      .interrupt(0)
      .rest();

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('SPLIT-DEV-2.7.7.2-1').outcome).toBe('held');
    expect(script.outcome('SPLIT-DRV-2.7.10.1-2').outcome).toBe('held');
  });

  test('a device that looked at used_event and sent no interrupt is accused', () => {
    const looked = fine()
      .publish(0, TX, 0, [readable(72)])
      .use(0, TX, 0)
      .access('load', SERVER, 0, TX, USED_EVENT, 0, 9)
      .rest();
    const other = fine()
      .publish(0, TX, 0, [readable(72)])
      .use(0, TX, 0)
      .access('load', SERVER, 0, TX, AVAIL_FLAGS, 0, 0)
      .rest();

    expect(looked.verdict()).toEqual(['SPLIT-DEV-2.7.7.2-1@0 device']);
    expect(other.verdict()).toEqual([]);
  });

  test('a driver that looked at avail_event and left a publication without a kick is accused', () => {
    const quiet = (part: number): EventScript => {
      const script = fine()
        .publish(0, TX, 0, [readable(72)])
        .kick(0)
        .use(0, TX, 0, 0, 1);
      script.access('store', DRIVER, 0, TX, AVAIL_INDEX, 0, 2).publish(0, TX, 1, [readable(72)]);
      return script.access('load', DRIVER, 0, TX, part, 0, 9).queueAtEnd(0, RX).rest();
    };

    expect(quiet(AVAIL_EVENT).verdict()).toEqual(['SPLIT-DRV-2.7.10.1-2@0 driver']);
    expect(quiet(AVAIL_FLAGS).verdict()).toEqual([]);
  });

  test('loads of other memory are nobody’s look', () => {
    const script = fine()
      .publish(0, TX, 0, [readable(72)])
      .use(0, TX, 0)
      .record(EVENT_LOAD, SERVER, 7, 0, 4)
      .rest();

    expect(script.verdict()).toEqual([]);
  });
});
