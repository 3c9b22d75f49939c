// `ringproof explain <rule|clause|quirk|finding>`: what it demands, in words; works offline.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { pointOfNoReturn } from '../fuzz/explain-failure.js';
import { explainFile } from '../fuzz/explain-failure.host.js';
import { CHECK_FINDINGS } from '../fuzz/finding-list.js';
import { readRepro } from '../fuzz/replay.host.js';
import { QUIRKS, quirkById } from '../model/p2p/quirks.js';
import { ALL_RULES } from '../model/rules/catalogue.js';
import { CLAUSES, type Clause } from '../model/rules/clauses.js';
import type { RuleDefinition } from '../model/rules/rule.js';
import { isInVersion, LATEST_SPEC, sectionIn, sinceOf, type SpecVersion } from '../model/rules/spec-versions.js';
import { explanationLines } from '../reports/explanation-lines.js';
import { UsageError } from './exit-status.js';
import { DEFAULT_HEAP_LIMIT_MIB, integerOption, specOption, threadLimits } from './parse-options.js';
import { EVENT_NAMES } from './report-files.js';

interface ExplainOptions {
  spec: SpecVersion;
  wallLimit: number;
  heapLimit: number;
}

/** Adds the command to the program. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description('what a rule, a clause, a quirk (Q1) or the finding of a repro file is about')
    .argument('<what>', 'id of a rule, a clause or a quirk, or the path of a repro file')
    .option('--spec <version>', 'virtio version whose section numbers are printed: 1.0 to 1.4', specOption, LATEST_SPEC)
    .option('--wall-limit <ms>', 'of a repro file: wall-clock time its other runs may take', integerOption('--wall-limit', 100), 60_000)
    .option('--heap-limit <mib>', 'of a repro file: memory the driver may use', integerOption('--heap-limit', 16), DEFAULT_HEAP_LIMIT_MIB)
    .action(async (what: string, options: ExplainOptions) => {
      process.stdout.write(`${explanation(what, options.spec).join('\n')}\n`);
      if (existsSync(what)) process.stdout.write(`\n${(await byOtherRuns(what, options)).join('\n')}\n`);
    });
}

/** What runs that differ say about the one of a repro file. */
async function byOtherRuns(file: string, options: ExplainOptions): Promise<string[]> {
  const explained = await explainFile(file, threadLimits(options));
  if ('failure' in explained) return [`Not explained by other runs: ${explained.failure}.`];
  const { explanation: told } = explained;
  return explanationLines({ ...told, noReturn: pointOfNoReturn(told.continuations) }, EVENT_NAMES);
}

function explanation(what: string, spec: SpecVersion): string[] {
  const rule = ALL_RULES.find(({ id }) => id === what);
  if (rule !== undefined) return explainRule(rule, spec);
  const ofCheck = CHECK_FINDINGS.find(({ id }) => id === what);
  if (ofCheck !== undefined) return explainCheckFinding(ofCheck, spec);
  const clause = CLAUSES.find(({ id }) => id === what.toUpperCase());
  if (clause !== undefined) return explainClause(clause, spec);
  const quirk = quirkById(what.toUpperCase());
  if (quirk !== undefined) {
    const invariants = quirk.invariants.length === 0 ? [] : [`It breaks invariant ${quirk.invariants.join(', ')} of an ideal link.`];
    return [`${quirk.title} (${quirk.id}, a quirk of the original server)`, '', quirk.meaning, ...invariants];
  }
  if (existsSync(what)) return explainFinding(what, spec);
  throw new UsageError(`explain: there is no rule, clause, quirk or repro file "${what}"${suggestion(what)}`);
}

function explainRule(rule: RuleDefinition, spec: SpecVersion): string[] {
  const clauses = rule.clauses.flatMap((id) => {
    const clause = CLAUSES.find((candidate) => candidate.id === id);
    return clause === undefined ? [] : ['', ...sentences(clause, spec).map((line) => `  ${line}`)];
  });
  const when = rule.isLiveness ? 'It judges when nothing is left to do.' : 'It judges at once.';
  const who = `Rule ${rule.id}, about the ${rule.actor}; decides in ${rule.modes.join(', ')} mode. ${when}`;
  return [rule.title, '', who, 'Clauses it decides:', ...clauses];
}

/** What a check finds besides its rules: it takes more than the events of one run to see it. */
function explainCheckFinding({ id, title, clauses }: (typeof CHECK_FINDINGS)[number], spec: SpecVersion): string[] {
  const demands = CLAUSES.filter((clause) => clauses.includes(clause.id)).flatMap((clause) => ['', ...sentences(clause, spec).map((line) => `  ${line}`)]);
  return [title, '', `Finding ${id}, about the driver; seen by a check from outside or between runs.`, 'Clauses it decides:', ...demands];
}

function explainClause(clause: Clause, spec: SpecVersion): string[] {
  const deciding = [...ALL_RULES, ...CHECK_FINDINGS].filter((rule) => rule.clauses.includes(clause.id));
  const rules = deciding.map(({ id, title }) => `  ${title} (${id})`);
  return [...sentences(clause, spec), '', ...(rules.length === 0 ? ['No rule decides it yet.'] : ['Decided by:', ...rules])];
}

function sentences(clause: Clause, spec: SpecVersion): string[] {
  const document = clause.basis === 'own' ? 'Ringproof' : `virtio ${spec}`;
  const condition = clause.feature === null ? [] : [`Holds with: ${clause.feature}.`];
  const source = `${document}, section ${sectionIn(clause, spec)} "${clause.title}" [${clause.id}]`;
  const younger = isInVersion(clause, spec) ? [] : [`It came with virtio ${sinceOf(clause)}, so virtio ${spec} does not demand it.`];
  return [clause.requirement, `${clause.level}, for the ${clause.actor}; ${source}.`, ...condition, ...younger];
}

function explainFinding(file: string, spec: SpecVersion): string[] {
  const { finding, scenario, configuration } = readRepro(file);
  const rule = ALL_RULES.find(({ id }) => id === finding.rule);
  const ofCheck = CHECK_FINDINGS.find(({ id }) => id === finding.rule);
  const where = `Found in scenario ${scenario.id}, ${configuration.mode} mode, ${configuration.memory} memory, at port ${'ab'[finding.port] ?? '?'}.`;
  const demand = rule !== undefined ? explainRule(rule, spec) : ofCheck !== undefined ? explainCheckFinding(ofCheck, spec) : [];
  return [finding.message, '', where, '', ...demand];
}

/** Ids that begin alike. */
function suggestion(what: string): string {
  const start = what.toUpperCase().slice(0, 8);
  const ids = [...ALL_RULES.map(({ id }) => id), ...CLAUSES.map(({ id }) => id), ...QUIRKS.map(({ id }) => id)];
  const similar = ids.filter((id) => id.toUpperCase().startsWith(start)).slice(0, 5);
  return similar.length === 0 ? '; see `ringproof list rules` and `ringproof list quirks`' : `; did you mean ${similar.join(', ')}?`;
}
