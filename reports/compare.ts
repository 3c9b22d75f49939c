// Two checks side by side: what is new, fixed and persisting, and how clause coverage moved.
//
// Findings are the same when their fingerprints are; clauses when their ids are. Seeds and budgets may differ, which is said.
import type { CheckResult, ClauseItem, Finding } from '../scenarios/check-result.js';
import { formatDocument } from '../scenarios/document.js';
import type { Painter } from './style.js';
import { wrap } from './text-layout.js';
import { counted } from './value-text.js';

/** A clause whose outcome changed. */
export interface MovedClause {
  readonly clause: ClauseItem;
  readonly before: ClauseItem['outcome'] | 'not applicable';
  readonly after: ClauseItem['outcome'] | 'not applicable';
}

/** How a check differs from an earlier one. */
export interface Comparison {
  readonly before: CheckResult;
  readonly after: CheckResult;
  /** Findings of the later check alone. */
  readonly appeared: readonly Finding[];
  /** Findings of the earlier check alone. */
  readonly fixed: readonly Finding[];
  /** Findings of both, as the later one tells them. */
  readonly persisting: readonly Finding[];
  /** Clauses exercised only later, only earlier. */
  readonly gained: readonly MovedClause[];
  readonly lost: readonly MovedClause[];
}

/** Compares an earlier check with a later one. */
export function compareResults(before: CheckResult, after: CheckResult): Comparison {
  const [old, young] = [fingerprints(before), fingerprints(after)];
  const moved = movedClauses(before, after);
  return {
    before,
    after,
    appeared: after.findings.filter(({ fingerprint }) => !old.has(fingerprint)),
    fixed: before.findings.filter(({ fingerprint }) => !young.has(fingerprint)),
    persisting: after.findings.filter(({ fingerprint }) => old.has(fingerprint)),
    gained: moved.filter((one) => !isExercised(one.before) && isExercised(one.after)),
    lost: moved.filter((one) => isExercised(one.before) && !isExercised(one.after)),
  };
}

/** The comparison for people, ending in a line break. */
export function comparisonText(comparison: Comparison, painter: Painter): string {
  const { before, after, appeared, fixed, persisting, gained, lost } = comparison;
  const lines = [
    painter('heading', `${after.subject.name}: ${before.verdict} before, ${after.verdict} now`),
    ...differences(before, after),
    ...findingList('New', appeared, 'bad', painter),
    ...findingList('Fixed', fixed, 'good', painter),
    ...findingList('Persisting', persisting, 'warning', painter),
    ...clauseList('Exercised now, not before', gained, 'good', painter),
    ...clauseList('Exercised before, not any more', lost, 'warning', painter),
    `${appeared.length} new, ${fixed.length} fixed, ${persisting.length} persisting; clauses exercised ${before.clauses.exercised} of ` +
      `${before.clauses.applicable} before, ${after.clauses.exercised} of ${after.clauses.applicable} now.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The comparison as one JSON document. */
export function comparisonJson({ before, after, appeared, fixed, persisting, gained, lost }: Comparison): string {
  const brief = ({ fingerprint, rule, severity, message, standing }: Finding): object => ({
    fingerprint,
    rule,
    severity,
    message,
    standing,
  });
  const moved = ({ clause, before: was, after: is }: MovedClause): object => ({
    id: clause.id,
    requirement: clause.requirement,
    before: was,
    after: is,
  });
  const side = ({ verdict, seed, runs, digest, clauses }: CheckResult): object => ({
    verdict,
    seed,
    runs,
    digest,
    exercised: clauses.exercised,
    applicable: clauses.applicable,
  });
  return formatDocument({
    schema: 'ringproof-compare/1',
    before: side(before),
    after: side(after),
    new: appeared.map(brief),
    fixed: fixed.map(brief),
    persisting: persisting.map(brief),
    clausesGained: gained.map(moved),
    clausesLost: lost.map(moved),
  });
}

function fingerprints({ findings }: CheckResult): Set<string> {
  return new Set(findings.map(({ fingerprint }) => fingerprint));
}

function isExercised(outcome: MovedClause['before']): boolean {
  return outcome === 'held' || outcome === 'violated';
}

function movedClauses(before: CheckResult, after: CheckResult): MovedClause[] {
  const [old, young] = [before, after].map(({ clauses }) => new Map(clauses.items.map((item) => [item.id, item]))) as [
    Map<string, ClauseItem>,
    Map<string, ClauseItem>,
  ];
  const moved: MovedClause[] = [];
  for (const id of new Set([...young.keys(), ...old.keys()])) {
    const [was, is] = [old.get(id)?.outcome ?? 'not applicable', young.get(id)?.outcome ?? 'not applicable'] as const;
    if (was !== is) moved.push({ clause: (young.get(id) ?? old.get(id))!, before: was, after: is });
  }
  return moved;
}

/** What makes the two hard to compare. */
function differences(before: CheckResult, after: CheckResult): string[] {
  const settings = (result: CheckResult): Record<string, string> => ({
    driver: result.subject.name,
    seed: result.seed,
    runs: String(result.runs),
    ...result.configuration,
  });
  const [old, young] = [settings(before), settings(after)];
  return Object.entries(young)
    .filter(([name, value]) => old[name] !== value)
    .map(([name, value]) => `${name}: ${old[name]} before, ${value} now`)
    .flatMap((line) => wrap(line, '  '));
}

function findingList(title: string, findings: readonly Finding[], tone: 'good' | 'bad' | 'warning', painter: Painter): string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap(({ message, rule, fingerprint, consequenceOf }) =>
    wrap(`${message} [${rule}, ${fingerprint}]${consequenceOf === null ? '' : ' (a consequence)'}`, '  '),
  );
  return [painter(tone, `${title} (${counted(findings.length, 'finding')}):`), ...lines];
}

function clauseList(title: string, moved: readonly MovedClause[], tone: 'good' | 'warning', painter: Painter): string[] {
  if (moved.length === 0) return [];
  const lines = moved.flatMap(({ clause, before, after }) =>
    wrap(`${clause.requirement} [${clause.id}]: ${before} before, ${after} now`, '  '),
  );
  return [painter(tone, `${title} (${counted(moved.length, 'clause')}):`), ...lines];
}
