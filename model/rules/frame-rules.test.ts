// frame-delivery, frames-at-rest, lent-frames: each clause fires with the right party, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { driverFate, lentFrames } from './driver-fate.js';
import { EventScript, MRG_RXBUF, OFFER, readable, RX, TX, writable } from './event-script.js';
import { frameDelivery } from './frame-delivery.js';
import { availRing } from './avail-ring.js';
import { framesCarried } from './frames-carried.js';
import { framesAtRest } from './frames-at-rest.js';

const delivery = (features = OFFER, subjects = [true, false]): EventScript =>
  new EventScript([frameDelivery], { subjects }).bringUp(0, { features }).bringUp(1);
/** The frame oracle saw frame `number` in a ring of `port`. */
const seen = (script: EventScript, port: number, queue: number, number: number, verdict: number): EventScript =>
  script.record(events.FRAME_IN_RING, 0, port | (queue << 8), 0, number, 60, verdict);

test('frames that arrive as they were sent hold all clauses', () => {
  const script = delivery();

  for (let number = 0; number < 3; number++) script.deliver(0, number, 60);

  expect(script.verdict()).toEqual([]);
  for (const id of frameDelivery.clauses.filter((clause) => clause !== 'CONTRACT-TRANSMIT'))
    expect(script.outcome(id).outcome, id).toBe('held');
  expect(script.outcome('CONTRACT-TRANSMIT', 1).outcome).toBe('held');
});

