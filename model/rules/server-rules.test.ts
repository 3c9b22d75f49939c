// device-requests, fresh-page, sound-refusal, held-buffers, whole-ticks, fair-turns, and what server-fate and link-at-rest
// say of a corrected server besides: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EINVAL, EIO } from '../l4/errors.js';
import { CONFIG_OFFSET, CONNECTED_WITH_MAC, layoutOf, netQueueEntry } from '../transport/layout.js';
import { deviceRequests } from './device-requests.js';
import { EventScript, indirect, OFFER, RAM_ADDRESS, RAM_BYTES, readable, RX, TX, writable } from './event-script.js';
import { fairTurns, wholeTicks } from './even-service.js';
import { freshPage } from './fresh-page.js';
import { availRing } from './avail-ring.js';
import { heldBuffers } from './held-buffers.js';
import { linkAtRest } from './link-at-rest.js';
import { serverFate } from './server-fate.js';
import { soundRefusal } from './sound-refusal.js';

const PQ_TX = TX << 8;
const DRIVER_MAP = layoutOf('current').driverFeaturesMap;
const MAC = 1 << 5;
const VIA_COMMAND = 1;
const COMMAND = 0x02000000;

test('a queue that fails and goes on is a violation, one that is off is not', () => {
  const left = new EventScript([deviceRequests]).bringUp(0).record(events.QUEUE_CONFIGURED, 0, PQ_TX, EINVAL, 4, 1, 0, 1);
  const off = new EventScript([deviceRequests]).bringUp(0).record(events.QUEUE_CONFIGURED, 0, PQ_TX, EINVAL, 4, 1, 0, 0);
  const early = new EventScript([deviceRequests]).connect(0).record(events.QUEUE_CONFIGURED, 0, PQ_TX, EIO, 0, 0, 0, 0);

  expect(left.verdict()).toEqual(['L4V-FAILED-QUEUE-OFF@0 device']);
  expect(off.outcome('L4V-FAILED-QUEUE-OFF').outcome).toBe('held');
  expect(early.outcome('L4V-FAILED-QUEUE-OFF').outcome).toBe('not exercised');
});

test('a command that sets a queue up too early or after a failure is a violation', () => {
  const command = (script: EventScript): EventScript => script.record(events.QUEUE_CONFIGURED, 0, PQ_TX, 0, 4, 1, VIA_COMMAND, 1);

  const early = command(new EventScript([deviceRequests]).connect(0).status(0, 0));
  const failed = command(new EventScript([deviceRequests]).connect(0).status(0, 0).status(0, 3).status(0, 0x80, 0x83));
  const inTime = command(new EventScript([deviceRequests]).connect(0).status(0, 0).status(0, 3));

  expect(early.verdict()).toEqual(['L4V-CMD-PRECONDITION@0 device']);
  expect(failed.verdict()).toEqual(['L4V-CMD-PRECONDITION@0 device']);
  expect(inTime.outcome('L4V-CMD-PRECONDITION').outcome).toBe('held');
});

test('a command that is taken a second time without having been acknowledged is a violation', () => {
  const command = (): EventScript => new EventScript([deviceRequests]).connect(0).write(0, CONFIG_OFFSET.command, COMMAND);
  const taken = (script: EventScript): EventScript => script.record(events.COMMAND_TAKEN, 0, 0, COMMAND);

  const once = taken(command());
  const twice = taken(taken(command()));
  const again = taken(taken(command()).write(0, CONFIG_OFFSET.command, COMMAND));

  expect(once.outcome('L4V-CMD-ONCE').outcome).toBe('held');
  expect(twice.verdict()).toEqual(['L4V-CMD-ONCE@0 device']);
  expect(again.verdict()).toEqual([]);
});

test('a page that shows another largest queue size than the device was made with is a violation', () => {
  const shown = (limit: number): EventScript => new EventScript([freshPage]).connect(0).read(0, netQueueEntry(TX), limit);

  // 256 is the size limit with which event scripts connect.
  expect(shown(256).outcome('L4V-QUEUE-LIMIT').outcome).toBe('held');
  expect(shown(0).verdict()).toEqual(['L4V-QUEUE-LIMIT@0 device']);
});

test('regions over each other are a violation, side by side or the same once more they are not', () => {
  const base = (): EventScript => new EventScript([deviceRequests]).connect(0).register(0, RAM_ADDRESS, RAM_BYTES);

  const over = base().register(0, RAM_ADDRESS + 0x1000, 0x1000);
  const beside = base().register(0, RAM_ADDRESS + RAM_BYTES, 0x1000);
  const again = base().register(0, RAM_ADDRESS, RAM_BYTES);

  expect(over.verdict()).toEqual(['L4V-REGIONS-APART@0 device']);
  expect([...beside.verdict(), ...again.verdict()]).toEqual([]);
});

