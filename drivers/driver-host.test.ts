// How a driver is run: windows and interrupts, polls, timers, waits, frames, and drivers that will not be stopped.
import { describe, expect, it } from 'vitest';
import * as events from '../model/events.js';
import type { Resume } from '../sim/flow.resumable.js';
import { SeededSource } from '../sim/seeded-source.js';
import { EVENT_FAULT } from '../sim/trace.js';
import { BREACH } from './contract-breach.js';
import type { Driver, Frame, Guest } from './contract.js';
import { METHOD_NAMES } from './driver-object.js';
import { SampleWorld, subjectOf } from './guest-world.sample.js';

type PlainGuest = Guest<'plain'>;
type ResumableGuest = Guest<'resumable'>;

const idle: Driver<'plain'> = { start: () => undefined, transmit: () => 'accepted' };

function plain(create: (guest: PlainGuest) => unknown, act: (world: SampleWorld) => void = () => undefined): SampleWorld {
  const world = new SampleWorld();
  world.prepare(subjectOf('plain', create));
  act(world);
  world.run();
  return world;
}

function resumable(create: (guest: ResumableGuest) => unknown, act: (world: SampleWorld) => void = () => undefined): SampleWorld {
  const world = new SampleWorld();
  world.prepare(subjectOf('resumable', create));
  act(world);
  world.run();
  return world;
}

describe('interrupts', () => {
  it('coalesce, wait while a method runs, and come after it', () => {
    const log: string[] = [];
    const world = plain(
      (guest) => ({
        ...idle,
        start() {
          for (let turn = 0; turn < 20; turn++) guest.relax();
          log.push('started');
        },
        interrupt: (line: number) => log.push(`interrupt ${line}`),
      }),
      (it) => [100, 200, 300].forEach((delayNs) => it.interrupt(delayNs)),
    );

    expect(log).toEqual(['started', 'interrupt 0']);
    expect(world.recorded(events.INTERRUPT_TAKEN)).toHaveLength(1);
  });

  it.each(['plain', 'resumable'] as const)('are taken inside a window that a %s driver opens', (style) => {
    const log: string[] = [];
    const interrupt = (): number => log.push('interrupt');
    const act = (world: SampleWorld): void => world.interrupt(100);
    if (style === 'plain') {
      plain((guest) => {
        const start = (): void => {
          for (let turn = 0; turn < 5; turn++) guest.relax();
          guest.interrupts.enable();
          guest.relax();
          guest.interrupts.disable();
          log.push('start returns');
        };
        return { ...idle, start, interrupt };
      }, act);
    } else {
      resumable((guest) => {
        const start = function* () {
          for (let turn = 0; turn < 5; turn++) yield* guest.relax();
          guest.interrupts.enable();
          yield* guest.relax();
          yield* guest.memory.load8(guest.memory.regions[0]!.address);
          guest.interrupts.disable();
          log.push('start returns');
        };
        return { ...idle, start, interrupt };
      }, act);
    }

    expect(log).toEqual(['interrupt', 'start returns']);
  });

  it('put the access that waits aside while a nested method uses the same memory', () => {
    const seen: number[] = [];
    const source = new SeededSource('nested', { rates: {}, isPreemptive: true });
    const world = new SampleWorld();
    const create = (guest: ResumableGuest): unknown => {
      const base = guest.memory.regions[0]!.address;
      return {
        *start() {
          guest.interrupts.enable();
          for (let round = 0; round < 200; round++) {
            yield* guest.memory.store32(base + 4 * round, round);
            seen.push((yield* guest.memory.load32(base + 4 * round)) - round);
          }
          guest.interrupts.disable();
        },
        transmit: () => 'accepted',
        *interrupt() {
          for (let at = 0; at < 9; at++) yield* guest.memory.store16(base + 2048 + at * 2, 0xffff);
        },
      };
    };
    world.prepare(subjectOf('resumable', create), {}, source);
    for (let count = 0; count < 50; count++) world.interrupt(count);

    world.run();

    expect(world.recorded(events.INTERRUPT_TAKEN).length).toBeGreaterThan(2);
    expect(seen).toEqual(new Array<number>(200).fill(0));
  });

  it('are kept out by a mask that outlives the method', () => {
    const log: string[] = [];
    plain(
      (guest) => ({
        ...idle,
        start: () => {
          guest.interrupts.disable();
          guest.armTimer(1000);
        },
        timer: () => {
          log.push('timer');
          guest.interrupts.enable();
        },
        interrupt: () => log.push('interrupt'),
      }),
      (world) => world.interrupt(100),
    );

    expect(log).toEqual(['timer', 'interrupt']);
  });

  it('are nothing to a driver that has no method for them', () => {
    const world = plain(
      () => idle,
      (it) => it.interrupt(100),
    );

    expect(world.recorded(events.INTERRUPT_TAKEN)).toEqual([]);
    expect(world.stack.lines).toEqual(['started']);
  });
});

