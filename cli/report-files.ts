// Writing reports: `--report kind=path`, and nothing outside what was asked for.
import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { METHOD_NAMES } from '../drivers/driver-object.js';
import type { EventNames } from '../reports/event-text.js';
import { jsonReport } from '../reports/json.js';
import { coverageReport } from '../reports/coverage.js';
import { htmlReport } from '../reports/html.js';
import { junitReport } from '../reports/junit.js';
import { markdownReport } from '../reports/markdown.js';
import { sarifReport } from '../reports/sarif.js';
import { TOOL_VERSION } from '../scenarios/versions.host.js';
import { PLAIN_TERMINAL, terminalReport } from '../reports/terminal.js';
import type { CheckResult, FailOn } from '../scenarios/check-result.js';
import { UsageError } from './exit-status.js';

/** Names for event lines. */
export const EVENT_NAMES: EventNames = { ports: ['a', 'b'], methods: METHOD_NAMES };

/** Kinds of reports. */
export const REPORT_KINDS = ['terminal', 'json', 'junit', 'sarif', 'markdown', 'html', 'coverage'] as const;

/** A report to be written. */
export interface ReportRequest {
  readonly kind: (typeof REPORT_KINDS)[number];
  readonly path: string;
}

/** Parses `kind=path`. Throws UsageError. */
export function parseReportRequest(text: string): ReportRequest {
  const at = text.indexOf('=');
  const kind = REPORT_KINDS.find((known) => known === text.slice(0, at));
  if (at < 0 || kind === undefined || at === text.length - 1)
    throw new UsageError(`--report: must be kind=path with kind one of ${REPORT_KINDS.join(', ')}, got "${text}"`);
  return { kind, path: text.slice(at + 1) };
}

/** The reports the command line asks for, and those of the configuration of which it does not name the kind. */
export function requestedReports(
  given: readonly string[] | undefined,
  configured: Partial<Record<ReportRequest['kind'], string | undefined>> | undefined,
): ReportRequest[] {
  const asked = (given ?? []).map(parseReportRequest);
  const others = REPORT_KINDS.flatMap((kind) => {
    const path = configured?.[kind];
    return path === undefined || asked.some((request) => request.kind === kind) ? [] : [{ kind, path }];
  });
  return [...asked, ...others];
}

function writing(path: string, what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new UsageError(`${path}: the ${what} must be writable (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

/** Makes sure before the work begins that a folder is there and can be written to. Throws UsageError. */
export function prepareFolder(path: string): void {
  writing(path, 'folder', () => {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  });
}

/** Makes sure before the work begins that a file can be written. Throws UsageError. */
export function prepareFile(path: string): void {
  prepareFolder(dirname(path));
  writing(path, 'file', () => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) throw Object.assign(new Error(path), { code: 'EISDIR' });
    if (status !== undefined) accessSync(path, constants.W_OK);
  });
}

/** Makes a folder and those above it, one by one: the recursive form never ends where a file system refuses folders. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** Writes a file and its folder. Throws UsageError when that cannot be done. */
export function writeResultFile(path: string, contents: string | Uint8Array): void {
  writing(path, 'file', () => {
    makeFolder(dirname(path));
    writeFileSync(path, contents);
  });
}

/** Writes all requested reports of a check. */
export function writeReports(requests: readonly ReportRequest[], result: CheckResult, failOn: FailOn): void {
  for (const { kind, path } of requests) {
    writeResultFile(path, reportText(kind, result, failOn));
  }
}

/** The report of a kind as text. */
export function reportText(kind: ReportRequest['kind'], result: CheckResult, failOn: FailOn): string {
  switch (kind) {
    case 'terminal':
      return terminalReport(result, { ...PLAIN_TERMINAL, names: EVENT_NAMES, isVerbose: true });
    case 'json':
      return jsonReport(result, EVENT_NAMES);
    case 'junit':
      return junitReport(result, failOn, EVENT_NAMES);
    case 'sarif':
      return sarifReport(result, TOOL_VERSION, EVENT_NAMES);
    case 'markdown':
      return markdownReport(result, EVENT_NAMES);
    case 'html':
      return htmlReport(result, EVENT_NAMES);
    case 'coverage':
      return coverageReport(result);
  }
}
