// transmit-header, received-header, transmit-length: each clause fires, right streams do not.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, OFFER, readable, RX, TX, writable } from './event-script.js';
import { receivedHeader } from './received-header.js';
import { transmitHeader } from './transmit-header.js';
import { transmitLength } from './transmit-length.js';

const NEEDS_CSUM = 1;
const NO_CSUM = OFFER & ~1;
const NO_GUEST_CSUM = OFFER & ~2;
const FRAME_BYTES = 100;

interface Header {
  readonly flags?: number;
  readonly type?: number;
  readonly start?: number;
  readonly offset?: number;
  readonly buffers?: number;
  readonly verdict?: number;
}

const sent = ({ flags = 0, type = 0, start = 0, offset = 0, buffers = 0, verdict = events.CHECKSUM_RIGHT }: Header, features = OFFER): EventScript => {
  const script = new EventScript([transmitHeader]).bringUp(0, { features }).publish(0, TX, 0, [readable(12 + FRAME_BYTES)]);
  return script.record(events.PACKET_HEADER, 1, TX << 8, flags | (type << 8), start << 16, offset | (buffers << 16), FRAME_BYTES, verdict);
};

test('a header of zeros holds what applies without an open checksum', () => {
  const script = sent({}, NO_CSUM);

  expect(script.verdict()).toEqual([]);
  const open = transmitHeader.clauses.filter((id) => script.outcome(id).outcome !== 'held');
  expect(open).toEqual(['NET-DRV-5.1.9.2.1-29', 'NET-DRV-5.1.9.2.1-28', 'NET-DRV-5.1.9-2']);
});

test('an open checksum with a good seed holds the clauses about it', () => {
  const script = sent({ flags: NEEDS_CSUM, start: 34, offset: 6, verdict: events.CHECKSUM_OPEN });

  expect(script.verdict()).toEqual([]);
  for (const id of ['NET-DRV-5.1.9.2.1-29', 'NET-DRV-5.1.9.2.1-28', 'NET-DRV-5.1.9-2']) expect(script.outcome(id).outcome, id).toBe('held');
});

