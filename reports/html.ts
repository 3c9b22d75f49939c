// The result as one self-contained HTML page: verdict, findings with their events drawn, clause matrix, how to replay.
//
// Opens from disk; a content security policy allows nothing but the page's own style and script, named by their digests. All
// words are escaped, since names, exceptions and logs come from drivers. Equal results give equal bytes.
import { createHash } from 'node:crypto';
import type { CheckResult } from '../scenarios/check-result.js';
import type { EventNames } from './event-text.js';
import { clausesSection } from './html-clauses.js';
import { findingsSection } from './html-findings.js';
import { element, htmlText } from './html-text.js';
import { runPage } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { counted } from './value-text.js';
import { verdictSentence } from './verdict-words.js';

const SCRIPT = `(${runPage.toString()})(document, window);`;
const POLICY = [
  "default-src 'none'",
  `style-src '${digest(PAGE_STYLE)}'`,
  `script-src '${digest(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The page for `--report html=FILE`, ending in a line break. */
export function htmlReport(result: CheckResult, names: EventNames): string {
  const name = htmlText(result.subject.name);
  const sections = [
    heading(result),
    findingsSection(result, names),
    thresholdSection(result),
    standingSection(result),
    quirkSection(result),
    clausesSection(result),
    runsSection(result),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Ringproof: ${result.verdict} – ${name}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<main>
${sections.filter((section) => section !== '').join('\n')}
</main>
<p id="status" class="skip" role="status"></p>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** A source expression of a content security policy for exactly this text. */
function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function heading(result: CheckResult): string {
  const { world, profile, revision, device, spec, budget } = result.configuration;
  const facts = [
    `${world}, virtio ${spec}`,
    `${profile} server of revision ${revision}, ${device} device`,
    `budget ${budget}`,
    `seed ${result.seed}`,
    counted(result.runs, 'run'),
    counted(result.events, 'event'),
    `digest ${result.digest}`,
  ];
  const reasons = [...result.inconclusive.map((reason) => `Inconclusive: ${reason}.`)];
  if (result.internalError !== null) reasons.push(`Internal error of Ringproof: ${result.internalError}`);
  if (result.stopped !== 'finished') reasons.push(`The check was stopped early (${result.stopped}): what was found so far is here.`);
  return element(
    'header',
    {},
    `<h1>Check of ${htmlText(result.subject.name)}</h1>\n`,
    element('p', { class: `verdict ${result.verdict}` }, `${result.verdict.toUpperCase()}: ${htmlText(verdictSentence(result))}`),
    ...reasons.map((reason) => element('p', { class: 'warning' }, htmlText(reason))),
    `\n<ul class="facts">${facts.map((fact) => `<li>${htmlText(fact)}</li>`).join('')}</ul>\n`,
    '<nav><a href="#findings">Findings</a> · <a href="#clauses">Clauses</a> · <a href="#runs">Runs</a></nav>',
  );
}

function thresholdSection({ thresholds, driverCoverage }: CheckResult): string {
  if (thresholds.length === 0 && driverCoverage === null) return '';
  const rows = thresholds.map(({ name, wanted, reached }) => [
    name,
    String(wanted),
    String(reached),
    reached < wanted ? 'short' : 'reached',
  ]);
  const short = thresholds.filter(({ wanted, reached }) => reached < wanted);
  const missing = short.map(
    ({ name, missing: what }) =>
      `<details><summary>Missing: ${htmlText(name)} (${what.length})</summary><ul>${what.map((one) => `<li>${htmlText(one)}</li>`).join('')}</ul></details>`,
  );
  const files = (driverCoverage?.files ?? []).map(({ file, lines, branches }) => [file, shareText(lines), shareText(branches)]);
  return element(
    'section',
    { id: 'thresholds' },
    '<h2>Thresholds and coverage</h2>\n',
    rows.length === 0 ? '' : table(['What', 'Wanted', 'Reached', ''], rows),
    ...missing,
    files.length === 0 ? '' : `<h3>The driver’s files</h3>${table(['File', 'Lines', 'Branches'], files)}`,
  );
}

function shareText({ covered, total }: { readonly covered: number; readonly total: number }): string {
  return `${covered} of ${total}`;
}

function standingSection({ waivers, baseline }: CheckResult): string {
  const fixed = baseline?.fixed ?? [];
  if (waivers.length + fixed.length === 0) return '';
  const given = waivers.map(({ rule, fingerprint, reason, owner, expires, state }) => [
    rule,
    fingerprint ?? 'all',
    reason,
    owner,
    expires,
    state,
  ]);
  const gone = fixed.map(({ fingerprint, rule, message }) => [rule, fingerprint, message]);
  const parts = [
    given.length === 0 ? '' : `<h3>Waivers</h3>${table(['Rule', 'Fingerprint', 'Reason', 'Owner', 'Until', 'State'], given)}`,
    gone.length === 0 ? '' : `<h3>Known before, not seen any more</h3>${table(['Rule', 'Fingerprint', 'Finding'], gone)}`,
  ];
  return element('section', { id: 'standing' }, '<h2>Waivers and baseline</h2>\n', ...parts);
}

function quirkSection({ quirks }: CheckResult): string {
  if (quirks.length === 0) return '';
  const rows = quirks.map(({ id, title, count, outcome }) => [`${title} [${id}]`, String(count), outcome]);
  const note = '<p class="faint">Met in a second pass against the original server; not the driver’s fault.</p>';
  return element(
    'section',
    { id: 'quirks' },
    '<h2>Quirks of the original server</h2>\n',
    note,
    table(['Quirk', 'Runs', 'The driver'], rows),
  );
}

function runsSection({ scenarios, schedules }: CheckResult): string {
  const scenarioRows = scenarios.map(({ id, title, runs, findings }) => [`${title} [${id}]`, String(runs), String(findings)]);
  const scheduleRows = schedules.map(({ mode, memory, runs, unschedulable, description }) => [
    `${mode}, ${memory}`,
    String(runs),
    unschedulable > 0 ? `${description}; ${unschedulable} more could not be scheduled` : description,
  ]);
  return element(
    'section',
    { id: 'runs' },
    '<h2>Runs</h2>\n',
    table(['Scenario', 'Runs', 'Findings'], scenarioRows),
    '\n<h3>Schedules covered</h3>\n',
    table(['Schedule', 'Runs', 'Which interleavings'], scheduleRows),
  );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${htmlText(cell)}</td>`).join('')}</tr>`).join('\n');
  const markup = `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${titles[0]}">${markup}</div>`;
}
