// Mutations of inputs: of the plan (acts, chains, settings, swarm) and of the run tape. Pure functions of a draw.
//
// Exploration-algorithms sheet §6.2: change one value, insert a preemption, splice, truncate and continue freshly, toggle a swarm
// bit, re-draw one family. New parts are drawn by the arbitraries plans are made of.
import fc from 'fast-check';
import { ACT_LIMIT, type ChainPlan, type LinkAct, type LinkPlan, SCHEDULES } from '../generators/link-plan.js';
import { chainArbitrary, pieceArbitrary } from '../generators/chain-arbitrary.js';
import { actArbitrary, planArbitrary, portArbitrary, settingsArbitrary } from '../generators/plan-arbitrary.js';
import { type Swarm, SWARM_BITS, type SwarmBit } from '../generators/swarm.js';
import { EVERYBODY_ELSE } from '../../sim/choice.js';
import type { Draw } from '../../scenarios/scenario.js';
import { type CampaignInput, INPUT_TAPE_LIMIT } from './input.js';

/** Gaps between acts, in ns. */
const GAPS_NS = [0, 300, 700, 2_000, 40_000];
/** Most mutations that are put on each other. */
const STACKED = 4;
/** Bits of a fresh swarm, at most. */
const SWARM_BITS_DRAWN = 8;
/** Agents and steps a preemption is inserted for. */
const AGENTS = 3;
const STEPS = 400;

/** Draws values of arbitraries from a stream of numbers. */
export class ValueDrawer {
  private readonly random: fc.Random;
  readonly draw: Draw;

  /** `next32` gives 32-bit integers. */
  constructor(next32: () => number) {
    const generator = { clone: () => generator, next: next32, getState: () => [] };
    this.random = new fc.Random(generator);
    this.draw = (bound) => Math.floor(((next32() >>> 0) / 4294967296) * bound);
  }

  /** A value of an arbitrary. */
  value<T>(arbitrary: fc.Arbitrary<T>): T {
    return arbitrary.generate(this.random, undefined).value_;
  }
}

/** Who is at the ports of a campaign's inputs. */
export type Roles = readonly [LinkPlan['ports'][0]['role'], LinkPlan['ports'][0]['role']];

/** A fresh input with a swarm of its own. */
export function freshInput(drawer: ValueDrawer, roles: Roles, strategy: string): CampaignInput {
  const count = 1 + drawer.draw(SWARM_BITS_DRAWN);
  const bits = new Set<SwarmBit>();
  for (let index = 0; index < count; index++) bits.add(SWARM_BITS[drawer.draw(SWARM_BITS.length)]!);
  const plan = drawer.value(planArbitrary({ roles, swarm: bits }));
  return { format: 'ringproof-input', version: 1, swarm: SWARM_BITS.filter((bit) => bits.has(bit)), plan, strategy, tape: null };
}

/** A mutant of an input; `other` is another one to splice with. */
export function mutated(input: CampaignInput, other: CampaignInput, drawer: ValueDrawer): CampaignInput {
  let result = input;
  const count = 1 + drawer.draw(STACKED);
  for (let index = 0; index < count; index++) result = once(result, other, drawer);
  return result;
}

function once(input: CampaignInput, other: CampaignInput, drawer: ValueDrawer): CampaignInput {
  const { draw } = drawer;
  const isScheduled = input.plan.schedule !== 'coarse';
  const pick = draw(isScheduled ? 14 : 11);
  if (pick < 6) return { ...withActs(input, mutatedActs(input, drawer)), tape: null };
  if (pick < 8) return { ...withActs(input, spliced(input.plan.acts, other.plan.acts, draw)), swarm: united(input, other), tape: null };
  if (pick === 8) return toggled(input, drawer);
  if (pick === 9) return redrawn(input, drawer);
  if (pick === 10) return { ...input, plan: { ...input.plan, schedule: SCHEDULES[draw(SCHEDULES.length)]!, seed: draw(0x7fffffff) }, tape: null };
  return { ...input, plan: pick === 11 ? { ...input.plan, seed: draw(0x7fffffff) } : input.plan, tape: mutatedTape(input, other, pick, draw) };
}

function withActs(input: CampaignInput, acts: readonly LinkAct[]): CampaignInput {
  return { ...input, plan: { ...input.plan, acts: acts.slice(0, ACT_LIMIT) } };
}

function united(input: CampaignInput, other: CampaignInput): SwarmBit[] {
  return SWARM_BITS.filter((bit) => input.swarm.includes(bit) || other.swarm.includes(bit));
}

function rolesOf({ ports }: LinkPlan): Roles {
  return [ports[0].role, ports[1].role];
}

function mutatedActs({ plan, swarm }: CampaignInput, drawer: ValueDrawer): LinkAct[] {
  const { draw } = drawer;
  const acts = [...plan.acts];
  const bits: Swarm = new Set(swarm);
  const at = acts.length === 0 ? 0 : draw(acts.length);
  const fresh = (): LinkAct => drawer.value(actArbitrary({ roles: rolesOf(plan), swarm: bits }));
  switch (acts.length === 0 ? 0 : draw(8)) {
    case 0:
      acts.splice(at, 0, fresh());
      return acts;
    case 1:
      acts[at] = fresh();
      return acts;
    case 2:
      acts.splice(at, 1 + draw(2));
      return acts;
    case 3:
      acts.splice(draw(acts.length + 1), 0, acts[at]!);
      return acts;
    case 4: {
      const [moved] = acts.splice(at, 1);
      acts.splice(draw(acts.length + 1), 0, moved!);
      return acts;
    }
    case 5:
      acts[at] = { ...acts[at]!, gapNs: GAPS_NS[draw(GAPS_NS.length)]! };
      return acts;
    default:
      acts[at] = mutatedAct(acts[at]!, bits, drawer, fresh);
      return acts;
  }
}

