// The result as a Markdown summary, fit for the job summary of a CI service.
//
// Says the verdict, what is new, and how to make each finding again; folds the rest. Keeps well below the size such pages
// may have, whatever a driver says.
import type { CheckResult, Finding } from '../scenarios/check-result.js';
import { type EventNames, eventLines, packRecords } from './event-text.js';
import {
  AREA_TITLES,
  demandsOf,
  differenceLines,
  findingTitle,
  groupFindings,
  placeText,
  replayLine,
  sizeText,
  standingText,
} from './finding-words.js';
import { markdownBlock, markdownText } from './markdown-text.js';
import { verdictSentence } from './verdict-words.js';
import { counted } from './value-text.js';

/** Causes written out; a service shows about a megabyte. */
const FINDINGS_SHOWN = 30;
const EVENTS_SHOWN = 12;
/** Missing clauses or lines that are named. */
const MISSING_SHOWN = 100;
/** Longest sentence that is repeated, in characters. */
const SENTENCE_LIMIT = 600;

/** The text for `--report markdown=FILE`, ending in a line break. */
export function markdownReport(result: CheckResult, names: EventNames): string {
  const { world, profile, revision, spec, budget } = result.configuration;
  const parts = [
    `## Ringproof: ${cut(result.subject.name)}`,
    `**${result.verdict.toUpperCase()}** – ${verdictSentence(result)}`,
    `${cut(world)}, virtio ${cut(spec)}, ${cut(profile)} server of revision ${cut(revision)}, budget ${cut(budget)}; seed \`${code(result.seed)}\`, ` +
      `${counted(result.runs, 'run')}, digest \`${result.digest}\``,
    ...notes(result),
    ...findings(result, names),
    ...thresholdTable(result),
    ...waiverTable(result),
    clauseTable(result),
  ];
  return `${parts.join('\n\n')}\n`;
}

function notes(result: CheckResult): string[] {
  const reasons = [
    ...result.inconclusive,
    ...(result.internalError === null ? [] : [`Internal error of Ringproof: ${result.internalError}`]),
  ];
  return reasons.length === 0 ? [] : [reasons.map((reason) => `* ${cut(reason, 4 * SENTENCE_LIMIT)}`).join('\n')];
}

function findings(result: CheckResult, names: EventNames): string[] {
  const groups = groupFindings(result.findings);
  const parts = groups.slice(0, FINDINGS_SHOWN).flatMap(({ cause, samePlace, consequences }, index) => {
    const heading = `### ${index + 1}. ${findingTitle(cause)}${cause.standing === 'new' ? '' : ` (${cause.standing})`}`;
    return [heading, ...findingParts(cause, result, names), ...foldedParts('Also at this line', samePlace), ...foldedParts('Also seen after it', consequences)];
  });
  const hidden = groups.length - FINDINGS_SHOWN;
  return hidden > 0 ? [...parts, `${counted(hidden, 'further finding')} left out here; the JSON and HTML reports hold all.`] : parts;
}

function findingParts(finding: Finding, result: CheckResult, names: EventNames): string[] {
  const place = placeText(finding);
  const standing = standingText(finding);
  const size = sizeText(finding);
  const rows = [
    ...demandsOf(finding, result).map((demand) => ['Demand', demand] as const),
    ['Expected', finding.expected] as const,
    ['Seen', finding.seen] as const,
    ['Where', `scenario ${finding.scenario}, ${finding.mode}; in ${counted(finding.count, 'run')}`] as const,
    ...(place === null ? [] : [['Source', place] as const]),
    ...(standing === null ? [] : [['Standing', standing] as const]),
    ...(size === null ? [] : [['Smallest run', size] as const]),
    ['Rule', `${finding.rule}, fingerprint ${finding.fingerprint}`] as const,
  ];
  const replay = replayLine(finding);
  const events = [...eventLines(packRecords(finding.lastEvents), names).slice(-EVENTS_SHOWN), ...differenceLines(finding, names)];
  return [
    cut(finding.message),
    rows.map(([label, text]) => `* **${label}:** ${cut(text)}`).join('\n'),
    ...(replay === null ? [] : [markdownBlock([replay])]),
    ...(events.length === 0 ? [] : ['<details><summary>Last events</summary>', markdownBlock(events), '</details>']),
  ];
}

function foldedParts(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings
    .slice(0, FINDINGS_SHOWN)
    .map((finding) => `* ${cut(finding.message)} (${finding.rule}, ${counted(finding.count, 'run')})`);
  return [`<details><summary>${title}: ${findings.length}</summary>`, lines.join('\n'), '</details>'];
}

function thresholdTable({ thresholds, driverCoverage }: CheckResult): string[] {
  const rows = thresholds.map(({ name, wanted, reached }) => [
    name,
    String(wanted),
    String(reached),
    reached < wanted ? 'short' : 'reached',
  ]);
  const missing = thresholds
    .filter(({ wanted, reached }) => reached < wanted)
    .flatMap(({ name, missing: what }) => {
      const lines = what.slice(0, MISSING_SHOWN).map((one) => `* ${cut(one)}`);
      if (what.length > MISSING_SHOWN) lines.push(`* and ${what.length - MISSING_SHOWN} more`);
      return [`<details><summary>Missing: ${cut(name)} (${what.length})</summary>`, lines.join('\n'), '</details>'];
    });
  const driver =
    driverCoverage === null
      ? []
      : [
          `Executed of the driver's files: ${driverCoverage.lines.covered} of ${counted(driverCoverage.lines.total, 'line')}, ` +
            `${driverCoverage.branches.covered} of ${counted(driverCoverage.branches.total, 'branch', 'branches')}.`,
        ];
  return [
    ...driver,
    ...(rows.length === 0 ? [] : ['### Thresholds', table([['what', 'wanted', 'reached', 'state'], ...rows])]),
    ...missing,
  ];
}

function waiverTable({ waivers }: CheckResult): string[] {
  if (waivers.length === 0) return [];
  const rows = waivers.map(({ rule, fingerprint, reason, owner, expires, state }) => [
    rule,
    fingerprint ?? 'all',
    reason,
    owner,
    expires,
    state,
  ]);
  return ['### Waivers', table([['rule', 'fingerprint', 'reason', 'owner', 'until', 'state'], ...rows])];
}

function clauseTable(result: CheckResult): string {
  const areas = [...new Set(result.clauses.items.map(({ area }) => area))];
  const row = (title: string, area: string | null): string[] => {
    const items = result.clauses.items.filter((item) => area === null || item.area === area);
    const counts = (['held', 'violated', 'not-exercised', 'undecidable'] as const).map(
      (outcome) => items.filter((item) => item.outcome === outcome).length,
    );
    return [title, String(items.length), ...counts.map(String)];
  };
  const rows = [...areas.map((area) => row(AREA_TITLES[area] ?? area, area)), row('all', null)];
  const header = ['clauses', 'applicable', 'held', 'violated', 'not exercised', 'undecidable'];
  return `<details><summary>Clauses by area</summary>\n\n${table([header, ...rows])}\n\n</details>`;
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => cut(cell)).join(' | ')} |`);
  return [lines[0]!, `|${' --- |'.repeat(rows[0]!.length)}`, ...lines.slice(1)].join('\n');
}

/** Text of bounded length. */
function cut(text: string, limit = SENTENCE_LIMIT): string {
  return markdownText(text.length > limit ? `${text.slice(0, limit)}…` : text);
}

/** Text for between two backquotes. */
function code(text: string): string {
  return text.replace(/[`\s]+/g, ' ').slice(0, SENTENCE_LIMIT);
}