describe('waiting', () => {
  it.each(['plain', 'resumable'] as const)('ends by interrupt or time in %s style, and takes the interrupt', (style) => {
    const seen: unknown[] = [];
    const interrupt = (): number => seen.push('interrupt method');
    const act = (world: SampleWorld): void => world.interrupt(700);
    const world =
      style === 'plain'
        ? plain((guest) => ({ ...idle, interrupt, start: () => seen.push(guest.wait(500), guest.wait(500), guest.now()) }), act)
        : resumable(
            (guest) => ({
              transmit: () => 'accepted',
              interrupt,
              *start() {
                seen.push(yield* guest.wait(500), yield* guest.wait(500), yield* guest.now());
              },
            }),
            act,
          );

    // 500 ns time out, the interrupt at 700 ns, now() costs 100 ns.
    expect(seen).toEqual([false, true, 800]);
    expect(world.stack.lines).toEqual(['started']);
  });

  it('lets a run reach quiescence that only waits, relaxes or polls for ever', () => {
    const loops: ((guest: ResumableGuest) => Resume<void>)[] = [
      function* (guest) {
        for (;;) yield* guest.wait(1000);
      },
      function* (guest) {
        for (;;) yield* guest.relax();
      },
    ];

    for (const loop of loops) {
      const world = new SampleWorld();
      world.prepare(subjectOf('resumable', (guest) => ({ start: () => loop(guest), transmit: () => 'accepted' })));

      expect(world.run()).toBe('quiescent');
    }
  });
});

describe('polls and timers', () => {
  it('call poll once per request and every period, until the driver stops', () => {
    const budgets: number[] = [];
    const world = plain(
      (guest) => ({
        ...idle,
        pollIntervalNs: 10_000,
        start: () => {
          guest.requestPoll();
          guest.requestPoll();
        },
        poll: (budget: number) => budgets.push(budget),
      }),
      (it) => it.later(35_000, () => it.machine.requestStop()),
    );

    // One request at 200 ns, periods at 10, 20 and 30 us.
    expect(budgets).toEqual([64, 64, 64, 64]);
    expect(world.stack.lines).toEqual(['started', 'stopped']);
  });

  it('replace and cancel the one timer', () => {
    const times: number[] = [];
    plain((guest) => ({
      ...idle,
      start: () => {
        guest.armTimer(100);
        guest.armTimer(5000);
      },
      timer: () => {
        times.push(guest.now());
        guest.armTimer(50);
        guest.cancelTimer();
      },
    }));

    expect(times).toEqual([5100]);
  });
});

