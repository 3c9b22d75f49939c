// The result as one JSON document, and back.
//
// Byte-stable: fields in the order of the schema, no clock, no host. The last events of a finding are written
// twice, as words for programs that decode them and as a line for people; reading keeps the words only.
import { CHECK_FORMAT, CHECK_VERSION, type CheckResult, checkResultSchema } from '../scenarios/check-result.js';
import { formatDocument, parseDocument } from '../scenarios/document.js';
import { type EventNames, eventLines, packRecords } from './event-text.js';

/** The document for `--json` and `--report json=FILE`, ending in a line break. */
export function jsonReport(result: CheckResult, names: EventNames): string {
  const findings = result.findings.map((finding) => ({ ...finding, lastEventLines: eventLines(packRecords(finding.lastEvents), names) }));
  return formatDocument({ ...result, findings });
}

/**
 * Reads a document written by jsonReport.
 * Throws UnusableInput when the text is none.
 */
export function readJsonReport(text: string, fileName: string): CheckResult {
  return parseDocument<CheckResult>(text, fileName, {
    title: 'a report of ringproof check',
    format: CHECK_FORMAT,
    version: CHECK_VERSION,
    schema: checkResultSchema,
    prepare: withoutLines,
  });
}

/** Takes the printed lines out again; anything else that is odd is left for the schema to refuse. */
function withoutLines(record: Readonly<Record<string, unknown>>): unknown {
  const findings = record['findings'];
  if (!Array.isArray(findings)) return record;
  return { ...record, findings: findings.map(withoutOwnLines) };
}

function withoutOwnLines(finding: unknown): unknown {
  if (typeof finding !== 'object' || finding === null) return finding;
  const { lastEventLines: _lines, ...rest } = finding as Record<string, unknown>;
  return rest;
}