test('a running queue that is started over with old chains in its ring is a violation of its direction', () => {
  const again = (script: EventScript, queue: number, availIndex: number): EventScript =>
    script.record(events.QUEUE_CONFIGURED, 0, queue << 8, 0, 4, 1, 0, 1).install(0, queue, [0x10000, 0x10040, 0x10080], availIndex);
  const running = (): EventScript => new EventScript([deviceRequests]).bringUp(0);

  expect(again(running(), TX, 2).verdict()).toEqual(['P2P-INV-1@0 device']);
  expect(again(running(), RX, 2).verdict()).toEqual(['P2P-INV-2@0 device']);
  expect(again(running(), TX, 0).verdict()).toEqual([]);
  expect(again(running().deviceReset(0, events.CAUSE_DRIVER), TX, 2).verdict()).toEqual([]);
  expect(again(running().record(events.DEPARTED, 0, 0), TX, 2).verdict()).toEqual([]);
  expect(again(running().record(events.QUEUE_CONFIGURED, 0, PQ_TX, 0, 0, 0, 0, 0), TX, 2).verdict()).toEqual([]);
});

test('a second client that finds the status or the MAC of the first one was let down', () => {
  const second = (offer = OFFER, how = 4): EventScript =>
    new EventScript([freshPage]).bringUp(0).record(events.DEPARTED, 0, 0).record(events.CONNECTED, 0, 0, how, offer, 1, 0, 8);

  expect(second().read(0, CONFIG_OFFSET.status, 0x0f).verdict()).toEqual(['P2P-INV-10@0 device']);
  expect(second().read(0, CONFIG_OFFSET.status, 0).verdict()).toEqual([]);
  expect(second(OFFER | MAC).verdict()).toEqual(['L4V-OFFER-OWN@0 device']);
  expect(second(OFFER | MAC, 4 | CONNECTED_WITH_MAC).verdict()).toEqual([]);
});

test('feature words that are still there after a reset are a violation, those written since are not', () => {
  const up = (): EventScript => new EventScript([freshPage]).bringUp(0);

  const kept = up().status(0, 0).read(0, DRIVER_MAP, OFFER);
  const cleared = up().status(0, 0).read(0, DRIVER_MAP, 0);
  const written = up().status(0, 0).accept(0, OFFER).read(0, DRIVER_MAP, OFFER);
  const failed = up().deviceReset(0, events.CAUSE_DEVICE_ERROR).read(0, DRIVER_MAP, OFFER);

  expect(kept.verdict()).toEqual(['L4V-RESET-FEATURES@0 device']);
  expect(cleared.outcome('L4V-RESET-FEATURES').outcome).toBe('held');
  expect([...written.verdict(), ...failed.verdict()]).toEqual([]);
});

test('a chain without fault that fails the port is a violation', () => {
  const fail = (script: EventScript, problem: number): EventScript => script.record(events.CHAIN_FAILED, 0, PQ_TX, problem, 0);
  const up = (): EventScript => new EventScript([soundRefusal]).bringUp(0);
  const table = [indirect(0x100000), readable(60)];
  const place = (address: number): EventScript => up().publish(0, TX, 0, [readable(60, { address })], events.PROBLEM_BAD_ADDRESS);

  expect(fail(up().publish(0, TX, 0, table), events.PROBLEM_BAD_SIZE).verdict()).toEqual(['P2P-FAILS-BAD-ONLY@0 device']);
  expect(fail(up().publish(0, TX, 0, table, events.PROBLEM_BAD_SIZE), events.PROBLEM_BAD_SIZE).verdict()).toEqual([]);
  expect(fail(place(RAM_ADDRESS), events.PROBLEM_BAD_ADDRESS).verdict()).toEqual(['P2P-FAILS-BAD-ONLY@0 device']);
  expect(fail(place(RAM_ADDRESS + RAM_BYTES - 10), events.PROBLEM_BAD_ADDRESS).outcome('P2P-FAILS-BAD-ONLY').outcome).toBe('held');
  expect(up().record(events.CHAIN_FAILED, 0, PQ_TX, events.PROBLEM_BAD_HEAD, 60000).verdict()).toEqual([]);
});

test('a chain that is badly placed after all is refused rightly', () => {
  const fail = (script: EventScript, problem: number): EventScript => script.record(events.CHAIN_FAILED, 0, PQ_TX, problem, 0);
  const up = (): EventScript => new EventScript([soundRefusal, availRing]).bringUp(0);
  const emptyAtTheEnd = readable(0, { address: RAM_ADDRESS + RAM_BYTES });
  const awayTable = indirect(0x7f000000);
  const publish = (elements: Parameters<EventScript['publish']>[3]): EventScript => up().publish(0, TX, 0, elements, events.PROBLEM_BAD_ADDRESS);
  const reused = up()
    .publish(0, TX, 0, [readable(60), readable(60)])
    .publish(0, TX, 1, [readable(60)]);

  expect(fail(publish([emptyAtTheEnd]), events.PROBLEM_BAD_ADDRESS).outcome('P2P-FAILS-BAD-ONLY').outcome).toBe('held');
  expect(fail(publish([awayTable]), events.PROBLEM_BAD_ADDRESS).outcome('P2P-FAILS-BAD-ONLY').outcome).toBe('held');
  expect(fail(reused, events.PROBLEM_BAD_SIZE).verdict().filter((line) => line.endsWith('device'))).toEqual([]);
});

