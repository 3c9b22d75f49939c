// All strategies, in the order of lists.
import { MIXED_WALK } from './mixed-walk.js';
import { RANDOM_WALK } from './random-walk.js';
import { STICKY_WALK } from './sticky-walk.js';
import type { Strategy } from './strategy.js';

/** Every strategy. */
export const STRATEGIES: readonly Strategy[] = [MIXED_WALK, RANDOM_WALK, STICKY_WALK];

/** The strategy with the given id, or undefined. */
export function strategyNamed(id: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.id === id);
}
