// Whole links: two drivers, the fixed server, frames both ways, over modes, memory models, sizes and faults.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInSubject } from './builtin.js';
import { type LinkPlan, LinkWorld } from './link-world.sample.js';
import { loadDriver } from './load-driver.host.js';
import type { Subject } from './subject.js';

const LENGTHS = [60, 1514, 61, 900, 14] as const;
const MERGEABLE = 0x8000;
const INDIRECT = 0x10000000;
const CHECKSUMS = 0x3;

const subjects = new Map<string, Subject>([
  ['full', builtInSubject('full')!],
  ['minimal', builtInSubject('minimal')!],
]);
const world = new LinkWorld();

function pairOf(first: string, second = first): [Subject, Subject] {
  return [subjects.get(first)!, subjects.get(second)!];
}

/** Sends frames both ways, two more when everything rests, and returns what is wrong. */
function outcome(plan: LinkPlan, disturb: () => void = () => undefined): string[] {
  world.prepare(plan);
  world.send(0, ...LENGTHS);
  world.send(1, ...LENGTHS);
  disturb();
  let rests = 0;
  world.kernel.onIdle = () => {
    rests += 1;
    if (rests > 1) return false;
    world.send(0, 60, 1514);
    world.send(1, 70, 71);
    return true;
  };
  const end = world.run();
  const last = LENGTHS.length + 1;
  const missing = [0, 1]
    .filter((port) => world.received(port).at(-1) !== last)
    .map((port) => `port ${port} rests at ${world.received(port).join()}`);
  return [...world.complaints, ...missing, ...(end === 'quiescent' ? [] : [end])];
}

beforeAll(async () => {
  const path = fileURLToPath(new URL('../../examples/port-driver/driver.mjs', import.meta.url));
  subjects.set('example', await loadDriver(path));
});

describe.each(['full', 'minimal', 'example'])('the %s driver', (name) => {
  it.each<[string, Omit<LinkPlan, 'drivers'>]>([
    ['coarse mode', { mode: 'coarse' }],
    ['a queue of one', { mode: 'coarse', queueSize: 1 }],
    ['a queue of one, access by access', { mode: 'fine', queueSize: 1 }],
    ['a queue of 32768 in much memory', { mode: 'coarse', queueSize: 32768, ramBytes: 1 << 24 }],
    ['little memory', { mode: 'coarse', ramBytes: 1 << 16 }],
    ['the older revision', { mode: 'fine', revision: 'seed', queueSize: 8 }],
    ['a polling device', { mode: 'fine', pollIntervalNs: 20_000, queueSize: 8 }],
    ['a polling device of the older revision', { mode: 'coarse', revision: 'seed', pollIntervalNs: 1_000_000 }],
    ['device addresses above 4 GiB', { mode: 'coarse', deviceAddressOffset: 2 ** 33, fillByte: 0xff }],
    ['features withheld', { mode: 'fine', withheld: MERGEABLE | INDIRECT | CHECKSUMS, queueSize: 2 }],
    ['frames held by the stack', { mode: 'fine', holdNs: 50_000, queueSize: 4 }],
    ['late interrupts and notifications', { mode: 'fine', rates: { interruptDelay: 3, notificationDelay: 3 }, queueSize: 4 }],
    ['failing allocations', { mode: 'fine', rates: { allocationFailure: 5 }, queueSize: 4 }],
  ])('hands every frame over in order with %s', (_title, plan) => {
    expect(outcome({ drivers: pairOf(name), ...plan })).toEqual([]);
    expect([world.received(0).length, world.received(1).length]).toEqual([LENGTHS.length + 2, LENGTHS.length + 2]);
  });

  it.each(['sc', 'tso', 'pso', 'relaxed'] as const)('is right under %s memory for many schedules, against the full driver', (memory) => {
    const rates = { copyCut: 6, ...(memory === 'sc' ? {} : { storeDelay: 6, staleLoad: 8 }) };
    const problems: string[] = [];

    for (let seed = 0; seed < 12; seed++) {
      const mode = memory === 'sc' ? 'fine' : 'weak';
      const found = outcome({ drivers: pairOf(name, 'full'), mode, memory, rates, seed: `${memory}/${seed}`, queueSize: 4 });
      problems.push(...found.map((problem) => `seed ${seed}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });

  it.each([1_000, 3_000, 30_000, 200_000])('comes back after a device error at %i ns', (atNs) => {
    for (const mode of ['coarse', 'fine'] as const) {
      expect(outcome({ drivers: pairOf(name, 'full'), mode }, () => world.script.later(atNs, () => world.server.failDevice(0)))).toEqual(
        [],
      );
    }
  });

  it.each([1_000, 30_000])('can be stopped at %i ns and started again on the same client', (atNs) => {
    expect(outcome({ drivers: pairOf(name, 'full'), mode: 'fine' }, () => world.script.later(atNs, () => world.restart(0)))).toEqual([]);
  });

  it('gives all memory and all frames back when it stops', () => {
    world.prepare({ drivers: pairOf(name) });
    world.send(0, ...LENGTHS);
    world.script.later(100_000, () => world.machines.forEach((machine) => machine.requestStop()));

    world.run();

    expect(world.machines.map((machine) => [machine.ram.allocatedCount, machine.heldCount, machine.isUp])).toEqual([
      [0, 0, false],
      [0, 0, false],
    ]);
  });
});

describe('a frame larger than a buffer', () => {
  it('arrives whole through merged buffers, from plain and from resumable twins alike', () => {
    for (const mode of ['coarse', 'fine'] as const) {
      world.prepare({ drivers: pairOf('full'), mode });
      world.send(0, 4000, 60, 9000);

      const end = world.run();

      expect([end, world.complaints, world.received(1)]).toEqual(['quiescent', [], [0, 1, 2]]);
    }
  });
});
