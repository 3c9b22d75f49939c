// The report people read: clause table, findings, quirks, scenarios, verdict.
//
// A pure function of the result. No clause, rule or quirk is printed as a bare id: the sentence comes first,
// then level, document, section and title, the id last and in brackets. Folded by default (what was not
// exercised is only counted); `isVerbose` unfolds it.
import type { CheckResult, ClauseItem, QuirkMet } from '../scenarios/check-result.js';
import { PLAIN_NAMES } from './event-text.js';
import { AREA_TITLES, clauseSource, clausesInWake } from './finding-words.js';
import type { Tone } from './style.js';
import { findingList } from './terminal-findings.js';
import type { TerminalOptions } from './terminal-options.js';
import { columns, wrap } from './text-layout.js';
import { counted } from './value-text.js';
import { verdictSentence } from './verdict-words.js';

/** The folded report without colours. */
export const PLAIN_TERMINAL: TerminalOptions = { isVerbose: false, painter: (_tone, text) => text, names: PLAIN_NAMES, eventLimit: 20 };

const QUIRK_OUTCOMES: Readonly<Record<QuirkMet['outcome'], string>> = {
  survived: 'the driver survived',
  stalled: 'traffic stalled',
  lost: 'frames were lost',
};

const STOP_WORDS: Readonly<Record<CheckResult['stopped'], string>> = {
  finished: 'finished',
  time: 'time limit',
  interrupted: 'interrupted',
  'given-up': 'too many runs made no end',
};

