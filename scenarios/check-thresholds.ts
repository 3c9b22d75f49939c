// Minima a check has to reach: what is short makes it inconclusive, and what is missing is named.
import { type CheckResult, type Threshold, buildCheckResult } from './check-result.js';

/** How many clauses have to be exercised: the clauses that were not, with the reason, are what is missing. */
export function clauseThreshold({ clauses }: CheckResult, wanted: number): Threshold {
  const missing = clauses.items.filter(({ outcome }) => outcome === 'not-exercised' || outcome === 'undecidable');
  return {
    name: 'clauses exercised',
    wanted,
    reached: clauses.exercised,
    missing: missing.map(({ requirement, id, reason }) => `${requirement} [${id}]: ${reason ?? 'no reason was recorded'}`),
  };
}

/** The result with its thresholds; each that was not reached is a reason why it is inconclusive. */
export function withThresholds(result: CheckResult, thresholds: readonly Threshold[]): CheckResult {
  const short = thresholds.filter(({ wanted, reached }) => reached < wanted);
  const { schema: _schema, verdict: _verdict, clauses, ...rest } = result;
  return buildCheckResult({
    ...rest,
    items: clauses.items,
    thresholds: [...thresholds],
    inconclusive: [
      ...result.inconclusive,
      ...short.map(({ name, wanted, reached }) => `${name}: ${reached}, at least ${wanted} are wanted`),
    ],
  });
}
