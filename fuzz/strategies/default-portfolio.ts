// The shares with which strategies begin: what a check makes its runs with, and a campaign its first epoch.
//
// Set from the table of runs to first failure (docs/search.md): no strategy finds every race first, so each has a share, the
// larger the fewer runs it needed on average.
import { Portfolio } from './portfolio.js';

/** Weight of each strategy at the start. */
export const DEFAULT_WEIGHTS: readonly (readonly [id: string, weight: number])[] = [
  ['mixed', 20],
  ['pos', 14],
  ['pct3', 12],
  ['sticky', 10],
  ['pct5', 10],
  ['pct2', 8],
  ['surw', 8],
  ['random', 6],
  ['delay5', 5],
  ['urw', 3],
  ['delay2', 2],
  ['delay1', 2],
];

/** Least share of a strategy. */
const FLOOR = 0.02;

/** The portfolio everything starts from. */
export const DEFAULT_PORTFOLIO = new Portfolio(DEFAULT_WEIGHTS, FLOOR);
