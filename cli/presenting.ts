// Shows a result: the reports that were asked for, and the one for the terminal or for programs.
import { jsonReport } from '../reports/json.js';
import { colourPainter, plainPainter, wantsColour } from '../reports/style.js';
import { PLAIN_TERMINAL, terminalReport } from '../reports/terminal.js';
import type { CheckResult, FailOn } from '../scenarios/check-result.js';
import { EVENT_NAMES, type ReportRequest, writeReports } from './report-files.js';

/** How a result is shown. */
export interface Presentation {
  readonly failOn: FailOn;
  readonly isJson: boolean;
  readonly isVerbose: boolean;
}

/** Writes the reports and prints the result. */
export function present(result: CheckResult, { failOn, isJson, isVerbose }: Presentation, reports: readonly ReportRequest[]): void {
  writeReports(reports, result, failOn);
  if (isJson) process.stdout.write(jsonReport(result, EVENT_NAMES));
  else {
    const painter = wantsColour(process.env, process.stdout.isTTY) ? colourPainter : plainPainter;
    process.stdout.write(terminalReport(result, { ...PLAIN_TERMINAL, painter, names: EVENT_NAMES, isVerbose }));
  }
  if (result.internalError !== null) process.stderr.write(`ringproof: internal error: ${result.internalError}\n`);
}
