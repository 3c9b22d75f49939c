// `ringproof/fast-check`: situations on a link as fast-check arbitraries, for properties in one's own tests.
//
// A property draws a situation and asks assertConforming() (or violationsOf()) about a driver; fast-check reports, shrinks and
// replays it by seed and path as any other value. No worker, no virtual clock of the process: the driver is called in the
// thread of the test, so one that never returns hangs the test (`ringproof fuzz --driver` puts limits around it).
import fc from 'fast-check';
import type { DriverFactory, Subject } from '../drivers/subject.js';
import type { Violation } from '../model/rules/rule.js';
import { Execution } from '../scenarios/execution.js';
import { QUICK_RUN } from '../scenarios/outcome.js';
import { chainArbitrary } from './generators/chain-arbitrary.js';
import { JUDGING_WORLD, requestOfPlan } from './generators/judged-plan.js';
import type { ChainPlan, LinkPlan, PortRole } from './generators/link-plan.js';
import { planArbitrary } from './generators/plan-arbitrary.js';
import { FULL_SWARM, type Swarm, SWARM_BITS, type SwarmBit } from './generators/swarm.js';

export type { ChainPlan, LinkAct, LinkPlan, PiecePlan } from './generators/link-plan.js';
export { SWARM_BITS, type SwarmBit } from './generators/swarm.js';
export type { Violation } from '../model/rules/rule.js';

/** Which situations are made. */
export interface ScenarioOptions {
  /** What may be opposite to the driver: the same driver, a scripted guest that is well-behaved or hostile. Both by default. */
  readonly peers?: readonly ('driver' | 'script')[];
  /** What unusual things may happen; a subset of all is drawn for each situation unless it is given. */
  readonly swarm?: readonly SwarmBit[];
  /** Most things that happen; 14 by default. */
  readonly maxActs?: number;
}

/** A whole situation: topology, features, queue sizes, buffer layouts, traffic, resets, faults, schedule. The driver is at port a or b or at both. */
export function scenario(options: ScenarioOptions = {}): fc.Arbitrary<LinkPlan> {
  const { peers = ['driver', 'script'], swarm, maxActs } = options;
  if (peers.length === 0) throw new RangeError('scenario: peers must name at least one of "driver" and "script"');
  const pairings: (readonly [PortRole['role'], PortRole['role']])[] = [];
  if (peers.includes('driver')) pairings.push(['driver', 'driver']);
  if (peers.includes('script')) pairings.push(['driver', 'script'], ['script', 'driver']);
  const swarms: fc.Arbitrary<Swarm> =
    swarm === undefined ? fc.subarray([...SWARM_BITS]).map((bits) => new Set(bits)) : fc.constant(new Set(swarm));
  return fc
    .tuple(fc.constantFrom(...pairings), swarms)
    .chain(([roles, bits]) => planArbitrary({ roles, swarm: bits, ...(maxActs === undefined ? {} : { maxActs }) }));
}

/** A descriptor chain, sound or malformed in any of the ways there are. */
export function malformedChain(queue: 'receive' | 'transmit'): fc.Arbitrary<ChainPlan> {
  return chainArbitrary({ swarm: FULL_SWARM, queue: queue === 'receive' ? 0 : 1 });
}

/** A driver as a test has it: its `createDriver`, and its style unless it is plain. */
export type DriverUnderTest =
  | DriverFactory<'plain'>
  | { readonly createDriver: DriverFactory<'plain'>; readonly style?: 'plain' }
  | { readonly createDriver: DriverFactory<'resumable'>; readonly style: 'resumable' };

let execution: Execution | null = null;

/** What a driver broke in a situation, on a link that keeps every rule; empty when it kept everything. Exact: equal arguments, equal result. */
export function violationsOf(situation: LinkPlan, driver: DriverUnderTest): readonly Violation[] {
  execution ??= new Execution({ onRunStart: () => undefined });
  const outcome = execution.run(requestOfPlan(situation, JUDGING_WORLD), subjectOf(driver), QUICK_RUN);
  return outcome.violations.filter(({ isSubject }) => isSubject);
}

/** Throws an Error that says in sentences what a driver broke in a situation. */
export function assertConforming(situation: LinkPlan, driver: DriverUnderTest): void {
  const violations = violationsOf(situation, driver).filter(({ level }) => MUST_LEVELS.has(level));
  if (violations.length === 0) return;
  const sentences = violations.map(({ message, expected, seen, clauseIds }) => `${message} Expected ${expected}; seen ${seen}. (${clauseIds.join(', ')})`);
  throw new Error(`the driver broke ${violations.length === 1 ? 'a rule' : `${violations.length} rules`}:\n  ${sentences.join('\n  ')}`);
}

/** Levels that assertConforming() insists on. */
const MUST_LEVELS: ReadonlySet<string> = new Set(['MUST', 'MUST NOT', 'SAFETY']);

function subjectOf(driver: DriverUnderTest): Subject {
  const base = { name: 'driver', identity: 'driver', digest: '', hasTrustedTwin: false };
  if (typeof driver === 'function') return { ...base, resumable: null, plain: driver };
  if (driver.style === 'resumable') return { ...base, resumable: driver.createDriver, plain: null };
  return { ...base, resumable: null, plain: driver.createDriver };
}
