// What every report says about clauses and findings in the same words: areas, sources, demands, places, folding.
//
// No clause or rule is printed as a bare id: the sentence comes first, the id last and in brackets.
import type { CheckResult, ClauseItem, Finding } from '../scenarios/check-result.js';
import { type EventNames, eventLines, packRecords } from './event-text.js';
import { counted } from './value-text.js';

/** Names of the clause areas as headings; an unknown area is printed as it is. */
export const AREA_TITLES: Readonly<Record<string, string>> = {
  status: 'Device status',
  features: 'Feature negotiation',
  config: 'Configuration space',
  init: 'Initialization',
  reset: 'Reset',
  virtqueue: 'Virtqueues in general',
  split: 'Split virtqueues',
  packed: 'Packed virtqueues',
  notify: 'Notifications',
  net: 'Network device',
  'net-ctrl': 'Network control queue',
  l4v: 'L4virtio transport',
  p2p: 'Point-to-point link',
  contract: 'Driver contract',
  hostile: 'Hostile devices',
};

/** Level, document, section, title and id of a clause on one line. */
export function clauseSource(item: ClauseItem): string {
  return `${item.level}, ${item.document}, section ${item.section} "${item.title}" [${item.id}]`;
}

/** What a finding demands: the sentences and sources of its clauses, or nothing for a rule that decides none. */
export function demandsOf(finding: Finding, result: CheckResult): string[] {
  const items = result.clauses.items.filter((item) => finding.clauses.includes(item.id));
  return items.map((item) => `${item.requirement} (${clauseSource(item)})`);
}

/** A cause, what the same rule says of the same line of the driver, and what is only ever seen after any of them. */
export interface FindingGroup {
  readonly cause: Finding;
  readonly samePlace: readonly Finding[];
  readonly consequences: readonly Finding[];
}

/** The findings as causes with what belongs to them, in the order of the result. */
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const known = new Set(findings.map(({ fingerprint }) => fingerprint));
  const isCause = ({ consequenceOf }: Finding): boolean => consequenceOf === null || !known.has(consequenceOf);
  const causes = findings.filter(isCause);
  const first = (finding: Finding): Finding => causes.find((other) => isSamePlace(other, finding)) ?? finding;
  return causes
    .filter((cause) => first(cause) === cause)
    .map((cause) => {
      const samePlace = causes.filter((other) => other !== cause && first(other) === cause);
      const roots = new Set([cause, ...samePlace].map(({ fingerprint }) => fingerprint));
      const consequences = findings.filter((finding) => !isCause(finding) && roots.has(finding.consequenceOf!));
      return { cause, samePlace, consequences };
    });
}

/** One wrong line shows on each queue, and in each descriptor: to the reader that is one finding. */
function isSamePlace(left: Finding, right: Finding): boolean {
  if (left === right) return true;
  if (left.location === null || right.location === null) return false;
  return (
    left.rule === right.rule &&
    left.severity === right.severity &&
    left.standing === right.standing &&
    left.location.file === right.location.file &&
    left.location.line === right.location.line
  );
}

/** Violated clauses that only findings in the wake of others name; they say little about the driver by themselves. */
export function clausesInWake({ findings, clauses }: CheckResult): ClauseItem[] {
  const groups = groupFindings(findings);
  const causes = new Set(groups.flatMap(({ cause, samePlace }) => [cause, ...samePlace].flatMap((finding) => finding.clauses)));
  const wake = new Set(groups.flatMap(({ consequences }) => consequences.flatMap((finding) => finding.clauses)));
  return clauses.items.filter(({ id, outcome }) => outcome === 'violated' && wake.has(id) && !causes.has(id));
}

/** Severity and party as a heading. */
export function findingTitle(finding: Finding): string {
  return `${finding.severity.toUpperCase()} by the ${finding.party}${finding.isSubject ? '' : ' (not judged here)'}`;
}

/** How large the run of a finding's repro is; null when it was not made smaller. */
export function sizeText({ size }: Finding): string | null {
  if (size === null) return null;
  const parts = [counted(size.preemptions, 'preemption'), counted(size.faults, 'fault'), counted(size.packets, 'packet')];
  const rest = size.isMinimal ? 'none of which can be left out' : 'maybe not the fewest';
  return `the default schedule, plus ${parts.join(', ')}, ${rest}`;
}

/** Why a finding fails nothing; null for a new one. */
export function standingText({ standing, waiver }: Finding): string | null {
  if (waiver !== null) return `waived until ${waiver.expires} by ${waiver.owner}: ${waiver.reason}`;
  return standing === 'baseline' ? 'known before, stands in the baseline' : null;
}

/** The place in the driver's files, `file:line:column in function`; null when it is not known. */
export function placeText({ location }: Finding): string | null {
  if (location === null) return null;
  const { file, line, column, callee } = location;
  return `${file}:${line}:${column}${callee === '' ? '' : ` in ${callee}`}`;
}

/** What each execution did at the first event that differs, as two lines; none for other findings. */
export function differenceLines({ difference }: Pick<Finding, 'difference'>, names: EventNames): string[] {
  if (difference === null) return [];
  return (
    [
      ['once', difference.first],
      ['once more', difference.second],
    ] as const
  ).map(([time, record]) => {
    const text = record === null ? 'the run had come to its end' : eventLines(packRecords([record]), names)[0]!.trim();
    return `${time}: ${text}`;
  });
}

/** The line to paste that makes the finding's run again; null without a repro file. */
export function replayLine({ repro }: Finding): string | null {
  return repro === null ? null : `npx ringproof replay ${shellWord(repro)}`;
}

/** A word of a command line, quoted where a shell would read it otherwise. */
function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