describe('frames', () => {
  it('are given back after the answer even if the driver was faster, and only once', () => {
    const world = plain(
      (guest) => ({
        ...idle,
        transmit: (frame: Frame) => {
          guest.transmitted(frame);
          if (frame.id === 1) guest.transmitted(frame);
          return 'accepted';
        },
      }),
      (it) => [0, 1].forEach((id) => it.machine.offer(it.frame(id))),
    );

    expect(world.stack.lines).toEqual(['started', 'accepted 0', 'returned 0', 'failed']);
    expect(world.stack.message).toBe(
      'the driver broke the contract: guest.transmitted was called for frame 1, which the driver does not hold',
    );
  });

  it('must not be refused after they were given back', () => {
    const world = plain(
      (guest) => ({ ...idle, transmit: (frame: Frame) => (guest.transmitted(frame), 'full') }),
      (it) => it.machine.offer(it.frame(0)),
    );

    expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(BREACH.returnedButFull);
  });

  it('wait for the driver after full, until it is ready', () => {
    const world = plain(
      (guest) => {
        let isFull = true;
        const timer = (): void => {
          isFull = false;
          guest.transmitReady();
        };
        return { ...idle, start: () => guest.armTimer(1000), timer, transmit: () => (isFull ? 'full' : 'accepted') };
      },
      (it) => {
        const frame = it.frame(0);
        it.stack.onReady = () => it.machine.offer(frame);
        it.machine.offer(frame);
      },
    );

    expect(world.stack.lines).toEqual(['started', 'full 0', 'ready', 'accepted 0']);
    expect([world.recorded(events.TRANSMIT_READY).length, world.machine.heldCount]).toEqual([1, 1]);
  });

  it('that are delivered come back by release, at once when the stack took the bytes', () => {
    const released: number[] = [];
    const world = plain((guest) => ({
      ...idle,
      start: () => guest.deliver(guest.memory.regions[0]!.address + 12, 20, { more: true }),
      release: (address: number) => released.push(address),
    }));

    expect(world.stack.deliveries).toMatchObject([{ lengthBytes: 20, info: { more: true } }]);
    expect(released).toEqual([world.machine.ram.regions[0]!.address + 12]);
    expect(world.machine.lends).toBe(true);
  });

  it.each([
    ['a fraction', 14.5],
    ['a negative length', -1],
  ])('cannot be delivered with %s', (_name, lengthBytes) => {
    const world = plain((guest) => ({ ...idle, start: () => guest.deliver(guest.memory.regions[0]!.address, lengthBytes) }));

    expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(BREACH.wrongArgument);
  });
});

describe('a driver that will not be stopped', () => {
  it('is broken off by a fault it catches, and gets an abort at every further operation', () => {
    const caught: string[] = [];
    const world = plain((guest) => ({
      ...idle,
      start() {
        for (const address of [8, 16, guest.memory.regions[0]!.address]) {
          try {
            guest.memory.load32(address);
          } catch (error) {
            caught.push((error as Error).name);
          }
        }
      },
    }));

    expect(caught).toEqual(['MemoryFault', 'AgentAborted', 'AgentAborted']);
    expect(world.recorded(events.DRIVER_FAULTED)).toEqual([[0, 8, 4, 0, 0, 0]]);
    expect([world.stack.reason, world.stack.lines]).toEqual([events.DRIVER_OUT_OF_MEMORY_BOUNDS, ['failed']]);
  });

  it.each(['plain', 'resumable'] as const)('counts as hung when a %s driver reads for ever', (style) => {
    const world = new SampleWorld();
    const forever = (guest: PlainGuest): unknown => ({
      ...idle,
      start: () => {
        for (;;) guest.memory.load16(guest.memory.regions[0]!.address);
      },
    });
    const foreverResumable = (guest: ResumableGuest): unknown => ({
      transmit: () => 'accepted',
      *start() {
        for (;;) yield* guest.memory.load16(guest.memory.regions[0]!.address);
      },
    });
    const subject = style === 'plain' ? subjectOf('plain', forever) : subjectOf('resumable', foreverResumable);
    world.prepare(subject, {}, undefined, { accessLimit: 1000, fairLimit: 1000 });

    expect(world.run()).toBe('budget');
    expect([world.stack.reason, world.machine.isUp]).toEqual([events.DRIVER_HUNG, false]);
  });

  it('is found when it yields by itself', () => {
    const world = resumable(() => ({
      transmit: () => 'accepted',
      *start() {
        for (;;) yield 1;
      },
    }));

    expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(BREACH.foreignYield);
    expect(world.stack.message).toContain('start yielded something that is no guest operation');
  });

  it('ends when an interrupt in its window throws, even if it catches that', () => {
    const world = plain(
      (guest) => ({
        ...idle,
        start() {
          guest.relax();
          guest.relax();
          try {
            guest.interrupts.enable();
          } catch {
            guest.log('caught');
          }
        },
        interrupt() {
          throw new RangeError('in the handler');
        },
      }),
      (it) => it.interrupt(100),
    );

    expect(world.stack.message).toMatch(/in the handler/);
    expect([world.stack.lines, world.machine.logs]).toEqual([['failed'], []]);
  });

  it('cannot use the guest from a callback, nor one of an earlier run', async () => {
    const guests: PlainGuest[] = [];
    const world = plain((guest) => {
      guests.push(guest);
      return idle;
    });

    expect(() => guests[0]!.notify()).toThrow('guest.notify was called while no method of the driver was running; the run is over');
    world.prepare(subjectOf('plain', () => ({ ...idle, start: () => guests[0]!.log('hello') })));
    world.run();

    expect(world.stack.message).toContain('guest.log was called on the guest of an earlier run');
  });

  it('breaks the contract when it is used while the kernel runs others', () => {
    let stray: PlainGuest | null = null;
    const world = plain(
      (guest) => {
        stray = guest;
        return idle;
      },
      (it) => it.later(1000, () => expect(() => stray!.now()).toThrow('while no method of the driver was running')),
    );

    expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(BREACH.outsideMethod);
  });
});

