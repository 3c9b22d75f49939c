// Tells causes from consequences among the violations of a run, and among the kinds of a check.
//
// Within a run the first violation by a subject explains what comes after it, unless it is of a lesser severity: a
// warning at bring-up explains no broken ring. A rule that watches every access names the very access that was wrong, and
// may notice it (at the drain of a store buffer, say) after its effects: such a violation explains the others of its port,
// earlier ones included. A kind that never explained itself in any run is a consequence of the kind that explained it most
// often. Nothing is dropped by this; reports fold consequences under their cause.
import { ALL_RULES } from '../model/rules/catalogue.js';
import type { Violation } from '../model/rules/rule.js';
import { SEVERITIES, severityOf } from '../scenarios/check-result.js';
import type { FindingTally } from './tally.js';

const ACCESS_RULES: ReadonlySet<string> = new Set(ALL_RULES.filter(({ eventLevel }) => eventLevel === 2).map(({ id }) => id));

/** By violation of a run, in order: position of the violation that explains it, its own if none does. */
export function causesIn(violations: readonly Violation[]): number[] {
  const ranks = violations.map(({ level }) => SEVERITIES.indexOf(severityOf(level)));
  const explaining = violations.flatMap(({ isSubject }, at) => (isSubject ? [at] : []));
  const byAccess = explaining.filter((at) => ACCESS_RULES.has(violations[at]!.ruleId));
  const direct = violations.map((violation, index) => {
    const isGraver = (at: number): boolean => ranks[at]! <= ranks[index]!;
    const access = byAccess.find((at) => violations[at]!.port === violation.port && isGraver(at));
    return access ?? explaining.find((at) => at < index && isGraver(at)) ?? index;
  });
  // What explains a violation may be explained itself. Chains end: they lead to an earlier access or to an earlier violation.
  return direct.map((cause) => {
    let root = cause;
    while (direct[root] !== root) root = direct[root]!;
    return root;
  });
}

/** By fingerprint of a consequence: the fingerprint of its cause. Causes are no keys. */
export function consequencesAmong(findings: Readonly<Record<string, FindingTally>>): Map<string, string> {
  const isCause = (fingerprint: string): boolean => (findings[fingerprint]?.causes[fingerprint] ?? 0) > 0;
  const consequences = new Map<string, string>();
  for (const finding of Object.values(findings)) {
    if (isCause(finding.fingerprint)) continue;
    const candidates = Object.entries(finding.causes).filter(([fingerprint]) => isCause(fingerprint));
    const best = candidates.sort(([left, leftCount], [right, rightCount]) => rightCount - leftCount || (left < right ? -1 : 1))[0];
    if (best !== undefined) consequences.set(finding.fingerprint, best[0]);
  }
  return consequences;
}
