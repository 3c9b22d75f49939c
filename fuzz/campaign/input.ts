// An input of a campaign: a plan and, where the schedule matters, the run tape that was recorded with it.
//
// What a corpus holds, one file each, and what is mutated. Read from files it is untrusted, so the schema is strict.
import { z } from 'zod';
import { CHOICE_KINDS, type Candidates, type ChoiceKind, type ChoiceSource, type RunTape } from '../../sim/choice.js';
import { TapeSource } from '../../sim/choice-sources.js';
import { linkPlanSchema } from '../generators/link-plan.js';
import { strategyNamed } from '../strategies/catalogue.js';
import { SWARM_BITS } from '../generators/swarm.js';

const whole = z.int().min(0);

/** Most deviations of a tape in an input. */
export const INPUT_TAPE_LIMIT = 4096;

/** Schema of an input, strict. */
export const inputSchema = z.strictObject({
  format: z.literal('ringproof-input'),
  version: z.literal(1),
  /** Swarm bits the plan was drawn with. */
  swarm: z.array(z.enum(SWARM_BITS)),
  plan: linkPlanSchema,
  /** The strategy that draws its schedule. */
  strategy: z.string().refine((id) => strategyNamed(id) !== undefined, 'must be the id of a strategy'),
  /** Deviations to play first; what comes behind the last of them is drawn from the plan's seed. Null = everything is drawn. */
  tape: z
    .strictObject({
      choices: z.array(z.strictObject({ kind: z.enum(CHOICE_KINDS), ordinal: whole, value: whole })).max(INPUT_TAPE_LIMIT),
      schedule: z.array(z.strictObject({ agent: whole, step: whole, to: whole })).max(INPUT_TAPE_LIMIT),
    })
    .nullable(),
});

/** An input. */
export type CampaignInput = z.infer<typeof inputSchema>;

/** Plays a tape; once all of it has come up, another source goes on. */
export class ContinuedSource implements ChoiceSource {
  private readonly tape: TapeSource;
  private readonly fresh: ChoiceSource;

  constructor(tape: RunTape, fresh: ChoiceSource) {
    this.tape = new TapeSource(tape);
    this.fresh = fresh;
  }

  choose(kind: ChoiceKind, bound: number): number {
    const isOver = this.isOver;
    const played = this.tape.choose(kind, bound);
    return isOver ? this.fresh.choose(kind, bound) : played;
  }

  gap(agentId: number, step: number, left: number): number {
    return this.isOver ? this.fresh.gap(agentId, step, left) : this.tape.gap(agentId, step);
  }

  nudge(agentId: number): boolean {
    return this.isOver && this.fresh.nudge?.(agentId) === true;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    const isOver = this.isOver;
    const played = this.tape.schedule(agentId, step, candidates);
    return isOver ? this.fresh.schedule(agentId, step, candidates) : played;
  }

  private get isOver(): boolean {
    return this.tape.unplaced() <= this.tape.refused.length;
  }
}
