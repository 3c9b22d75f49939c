// The result as JUnit XML: one suite per clause area, one test case per clause, one per finding without clause.
//
// A violated clause is a failure that carries its findings; a clause that was not exercised or cannot be
// decided is skipped with its reason. Findings below the threshold stay visible as system-out. Times are
// left out: they would differ from run to run. The element and attribute set is the one CI servers agree on.
import { type CheckResult, type ClauseItem, type FailOn, type Finding, failingFindings } from '../scenarios/check-result.js';
import { type EventNames, eventLines, packRecords } from './event-text.js';
import { AREA_TITLES, clauseSource, demandsOf, differenceLines, placeText, replayLine } from './finding-words.js';
import { counted } from './value-text.js';
import { xmlAttribute, xmlText } from './xml-text.js';

type CaseOutcome = 'passed' | 'failed' | 'skipped';

interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly outcome: CaseOutcome;
  /** One line: failure message or reason for skipping. */
  readonly message: string;
  /** Text of the failure. */
  readonly body: string;
  /** Findings that do not fail. */
  readonly output: string;
}

/** The document for `--report junit=FILE`, ending in a line break. */
export function junitReport(result: CheckResult, failOn: FailOn, names: EventNames): string {
  const failing = new Set(failingFindings(result, failOn));
  const suites = [...new Set(result.clauses.items.map((item) => item.area))].map((area) => {
    const items = result.clauses.items.filter((item) => item.area === area);
    return suiteText(
      AREA_TITLES[area] ?? area,
      items.map((item) => clauseCase(item, result, failing, names)),
    );
  });
  const known = new Set(result.clauses.items.map((item) => item.id));
  const others = result.findings.filter((finding) => !finding.clauses.some((id) => known.has(id)));
  const cases = others.map((finding) => findingCase(finding, result, failing, names));
  if (cases.length > 0) suites.push(suiteText('Findings outside the clauses', cases));
  suites.push(suiteText('Check as a whole', [verdictCase(result)]));
  const root = xmlAttribute('name', `ringproof check ${result.subject.name}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${root}>\n${suites.join('')}</testsuites>\n`;
}

function clauseCase(item: ClauseItem, result: CheckResult, failing: ReadonlySet<Finding>, names: EventNames): TestCase {
  const findings = result.findings.filter((finding) => finding.clauses.includes(item.id));
  const bad = findings.filter((finding) => failing.has(finding));
  const rest = findings.filter((finding) => !failing.has(finding));
  const isSkipped = bad.length === 0 && (item.outcome === 'not-exercised' || item.outcome === 'undecidable');
  const reason = item.reason ?? 'no reason was recorded';
  return {
    name: `${item.requirement} (${clauseSource(item)})`,
    className: `${item.area}.${item.actor}`,
    outcome: bad.length > 0 ? 'failed' : isSkipped ? 'skipped' : 'passed',
    message: bad[0]?.message ?? `${item.outcome === 'undecidable' ? 'undecidable here' : 'not exercised'}: ${reason}`,
    body: describe(bad, result, names),
    output: describe(rest, result, names),
  };
}

function findingCase(finding: Finding, result: CheckResult, failing: ReadonlySet<Finding>, names: EventNames): TestCase {
  const text = describe([finding], result, names);
  const isFailing = failing.has(finding);
  return {
    name: `${finding.message} (rule ${finding.rule}, fingerprint ${finding.fingerprint})`,
    className: `findings.${finding.party}`,
    outcome: isFailing ? 'failed' : 'passed',
    message: finding.message,
    body: isFailing ? text : '',
    output: isFailing ? '' : text,
  };
}

/** The check itself is a case, so that an inconclusive run is not mistaken for a green one. */
function verdictCase(result: CheckResult): TestCase {
  const reasons = [...result.inconclusive, ...(result.internalError === null ? [] : [result.internalError])];
  if (result.stopped !== 'finished') reasons.push(`The check was stopped early (${result.stopped}).`);
  return {
    name: 'The check came to a conclusion',
    className: 'check',
    outcome: result.verdict === 'inconclusive' ? 'failed' : 'passed',
    message: reasons[0] ?? '',
    body: reasons.join('\n'),
    output: '',
  };
}

/** Everything a person needs about the findings, as lines. */
function describe(findings: readonly Finding[], result: CheckResult, names: EventNames): string {
  return findings
    .map((finding) =>
      [
        `${finding.severity} by the ${finding.party}: ${finding.message}`,
        ...demandsOf(finding, result).map((demand) => `Demand: ${demand}`),
        `Expected: ${finding.expected}`,
        `Seen: ${finding.seen}`,
        `Party: ${finding.partyReason}`,
        `Where: scenario ${finding.scenario}, ${finding.mode}, seen in ${counted(finding.count, 'run')}`,
        ...(placeText(finding) === null ? [] : [`Source: ${placeText(finding)}`]),
        ...(finding.consequenceOf === null ? [] : [`Only ever seen after: ${finding.consequenceOf}`]),
        ...eventLines(packRecords(finding.lastEvents), names),
        ...differenceLines(finding, names),
        replayLine(finding) === null ? 'No repro file could be written.' : `Reproduce with: ${replayLine(finding)}`,
      ].join('\n'),
    )
    .join('\n\n');
}

function suiteText(name: string, cases: readonly TestCase[]): string {
  const countOf = (outcome: CaseOutcome): string => String(cases.filter((entry) => entry.outcome === outcome).length);
  const attributes =
    xmlAttribute('name', name) +
    xmlAttribute('tests', String(cases.length)) +
    xmlAttribute('failures', countOf('failed')) +
    xmlAttribute('errors', '0') +
    xmlAttribute('skipped', countOf('skipped'));
  return `  <testsuite${attributes}>\n${cases.map(caseText).join('')}  </testsuite>\n`;
}

function caseText(entry: TestCase): string {
  const parts: string[] = [];
  if (entry.outcome === 'failed') parts.push(`      <failure${xmlAttribute('message', entry.message)}>${xmlText(entry.body)}</failure>\n`);
  if (entry.outcome === 'skipped') parts.push(`      <skipped${xmlAttribute('message', entry.message)}/>\n`);
  if (entry.output !== '') parts.push(`      <system-out>${xmlText(entry.output)}</system-out>\n`);
  const start = `    <testcase${xmlAttribute('name', entry.name)}${xmlAttribute('classname', entry.className)}`;
  return parts.length === 0 ? `${start}/>\n` : `${start}>\n${parts.join('')}    </testcase>\n`;
}
