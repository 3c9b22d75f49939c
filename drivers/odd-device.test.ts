// The reference drivers against devices that refuse, fail, or return what no correct device returns.
import { describe, expect, it } from 'vitest';
import * as events from '../model/events.js';
import { CONFIG_OFFSET, layoutOf, netQueueEntry, QUEUE_ENTRY, type TransportRevision } from '../model/transport/layout.js';
import { builtInSubject } from './builtin.js';
import { SampleWorld } from './guest-world.sample.js';
import { PageDevice } from './page-device.sample.js';

/** A world in which a built-in driver is about to start on a page device. */
function prepare(name: string, revision: TransportRevision = 'current'): { world: SampleWorld; device: PageDevice } {
  const world = new SampleWorld();
  world.prepare(builtInSubject(name)!, { revision });
  return { world, device: new PageDevice(world, revision) };
}

/** Runs to the end and returns what the driver refused the device for. */
function refusal(world: SampleWorld): string {
  world.run();
  expect(world.stack.reason).toBe(events.DRIVER_REFUSED);
  return world.stack.message;
}

describe.each(['full', 'minimal'])('the %s driver', (name) => {
  it.each<[RegExp, (device: PageDevice) => void]>([
    [/device_config answered -ENOSYS/, (device) => (device.results.deviceConfig = -38)],
    [/not a network device of version 2: magic 0x1,/, (device) => device.write32(CONFIG_OFFSET.magic, 1)],
    [/version 1, device 1/, (device) => device.write32(CONFIG_OFFSET.version, 1)],
    [/version 2, device 3/, (device) => device.write32(CONFIG_OFFSET.device, 3)],
    [/the device has 1 queues; two are needed/, (device) => device.write32(CONFIG_OFFSET.queueCount, 1)],
    [/register_ds of region 0 answered -ENOMEM/, (device) => (device.results.registerDataspace = -12)],
    [/device_notification_irq answered -ENOSYS/, (device) => (device.results.notificationIrq = -38)],
    [/does not offer VERSION_1/, (device) => device.write32(layoutOf('current').deviceFeaturesMap + 4, 0)],
    [/did not accept the features it offers/, (device) => (device.showStatus = (status) => (status === 0xb ? 3 : status))],
    [/did not take DRIVER_OK, its status is 0xb/, (device) => (device.showStatus = (status) => (status === 0xf ? 0xb : status))],
    [/queue 0 has no size/, (device) => device.write16(netQueueEntry(0) + QUEUE_ENTRY.sizeLimit, 0)],
    [/config_queue 0 answered -EINVAL/, (device) => (device.results.configQueue = -22)],
    [/did not become 0 after a reset/, (device) => (device.showStatus = () => 0x40)],
    [/the device failed at status bit 0x2: 0x43/, (device) => (device.showStatus = (status) => (status === 3 ? 0x43 : status))],
  ])('refuses a device with: %s', (message, spoil) => {
    const { world, device } = prepare(name);
    spoil(device);
    // Something else is still to happen, or the waiting driver would count as at rest.
    world.later(1e9, () => undefined);

    expect(refusal(world)).toMatch(message);
  });

  it('sets FAILED before it gives a device up, and does not try again', () => {
    const { world, device } = prepare(name);
    device.showStatus = (status) => (status === 0xb ? 3 : status);

    refusal(world);

    expect(device.statuses).toEqual([0, 1, 3, 0xb, 0x83]);
  });

  it('tries a device that fails while it comes up four times', () => {
    const { world, device } = prepare(name);
    device.showStatus = (status) => (status === 3 ? 0x43 : status);

    refusal(world);

    expect(device.statuses.filter((status) => status === 0)).toHaveLength(4);
  });

  it('speaks the older revision, and refuses it when the interface is not registered', () => {
    const spoken = prepare(name, 'seed');
    spoken.world.run();
    const refused = prepare(name, 'seed');
    refused.device.results.registerInterface = -22;

    expect([spoken.world.stack.lines, spoken.device.statuses]).toEqual([['started'], [0, 1, 3, 0xb, 0xf]]);
    expect(refusal(refused.world)).toMatch(/register_iface answered -EINVAL/);
  });

  it('minds no registration that is already there', () => {
    const { world, device } = prepare(name);
    device.results.registerDataspace = -17;

    world.run();

    expect(world.stack.lines).toEqual(['started']);
  });

  it.each<[string, (device: PageDevice) => void]>([
    ['a chain it never posted', (device) => device.give(0, 77, 100)],
    ['more bytes than a buffer has', (device) => device.give(0, 0, 5000)],
    ['an index that jumps', (device) => device.give(1, 0, 0)],
    ['a failure in its status', (device) => device.write32(CONFIG_OFFSET.status, 0x4f)],
  ])('resets a device that shows %s, and works again', (_title, misbehave) => {
    const { world, device } = prepare(name);
    world.later(50_000, () => misbehave(device));
    world.interrupt(50_100);

    world.run();

    expect(device.statuses).toEqual([0, 1, 3, 0xb, 0xf, 0, 1, 3, 0xb, 0xf]);
    expect([world.stack.lines, device.availIndex(0) > 0]).toEqual([['started'], true]);
  });

  it('drops what is no frame and posts the buffer again', () => {
    const { world, device } = prepare(name);
    const posted: number[] = [];
    world.later(50_000, () => {
      posted.push(device.availIndex(0));
      for (const [id, lengthBytes] of [
        [0, 0],
        [1, 11],
        [2, 12],
      ] as const) {
        world.arena.u16[(device.buffer(0, id) + 10) >>> 1] = 1;
        device.give(0, id, lengthBytes);
      }
    });
    world.interrupt(50_100);

    world.run();

    expect(world.stack.lines).toEqual(['started']);
    expect(device.availIndex(0)).toBe(posted[0]! + 3);
  });
});

