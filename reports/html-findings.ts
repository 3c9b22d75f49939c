// The findings in the HTML report: a card per cause, its events drawn, what belongs to it folded below it.
import type { CheckResult, Finding } from '../scenarios/check-result.js';
import { type EventNames, eventLines, packRecords } from './event-text.js';
import { demandsOf, differenceLines, findingTitle, groupFindings, placeText, replayLine, sizeText, standingText } from './finding-words.js';
import { sequenceSvg } from './html-sequence.js';
import { element, htmlText } from './html-text.js';
import { counted } from './value-text.js';

/** The section on findings. */
export function findingsSection(result: CheckResult, names: EventNames): string {
  const groups = groupFindings(result.findings);
  if (groups.length === 0) return element('section', { id: 'findings' }, '<h2>Findings</h2>', '<p>None.</p>');
  const cards = groups.map(({ cause, samePlace, consequences }, index) => {
    const folded = (title: string, findings: readonly Finding[], from: number): string => {
      const details = findings.map((finding, at) =>
        element('details', {}, element('summary', {}, htmlText(finding.message)), body(finding, `${index + 1}-${from + at}`, result, names)),
      );
      return details.length === 0 ? '' : `<h4>${title} (${details.length})</h4>${details.join('\n')}`;
    };
    const after = [
      folded('Also at this line', samePlace, 1),
      folded('Also seen after it', consequences, 1 + samePlace.length),
    ].join('');
    const title = element(
      'h3',
      { class: cause.severity === 'finding' ? 'finding-severity' : cause.severity },
      `${index + 1}. ${htmlText(findingTitle(cause))}`,
    );
    return element('article', { class: 'card', id: `finding-${index + 1}` }, title, body(cause, String(index + 1), result, names), after);
  });
  return element('section', { id: 'findings' }, `<h2>Findings (${groups.length})</h2>\n`, cards.join('\n'));
}

function body(finding: Finding, key: string, result: CheckResult, names: EventNames): string {
  const scenario = result.scenarios.find((row) => row.id === finding.scenario)?.title ?? 'a scenario given by file';
  const facts: (readonly [string, string | null])[] = [
    ...demandsOf(finding, result).map((demand) => ['Demand', demand] as const),
    ['Expected', finding.expected],
    ['Seen', finding.seen],
    ['Held responsible', `${finding.party}: ${finding.partyReason}`],
    ['Where', `${scenario} [${finding.scenario}], ${finding.mode}; in ${counted(finding.count, 'run')}`],
    ['Source', placeText(finding)],
    ['Standing', standingText(finding)],
    ['Smallest run', sizeText(finding)],
    ['Rule', `${finding.rule}, fingerprint ${finding.fingerprint}`],
  ];
  const rows = facts.map(([label, text]) => (text === null ? '' : `<dt>${label}</dt><dd>${htmlText(text)}</dd>`));
  return [
    `<p><strong>${htmlText(finding.message)}</strong></p>`,
    `<dl>${rows.join('')}</dl>`,
    replay(finding, key),
    drawing(finding, names),
  ].join('\n');
}

function replay(finding: Finding, key: string): string {
  const line = replayLine(finding);
  if (line === null) return '<p class="faint">No repro file could be written.</p>';
  const button = `<button type="button" hidden data-copy="replay-${key}">Copy</button>`;
  return `<div class="replay"><code id="replay-${key}">${htmlText(line)}</code>${button}</div>`;
}

function drawing(finding: Finding, names: EventNames): string {
  const differences = differenceLines(finding, names);
  const difference =
    differences.length === 0
      ? ''
      : `<p>First difference, event ${finding.difference!.eventIndex}:</p><pre>${differences.map(htmlText).join('\n')}</pre>`;
  if (finding.lastEvents.length === 0) return difference;
  const svg = sequenceSvg(
    finding.lastEvents,
    names,
    `Sequence of the last ${counted(finding.lastEvents.length, 'event')} before the finding`,
  );
  const lines = eventLines(packRecords(finding.lastEvents), names).map(htmlText).join('\n');
  return [
    '<h4>Last events, oldest first</h4>',
    `<div class="scroll" tabindex="0" role="region" aria-label="Sequence of events">${svg}</div>`,
    `<details><summary>The same events as text</summary><pre>${lines}</pre></details>`,
    difference,
  ].join('\n');
}