test.each<[string, Header, number, string[]]>([
  ['a buffer count', { buffers: 1 }, OFFER, ['NET-DRV-5.1.9.2.1-2']],
  ['NEEDS_CSUM without CSUM', { flags: NEEDS_CSUM, start: 34, offset: 6, verdict: events.CHECKSUM_OPEN }, NO_CSUM, ['NET-DRV-5.1.9.2.1-3']],
  ['a wrong checksum without CSUM', { verdict: events.CHECKSUM_WRONG }, NO_CSUM, ['NET-DRV-5.1.9.2.1-4']],
  ['the tunnel checksum flag', { flags: 8 }, OFFER, ['NET-DRV-5.1.9.2.1-22']],
  ['DATA_VALID', { flags: 2 }, OFFER, ['NET-DRV-5.1.9.2.1-39']],
  ['RSC_INFO', { flags: 4 }, OFFER, ['NET-DRV-5.1.9.2.1-40']],
  ['gso_type TCPV4', { type: 1 }, OFFER, ['NET-DRV-5.1.9.2.1-30', 'NET-DRV-5.1.9.2.1-7']],
  ['gso_type TCPV6', { type: 4 }, OFFER, ['NET-DRV-5.1.9.2.1-30', 'NET-DRV-5.1.9.2.1-9']],
  ['gso_type UDP', { type: 3 }, OFFER, ['NET-DRV-5.1.9.2.1-11', 'NET-DRV-5.1.9.2.1-30']],
  ['gso_type UDP_L4', { type: 5 }, OFFER, ['NET-DRV-5.1.9.2.1-13', 'NET-DRV-5.1.9.2.1-30']],
  ['tunnel bits', { type: 0x20 }, OFFER, ['NET-DRV-5.1.9.2.1-17', 'NET-DRV-5.1.9.2.1-30']],
  ['a checksum field outside the frame', { flags: NEEDS_CSUM, start: 99, offset: 0 }, OFFER, ['NET-DRV-5.1.9-2', 'NET-DRV-5.1.9.2.1-29']],
  ['a wrong seed', { flags: NEEDS_CSUM, start: 34, offset: 6, verdict: events.CHECKSUM_OPEN_WRONG }, OFFER, ['NET-DRV-5.1.9.2.1-28']],
])('%s in a transmitted header is a violation', (_name, header, features, clauses) => {
  const script = sent(header, features);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 driver`));
});

test('a type whose feature was negotiated is allowed', () => {
  // CSUM and HOST_TSO4.
  const features = 1 | (1 << 11);
  const script = new EventScript([transmitHeader]).bringUp(0, { features, offer: features });

  script.record(events.PACKET_HEADER, 1, TX << 8, 1 << 8, 0, 0, FRAME_BYTES);

  expect(script.verdict()).toEqual([]);
});

test('headers seen before the features were settled are not judged', () => {
  const script = new EventScript([transmitHeader, receivedHeader]).connect(0);

  script.record(events.PACKET_HEADER, 1, TX << 8, 0xffff, 0, 0, FRAME_BYTES).place(0, 1, 72, 0xff, 0xff);

  expect(script.verdict()).toEqual([]);
});

const got = (flags: number, type: number, verdict: number, features: number): EventScript =>
  new EventScript([receivedHeader])
    .bringUp(0, { features })
    .publish(0, RX, 0, [writable(1600)])
    .place(0, 1, 112, flags, type, verdict);

test('a checksum that the sender got wrong, or may have changed, is not the device’s', () => {
  const carry = (posted: number, overlap: number, verdict: number = events.CHECKSUM_WRONG): string[] =>
    new EventScript([receivedHeader])
      .bringUp(0, { features: NO_GUEST_CSUM })
      .bringUp(1)
      .publish(0, RX, 0, [writable(1600)])
      .publish(1, RX, 0, [writable(100, { address: overlap })])
      .publish(1, TX, 0, [readable(112, { address: 0x110000 })])
      .record(events.PACKET_HEADER, 2, 1 | (TX << 8), 0, 0, 0, FRAME_BYTES, posted)
      .use(1, TX, 0)
      .place(0, 1, 112, 0, 0, verdict)
      .verdict();

  expect(carry(events.CHECKSUM_RIGHT, 0x100000)).toEqual(['NET-DEV-5.1.9.4.1-6@0 device', 'P2P-INV-9@0 device']);
  expect(carry(events.CHECKSUM_WRONG, 0x100000)).toEqual([]);
  expect(carry(events.CHECKSUM_OPEN_WRONG, 0x100000)).toEqual([]);
  expect(carry(events.CHECKSUM_UNKNOWN, 0x100000)).toEqual([]);
  expect(carry(events.CHECKSUM_RIGHT, 0x110010)).toEqual([]);
});

test('what becomes of receive buffers that lie over each other is the driver’s affair', () => {
  const script = new EventScript([receivedHeader])
    .bringUp(0, { features: NO_GUEST_CSUM })
    .publish(0, RX, 0, [writable(100, { address: 0x110000 }), writable(100, { address: 0x110000 })]);

  script.place(0, 1, 112, NEEDS_CSUM, 1, events.CHECKSUM_OPEN);

  expect(script.verdict()).toEqual([]);
});

test('plain received headers hold what applies', () => {
  const complete = got(0, 0, events.CHECKSUM_RIGHT, NO_GUEST_CSUM);
  const open = got(NEEDS_CSUM, 0, events.CHECKSUM_OPEN, OFFER);
  const valid = got(2, 0, events.CHECKSUM_RIGHT, OFFER);

  expect([...complete.verdict(), ...open.verdict(), ...valid.verdict()]).toEqual([]);
  const held = receivedHeader.clauses.filter((id) => [complete, open, valid].some((script) => script.outcome(id).outcome === 'held'));
  expect(held).toEqual(receivedHeader.clauses);
});

test.each([
  ['NEEDS_CSUM without GUEST_CSUM', NEEDS_CSUM, 0, 0, NO_GUEST_CSUM, ['NET-DEV-5.1.9.4.1-5', 'P2P-INV-9']],
  ['a wrong checksum without GUEST_CSUM', 0, 0, events.CHECKSUM_WRONG, NO_GUEST_CSUM, ['NET-DEV-5.1.9.4.1-6', 'P2P-INV-9']],
  ['gso_type TCPV4', 0, 1, 0, OFFER, ['NET-DEV-5.1.9.4.1-24', 'NET-DEV-5.1.9.4.1-7']],
  ['gso_type UDP', 0, 3, 0, OFFER, ['NET-DEV-5.1.9.4.1-24', 'NET-DEV-5.1.9.4.1-8']],
  ['gso_type TCPV6', 0, 4, 0, OFFER, ['NET-DEV-5.1.9.4.1-24', 'NET-DEV-5.1.9.4.1-9']],
  ['gso_type UDP_L4', 0, 5, 0, OFFER, ['NET-DEV-5.1.9.4.1-10', 'NET-DEV-5.1.9.4.1-24']],
  ['tunnel bits', 0, 0x40, 0, OFFER, ['NET-DEV-5.1.9.4.1-11', 'NET-DEV-5.1.9.4.1-24']],
  ['the tunnel checksum flag', 8, 0, 0, OFFER, ['NET-DEV-5.1.9.4.1-12']],
  ['RSC_INFO', 4, 0, 0, OFFER, ['NET-DEV-5.1.9.4.1-28']],
  ['DATA_VALID on a wrong checksum', 2, 0, events.CHECKSUM_WRONG, OFFER, ['NET-DEV-5.1.9.4.1-31']],
  ['a checksum field outside the frame', NEEDS_CSUM, 0, events.CHECKSUM_OUTSIDE, OFFER, ['NET-DEV-5.1.9.4.1-20']],
  ['a wrong seed', NEEDS_CSUM, 0, events.CHECKSUM_OPEN_WRONG, OFFER, ['NET-DEV-5.1.9.4.1-19']],
])('%s in a received header is a violation by the device', (_name, flags, type, verdict, features, clauses) => {
  const script = got(flags, type, verdict, features);

  expect(script.verdict()).toEqual(clauses.map((clause) => `${clause}@0 device`));
});

const transmitting = (): EventScript => new EventScript([transmitLength]).bringUp(0);

test('chains of header and frame hold all clauses, whether answered before or after', () => {
  const script = transmitting()
    .send(0, 0, 60)
    .publish(0, TX, 0, [readable(72)]);

  script.record(events.FRAME_OFFERED, 1, 0, 0, 1, 1514).publish(0, TX, 1, [readable(12), readable(1514)]);

  expect(script.verdict()).toEqual([]);
  for (const id of transmitLength.clauses) expect(script.outcome(id).outcome, id).toBe('held');
});

test('a header of 10 bytes breaks the clauses about its size', () => {
  const script = transmitting().send(0, 0, 60);

  script.publish(0, TX, 0, [readable(70)]);

  expect(script.verdict()).toEqual(['NET-DRV-5.1.9-1@0 driver', 'NET-DRV-5.1.9.2.1-1@0 driver', 'NET-DRV-5.1.9.3.1-4@0 driver']);
});

test('half a frame is no frame', () => {
  const script = transmitting().send(0, 0, 600);

  script.publish(0, TX, 0, [readable(312)]);

  expect(script.verdict()).toEqual(['NET-DRV-5.1.9-1@0 driver']);
});

test('a split header is a warning about the original server', () => {
  const script = transmitting().send(0, 0, 60);

  script.publish(0, TX, 0, [readable(6), readable(66)]);

  expect(script.verdict()).toEqual(['L4V-HEADER-PLACE@0 driver']);
});

test('a frame longer than the link carries is a violation unless the stack gave it', () => {
  const own = transmitting();
  const given = transmitting().send(0, 0, 3000);

  own.publish(0, TX, 0, [readable(3012)]);
  given.publish(0, TX, 0, [readable(3012)]);

  expect(own.verdict()).toEqual(['NET-DRV-5.1.9.2-2@0 driver']);
  expect(given.verdict()).toEqual([]);
});

test('refused frames are not expected, dropped ones are passed over, more than a hundred may be owed', () => {
  const script = transmitting().send(0, 0, 50, false).send(0, 1, 61).send(0, 2, 62);

  script.publish(0, TX, 0, [readable(74)]).use(0, TX, 0);
  for (let number = 3; number < 150; number++) script.send(0, number, 60 + number);
  for (let number = 3; number < 150; number++) script.publish(0, TX, number % 4, [readable(72 + number)]).use(0, TX, number % 4);

  expect(script.verdict()).toEqual([]);
});
