// Living with findings: which of them are new, known before (baseline) or accepted for a time (waivers).
//
// Nothing is removed: known and waived findings stay in the result and in every report, they only fail nothing. What is
// only ever seen after such a finding shares its standing. Today's date is given, so the same inputs give the same result.
import { z } from 'zod';
import { type CheckResult, type Finding, type Waiver, buildCheckResult } from './check-result.js';
import { type DocumentKind, formatDocument, parseDocument } from './document.js';

/** Name of the document format. */
export const BASELINE_FORMAT = 'ringproof-baseline';
/** Version of the document format. */
export const BASELINE_VERSION = 1;

const text = z.string().min(1);

const baselineSchema = z.strictObject({
  schema: z.literal(`${BASELINE_FORMAT}/${BASELINE_VERSION}`),
  /** Known findings, by fingerprint. Rule and message are for the people who read the file. */
  findings: z.array(z.strictObject({ fingerprint: text, rule: text, message: text })),
});

/** The findings known before. */
export type Baseline = z.infer<typeof baselineSchema>;

/** What a check is measured against. */
export interface Standards {
  /** Known findings and the file they stand in; null for none. */
  readonly baseline: { readonly name: string; readonly known: Baseline } | null;
  readonly waivers: readonly Waiver[];
  /** Today, YYYY-MM-DD. */
  readonly today: string;
}

/** Reads a baseline file. Throws UnusableInput. */
export function readBaseline(content: string, fileName: string): Baseline {
  const kind: DocumentKind<Baseline> = { title: 'a baseline', format: BASELINE_FORMAT, version: BASELINE_VERSION, schema: baselineSchema };
  return parseDocument(content, fileName, kind);
}

/** The baseline in which all findings of the result are known, waived ones left out. */
export function baselineOf(result: CheckResult): Baseline {
  const findings = result.findings
    .filter(({ standing }) => standing !== 'waived')
    .map(({ fingerprint, rule, message }) => ({ fingerprint, rule, message }));
  findings.sort((left, right) => (left.fingerprint < right.fingerprint ? -1 : left.fingerprint > right.fingerprint ? 1 : 0));
  return { schema: `${BASELINE_FORMAT}/${BASELINE_VERSION}`, findings };
}

/** A baseline as the text of its file. */
export function baselineText(baseline: Baseline): string {
  return formatDocument(baseline);
}

/** The result with the standing of its findings, and what became of waivers and baseline. */
export function withStanding(result: CheckResult, standards: Standards): CheckResult {
  const { baseline, waivers, today } = standards;
  const known = new Set(baseline?.known.findings.map(({ fingerprint }) => fingerprint));
  const valid = waivers.filter(({ expires }) => expires >= today);
  const used = new Set<Waiver>();
  const own = result.findings.map((finding): Finding => {
    const waiver = valid.find((candidate) => covers(candidate, finding)) ?? null;
    if (waiver !== null) used.add(waiver);
    return { ...finding, standing: waiver !== null ? 'waived' : known.has(finding.fingerprint) ? 'baseline' : 'new', waiver };
  });
  const seen = new Set(result.findings.map(({ fingerprint }) => fingerprint));
  const { schema: _schema, verdict: _verdict, clauses, ...rest } = result;
  return buildCheckResult({
    ...rest,
    items: clauses.items,
    findings: own.map((finding) => inherited(finding, own)),
    waivers: waivers.map((waiver) => ({ ...waiver, state: used.has(waiver) ? 'used' : valid.includes(waiver) ? 'unmatched' : 'expired' })),
    baseline:
      baseline === null
        ? null
        : { name: baseline.name, fixed: baseline.known.findings.filter(({ fingerprint }) => !seen.has(fingerprint)) },
  });
}

function covers(waiver: Waiver, finding: Finding): boolean {
  return waiver.rule === finding.rule && (waiver.fingerprint === undefined || waiver.fingerprint === finding.fingerprint);
}

/** A new consequence of a finding that fails nothing fails nothing either. */
function inherited(finding: Finding, all: readonly Finding[]): Finding {
  if (finding.standing !== 'new' || finding.consequenceOf === null) return finding;
  const cause = all.find(({ fingerprint }) => fingerprint === finding.consequenceOf);
  return cause === undefined ? finding : { ...finding, standing: cause.standing, waiver: cause.waiver };
}
