// What a check covered, as one JSON document: clauses, thresholds, and the driver's own lines and branches if they were measured.
import type { CheckResult } from '../scenarios/check-result.js';
import { formatDocument } from '../scenarios/document.js';

/** The document for `--report coverage=FILE`, ending in a line break. */
export function coverageReport({ subject, configuration, seed, runs, clauses, thresholds, driverCoverage }: CheckResult): string {
  const { items, ...counts } = clauses;
  return formatDocument({
    schema: 'ringproof-coverage/1',
    subject,
    configuration,
    seed,
    runs,
    clauses: {
      ...counts,
      items: items.map(({ id, area, actor, level, outcome, count, reason }) => ({ id, area, actor, level, outcome, count, reason })),
    },
    thresholds,
    driver: driverCoverage,
  });
}
