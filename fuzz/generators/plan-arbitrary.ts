// Arbitraries of whole plans: who is at the ports, and what happens in which order.
import fc from 'fast-check';
import { type FaultPlan, NO_FAULTS } from '../../scenarios/scenario.js';
import { chainArbitrary, choice, when } from './chain-arbitrary.js';
import { type LinkAct, type LinkPlan, PLAIN_START, type PortRole, type StartPlan } from './link-plan.js';
import { FULL_SWARM, type Swarm } from './swarm.js';

/** Which plans are made. */
export interface PlanConstraints {
  /** By port: a scripted guest, or a driver. */
  readonly roles: readonly [PortRole['role'], PortRole['role']];
  /** What unusual things they may contain; all by default. */
  readonly swarm?: Swarm;
  /** Most acts; 14 by default. */
  readonly maxActs?: number;
}

const MAX_ACTS = 14;
const GAPS_NS = [40_000, 0, 2_000, 700, 300];
const POLL_NS = 20_000;
const FEATURES = [0x10008000, 0x10008002, 0x10008003, 0x10000000, 0x8000, 0];
const STATUSES = [0x0f, 0x1f, 0x0b, 0x2f, 0x07, 0x03];
const ODD_STATUSES = [0x100, 0, 0x80, 0x8f, 0x0f, 0x1f, 0x40, 0x4f, 0x10000, 0x0b, 3, 0x200];

/** A start of a device. */
export function startArbitrary(swarm: Swarm): fc.Arbitrary<StartPlan> {
  if (!swarm.has('starts')) return fc.constantFrom(PLAIN_START, { ...PLAIN_START, features: 0x10008002 });
  return fc.record({
    features: fc.constantFrom(...FEATURES),
    writesFeatures: choice(when(true, 5, fc.constant(true)), when(true, 1, fc.constant(false))),
    final: choice(
      when(true, 6, fc.constant<number | null>(0x0f)),
      when(true, 2, fc.constantFrom(...STATUSES)),
      when(true, 1, fc.constant(null)),
    ),
  });
}

/** What a scripted guest does. */
function scriptActs(port: number, swarm: Swarm): fc.Arbitrary<LinkAct> {
  const gapNs = fc.constantFrom(...GAPS_NS);
  const at = { port: fc.constant(port), gapNs };
  const way = swarm.has('polling') ? fc.constantFrom('call' as const, 'command' as const) : fc.constant('call' as const);
  const queue = fc.constantFrom(0, 1);
  const postTo = (target: 0 | 1): fc.Arbitrary<LinkAct> => {
    const times = target === 0 ? choice(when(true, 2, fc.constantFrom(1, 4, 8)), when(true, 2, fc.integer({ min: 1, max: 8 }))) : fc.constantFrom(1, 1, 2);
    return fc.record({
      ...at,
      kind: fc.constant('post' as const),
      queue: fc.constant(target),
      chains: fc.array(chainArbitrary({ swarm, queue: target }), { minLength: 1, maxLength: 3 }),
      times: choice(when(true, 5, times), when(swarm.has('bursts'), 3, fc.constantFrom(16, 40, 64))),
      jump: choice(when(true, 9, fc.constant(0)), when(swarm.has('indices'), 2, fc.constantFrom(1, 8, 1000, 0xffff, 0x8000))),
      kick: choice(
        when(true, 6, fc.constant('always' as const)),
        when(swarm.has('suppression'), 4, fc.constantFrom('ifWanted' as const, 'never' as const)),
      ),
    });
  };
  return choice<LinkAct>(
    when(true, 12, postTo(1)),
    when(true, 10, postTo(0)),
    when(true, 2, fc.record({ ...at, kind: fc.constant('kick' as const) })),
    when(swarm.has('starts'), 5, fc.record({ ...at, kind: fc.constant('start' as const), start: startArbitrary(swarm) })),
    when(true, 2, fc.record({ ...at, kind: fc.constant('start' as const), start: fc.constant(PLAIN_START) })),
    when(swarm.has('statuses'), 4, fc.record({ ...at, kind: fc.constant('status' as const), value: fc.constantFrom(...ODD_STATUSES), via: way })),
    when(
      swarm.has('queues'),
      4,
      fc.record({
        ...at,
        kind: fc.constant('queue' as const),
        queue,
        wrong: fc.constantFrom('nothing', 'unmapped', 'misaligned', 'size', 'off'),
        via: way,
      }),
    ),
    when(
      swarm.has('regions'),
      4,
      fc.record({ ...at, kind: fc.constant('region' as const), region: fc.constantFrom('readOnly', 'offPage', 'adjoining', 'overlapping') }),
    ),
    when(swarm.has('suppression'), 2, fc.record({ ...at, kind: fc.constant('flags' as const), queue, value: fc.constantFrom(1, 0, 0xfffe) })),
    when(swarm.has('indices'), 2, fc.record({ ...at, kind: fc.constant('usedIndex' as const), queue, value: fc.constantFrom(0, 1, 5, 0xffff) })),
    when(
      swarm.has('replacements') || swarm.has('statuses'),
      2,
      fc.record({ ...at, kind: fc.constant('read' as const), what: fc.constantFrom('status', 'offer', 'features', 'queue') }),
    ),
    when(swarm.has('replacements'), 4, replacementArbitrary(port, swarm)),
    when(swarm.has('faults'), 1, fc.record({ ...at, kind: fc.constant('deviceError' as const) })),
  );
}

