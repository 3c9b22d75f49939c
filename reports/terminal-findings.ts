// The findings on the terminal: causes in full, what is of the same line or only ever seen after them in one line each.
//
// `isVerbose` unfolds these, too. Nothing is left out of the other reports.
import type { CheckResult, Finding } from '../scenarios/check-result.js';
import { eventLines, packRecords } from './event-text.js';
import { demandsOf, differenceLines, findingTitle, groupFindings, placeText, replayLine, sizeText, standingText } from './finding-words.js';
import type { Tone } from './style.js';
import type { TerminalOptions } from './terminal-options.js';
import { wrap } from './text-layout.js';
import { counted } from './value-text.js';

const SEVERITY_TONES: Readonly<Record<Finding['severity'], Tone>> = {
  violation: 'bad',
  warning: 'warning',
  finding: 'warning',
  quirk: 'faint',
};

/** The lines of all findings. */
export function findingList(result: CheckResult, options: TerminalOptions): string[] {
  const lines: string[] = [];
  groupFindings(result.findings).forEach(({ cause, samePlace, consequences }, index) => {
    if (index > 0) lines.push('');
    lines.push(titleLine(`${index + 1}.`, cause, options), ...findingLines(cause, result, options));
    const others = [
      ...samePlace.map((finding) => ({ finding, brief: 'also at this line', heading: 'at the same line' })),
      ...consequences.map((finding) => ({ finding, brief: 'also seen after it', heading: 'after it' })),
    ];
    others.forEach(({ finding, brief, heading }, at) => {
      if (options.isVerbose)
        lines.push('', titleLine(`${index + 1}.${at + 1}. ${heading}:`, finding, options), ...findingLines(finding, result, options));
      else lines.push(...briefLines(brief, finding));
    });
  });
  return lines;
}

function briefLines(relation: string, { message, rule, severity, count }: Finding): string[] {
  return wrap(`${message} [${rule}, ${severity}, ${counted(count, 'run')}]`, `   ${relation}: `, ' '.repeat(5));
}

function titleLine(number: string, finding: Finding, options: TerminalOptions): string {
  return options.painter(finding.standing === 'new' ? SEVERITY_TONES[finding.severity] : 'faint', `${number} ${findingTitle(finding)}`);
}

function findingLines(finding: Finding, result: CheckResult, options: TerminalOptions): string[] {
  const lines = wrap(finding.message, '   ');
  for (const demand of demandsOf(finding, result)) lines.push(...labelled('Demand', demand));
  lines.push(...labelled('Expected', finding.expected), ...labelled('Seen', finding.seen));
  lines.push(...labelled('Party', finding.partyReason));
  const scenario = result.scenarios.find((row) => row.id === finding.scenario)?.title ?? 'a scenario given by file';
  lines.push(...labelled('Where', `${scenario} [${finding.scenario}], ${finding.mode}; in ${counted(finding.count, 'run')}`));
  const place = placeText(finding);
  if (place !== null) lines.push(...labelled('Source', place));
  const standing = standingText(finding);
  if (standing !== null) lines.push(...labelled('Standing', standing));
  lines.push(
    ...labelled('Rule', `${finding.rule}, fingerprint ${finding.fingerprint}; "npx ringproof explain ${finding.rule}" tells more`),
  );
  const events = eventLines(packRecords(finding.lastEvents), options.names);
  const shown = options.isVerbose ? events : events.slice(-options.eventLimit);
  if (shown.length > 0) lines.push('   Last events:', ...shown.map((line) => options.painter('faint', `     ${line}`)));
  const differences = differenceLines(finding, options.names);
  if (differences.length > 0)
    lines.push(`   First difference, event ${finding.difference!.eventIndex}:`, ...differences.map((line) => `     ${line}`));
  const size = sizeText(finding);
  if (size !== null) lines.push(...labelled('Smallest', size));
  const replay = replayLine(finding);
  lines.push(replay === null ? '   No repro file could be written.' : `   Reproduce with: ${replay}`);
  return lines;
}

function labelled(label: string, text: string): string[] {
  return wrap(text, `   ${`${label}:`.padEnd(10)}`, ' '.repeat(13));
}
