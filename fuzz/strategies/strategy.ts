// What a strategy is: a way to choose, run by run, who goes on before which access.
//
// Every strategy makes choice sources (sim/choice.ts). The kernel asks at the gaps a source sets; a source that wants to
// schedule every access answers gap 1. Where a slice of work ends the kernel goes on in plain order without asking, so a
// strategy from the literature that decides there decides before the next access instead. One file each, paper named.
import type { ChoiceSource } from '../../sim/choice.js';
import type { ChoiceRates } from '../../sim/drawn-source.js';

/** What a strategy knows of the run it is for. */
export interface StrategyWorld {
  /** How often numbers deviate. */
  readonly rates: ChoiceRates;
  /** Whether agents can be preempted at all (fine and weak mode). */
  readonly isPreemptive: boolean;
  /** Accesses such a run makes, of all agents; a rough estimate is enough. */
  readonly accessesHint: number;
  /** Accesses to ring indices and flags such a run makes, which are those that decide races. */
  readonly questionsHint: number;
  /** Agents of the world; their ids are 0 to agentCount - 1. */
  readonly agentCount: number;
}

/** A strategy. */
export interface Strategy {
  /** Name behind `--strategy`. */
  readonly id: string;
  /** What it does, one sentence without its full stop. */
  readonly title: string;
  /** Where it was published. */
  readonly paper: string;
  /** The source for one run; a pure function of its arguments. */
  readonly make: (seed: string, world: StrategyWorld) => ChoiceSource;
}