function mutatedAct(act: LinkAct, swarm: Swarm, drawer: ValueDrawer, fresh: () => LinkAct): LinkAct {
  if (act.kind !== 'post') return fresh();
  const { draw } = drawer;
  const at = draw(act.chains.length);
  switch (draw(6)) {
    case 0:
      return { ...act, times: 1 + draw(8) };
    case 1:
      return { ...act, kick: (['always', 'ifWanted', 'never'] as const)[draw(3)]! };
    case 2:
      return { ...act, chains: [...act.chains, drawer.value(chainArbitrary({ swarm, queue: act.queue }))].slice(0, 4) };
    default:
      return { ...act, chains: act.chains.map((chain, index) => (index === at ? mutatedChain(chain, act.queue, swarm, drawer) : chain)) };
  }
}

function mutatedChain(chain: ChainPlan, queue: number, swarm: Swarm, drawer: ValueDrawer): ChainPlan {
  const { draw } = drawer;
  const at = draw(chain.pieces.length);
  const piece = (): ChainPlan['pieces'][0] => drawer.value(pieceArbitrary({ swarm, queue }));
  switch (draw(6)) {
    case 0:
      return { ...chain, pieces: chain.pieces.map((old, index) => (index === at ? piece() : old)) };
    case 1:
      return { ...chain, pieces: [...chain.pieces.slice(0, at), piece(), ...chain.pieces.slice(at)].slice(0, 8) };
    case 2:
      return chain.pieces.length === 1 ? chain : { ...chain, pieces: chain.pieces.filter((_, index) => index !== at) };
    case 3: {
      const lengthBytes = Math.max(0, chain.pieces[at]!.lengthBytes + draw(9) - 4);
      return { ...chain, pieces: chain.pieces.map((old, index) => (index === at ? { ...old, lengthBytes } : old)) };
    }
    case 4:
      return { ...drawer.value(chainArbitrary({ swarm, queue })), pieces: chain.pieces };
    default:
      return drawer.value(chainArbitrary({ swarm, queue }));
  }
}

function spliced(first: readonly LinkAct[], second: readonly LinkAct[], draw: Draw): LinkAct[] {
  return [...first.slice(0, draw(first.length + 1)), ...second.slice(draw(second.length + 1))];
}

/** One swarm bit more, with an act drawn under it, or one less, with the settings drawn anew without it. */
function toggled(input: CampaignInput, drawer: ValueDrawer): CampaignInput {
  const bit = SWARM_BITS[drawer.draw(SWARM_BITS.length)]!;
  const isOn = !input.swarm.includes(bit);
  const swarm = SWARM_BITS.filter((other) => (other === bit ? isOn : input.swarm.includes(other)));
  const bits: Swarm = new Set(isOn ? [bit] : swarm);
  const roles = rolesOf(input.plan);
  const settings = drawer.value(settingsArbitrary(new Set(swarm)));
  const acts = [...input.plan.acts];
  acts.splice(drawer.draw(acts.length + 1), 0, drawer.value(actArbitrary({ roles, swarm: bits })));
  return { ...input, swarm, plan: { ...input.plan, ...settings, acts: acts.slice(0, ACT_LIMIT) }, tape: null };
}

/** Settings or one port drawn anew, the acts kept. */
function redrawn(input: CampaignInput, drawer: ValueDrawer): CampaignInput {
  const swarm: Swarm = new Set(input.swarm);
  const { plan } = input;
  if (drawer.draw(2) === 0) return { ...input, plan: { ...plan, ...drawer.value(settingsArbitrary(swarm)) }, tape: null };
  const port = drawer.draw(2);
  const ports: LinkPlan['ports'] = [...plan.ports];
  ports[port as 0 | 1] = drawer.value(portArbitrary(plan.ports[port as 0 | 1].role, swarm));
  return { ...input, plan: { ...plan, ports }, tape: null };
}

/** The recorded tape with a preemption more, a value changed, cut and continued freshly, or spliced with another one. */
function mutatedTape({ tape, plan }: CampaignInput, other: CampaignInput, pick: number, draw: Draw): CampaignInput['tape'] {
  const { choices, schedule } = tape ?? { choices: [], schedule: [] };
  if (pick === 11 || plan.schedule === 'coarse') {
    return { choices: choices.slice(0, draw(choices.length + 1)), schedule: schedule.slice(0, draw(schedule.length + 1)) };
  }
  if (pick === 12 && choices.length > 0) {
    const at = draw(choices.length);
    return { choices: choices.map((choice, index) => (index === at ? { ...choice, value: 1 + draw(4) } : choice)), schedule };
  }
  const added = { agent: draw(AGENTS), step: draw(STEPS), to: draw(2) === 0 ? EVERYBODY_ELSE : draw(AGENTS) };
  const foreign = draw(3) === 0 ? (other.tape?.schedule ?? []) : [];
  const bySteps = [...schedule, ...foreign, added].sort((left, right) => left.step - right.step);
  return { choices, schedule: bySteps.slice(0, INPUT_TAPE_LIMIT) };
}
