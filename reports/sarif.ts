// The result as SARIF 2.1.0, for code scanning: one result per finding, one rule description per rule that found something.
//
// Follows the OASIS standard: reportingDescriptor (3.49), result (3.27), partialFingerprints (3.27.17), suppressions (3.35),
// baselineState (3.27.24). The location is the line in the driver's file where it is known, else that file as a whole;
// a built-in driver has a logical location only. No clock, no absolute path, no host name.
import { ALL_RULES } from '../model/rules/catalogue.js';
import type { CheckResult, Finding } from '../scenarios/check-result.js';
import { type EventNames, eventTexts, packRecords } from './event-text.js';
import { markdownText } from './markdown-text.js';
import { clauseSource, demandsOf, replayLine } from './finding-words.js';
import { counted } from './value-text.js';

const LEVELS: Readonly<Record<Finding['severity'], 'error' | 'warning' | 'note'>> = {
  violation: 'error',
  warning: 'warning',
  finding: 'note',
  quirk: 'note',
};
/** Where paths of the log start. */
const SOURCE_ROOT = '%SRCROOT%';

/** The log for `--report sarif=FILE`, ending in a line break. */
export function sarifReport(result: CheckResult, toolVersion: string, names: EventNames): string {
  const rules = [...new Set(result.findings.map(({ rule }) => rule))];
  const run = {
    tool: { driver: { name: 'Ringproof', version: toolVersion, rules: rules.map((rule) => ruleDescription(rule, result)) } },
    automationDetails: { id: `ringproof/${result.configuration.world}/${result.subject.name}` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation(result)],
    artifacts: isFile(result)
      ? [{ location: artifact(result.subject.name), roles: ['analysisTarget'], hashes: { 'sha-256': result.subject.digest } }]
      : [],
    results: result.findings.map((finding) => findingResult(finding, rules.indexOf(finding.rule), result, names)),
    properties: { verdict: result.verdict, seed: result.seed, digest: result.digest },
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function invocation({ internalError, stopped, inconclusive }: CheckResult): object {
  const notes = [...inconclusive, ...(internalError === null ? [] : [internalError])];
  return {
    executionSuccessful: internalError === null && stopped === 'finished',
    toolExecutionNotifications: notes.map((text) => ({ level: internalError === text ? 'error' : 'warning', message: { text } })),
  };
}

function ruleDescription(id: string, result: CheckResult): object {
  const title = ALL_RULES.find((rule) => rule.id === id)?.title ?? result.findings.find(({ rule }) => rule === id)!.expected;
  const ids = new Set(result.findings.filter(({ rule }) => rule === id).flatMap(({ clauses }) => clauses));
  const items = result.clauses.items.filter((item) => ids.has(item.id));
  const demands = items.map((item) => `${item.requirement} (${clauseSource(item)})`);
  const hint = `"npx ringproof explain ${id}" tells more.`;
  const worst = result.findings.find(({ rule }) => rule === id)!.severity;
  return {
    id,
    name: id.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: [title, ...demands].join(' ') },
    help: {
      text: [title, ...demands, hint].join('\n'),
      markdown: [markdownText(title), ...demands.map((demand) => `* ${markdownText(demand)}`), markdownText(hint)].join('\n\n'),
    },
    defaultConfiguration: { level: LEVELS[worst] },
    properties: {
      tags: [...new Set(items.map(({ area }) => area))],
      clauses: items.map(({ id: clause, level, document, section, title: sectionTitle }) => ({
        id: clause,
        level,
        document,
        section,
        title: sectionTitle,
      })),
    },
  };
}

function findingResult(finding: Finding, ruleIndex: number, result: CheckResult, names: EventNames): object {
  const replay = replayLine(finding);
  const lines = [
    finding.message,
    ...demandsOf(finding, result).map((demand) => `Demand: ${demand}`),
    `Expected: ${finding.expected}`,
    `Seen: ${finding.seen}`,
    `Held responsible: ${finding.party}, since ${finding.partyReason}`,
    `Where: scenario ${finding.scenario}, ${finding.mode}, in ${counted(finding.count, 'run')}`,
    ...(replay === null ? [] : [`Reproduce with: ${replay}`]),
  ];
  const events = eventTexts(packRecords(finding.lastEvents), names);
  const flow = events.map(({ time, actor, text }) => ({ location: { message: { text: `${time} ${actor} ${text}` } } }));
  return {
    ruleId: finding.rule,
    ruleIndex,
    kind: 'fail',
    level: LEVELS[finding.severity],
    message: { text: lines.join('\n') },
    locations: [locationOf(finding, result)],
    partialFingerprints: { 'ringproofFinding/v1': finding.fingerprint },
    ...(result.baseline === null ? {} : { baselineState: finding.standing === 'baseline' ? 'unchanged' : 'new' }),
    suppressions:
      finding.waiver === null
        ? []
        : [
            {
              kind: 'external',
              status: 'accepted',
              justification: `${finding.waiver.reason} (${finding.waiver.owner}, until ${finding.waiver.expires})`,
            },
          ],
    ...(flow.length === 0
      ? {}
      : { codeFlows: [{ message: { text: 'The last events, oldest first' }, threadFlows: [{ locations: flow }] }] }),
    properties: {
      party: finding.party,
      judged: finding.isSubject,
      standing: finding.standing,
      consequenceOf: finding.consequenceOf,
      clauses: finding.clauses,
      runs: finding.count,
    },
  };
}

function locationOf({ location }: Finding, result: CheckResult): object {
  const logical = [{ name: result.subject.name, kind: 'module' }];
  if (location !== null) {
    const { file, line, column, callee } = location;
    const named = callee === '' ? logical : [{ name: callee, fullyQualifiedName: `${file}#${callee}`, kind: 'function' }];
    return {
      physicalLocation: { artifactLocation: artifact(file), region: { startLine: line, startColumn: column } },
      logicalLocations: named,
    };
  }
  if (!isFile(result)) return { logicalLocations: logical };
  return { physicalLocation: { artifactLocation: artifact(result.subject.name) }, logicalLocations: logical };
}

function isFile({ subject }: CheckResult): boolean {
  return subject.digest !== '';
}

function artifact(path: string): object {
  return { uri: path.split(/[/\\]/).map(encodeURIComponent).join('/'), uriBaseId: SOURCE_ROOT };
}