describe('a client', () => {
  it('that departs in mid method runs no further, and another one takes the port', () => {
    const log: string[] = [];
    const world = new SampleWorld();
    const first = subjectOf('resumable', (guest) => ({
      transmit: () => 'accepted',
      *start() {
        yield* guest.wait(5000);
        log.push('never');
      },
    }));
    const second = subjectOf('plain', () => ({ ...idle, start: () => log.push('second starts') }));
    world.prepare(first);
    const { gate, stack } = world;
    world.later(1000, () => {
      world.machine.connect({ subject: second, mode: 'fine', order: null, gate, stack, revision: 'current' });
      world.machine.requestStart();
    });

    world.run();

    expect(log).toEqual(['second starts']);
    expect(stack.lines).toEqual(['started']);
  });

  it('keeps its memory when its driver is started again', () => {
    const world = plain(
      (guest) => ({ ...idle, start: () => guest.memory.alloc(16) }),
      (it) => it.later(100, () => it.machine.requestStop()),
    );
    const regions = world.machine.ram.regions;

    world.machine.restart();

    expect([world.machine.ram.regions, world.machine.ram.allocatedCount, world.machine.hasWork()]).toEqual([regions, 1, true]);
  });

  it('takes nothing more when it is gone', () => {
    const world = plain(
      () => idle,
      (it) => it.later(100, () => it.machine.requestStop()),
    );

    world.machine.offer(world.frame(9));
    world.machine.releaseLent(1);
    world.machine.requestStop();
    world.machine.hung();

    expect([world.machine.hasWork(), world.stack.lines]).toEqual([false, ['started', 'stopped']]);
  });
});

describe('faults and records', () => {
  it('fail allocations and delay notifications as the choices say, and record it', () => {
    const source = new SeededSource('faults', { rates: { allocationFailure: 2, notificationDelay: 2 }, isPreemptive: false });
    const world = new SampleWorld();
    const addresses: number[] = [];
    const create = (guest: PlainGuest): unknown => ({
      ...idle,
      start() {
        for (let round = 0; round < 30; round++) {
          addresses.push(guest.memory.alloc(16));
          guest.notify();
        }
      },
    });
    world.prepare(subjectOf('plain', create), { publishedIndices: () => 0x20001 }, source);

    world.run();

    const failed = addresses.filter((address) => address === 0).length;
    expect(failed).toBeGreaterThan(3);
    expect(world.recorded(events.ALLOCATED).filter((args) => args[1] === 0)).toHaveLength(failed);
    expect(world.recorded(EVENT_FAULT).length).toBeGreaterThan(failed);
    expect(world.recorded(events.KICKED)[0]).toEqual([0, 0x20001, 0, 0, 0, 0]);
    expect(world.gate.notifications).toBe(30);
  });

  it('name the methods in the order of their numbers', () => {
    expect(METHOD_NAMES).toEqual(['createDriver', 'start', 'transmit', 'interrupt', 'poll', 'timer', 'release', 'stop']);
  });

  it('keep the first thousand log lines', () => {
    const world = plain((guest) => ({
      ...idle,
      start: () => {
        for (let line = 0; line < 1001; line++) guest.log(`line ${line}`);
      },
    }));

    expect([world.machine.logs.length, world.machine.logs[999]]).toEqual([1000, 'line 999']);
  });
});

