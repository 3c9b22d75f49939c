// What a device makes of headers that say more than it need.
import { describe, expect, test } from 'vitest';
import * as events from '../events.js';
import { EventScript, RX, TX, writable } from './event-script.js';
import { transmitTolerance } from './transmit-tolerance.js';

/** Port 0 sends a frame with such a header; it arrives at port 1 with `flags` and a checksum verdict. */
function carried(header: { readonly flags?: number; readonly start?: number }, flags: number, verdict: number = events.CHECKSUM_RIGHT): EventScript {
  const script = new EventScript([transmitTolerance]).bringUp(0).bringUp(1);
  script.publish(0, TX, 2, [{ lengthBytes: 72 }]);
  script.record(events.PACKET_HEADER, 1, TX << 8, header.flags ?? 0, (header.start ?? 0) << 16, 0, 60, events.CHECKSUM_RIGHT);
  return script.take(0, TX, 2).place(1, 1, 72, flags, 0, verdict);
}

describe('a transmit header', () => {
  test('with nothing peculiar in it exercises nothing', () => {
    expect(carried({}, 0x82).outcome('NET-DEV-5.1.9.2.2-1', 1).outcome).toBe('not exercised');
  });

  test.each([
    ['an unknown flag', { flags: 0x80 }, 'NET-DEV-5.1.9.2.2-1', 0x80],
    ['stale checksum fields', { start: 34 }, 'NET-DEV-5.1.9.2.2-2', 1],
    ['a checksum it vouches for', { flags: 2 }, 'NET-DEV-5.1.9.4.1-31', 2],
  ])('with %s arrives without a trace of it, or the device is to blame', (_name, header, clause, passedOn) => {
    expect(carried(header, 0).outcome(clause, 1).outcome).toBe('held');
    expect(carried(header, passedOn).verdict()).toEqual([`${clause}@1 device`]);
  });

  test('that comes into buffers over each other says nothing about the device', () => {
    const script = new EventScript([transmitTolerance]).bringUp(0).bringUp(1);
    script.publish(1, RX, 0, [writable(60, { address: 0x1_4000 }), writable(60, { address: 0x1_4000 })]);
    script.publish(0, TX, 2, [{ lengthBytes: 72 }]);
    script.record(events.PACKET_HEADER, 1, TX << 8, 2, 0, 0, 60, events.CHECKSUM_RIGHT);
    script.take(0, TX, 2).place(1, 1, 72, 2, 0, events.CHECKSUM_RIGHT);

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('NET-DEV-5.1.9.4.1-31', 1).reason).toBe('receive buffers of the driver lie over each other');
  });

  test('with stale fields spoils no checksum; where there is none nothing is said', () => {
    expect(carried({ start: 34 }, 0, events.CHECKSUM_WRONG).verdict()).toEqual(['NET-DEV-5.1.9.2.2-2@1 device']);
    expect(carried({ start: 34 }, 0, 0).outcome('NET-DEV-5.1.9.2.2-2', 1).outcome).toBe('not exercised');
  });
});
