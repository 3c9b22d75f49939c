// Plans: every class of malformed input is drawn, everything compiles, the corrected server and correct drivers stand it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInSubject } from '../../drivers/builtin.js';
import {
  CHAIN_FAILED,
  PROBLEM_BAD_ADDRESS,
  PROBLEM_BAD_HEAD,
  PROBLEM_BAD_INDEX,
  PROBLEM_BAD_NEXT,
  PROBLEM_BAD_SIZE,
  PROBLEM_LOOP,
  PUBLISHED,
} from '../../model/events.js';
import { Execution } from '../../scenarios/execution.js';
import { QUICK_RUN, type RunOutcome } from '../../scenarios/outcome.js';
import { scenarioSchema } from '../../scenarios/scenario.js';
import { EVENT_WORDS, kindOf } from '../../sim/trace.js';
import { isDevices, JUDGING_WORLD, NOBODY, requestOfPlan } from './judged-plan.js';
import { HEADS, type LinkAct, type LinkPlan, linkPlanSchema, NEXTS, PLACES, TABLE_SIZES } from './link-plan.js';
import { scenarioOf } from './link-scenario.js';
import { planArbitrary } from './plan-arbitrary.js';
import { FULL_SWARM, type Swarm, SWARM_BITS } from './swarm.js';

const SCRIPTS = { roles: ['script', 'script'] } as const;
const SEED = 20_260_101;
/** Runs of the checks against false alarms; the check of .ci/run makes many more. */
const PLANS = 150;

const execution = new Execution({ onRunStart: () => undefined });

/** Plans with a subset of the swarm bits each. */
const swarmed = (roles: readonly ['script' | 'driver', 'script' | 'driver']): fc.Arbitrary<LinkPlan> =>
  fc.subarray([...SWARM_BITS]).chain((bits) => planArbitrary({ roles, swarm: new Set(bits) }));

function judged(plan: LinkPlan, profile: 'fixed' | 'faithful'): RunOutcome {
  return execution.run(requestOfPlan(plan, { ...JUDGING_WORLD, profile, judgesDrivers: false }), NOBODY, { ...QUICK_RUN, isKept: true });
}

function postsOf(plans: readonly LinkPlan[]): Extract<LinkAct, { kind: 'post' }>[] {
  return plans.flatMap(({ acts }) => acts.flatMap((act) => (act.kind === 'post' ? [act] : [])));
}

test('every class of malformed input and every act of a guest is drawn', () => {
  const plans = fc.sample(planArbitrary(SCRIPTS), { numRuns: 400, seed: SEED });
  const posts = postsOf(plans);
  const chains = posts.flatMap((post) => post.chains);
  const pieces = chains.flatMap((chain) => chain.pieces);

  expect(new Set(pieces.map((piece) => piece.place))).toEqual(new Set(PLACES));
  expect(new Set(pieces.map((piece) => piece.next))).toEqual(new Set(NEXTS));
  expect(new Set(chains.map((chain) => chain.head))).toEqual(new Set(HEADS));
  expect(new Set(chains.flatMap(({ table }) => (table === null ? [] : [table.size])))).toEqual(new Set(TABLE_SIZES));
  expect(new Set(chains.map(({ header }) => header.kind))).toEqual(new Set(['plain', 'open', 'odd']));
  expect([0, 1, 2, 4, 8].every((flags) => pieces.some((piece) => piece.wrongFlags === flags))).toBe(true);
  expect(posts.some(({ jump }) => jump > 0x7fff) && posts.some(({ jump }) => jump > 0 && jump < 0x8000)).toBe(true);
  expect(new Set(plans.flatMap(({ acts }) => acts.map(({ kind }) => kind)))).toEqual(
    new Set(['post', 'kick', 'start', 'status', 'queue', 'region', 'flags', 'usedIndex', 'read', 'replace', 'deviceError']),
  );
});

test('every kind of bad chain reaches the rings of a server', () => {
  const seen = new Set<number>();
  for (const plan of fc.sample(swarmed(SCRIPTS.roles), { numRuns: PLANS, seed: SEED })) {
    const words = judged(plan, 'fixed').words!;
    for (let at = 0; at < words.length; at += EVENT_WORDS) {
      if (kindOf(words, at) === PUBLISHED) seen.add(words[at + 5]!);
      else if (kindOf(words, at) === CHAIN_FAILED) seen.add(100);
    }
  }

  for (const problem of [PROBLEM_BAD_ADDRESS, PROBLEM_BAD_NEXT, PROBLEM_BAD_SIZE, PROBLEM_LOOP, PROBLEM_BAD_HEAD, PROBLEM_BAD_INDEX, 100])
    expect(seen, String(problem)).toContain(problem);
});

test('plans are data that their schema takes, and compile to scenarios that theirs takes', () => {
  for (const roles of [['script', 'script'], ['driver', 'script'], ['driver', 'driver']] as const) {
    for (const plan of fc.sample(planArbitrary({ roles }), { numRuns: 60, seed: SEED })) {
      expect(linkPlanSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      const scenario = scenarioOf(plan);
      expect(scenarioSchema.parse(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario);
    }
  }
});

test('the corrected server stands whatever guests do', () => {
  const plans = fc.sample(swarmed(SCRIPTS.roles), { numRuns: PLANS, seed: SEED });

  const accused = plans.flatMap((plan) => judged(plan, 'fixed').violations.filter(isDevices).map(({ message }) => message));

  expect(accused).toEqual([]);
});

test('the original server does not', () => {
  const plans = fc.sample(swarmed(SCRIPTS.roles), { numRuns: PLANS, seed: SEED });

  const outcomes = plans.map((plan) => judged(plan, 'faithful'));

  expect(outcomes.filter(({ violations }) => violations.some(isDevices)).length).toBeGreaterThan(PLANS / 20);
});

test.each(['full', 'minimal'])('nothing is held against the %s driver, whoever is opposite', (name) => {
  for (const roles of [['driver', 'script'], ['script', 'driver'], ['driver', 'driver']] as const) {
    for (const plan of fc.sample(swarmed(roles), { numRuns: PLANS / 3, seed: SEED })) {
      const { violations } = execution.run(requestOfPlan(plan, JUDGING_WORLD), builtInSubject(name)!, QUICK_RUN);
      expect(violations.filter((violation) => violation.isSubject || isDevices(violation)).map(({ message }) => message)).toEqual([]);
    }
  }
});

test('bits that are off keep their things out of plans', () => {
  const sober: Swarm = new Set();
  const plans = fc.sample(planArbitrary({ ...SCRIPTS, swarm: sober }), { numRuns: 100, seed: SEED });

  const pieces = postsOf(plans).flatMap(({ chains }) => chains.flatMap((chain) => chain.pieces));

  expect(pieces.every(({ place, next, wrongFlags }) => place === 'own' && next === 'following' && wrongFlags === 0)).toBe(true);
  expect(plans.every(({ schedule, pollIntervalNs }) => schedule === 'coarse' && pollIntervalNs === 0)).toBe(true);
  expect(new Set(plans.flatMap(({ acts }) => acts.map(({ kind }) => kind)))).toEqual(new Set(['post', 'kick', 'start']));
  expect(FULL_SWARM.size).toBe(SWARM_BITS.length);
});
