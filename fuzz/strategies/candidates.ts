// What strategies read off the candidates of a question.
import { type Candidates, EVERYBODY_ELSE } from '../../sim/choice.js';

/** Agents that could run instead of the one at the gate; answers 1 to this number name them. */
export function othersOf({ count, ids }: Candidates): number {
  return count > 1 && ids[count - 1] === EVERYBODY_ELSE ? count - 2 : count - 1;
}

/** The answer that holds the agent at the gate off; 0 if there is nobody else. */
export function holdOff({ count, ids }: Candidates): number {
  return count > 1 && ids[count - 1] === EVERYBODY_ELSE ? count - 1 : 0;
}