/** The whole report, ending in a line break. */
export function terminalReport(result: CheckResult, options: TerminalOptions): string {
  const sections = [
    heading(result, options),
    clauseTable(result, options),
    clauseList(result, options),
    findingList(result, options),
    thresholdList(result, options),
    standingList(result, options),
    quirkList(result, options),
    scenarioTable(result, options),
    scheduleList(result, options),
    closing(result, options),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function heading(result: CheckResult, options: TerminalOptions): string[] {
  const { world, profile, revision, device, spec, budget } = result.configuration;
  return [
    options.painter('heading', `Check of ${result.subject.name} on ${world}`),
    `virtio ${spec}, ${profile} server of revision ${revision}, ${device} device, budget ${budget}`,
    `seed ${result.seed}, ${counted(result.runs, 'run')}, ${counted(result.events, 'event')}, digest ${result.digest}`,
  ];
}

function clauseTable(result: CheckResult, options: TerminalOptions): string[] {
  const areas = [...new Set(result.clauses.items.map((item) => item.area))];
  const rows = areas.map((area) =>
    areaRow(
      AREA_TITLES[area] ?? area,
      result.clauses.items.filter((item) => item.area === area),
    ),
  );
  const header = ['Clauses', 'applicable', 'held', 'violated', 'not exercised', 'undecidable'];
  const lines = columns([header, ...rows, areaRow('all', result.clauses.items)]);
  return [options.painter('heading', lines[0]!), ...lines.slice(1)];
}

function areaRow(title: string, items: readonly ClauseItem[]): string[] {
  const countOf = (outcome: ClauseItem['outcome']): string => String(items.filter((item) => item.outcome === outcome).length);
  return [title, String(items.length), countOf('held'), countOf('violated'), countOf('not-exercised'), countOf('undecidable')];
}

/**
 * Violated clauses always, but those that were only violated in the wake of others; the rest only unfolded, with one
 * line each saying how many were folded.
 */
function clauseList(result: CheckResult, options: TerminalOptions): string[] {
  const { items } = result.clauses;
  const wake = clausesInWake(result);
  const withOutcome = (outcome: ClauseItem['outcome']): ClauseItem[] => items.filter((item) => item.outcome === outcome);
  const causes = withOutcome('violated').filter((item) => !wake.includes(item));
  const lines = itemList(causes, 'Violated', 'bad', options);
  if (options.isVerbose) {
    lines.push(...itemList(wake, 'Violated in the wake of these', 'warning', options));
    lines.push(...itemList(withOutcome('held'), 'Held', 'good', options));
    lines.push(...itemList(withOutcome('not-exercised'), 'Not exercised', 'faint', options));
    lines.push(...itemList(withOutcome('undecidable'), 'Undecidable here', 'faint', options));
    return lines;
  }
  if (wake.length > 0) {
    const text = `${counted(wake.length, 'clause')} more violated only in the wake of these (findings "also seen after it"); --verbose lists them.`;
    lines.push(...wrap(text, '  ').map((line) => options.painter('faint', line)));
  }
  const hidden = result.clauses.applicable - result.clauses.violated;
  const hint = 'folded; --verbose lists them, with the reason where one was not decided.';
  if (hidden > 0) lines.push(options.painter('faint', `${counted(hidden, 'other clause')} ${hint}`));
  return lines;
}

function itemList(items: readonly ClauseItem[], title: string, tone: Tone, options: TerminalOptions): string[] {
  if (items.length === 0) return [];
  const lines = [options.painter(tone, `${title}:`)];
  for (const item of items) {
    const times = item.count > 0 ? `: ${item.outcome} ${counted(item.count, 'time')}` : '';
    lines.push(...wrap(`${item.requirement}`, '  '), ...wrap(`${clauseSource(item)}${times}`, '    '));
    if (item.reason !== null) lines.push(...wrap(item.reason, '    '));
  }
  return lines;
}

function quirkList(result: CheckResult, options: TerminalOptions): string[] {
  if (result.quirks.length === 0) return [];
  const lines = result.quirks.flatMap((quirk) =>
    wrap(`${quirk.title} [${quirk.id}]: met in ${counted(quirk.count, 'run')}, ${QUIRK_OUTCOMES[quirk.outcome]}.`, '  '),
  );
  return [options.painter('heading', "Quirks of the original server that were met (faithful profile, not the driver's fault):"), ...lines];
}

function scenarioTable(result: CheckResult, options: TerminalOptions): string[] {
  if (result.scenarios.length === 0) return [];
  const hasFindings = (row: CheckResult['scenarios'][number]): boolean => row.findings > 0;
  const shown = options.isVerbose ? result.scenarios : result.scenarios.filter(hasFindings);
  const rows = shown.map((row) => [`${row.title} [${row.id}]`, String(row.runs), String(row.findings)]);
  const lines = columns([['Scenarios', 'runs', 'findings'], ...rows]);
  const clean = result.scenarios.length - shown.length;
  const rest = clean > 0 ? [options.painter('faint', `${counted(clean, 'scenario')} without findings folded; --verbose lists them.`)] : [];
  return shown.length === 0 ? rest : [options.painter('heading', lines[0]!), ...lines.slice(1), ...rest];
}

function scheduleList(result: CheckResult, options: TerminalOptions): string[] {
  if (result.schedules.length === 0) return [];
  const lines = result.schedules.flatMap((row) => {
    const lost = row.unschedulable > 0 ? `, ${row.unschedulable} more could not be scheduled` : '';
    return wrap(`${row.mode}, ${row.memory}: ${counted(row.runs, 'run')}${lost}; ${row.description}`, '  ');
  });
  return [options.painter('heading', 'Schedules covered:'), ...lines];
}

function closing(result: CheckResult, options: TerminalOptions): string[] {
  const lines = result.inconclusive.flatMap((reason) => wrap(`Inconclusive: ${reason}`, ''));
  if (result.stopped !== 'finished') lines.push(`Stopped early (${STOP_WORDS[result.stopped]}): what was found so far is above.`);
  if (result.internalError !== null) lines.push(options.painter('bad', `Internal error of Ringproof: ${result.internalError}`));
  const sentence = verdictSentence(result);
  switch (result.verdict) {
    case 'conforms':
      return [...lines, options.painter('good', `CONFORMS: ${sentence}`)];
    case 'violates':
      return [...lines, options.painter('bad', `VIOLATES: ${sentence}`)];
    case 'inconclusive':
      return [...lines, options.painter('warning', `INCONCLUSIVE: ${sentence}`)];
  }
}

/** Minima that were asked for; what is missing is named where one was not reached. */
function thresholdList(result: CheckResult, options: TerminalOptions): string[] {
  const { driverCoverage } = result;
  if (result.thresholds.length === 0 && driverCoverage === null) return [];
  const lines = result.thresholds.flatMap(({ name, wanted, reached, missing }) => {
    const isReached = reached >= wanted;
    const line = options.painter(
      isReached ? 'good' : 'warning',
      `  ${name}: ${reached}, at least ${wanted} wanted${isReached ? '' : '; missing:'}`,
    );
    return [line, ...(isReached ? [] : missing.flatMap((what) => wrap(what, '    ')))];
  });
  const measured =
    driverCoverage === null
      ? []
      : [
          `  executed of the driver's files: ${shareText(driverCoverage.lines, 'line')}, ${shareText(driverCoverage.branches, 'branch', 'branches')}`,
        ];
  return [options.painter('heading', 'Thresholds and coverage:'), ...measured, ...lines];
}

function shareText({ covered, total }: { readonly covered: number; readonly total: number }, noun: string, plural?: string): string {
  return `${covered} of ${counted(total, noun, plural)}`;
}

/** What was known before and what was accepted for a time; an expired or unmatched waiver is for its owner to look at. */
function standingList(result: CheckResult, options: TerminalOptions): string[] {
  const lines: string[] = [];
  for (const { rule, fingerprint, reason, owner, expires, state } of result.waivers) {
    const what = `waiver of ${rule}${fingerprint === undefined ? '' : ` (${fingerprint})`} by ${owner}, until ${expires}: ${reason}`;
    if (state === 'expired') lines.push(...wrap(`Expired ${what}`, '  '));
    else if (state === 'unmatched') lines.push(...wrap(`Unmatched ${what}; nothing of the kind was found`, '  '));
    else if (options.isVerbose) lines.push(...wrap(`Used ${what}`, '  '));
  }
  for (const { rule, message, fingerprint } of result.baseline?.fixed ?? []) {
    lines.push(...wrap(`Not seen any more: ${message} [${rule}, ${fingerprint}]; --update-baseline takes it out`, '  '));
  }
  return lines.length === 0 ? [] : [options.painter('heading', 'Waivers and baseline:'), ...lines];
}
