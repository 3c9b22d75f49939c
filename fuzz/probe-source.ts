// Answers numbered questions and writes down what else could have been answered: the source under an exhaustive search.
//
// Questions are counted as they come: who runs at an access where somebody else could, and numbers of the kinds that are
// explored. Everything not answered is plain, so a run is named by its few answers.
import { CHOICE_KINDS, type Candidates, type ChoiceKind, type ChoiceSource } from '../sim/choice.js';
import { NEVER } from '../sim/gate.js';

/** An answer to a question other than the plain one. */
export interface Answer {
  /** Number of the question in the run, from 0. */
  readonly question: number;
  readonly value: number;
}

/** A question of a run and its possible answers. */
export interface Question {
  /** Number in the run, from 0. */
  readonly number: number;
  /** Answers are 0 to bound - 1. */
  readonly bound: number;
  /** For a schedule: the agent at the gate and its own access number. For a number: -1 and the position of its kind in CHOICE_KINDS. */
  readonly agent: number;
  readonly step: number;
  /** For a schedule: the agents of the answers from 1 on. */
  readonly others: readonly number[];
}

const NOBODY: readonly number[] = [];

/** Plays answers; see the file head. */
export class ProbeSource implements ChoiceSource {
  /** Questions behind the last answer, if they are wanted. */
  readonly questions: Question[] = [];
  private readonly answers: readonly Answer[];
  private readonly explored: ReadonlySet<ChoiceKind>;
  private readonly isProbing: boolean;
  private asked = 0;
  private next = 0;

  /** `isProbing`: write down the questions behind the last answer; else nothing is asked there. */
  constructor(answers: readonly Answer[], explored: ReadonlySet<ChoiceKind>, isProbing: boolean) {
    this.answers = answers;
    this.explored = explored;
    this.isProbing = isProbing;
  }

  choose(kind: ChoiceKind, bound: number): number {
    return this.explored.has(kind) ? this.answer(bound, -1, CHOICE_KINDS.indexOf(kind), null) : 0;
  }

  gap(): number {
    return this.isProbing || this.next < this.answers.length ? 1 : NEVER;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    return candidates.count < 2 ? 0 : this.answer(candidates.count, agentId, step, candidates);
  }

  private answer(bound: number, agent: number, step: number, candidates: Candidates | null): number {
    const number = this.asked++;
    const answer = this.answers[this.next];
    if (answer?.question === number) {
      this.next += 1;
      if (answer.value < bound) return answer.value;
      throw new Error('ProbeSource: a question has fewer answers than it had before; the run is not deterministic');
    }
    if (this.isProbing && answer === undefined) {
      const others = candidates === null ? NOBODY : [...candidates.ids.subarray(1, candidates.count)];
      this.questions.push({ number, bound, agent, step, others });
    }
    return 0;
  }
}
