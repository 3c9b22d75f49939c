// The verdict of a check in a sentence, the same in every report.
import type { CheckResult } from '../scenarios/check-result.js';
import { counted } from './value-text.js';

/** What was exercised, and what was found: new, known and waived findings and consequences apart. */
export function verdictSentence(result: CheckResult): string {
  const { exercised, applicable, violated } = result.clauses;
  const extent = `${exercised} of ${counted(applicable, 'applicable clause')} exercised, ${violated} violated`;
  return `${[extent, ...findingCounts(result)].join(', ')}.`;
}

function findingCounts({ findings, baseline }: CheckResult): string[] {
  if (findings.length === 0) return [];
  const causes = findings.filter(({ consequenceOf }) => consequenceOf === null);
  const standing = (wanted: string): number => causes.filter((finding) => finding.standing === wanted).length;
  const parts = [
    `${counted(causes.length, 'finding')}${findings.length === causes.length ? '' : ` and ${counted(findings.length - causes.length, 'consequence')}`}`,
  ];
  if (standing('baseline') > 0 || baseline !== null) parts.push(`${standing('baseline')} known before`);
  if (standing('waived') > 0) parts.push(`${standing('waived')} waived`);
  if (parts.length > 1) parts.push(`${standing('new')} new`);
  return parts;
}
