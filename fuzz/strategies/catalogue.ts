// All strategies, in the order of lists.
import { DELAY_1, DELAY_2, DELAY_5 } from './delay-bounded.js';
import { MIXED_WALK } from './mixed-walk.js';
import { POS } from './partial-order-sampling.js';
import { PCT_2, PCT_3, PCT_5 } from './pct.js';
import { RANDOM_WALK } from './random-walk.js';
import { STICKY_WALK } from './sticky-walk.js';
import type { Strategy } from './strategy.js';
import { SURW, URW } from './uniform-walk.js';

/** Every strategy. */
export const STRATEGIES: readonly Strategy[] = [
  ...[MIXED_WALK, RANDOM_WALK, STICKY_WALK, PCT_2, PCT_3, PCT_5],
  ...[POS, DELAY_1, DELAY_2, DELAY_5, URW, SURW],
];

/** The strategy with the given id, or undefined. */
export function strategyNamed(id: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.id === id);
}