function replacementArbitrary(port: number, swarm: Swarm): fc.Arbitrary<LinkAct> {
  return fc.record({
    port: fc.constant(port),
    gapNs: fc.constantFrom(...GAPS_NS),
    kind: fc.constant('replace' as const),
    mac: fc.constantFrom('same', 'none', 'other'),
    awayNs: fc.constantFrom(40_000, 0, 5_000),
    start: startArbitrary(swarm),
  });
}

/** What happens to a driver. */
function driverActs(port: number, swarm: Swarm): fc.Arbitrary<LinkAct> {
  const at = { port: fc.constant(port), gapNs: fc.constantFrom(...GAPS_NS) };
  return choice<LinkAct>(
    when(
      true,
      14,
      fc.record({
        ...at,
        kind: fc.constant('send' as const),
        lengthBytes: choice(when(true, 3, fc.constantFrom(60, 14, 1514, 128, 700)), when(true, 1, fc.integer({ min: 14, max: 1514 }))),
        hasOpenChecksum: fc.boolean(),
        count: choice(when(true, 4, fc.integer({ min: 1, max: 4 })), when(swarm.has('bursts'), 2, fc.constantFrom(8, 20, 40))),
      }),
    ),
    when(swarm.has('starts'), 2, fc.record({ ...at, kind: fc.constant('restart' as const) })),
    when(swarm.has('faults'), 2, fc.record({ ...at, kind: fc.constantFrom('deviceError' as const, 'spuriousInterrupt' as const) }) as fc.Arbitrary<LinkAct>),
    when(swarm.has('replacements'), 1, replacementArbitrary(port, swarm)),
  );
}

/** An act at a port. */
export function actArbitrary(constraints: PlanConstraints): fc.Arbitrary<LinkAct> {
  const { roles, swarm = FULL_SWARM } = constraints;
  return fc.oneof(...roles.map((role, port) => (role === 'script' ? scriptActs(port, swarm) : driverActs(port, swarm))));
}

/** Who is at a port. */
export function portArbitrary(role: PortRole['role'], swarm: Swarm): fc.Arbitrary<PortRole> {
  const isOdd = swarm.has('settings');
  return fc.record({
    role: fc.constant(role),
    mac: isOdd || swarm.has('replacements') ? fc.boolean() : fc.constant(false),
    hidesMemorySize: isOdd && role === 'script' ? choice(when(true, 3, fc.constant(false)), when(true, 1, fc.constant(true))) : fc.constant(false),
    withheldFeatures: isOdd ? fc.constantFrom(0, 0x8000, 0x10000000, 3) : fc.constant(0),
    holdNs: isOdd ? fc.constantFrom(0, 3_000, 50_000) : fc.constant(0),
    deviceAddressOffset: isOdd ? fc.constantFrom(0, 0x10000000, 2 ** 36) : fc.constant(0),
    start: startArbitrary(swarm),
  });
}

/** Settings of the link apart from ports and acts. */
export function settingsArbitrary(swarm: Swarm): fc.Arbitrary<Pick<LinkPlan, 'queueSizeLog' | 'pollIntervalNs' | 'schedule' | 'seed' | 'faults'>> {
  return fc.record({
    queueSizeLog: swarm.has('bursts') ? fc.constantFrom(3, 6, 6) : choice(when(true, 4, fc.constant(3)), when(true, 2, fc.constantFrom(0, 1, 2, 4))),
    pollIntervalNs: swarm.has('polling') ? fc.constantFrom(POLL_NS, POLL_NS, 0) : fc.constant(0),
    schedule: swarm.has('schedules')
      ? fc.constantFrom('fine' as const, 'tso' as const, 'relaxed' as const, 'pso' as const, 'tso' as const)
      : fc.constant('coarse' as const),
    seed: fc.nat(),
    faults: swarm.has('faults') ? faultsArbitrary() : fc.constant(NO_FAULTS),
  });
}

function faultsArbitrary(): fc.Arbitrary<FaultPlan> {
  const mean = fc.constantFrom(0, 4, 12, 40);
  return fc.record({ allocationFailure: mean, notificationDelay: mean, interruptDelay: mean, copyCut: mean });
}

/** A whole plan. */
export function planArbitrary(constraints: PlanConstraints): fc.Arbitrary<LinkPlan> {
  const { roles, swarm = FULL_SWARM, maxActs = MAX_ACTS } = constraints;
  return fc
    .record({
      settings: settingsArbitrary(swarm),
      first: portArbitrary(roles[0], swarm),
      second: portArbitrary(roles[1], swarm),
      acts: fc.array(actArbitrary(constraints), { minLength: 1, maxLength: maxActs, size: 'max' }),
    })
    .map(({ settings, first, second, acts }) => ({ ...settings, ports: [first, second], acts }));
}