test.each([
  ['changed bytes', events.DELIVERY_WRONG_BYTES, OFFER & ~MRG_RXBUF, ['CONTRACT-DELIVER', 'SPLIT-DRV-2.7.8.3-1']],
  ['changed bytes with merging', events.DELIVERY_WRONG_BYTES, OFFER, ['CONTRACT-DELIVER', 'NET-DRV-5.1.9.4-1', 'SPLIT-DRV-2.7.8.3-1']],
  ['a wrong length', events.DELIVERY_WRONG_LENGTH, OFFER, ['CONTRACT-DELIVER', 'NET-DRV-5.1.9.4-3']],
  ['a frame delivered twice', events.DELIVERY_UNKNOWN, OFFER, ['CONTRACT-DELIVER', 'VQ-DRV-2.6-1']],
])('%s is the receiving driver’s if the frame was right in its ring', (_name, verdict, features, clauses) => {
  const script = seen(seen(delivery(features), 1, TX, 5, events.DELIVERY_GOOD), 0, RX, 5, events.DELIVERY_GOOD);

  script.deliver(0, 5, 60, verdict);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('a frame that was wrong in its sender’s ring is the sender’s', () => {
  const script = seen(seen(delivery(), 1, TX, 5, events.DELIVERY_WRONG_BYTES), 0, RX, 5, events.DELIVERY_WRONG_BYTES);

  script.deliver(0, 5, 60, events.DELIVERY_WRONG_BYTES);

  expect(script.verdict()).toEqual(['CONTRACT-TRANSMIT@1 driver']);
});

test('a frame that went wrong between the rings is the device’s', () => {
  const script = seen(seen(delivery(), 1, TX, 5, events.DELIVERY_GOOD), 0, RX, 5, events.DELIVERY_WRONG_BYTES);

  script.deliver(0, 5, 60, events.DELIVERY_WRONG_BYTES);

  expect(script.verdict()).toEqual(['P2P-INV-3@0 device']);
});

test.each([
  ['the receiver if it alone is judged', [true, false], ['CONTRACT-DELIVER@0 driver', 'NET-DRV-5.1.9.4-3@0 driver']],
  ['the sender if it alone is judged', [false, true], ['CONTRACT-TRANSMIT@1 driver']],
  ['nobody if both are judged', [true, true], ['P2P-INV-3@0 link']],
  ['the device if nobody is judged', [false, false], ['P2P-INV-3@0 device']],
])('without a look into the rings a wrong frame is presumed to be of %s', (_name, subjects, expected) => {
  const script = delivery(OFFER, subjects);

  script.deliver(0, 5, 60, events.DELIVERY_WRONG_LENGTH);

  expect(script.verdict()).toEqual(expected);
});

test('where a deviation of the server showed, it is presumed to be the cause', () => {
  const script = delivery().record(events.QUIRK_MET, 0, 7, 1, 0);

  script.deliver(0, 5, 60, events.DELIVERY_WRONG_BYTES);

  expect(script.verdict()).toEqual(['P2P-INV-3@0 device']);
});

test('an open checksum at a driver without GUEST_CSUM breaks the invariant about checksums', () => {
  const script = seen(seen(delivery(OFFER & ~2), 1, TX, 5, events.DELIVERY_GOOD), 0, RX, 5, events.DELIVERY_PARTIAL_CHECKSUM);

  script.deliver(0, 5, 60, events.DELIVERY_PARTIAL_CHECKSUM);

  expect(script.verdict()).toEqual(['P2P-INV-9@0 device']);
});

const inOrder = (script: EventScript, port: number, queue: number, numbers: readonly number[]): EventScript => {
  for (const number of numbers) seen(script, port, queue, number, events.DELIVERY_GOOD);
  return script;
};

test.each([
  ['its own doing', [1, 2], [1, 2], ['CONTRACT-DELIVER@0 driver', 'VQ-DRV-2.6-1@0 driver']],
  ['the sender’s', [2, 1], [2, 1], ['CONTRACT-TRANSMIT@1 driver']],
  ['the device’s', [1, 2], [2, 1], ['P2P-INV-3@0 device']],
])('frames handed up out of order are %s when the rings say so', (_name, sent, received, expected) => {
  const script = inOrder(inOrder(delivery(), 1, TX, sent), 0, RX, received);

  script.deliver(0, 2, 60).deliver(0, 1, 60);

  expect(script.verdict()).toEqual(expected);
});

test('order without a look into the rings is presumed like everything else', () => {
  const script = delivery();

  script.deliver(0, 2, 60).deliver(0, 1, 60);

  expect(script.verdict()).toEqual(['CONTRACT-DELIVER@0 driver', 'VQ-DRV-2.6-1@0 driver']);
});

test('a sender that was reset may repeat frames and send older ones', () => {
  const script = delivery().deliver(0, 2, 60);

  script.reinitialize(1).deliver(0, 1, 60).deliver(0, 2, 60, events.DELIVERY_UNKNOWN);

  expect(script.verdict()).toEqual([]);
});

test('what a departed client or an unanswered offer had under way is nobody’s frame', () => {
  const departed = delivery().record(events.DEPARTED, 0, 1);
  const unanswered = delivery().record(events.FRAME_OFFERED, 2, 1, 1, 0, 60);

  departed.deliver(0, 0xffffffff, 60, events.DELIVERY_UNKNOWN);
  unanswered.deliver(0, 0xffffffff, 60, events.DELIVERY_UNKNOWN);

  expect([...departed.verdict(), ...unanswered.verdict()]).toEqual([]);
  expect(departed.outcome('P2P-INV-3').outcome).toBe('undecidable');
});

test('a frame out of nowhere is told without a number', () => {
  const script = delivery();

  script.deliver(0, 0xffffffff, 60, events.DELIVERY_UNKNOWN);

  expect(script.violations()[0]).toMatchObject({ evidence: { number: -1 }, isSubject: true });
});

test('a delivery of no known flow is not judged', () => {
  const script = delivery();

  script.record(events.FRAME_DELIVERED, 1, 0, 7, 0, 60, events.DELIVERY_UNKNOWN);

  expect(script.verdict()).toEqual([]);
});

/** Port 0 is up, has sent `accepted` frames, of which `published` were published and returned; one receive buffer is posted. */
const resting = (accepted: number, published = accepted): EventScript => {
  const script = new EventScript([framesAtRest]).bringUp(0).publish(0, RX, 0, [writable(1600)]);
  for (let number = 0; number < accepted; number++) script.send(0, number, 60);
  for (let number = 0; number < published; number++) script.publish(0, TX, number % 4, [readable(72)]).use(0, TX, number % 4);
  return script;
};

test('a driver with nothing left to do holds all clauses', () => {
  const script = resting(2).bringUp(1).place(0, 1, 72).deliver(0, 0, 60);

  script.rest();

  expect(script.verdict()).toEqual([]);
  for (const id of framesAtRest.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('accepted frames that were never published are a violation, unless the ring is full', () => {
  const stuck = resting(3, 1).rest();
  const full = resting(3, 1)
    .publish(0, TX, 2, [readable(72)])
    .rest();

  expect(stuck.verdict()).toEqual(['CONTRACT-TRANSMIT@0 driver']);
  expect(full.verdict()).toEqual([]);
});

test('publications that nobody looked at count as published', () => {
  const script = resting(2, 0);

  // In coarse mode the device tells only what it looked at; avail.idx 2 is all there is.
  script.queueAtEnd(0, RX).queueAtEnd(0, TX, { availIndex: 2, usedIndex: 2 }).end();

  expect(script.verdict()).toEqual([]);
});

test('returned frames that were not handed up are a violation', () => {
  const script = resting(0).place(0, 1, 72).place(0, 1, 72).deliver(0, 0, 60);

  script.rest();

  expect(script.verdict()).toEqual(['CONTRACT-DELIVER@0 driver']);
});

test('a failed allocation excuses frames that were not handed up', () => {
  const script = resting(0).place(0, 1, 72).record(events.ALLOCATED, 1, 0, 0, 100);

  script.rest();

  expect(script.outcome('CONTRACT-DELIVER')).toMatchObject({ outcome: 'undecidable', violatedCount: 0 });
});

test('a driver that said full and never took the frame although there is room is a violation', () => {
  const script = resting(1).send(0, 1, 60, false);

  script.rest();

  expect(script.verdict()).toEqual(['CONTRACT-WAKE@0 driver']);
});

test('more frames kept than the ring can hold are a violation, as many are not', () => {
  // The ring has 4 entries.
  const kept = (count: number): string[] => resting(count).rest().verdict();

  expect(kept(4)).toEqual([]);
  expect(kept(5)).toEqual(['CONTRACT-FRAME-MEMORY@0 driver']);
});

test('frames given back count no longer', () => {
  const script = resting(6).record(events.FRAME_RETURNED, 1, 0, 0, 0).record(events.FRAME_RETURNED, 1, 0, 0, 1);

  script.rest();

  expect(script.verdict()).toEqual([]);
});

test('an empty receive queue at rest is a warning', () => {
  const script = resting(0).use(0, RX, 0, 72).place(0, 1, 72).deliver(0, 0, 60);

  script.rest();

  expect(script.verdict()).toEqual(['NET-DRV-5.1.9.3-1@0 driver']);
});

/** Port 0 has used its only receive buffer up; port 1 has `waiting` frames for it. */
const starving = (waiting: number, act = (script: EventScript): EventScript => script): string[] => {
  const script = resting(0).bringUp(1).use(0, RX, 0, 72).place(0, 1, 72).deliver(0, 0, 60);
  for (let head = 0; head < waiting; head++) script.publish(1, TX, head, [readable(72)]);
  return act(script).rest().verdict();
};

test('a driver that rests without receive buffers while a frame waits for one starves the link', () => {
  const lacking = (script: EventScript): EventScript => script.record(events.ALLOCATED, 1, 0, 0, 1536).fault(1, 'allocationFailure');

  expect(starving(1)).toEqual(['CONTRACT-REFILL@0 driver', 'NET-DRV-5.1.9.3-1@0 driver']);
  expect(starving(0)).toEqual(['NET-DRV-5.1.9.3-1@0 driver']);
  expect(starving(1, lacking)).toEqual(['NET-DRV-5.1.9.3-1@0 driver']);
});

test.each([
  ['a lost notification', (script: EventScript) => script.fault(1, 'lostNotification').rest()],
  ['a run that did not come to rest', (script: EventScript) => script.end(events.END_BUDGET)],
  ['a driver that ended', (script: EventScript) => script.record(events.DRIVER_ENDED, 1, 0, events.DRIVER_THREW).rest()],
  ['a device that gave up', (script: EventScript) => script.deviceReset(0, events.CAUSE_DEVICE_ERROR).rest()],
  ['a client that left', (script: EventScript) => script.record(events.DEPARTED, 0, 0).rest()],
])('%s excuses what is stuck', (_name, act) => {
  const script = resting(3, 1);

  act(script);

  expect(script.verdict()).toEqual([]);
});

test('a lent frame that changed is the driver’s', () => {
  const script = new EventScript([lentFrames]).bringUp(0).deliver(0, 0, 60);

  const before = script.outcome('CONTRACT-LENT').outcome;
  script.record(events.FRAME_SPOILED, 1, 0, 1, 0);

  expect(before).toBe('held');
  expect(script.verdict()).toEqual(['CONTRACT-LENT@0 driver']);
});

test('a driver that never came up exercised nothing of its fate', () => {
  const script = new EventScript([driverFate]).connect(0).end();

  for (const id of driverFate.clauses) expect(script.outcome(id).outcome, id).toBe('not exercised');
});

/** Port 0 sends a frame of 60 bytes to port 1, which has posted one buffer of `room` bytes. */
const carrying = (room = 1600, features = OFFER): EventScript =>
  new EventScript([framesCarried])
    .bringUp(0)
    .bringUp(1, { features })
    .publish(1, RX, 0, [writable(room)])
    .publish(0, TX, 0, [readable(72)])
    .take(0, TX, 0)
    .take(1, RX, 0);

test('a returned transmit chain whose frame was put into buffers is held, one whose frame was not is lost by the device', () => {
  const carried = carrying().give(0, TX, 0).place(1, 1, 72).rest();
  const lost = carrying().give(0, TX, 0).rest();
  const lostBefore = carrying()
    .give(0, TX, 0)
    .publish(0, TX, 1, [readable(72, { address: 0x140000 })])
    .take(0, TX, 1);

  expect(carried.outcome('P2P-INV-3', 1).outcome).toBe('held');
  expect(lost.verdict()).toEqual(['P2P-INV-3@1 device']);
  expect(lostBefore.verdict()).toEqual(['P2P-INV-3@1 device']);
});

test.each([
  ['too long for the receiver', carrying(64, OFFER & ~MRG_RXBUF).give(0, TX, 0)],
  ['too long for all buffers together', carrying(64).give(0, TX, 0)],
  ['gone with a reset', carrying().give(0, TX, 0).deviceReset(1, events.CAUSE_DRIVER)],
  ['of a client that left', carrying().give(0, TX, 0).record(events.DEPARTED, 0, 1)],
  [
    'shorter than a header',
    carrying()
      .give(0, TX, 0)
      .place(1, 1, 72)
      .publish(0, TX, 1, [readable(8)])
      .use(0, TX, 1),
  ],
])('a frame that is %s may be missing', (_name, script) => {
  expect(script.rest().verdict()).toEqual([]);
});

test('a frame with a VLAN tag is no exception', () => {
  const tagged = (): EventScript =>
    new EventScript([framesCarried])
      .bringUp(0)
      .bringUp(1)
      .record(events.FRAME_OFFERED, 1, 0, 0, 3, 60, 0, 1)
      .publish(1, RX, 0, [writable(1600)])
      .publish(0, TX, 0, [readable(72)])
      .record(events.PACKET_HEADER, 1, 0x100, 0, 0, 0, 60, events.CHECKSUM_RIGHT)
      .take(0, TX, 0)
      .take(1, RX, 0)
      .give(0, TX, 0);

  expect(tagged().place(1, 1, 72).rest().outcome('NET-DEV-5.1.9.5.3.1-1', 1).outcome).toBe('held');
  expect(tagged().rest().verdict().toSorted()).toEqual(['NET-DEV-5.1.9.5.3.1-1@1 device', 'P2P-INV-3@1 device']);
});

test('a frame whose checksum lies outside of it may be dropped', () => {
  const script = new EventScript([framesCarried])
    .bringUp(0)
    .bringUp(1)
    .publish(1, RX, 0, [writable(1600)])
    .publish(0, TX, 0, [readable(72)])
    .record(events.PACKET_HEADER, 1, 0x100, 1, 0, 0, 60, events.CHECKSUM_OUTSIDE);

  script.use(0, TX, 0).rest();

  expect(script.verdict()).toEqual([]);
});

test('a sender that may have changed a frame after posting it proves nothing about its loss', () => {
  const start = (): EventScript =>
    new EventScript([framesCarried, availRing])
      .bringUp(0)
      .bringUp(1)
      .publish(1, RX, 0, [writable(1600)]);
  const lying = (address: number): EventScript => start().publish(0, RX, 0, [writable(100, { address })]);
  const frame = readable(72, { address: 0x110000 });
  const reused = start()
    .publish(0, TX, 0, [frame, readable(60)])
    .publish(0, TX, 1, [readable(60)]);
  const devices = (script: EventScript): string[] => script.use(0, TX, 0).rest().verdict().filter((line) => line.endsWith('device'));

  expect(devices(lying(0x110040).publish(0, TX, 0, [frame]))).toEqual([]);
  expect(devices(lying(0x110048).publish(0, TX, 0, [frame]))).toEqual(['P2P-INV-3@1 device']);
  expect(devices(reused)).toEqual([]);
});

test('what a scripted guest sends is known to nobody', () => {
  const story = (scripted: boolean[]): EventScript =>
    new EventScript([frameDelivery, framesAtRest], { scripted })
      .bringUp(0)
      .bringUp(1)
      .publish(0, RX, 0, [writable(1600)])
      .publish(0, RX, 1, [writable(1600)])
      .publish(0, RX, 2, [writable(1600)])
      .use(0, RX, 0, 72)
      .place(0, 1, 72)
      .use(0, RX, 1, 72)
      .place(0, 1, 72)
      .deliver(0, 0xffffffff, 60, events.DELIVERY_UNKNOWN)
      .rest();

  expect(story([false, true]).verdict()).toEqual([]);
  expect(story([false, false]).verdict()).not.toEqual([]);
});

test('where the server is judged, a frame that went wrong at a place unknown is its', () => {
  const script = new EventScript([frameDelivery], { subjects: [true, false], judgesServer: true }).bringUp(0).bringUp(1);

  script.deliver(0, 5, 60, events.DELIVERY_WRONG_BYTES);

  expect(script.verdict()).toEqual(['P2P-INV-3@0 device']);
});