describe('the link', () => {
  it('is told up or down, with a MAC or without', () => {
    const world = plain((guest) => ({
      ...idle,
      start: () => {
        guest.linkChanged(true, '02:00:00:00:00:0f');
        guest.linkChanged(false);
      },
    }));

    expect(world.recorded(events.LINK_REPORTED)).toEqual([
      [0, 1, 0x00000002, 0x0f00, 1, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it.each([['yes'], [undefined]])('is nothing but up or down: %s breaks the contract', (isUp) => {
    const world = plain((guest) => ({ ...idle, start: () => guest.linkChanged(isUp as never) }));

    expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(BREACH.wrongArgument);
    expect(world.stack.message).toContain('guest.linkChanged takes true or false');
  });
});

describe('the transport', () => {
  it('passes addresses as two words and hands the result on', () => {
    const results: unknown[] = [];
    const world = plain((guest) => ({
      ...idle,
      start() {
        results.push(guest.transport.registerDataspace(0, 2 ** 33 + 4096, 0, 8192, 1));
        for (const call of ['configQueue', 'notificationIrq', 'bindInterrupt'] as const) results.push(guest.transport[call](1));
        const page = guest.transport.deviceConfig();
        results.push(page === guest.transport.registerInterface());
      },
    }));

    expect(results).toEqual([0, 0, 0, 0, true]);
    expect(world.gate.calls[0]).toMatchObject({ operation: 'registerDataspace', baseLow: 4096, baseHigh: 2, sizeLow: 8192, rights: 1 });
  });

  it('hands errors on instead of a page', () => {
    const results: number[] = [];
    const world = new SampleWorld();
    world.prepare(subjectOf('plain', (guest) => ({ ...idle, start: () => results.push(guest.transport.deviceConfig()) })));
    world.gate.result = -38;

    world.run();

    expect(results).toEqual([-38]);
  });

  it.each<[string, number, (guest: PlainGuest) => unknown]>([
    ['no such region', BREACH.wrongArgument, (guest) => guest.transport.registerDataspace(7, 0, 0, 4096)],
    ['a negative address', BREACH.wrongArgument, (guest) => guest.transport.registerDataspace(0, -1, 0, 4096)],
    ['an odd alignment', BREACH.wrongArgument, (guest) => guest.memory.alloc(16, 24)],
    ['a length that is none', BREACH.wrongArgument, (guest) => guest.memory.fill(guest.memory.regions[0]!.address, 0, Number.NaN)],
    ['a value above 2^53', BREACH.wrongArgument, (guest) => guest.memory.store64(guest.memory.regions[0]!.address, 2 ** 60)],
    ['a range in no region', BREACH.wrongArgument, (guest) => guest.memory.map(16, 4)],
    ['an address that is no number', BREACH.wrongArgument, (guest) => guest.memory.map('x' as never, 4)],
    ['a free of nothing', BREACH.wrongRelease, (guest) => guest.memory.free(guest.memory.regions[0]!.address)],
    ['an unmap of nothing', BREACH.wrongRelease, (guest) => guest.memory.unmap(4, 8)],
    ['a time that is no integer', BREACH.wrongArgument, (guest) => guest.armTimer(0.5)],
  ])('and the memory refuse %s in both styles', (_name, breach, use) => {
    const first = plain((guest) => ({ ...idle, start: () => use(guest) }));
    const second = resumable((guest) => ({
      transmit: () => 'accepted',
      *start() {
        const operation = use(guest as unknown as PlainGuest);
        if (typeof operation === 'object') yield* operation as Resume<void>;
      },
    }));

    for (const world of [first, second]) expect(world.recorded(events.CONTRACT_BROKEN)[0]![1]).toBe(breach);
  });

  it('reports to a resumable driver as it does to a plain one', () => {
    const results: unknown[] = [];
    const world = resumable((guest) => ({
      transmit: () => 'accepted',
      *start() {
        guest.armTimer(10);
        guest.cancelTimer();
        guest.interrupts.disable();
        guest.interrupts.enable();
        guest.log('up');
        guest.memory.unmap(guest.memory.map(guest.memory.regions[0]!.address, 8), 8);
        yield* guest.memory.readBarrier();
        results.push(yield* guest.transport.configQueue(0), yield* guest.transport.registerDataspace(0, 0, 0, 4096));
        guest.transmitReady();
      },
    }));

    expect([results, world.machine.logs, world.stack.lines]).toEqual([[0, 0], ['up'], ['ready', 'started']]);
  });
});