describe('a device that is silent', () => {
  it('exhausts the patience of a driver that waits for its command to be taken', () => {
    const { world, device } = prepare('full');
    device.write32(layoutOf('current').deviceFeaturesMap + 20, 1);
    world.later(1000e9, () => undefined);

    expect(refusal(world)).toMatch(/the device did not take the command 0x1000000/);
    expect(device.statuses).toEqual([]);
  });
});

describe('memory that runs out', () => {
  it.each(['full', 'minimal'])('makes the %s driver take smaller queues, and refuse when there is none at all', (name) => {
    const { world } = prepare(name);
    const hoard: number[] = [];
    for (let address = world.machine.allocateFrame(1024); address !== 0; address = world.machine.allocateFrame(1024)) hoard.push(address);

    expect(refusal(world)).toMatch(/no memory for queue 0/);
    expect(hoard.length).toBeGreaterThan(200);
  });

  it('makes the full driver ask again later for receive buffers', () => {
    const { world, device } = prepare('full');
    const hoard: number[] = [];
    for (let address = world.machine.allocateFrame(1024); address !== 0; address = world.machine.allocateFrame(1024)) hoard.push(address);
    world.machine.freeFrame(hoard.pop()!);
    world.later(500_000, () => hoard.forEach((address) => world.machine.freeFrame(address)));
    const posted: number[] = [];
    world.later(400_000, () => posted.push(device.availIndex(0)));

    world.run();

    // One kilobyte holds both rings and the headers, but no buffer of 1536 bytes.
    expect([posted, device.availIndex(0)]).toEqual([[0], 4]);
  });
});

describe('the full driver', () => {
  /** Puts a header into buffer `id` of the receive queue. */
  function header(world: SampleWorld, device: PageDevice, id: number, flags: number, count: number): void {
    const { u8, u16 } = world.arena;
    const at = device.buffer(0, id);
    u8.fill(0, at, at + 12);
    u8[at] = flags;
    u16[(at + 6) >>> 1] = 34;
    u16[(at + 8) >>> 1] = 6;
    u16[(at + 10) >>> 1] = count;
  }

  it('waits for the buffers of a merged frame that come later, and leaves empty ones out', () => {
    const { world, device } = prepare('full');
    world.later(50_000, () => {
      header(world, device, 0, 0, 3);
      device.give(0, 0, 1536);
    });
    world.interrupt(50_100);
    world.later(90_000, () => {
      device.give(0, 1, 0);
      device.give(0, 2, 40);
    });
    world.interrupt(90_100);

    world.run();

    expect(world.stack.deliveries.map(({ lengthBytes, info }) => [lengthBytes, info])).toEqual([
      [1524, { more: true }],
      [40, { more: false }],
    ]);
  });

  it('says where the checksum is open, with every piece', () => {
    const { world, device } = prepare('full');
    world.later(50_000, () => {
      header(world, device, 0, 1, 1);
      device.give(0, 0, 72);
    });
    world.interrupt(50_100);

    world.run();

    expect(world.stack.deliveries[0]!.info).toEqual({ more: false, checksum: { startBytes: 34, offsetBytes: 6 } });
  });

  it.each([0, 5])('resets a device whose frame claims %i buffers in a queue of four', (count) => {
    const { world, device } = prepare('full');
    world.later(50_000, () => {
      header(world, device, 0, 0, count);
      device.give(0, 0, 72);
    });
    world.interrupt(50_100);

    world.run();

    expect(device.statuses.filter((status) => status === 0)).toHaveLength(2);
    expect(world.stack.deliveries).toEqual([]);
  });

  it('leaves the checksum of a frame to the device', () => {
    const { world, device } = prepare('full');
    world.later(50_000, () => world.machine.offer({ ...world.frame(0, 100), checksum: { startBytes: 34, offsetBytes: 6 } }));

    world.run();

    const at = device.buffer(1, 0);
    expect(world.machine.takesOpenChecksum).toBe(true);
    expect([...world.arena.u8.subarray(at, at + 12)]).toEqual([1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0]);
  });

  it('says full when the device is slow, resets it when it misbehaves then, and wakes the stack', () => {
    const { world, device } = prepare('full');
    world.later(50_000, () => {
      for (let id = 0; id < 9; id++) world.machine.offer(world.frame(id));
    });
    world.later(60_000, () => {
      device.give(1, 99, 0);
      world.machine.offer(world.frame(10));
    });

    world.run();

    // A queue of four takes one direct chain of two descriptors, then one-descriptor chains through tables.
    expect(world.stack.lines.filter((line) => line.startsWith('accepted'))).toEqual(['accepted 0', 'accepted 1', 'accepted 2']);
    expect(world.stack.lines).toContain('ready');
    expect(world.stack.lines.filter((line) => line.startsWith('returned'))).toHaveLength(3);
  });
});
