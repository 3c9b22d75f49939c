// How drivers follow the used ring, bear interrupts and post buffers: each clause fires, right streams do not.
import { describe, expect, test } from 'vitest';
import { EVENT_RETURN } from '../../sim/trace.js';
import * as events from '../events.js';
import { EventScript, readable, RX, TX, writable } from './event-script.js';
import { receiveStart } from './receive-start.js';
import { spuriousInterrupts } from './spurious-interrupts.js';
import { usedTracking } from './used-tracking.js';

const FRAME = [readable(72)];
const ROOM = [writable(1600)];
const DRIVER = 1;

describe('used-tracking', () => {
  test('chains that came back may be published again', () => {
    const script = new EventScript([usedTracking]).bringUp(0).publish(0, TX, 0, FRAME).use(0, TX, 0).publish(0, TX, 0, FRAME);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('SPLIT-DRV-2.7.8-2').heldCount).toBe(1);
  });

  test('a head or a descriptor of another chain than the one that came back is not free', () => {
    const head = new EventScript([usedTracking])
      .bringUp(0)
      .publish(0, TX, 0, FRAME)
      .publish(0, TX, 1, FRAME)
      .use(0, TX, 1)
      .publish(0, TX, 0, FRAME);
    const descriptor = new EventScript([usedTracking]).bringUp(0);
    descriptor
      .publish(0, TX, 0, [readable(12), readable(60)])
      .publish(0, TX, 2, FRAME)
      .use(0, TX, 2);
    descriptor.publish(0, TX, 1, FRAME);

    expect(head.verdict()).toEqual(['SPLIT-DRV-2.7.8-2@0 driver']);
    expect(descriptor.verdict()).toEqual(['SPLIT-DRV-2.7.8-2@0 driver']);
  });

  test('before anything came back, a head used twice has another cause', () => {
    const script = new EventScript([usedTracking]).bringUp(0).publish(0, TX, 0, FRAME).publish(0, TX, 0, FRAME);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('SPLIT-DRV-2.7.8-2').outcome).toBe('not exercised');
  });

  /** Port 0 takes its receive buffer back at position 65535. */
  const wrapping = (): EventScript => {
    const script = new EventScript([usedTracking]).bringUp(0);
    script.install(0, RX, [0x10000, 0x10100, 0x10200], 0xffff, 0xffff);
    script.publish(0, RX, 0, ROOM).take(0, RX, 0);
    return script.record(events.USED_WRITTEN, 0, RX << 8, 0xffff, 0, 72).record(events.USED_PUBLISHED, 0, RX << 8, 0xffff, 0);
  };

  test('a driver that posts buffers after the wrap counts in 16 bits', () => {
    const script = wrapping().publish(0, RX, 0, ROOM);

    expect(script.outcome('SPLIT-DRV-2.7.8-1').outcome).toBe('held');
  });

  test('a receive queue that stays empty after the wrap shows a driver that does not', () => {
    const dry = wrapping().queueAtEnd(0, RX, { availIndex: 0, usedIndex: 0 }).end();
    const filled = wrapping().queueAtEnd(0, RX, { availIndex: 3, usedIndex: 0 }).end();

    expect(dry.verdict()).toEqual(['SPLIT-DRV-2.7.8-1@0 driver']);
    expect(filled.verdict()).toEqual([]);
  });

  test('a driver that is not up any more owes nothing', () => {
    const script = wrapping()
      .record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW)
      .queueAtEnd(0, RX, { availIndex: 0, usedIndex: 0 })
      .end();

    expect(script.verdict()).toEqual([]);
  });
});

describe('spurious-interrupts', () => {
  const interrupted = (): EventScript => new EventScript([spuriousInterrupts]).bringUp(0).record(events.INTERRUPT_TAKEN, DRIVER, 0, 0);

  test('a driver that returns from the handler bore the interrupt', () => {
    const script = interrupted().record(EVENT_RETURN, DRIVER, 3, 1);

    expect(script.outcome('SPLIT-DRV-2.7.7.1-5').heldCount).toBe(1);
  });

  test('a driver that breaks off in the handler did not', () => {
    const script = interrupted().record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW);

    expect(script.verdict()).toEqual(['SPLIT-DRV-2.7.7.1-5@0 driver']);
  });

  test('an interrupt with news, or a driver that breaks off elsewhere, says nothing', () => {
    const news = new EventScript([spuriousInterrupts]).bringUp(0).publish(0, TX, 0, FRAME).use(0, TX, 0);
    news.record(events.INTERRUPT_TAKEN, DRIVER, 0, 0).record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW);
    const later = interrupted()
      .record(EVENT_RETURN, 2, 3, 1)
      .record(EVENT_RETURN, DRIVER, 3, 1)
      .record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW);

    expect(news.verdict()).toEqual([]);
    expect(later.verdict()).toEqual([]);
    expect(later.outcome('SPLIT-DRV-2.7.7.1-5').heldCount).toBe(1);
  });
});

describe('receive-start', () => {
  test('a driver that posted buffers, however late, filled its queue', () => {
    const script = new EventScript([receiveStart]).bringUp(0).publish(0, RX, 0, ROOM).rest();

    expect(script.outcome('NET-DRV-5.1.5-1').outcome).toBe('held');
  });

  /** Port 1 has a frame for port 0, which posted nothing. */
  const waiting = (): EventScript => new EventScript([receiveStart]).bringUp(0).bringUp(1).publish(1, TX, 0, FRAME);

  test('a driver that is up and never posted one is accused when a frame waits for it', () => {
    const idle = new EventScript([receiveStart]).bringUp(0).bringUp(1).queueAtEnd(0, RX).queueAtEnd(1, TX).end();

    expect(waiting().queueAtEnd(0, RX).queueAtEnd(1, TX).end().verdict()).toEqual(['NET-DRV-5.1.5-1@0 driver']);
    expect(idle.verdict()).toEqual([]);
  });

  test.each([
    ['whose allocations failed', (script: EventScript) => script.record(events.ALLOCATED, DRIVER, 0, 0, 64)],
    ['whose device failed', (script: EventScript) => script.record(events.DEVICE_STATUS, 0, 0, 0x4f, events.CAUSE_DEVICE_ERROR)],
    ['that broke off', (script: EventScript) => script.record(events.DRIVER_ENDED, DRIVER, 0, events.DRIVER_THREW)],
  ])('a driver %s is not', (_name, act) => {
    const script = act(waiting()).queueAtEnd(0, RX).queueAtEnd(1, TX).end();

    expect(script.verdict()).toEqual([]);
  });
});
