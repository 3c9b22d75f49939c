// POS, partial order sampling: priorities belong to the accesses agents stand before, and only those that conflict with what
// was just done get new dice.
//
// Needs to know the access every candidate stands before (Candidates.accessOf). Deviations from the paper: work that is
// yet to begin, and barriers, conflict with nothing; a copy counts as a write of its target; an agent the plain order let
// go on without a question keeps its dice for its next access.
import { AGENT_LIMIT } from '../../sim/agent-table.js';
import type { Candidates, WaitingAccess } from '../../sim/choice.js';
import { DrawnSource } from '../../sim/drawn-source.js';
import { NEVER } from '../../sim/gate.js';
import { othersOf } from './candidates.js';
import type { Strategy, StrategyWorld } from './strategy.js';

/** No dice drawn. */
const NONE = -1;

/** True if the order of the two accesses can matter. */
export function isConflict(first: WaitingAccess, second: WaitingAccess): boolean {
  const isDisjoint = first.offset + first.sizeBytes <= second.offset || second.offset + second.sizeBytes <= first.offset;
  return !isDisjoint && (first.isWrite || second.isWrite);
}

class PartialOrderSampling extends DrawnSource {
  private readonly isPreemptive: boolean;
  private readonly priorities = new Float64Array(AGENT_LIMIT).fill(NONE);
  private readonly chosen: WaitingAccess = { offset: 0, sizeBytes: 0, isWrite: false };
  private readonly other: WaitingAccess = { offset: 0, sizeBytes: 0, isWrite: false };

  constructor(seed: string, { rates, isPreemptive }: StrategyWorld) {
    super(seed, rates);
    this.isPreemptive = isPreemptive;
  }

  gap(): number {
    return this.isPreemptive ? 1 : NEVER;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    const { priorities } = this;
    const others = othersOf(candidates);
    let best = 0;
    for (let index = 0; index <= others; index++) {
      const id = candidates.ids[index]!;
      if (priorities[id] === NONE) priorities[id] = this.uniform('schedule');
      if (priorities[id]! > priorities[candidates.ids[best]!]!) best = index;
    }
    this.forgetConflicts(candidates, best, others);
    priorities[candidates.ids[best]!] = NONE;
    return best;
  }

  private forgetConflicts(candidates: Candidates, best: number, others: number): void {
    if (candidates.accessOf?.(best, this.chosen) !== true) return;
    for (let index = 0; index <= others; index++) {
      if (index === best || !candidates.accessOf(index, this.other)) continue;
      if (isConflict(this.chosen, this.other)) this.priorities[candidates.ids[index]!] = NONE;
    }
  }
}

/** See the file head. */
export const POS: Strategy = {
  id: 'pos',
  title: 'random priorities of accesses, drawn anew after conflicts',
  paper: 'Yuan, Yang, Gu: Partial order aware concurrency sampling, CAV 2018',
  make: (seed, world) => new PartialOrderSampling(seed, world),
};
