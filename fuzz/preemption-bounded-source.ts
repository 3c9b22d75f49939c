// Preemption-bounded random schedules: few preemptions, at accesses drawn uniformly from the whole run.
//
// After Musuvathi and Qadeer, "Iterative Context Bounding" (2007): most races need one or two preemptions at the right
// place. Numeric choices come from a tape. Positions are counted over the accesses of all agents, so a run of another
// length than expected only loses or gains chances.
import seedrandom from 'seedrandom';
import type { Candidates, ChoiceKind, ChoiceSource, RunTape } from '../sim/choice.js';
import { TapeSource } from '../sim/choice-sources.js';
import { NEVER } from '../sim/gate.js';

/** Draws `preemptionCount` preemptions for a run of about `accessCount` accesses. */
export class PreemptionBoundedSource implements ChoiceSource {
  private readonly numbers: TapeSource;
  private readonly stream: seedrandom.PRNG;
  /** Accesses from one preemption to the next, in order. */
  private readonly gaps: number[];
  private next = 0;

  constructor(seed: string, accessCount: number, preemptionCount: number, choices: RunTape['choices']) {
    this.numbers = new TapeSource({ choices, schedule: [] });
    this.stream = seedrandom.alea(seed);
    const positions = Array.from({ length: preemptionCount }, () => this.below(Math.max(1, accessCount))).sort(
      (left, right) => left - right,
    );
    this.gaps = positions.map((position, index) => Math.max(1, position - (positions[index - 1] ?? 0)));
  }

  choose(kind: ChoiceKind, bound: number): number {
    return this.numbers.choose(kind, bound);
  }

  gap(_agentId: number, _step: number, left: number): number {
    if (left > 0) return left;
    const gap = this.gaps[this.next] ?? NEVER;
    this.next += 1;
    return gap;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    return candidates.count < 2 ? 0 : 1 + this.below(candidates.count - 1);
  }

  private below(bound: number): number {
    return Math.floor(((this.stream.int32() >>> 0) / 4294967296) * bound);
  }
}