test('a device that has not come round a loop cannot know of it', () => {
  const script = new EventScript([heldBuffers])
    .bringUp(0)
    .bringUp(1)
    .publish(1, RX, 0, [writable(100)])
    .publish(0, TX, 0, [readable(60), readable(60)], events.PROBLEM_LOOP)
    .take(0, TX, 0)
    .take(1, RX, 0);

  script.queueAtEnd(0, TX, { holdsChain: 1 }).end();

  expect(script.verdict()).toEqual([]);
});

test('buffers held at rest for a chain that loops are lost to an innocent receiver', () => {
  const story = (problem: number): EventScript =>
    new EventScript([heldBuffers])
      .bringUp(0)
      .bringUp(1)
      .publish(1, RX, 0, [writable(100)])
      .publish(0, TX, 0, [readable(100)], problem)
      .take(0, TX, 0)
      .take(1, RX, 0)
      .queueAtEnd(0, TX, { holdsChain: 1 })
      .end();

  expect(story(events.PROBLEM_LOOP).verdict()).toEqual(['P2P-INV-10@1 device', 'P2P-INV-2@1 device']);
  expect(story(events.PROBLEM_NONE).verdict()).toEqual([]);
});

test('a tick that leaves a frame and a buffer it saw is a violation, unless a notification was handled meanwhile', () => {
  const tick = (script: EventScript): EventScript => script.record(events.POLL_TICK, 0);
  const left = (): EventScript =>
    tick(new EventScript([wholeTicks], { pollingIntervalNs: 1000 }).bringUp(0).bringUp(1))
      .publish(0, TX, 0, [readable(60)])
      .publish(1, RX, 0, [writable(1600)])
      .look(0, TX)
      .look(1, RX);

  expect(tick(left()).verdict()).toEqual(['P2P-WHOLE-TICKS@0 device']);
  expect(tick(left().record(events.KICK_HANDLED, 0)).verdict()).toEqual([]);
  expect(tick(left().take(0, TX, 0).take(1, RX, 0)).outcome('P2P-WHOLE-TICKS').outcome).toBe('held');
  expect(tick(left().status(1, 0x80, 0x8f)).verdict()).toEqual([]);
});

test('a polling device that asks for notifications is told so, one that is notified may', () => {
  const flags = (pollingIntervalNs: number, value: number): EventScript =>
    new EventScript([wholeTicks], { pollingIntervalNs }).bringUp(0).record(events.USED_FLAGS, 0, PQ_TX, value);

  expect(flags(1000, 0).verdict()).toEqual(['P2P-POLLS-SILENTLY@0 device']);
  expect(flags(1000, 1).outcome('P2P-POLLS-SILENTLY').outcome).toBe('held');
  expect(flags(0, 0).verdict()).toEqual([]);
});

test('more than 32 frames of one direction while the other waits are unfair', () => {
  const busy = (frames: number, isWaiting: boolean, pollingIntervalNs = 0): EventScript => {
    const script = new EventScript([fairTurns], { pollingIntervalNs }).bringUp(0).bringUp(1);
    if (isWaiting)
      script
        .publish(1, TX, 0, [readable(60)])
        .publish(0, RX, 0, [writable(1600)])
        .kick(0)
        .kick(1);
    for (let count = 0; count < frames; count++) script.place(1, 1, 60);
    return script;
  };

  expect(busy(33, true).verdict()).toEqual(['P2P-FAIR@1 device']); // the limit is 32
  expect([...busy(32, true).verdict(), ...busy(33, false).verdict(), ...busy(33, true, 1000).verdict()]).toEqual([]);
});

test('a head from behind the table and a queue interrupt of a failed port count whoever provoked them', () => {
  const up = (): EventScript => new EventScript([serverFate]).bringUp(0).bringUp(1);

  expect(up().writeUsed(0, TX, 4, 0).verdict()).toEqual(['P2P-INV-6@0 device']); // the queue has 4 entries
  expect(up().writeUsed(0, TX, 3, 0).verdict()).toEqual([]);
  expect(up().deviceReset(0, events.CAUSE_DEVICE_ERROR).interrupt(0).verdict()).toEqual(['P2P-INV-8@0 device']);
  expect(up().deviceReset(0, events.CAUSE_DEVICE_ERROR).interrupt(0, 2).verdict()).toEqual([]);
});

test('a device that rests deaf is a violation, unless it polls or the driver wrote the flag', () => {
  const rest = (set: number, atEnd: number, pollingIntervalNs = 0): string[] =>
    new EventScript([linkAtRest], { pollingIntervalNs })
      .bringUp(0)
      .record(events.USED_FLAGS, 0, PQ_TX, set)
      .queueAtEnd(0, TX, { usedFlags: atEnd })
      .end()
      .verdict();

  expect(rest(1, 1)).toEqual(['P2P-INV-5@0 device']);
  expect([...rest(1, 0), ...rest(0, 1), ...rest(1, 1, 1000)]).toEqual([]);
});
