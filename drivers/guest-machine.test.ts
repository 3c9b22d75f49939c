// The guest machine a driver sees.
import { describe, expect, it } from 'vitest';
import * as events from '../model/events.js';
import { BREACH } from './contract-breach.js';
import type { Driver, Frame, Guest } from './contract.js';
import { SampleWorld, subjectOf } from './guest-world.sample.js';

type PlainGuest = Guest<'plain'>;
type ResumableGuest = Guest<'resumable'>;

const idle: Driver<'plain'> = { start: () => undefined, transmit: () => 'accepted' };

/** Runs a plain driver until the end and returns the world. */
function runPlain(create: (guest: PlainGuest) => unknown, act: (world: SampleWorld) => void = () => undefined): SampleWorld {
  const world = new SampleWorld();
  world.prepare(subjectOf('plain', create));
  act(world);
  world.run();
  return world;
}

/** Runs a resumable driver until the end and returns the world. */
function runResumable(create: (guest: ResumableGuest) => unknown, act: (world: SampleWorld) => void = () => undefined): SampleWorld {
  const world = new SampleWorld();
  world.prepare(subjectOf('resumable', create));
  act(world);
  world.run();
  return world;
}

describe('a guest machine', () => {
  it('starts the driver, hands it frames in order and stops it', () => {
    const world = runPlain(
      () => idle,
      (it) => {
        it.machine.offer(it.frame(0));
        it.machine.offer(it.frame(1));
        it.later(100, () => it.machine.requestStop());
      },
    );

    expect(world.stack.lines).toEqual(['started', 'accepted 0', 'accepted 1', 'stopped']);
    expect(world.machine.isUp).toBe(false);
  });

  it('gives plain and resumable drivers the same operations', () => {
    const seen: number[] = [];
    const plain = runPlain((guest) => ({
      ...idle,
      start() {
        const address = guest.memory.alloc(64, 32);
        guest.memory.store64(address, 2 ** 40 + 5);
        guest.memory.store8(address + 8, 7);
        guest.memory.copy(address + 16, address, 16);
        guest.memory.fill(address, 0xee, 2);
        seen.push(guest.memory.load64(address + 16), guest.memory.load8(address + 24), guest.memory.load16(address), address % 32);
        guest.notify();
      },
    }));
    const other: number[] = [];
    const resumable = runResumable((guest) => ({
      *start() {
        const address = guest.memory.alloc(64, 32);
        yield* guest.memory.store64(address, 2 ** 40 + 5);
        yield* guest.memory.store8(address + 8, 7);
        yield* guest.memory.copy(address + 16, address, 16);
        yield* guest.memory.fill(address, 0xee, 2);
        other.push(yield* guest.memory.load64(address + 16), yield* guest.memory.load8(address + 24));
        other.push(yield* guest.memory.load16(address), address % 32);
        yield* guest.notify();
      },
      transmit: () => 'accepted',
    }));

    expect(seen).toEqual([2 ** 40 + 5, 7, 0xeeee, 0]);
    expect(other).toEqual(seen);
    expect([plain.gate.notifications, resumable.gate.notifications]).toEqual([1, 1]);
    expect(resumable.trace.digest()).toBe(plain.trace.digest());
  });

  it('makes the caller wait until an IPC is answered', () => {
    const times: number[] = [];
    const results: number[] = [];
    runResumable((guest) => ({
      *start() {
        results.push(yield* guest.transport.setStatus(3));
        times.push(yield* guest.now());
        const page = yield* guest.transport.deviceConfig();
        results.push(yield* guest.memory.load32(page));
      },
      transmit: () => 'accepted',
    }));

    // The gate needs 1000 ns per call, now() costs 100 ns.
    expect(times).toEqual([1100]);
    expect(results).toEqual([0, 0]);
  });

  it.each(['coarse', 'fine', 'weak'] as const)('reports a driver that throws by message and place in %s mode', (mode) => {
    const world = new SampleWorld();
    const unlucky = (): never => {
      throw new Error('no luck');
    };
    world.prepare(
      subjectOf('plain', () => ({ ...idle, pollIntervalNs: 1_000, poll: unlucky })),
      { mode },
    );

    world.run();

    expect(world.stack.reason).toBe(events.DRIVER_THREW);
    expect(world.stack.message).toMatch(/^the driver threw no luck \(guest-machine\.test\.[jt]s:\d+:\d+\)$/);
  });

  it('takes an exception from start as a refusal of the device', () => {
    const world = new SampleWorld();
    const unlucky = (): never => {
      throw new Error('no luck');
    };
    world.prepare(
      subjectOf('plain', () => ({ ...idle, start: unlucky })),
      { mode: 'coarse' },
    );

    world.run();

    expect(world.stack.reason).toBe(events.DRIVER_REFUSED);
    expect(world.stack.message).toMatch(/^the driver refused the device: no luck \(/);
  });
});

describe('a contract breach', () => {
  it.each<[string, number, (guest: PlainGuest) => unknown]>([
    ['createDriver returns nothing', BREACH.wrongDriver, () => undefined],
    ['transmit is missing', BREACH.wrongDriver, () => ({ start: () => undefined })],
    ['start is async', BREACH.unexpectedPromise, () => ({ ...idle, start: async () => undefined })],
    ['start is a generator', BREACH.unexpectedGenerator, () => ({ ...idle, *start() {} })],
    [
      'enable is called too often',
      BREACH.unbalancedEnable,
      (guest) => ({ ...idle, start: () => (guest.interrupts.enable(), guest.interrupts.enable()) }),
    ],
    ['a window is left open', BREACH.unbalancedEnable, (guest) => ({ ...idle, start: () => guest.interrupts.enable() })],
    ['a frame is given back that is not held', BREACH.notHeldFrame, (guest) => ({ ...idle, start: () => guest.transmitted({} as Frame) })],
    [
      'memory is freed twice',
      BREACH.wrongRelease,
      (guest) => ({ ...idle, start: () => guest.memory.free(guest.memory.regions[0]!.address) }),
    ],
    ['a time is negative', BREACH.wrongArgument, (guest) => ({ ...idle, start: () => guest.armTimer(-1) })],
  ])('is found when %s', (_name, breach, create) => {
    const world = runPlain(create);

    expect(world.recorded(events.CONTRACT_BROKEN).map((args) => args[1])).toEqual([breach]);
    expect(world.stack.reason).toBe(events.DRIVER_BROKE_CONTRACT);
    expect(world.stack.lines).toEqual(['failed']);
  });
});
