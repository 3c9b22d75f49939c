// docs/rules.md: every rule with what it watches, its clauses with section and level, and the mutants that prove it.
//
// Made from the code by build/rule-page.mjs; a test compares. What no rule decides stands at the end with its reason.
import { ALL_RULES } from '../model/rules/catalogue.js';
import { type Clause, CLAUSES, clauseOf } from '../model/rules/clauses.js';
import type { RuleDefinition } from '../model/rules/rule.js';
import { UNDECIDED_CLAUSES } from '../model/rules/undecided-clauses.js';
import { ALL_MUTANTS, BREAKABLE_RULES } from './mutants.js';

const HEAD = `# The rules

Made from the code by \`node build/rule-page.mjs\`; a test compares. What rules are and how one is written: \`model/rules/README.md\`. Section numbers
are those of virtio 1.4 (revision virtio-v1.4-cs01); clauses of our own name their document. \`npm run mutants\` runs every mutant named here.
`;

/** The page. */
export function rulePage(): string {
  const clauseCount = new Set(ALL_RULES.flatMap(({ clauses }) => clauses)).size;
  return [
    HEAD,
    `${ALL_RULES.length} rules decide ${clauseCount} clauses; ${ALL_MUTANTS.length} mutants prove them.`,
    '',
    '## Overview',
    '',
    '| rule | watches | about | clauses | mutants |',
    '|---|---|---|---|---|',
    ...ALL_RULES.map((rule) => `| [${rule.id}](#${rule.id}) | ${rule.title} | ${rule.actor} | ${rule.clauses.length} | ${mutantsOf(rule.id).length} |`),
    '',
    ...ALL_RULES.flatMap(section),
    '## What no rule decides',
    '',
    '| clause | demands | why it is not decided on this link |',
    '|---|---|---|',
    ...CLAUSES.filter(({ id }) => UNDECIDED_CLAUSES[id] !== undefined).map(
      (clause) => `| ${clause.id} (${clause.level}, ${place(clause)}) | ${clause.requirement} | ${UNDECIDED_CLAUSES[clause.id]!} |`,
    ),
    '',
  ].join('\n');
}

/** Mutants of which the rule is to find each. */
function mutantsOf(ruleId: string): readonly string[] {
  return ALL_MUTANTS.filter(({ kills }) => kills.includes(ruleId)).map(({ id }) => id);
}

function place({ basis, section, title }: Clause): string {
  return basis === 'own' ? `Ringproof, ${title} ${section}` : `${section} ${title}`;
}

function section(rule: RuleDefinition): string[] {
  const mutants = mutantsOf(rule.id);
  const proof = BREAKABLE_RULES.includes(rule.id)
    ? mutants.map((id) => `\`${id}\``).join(', ')
    : 'none: it notes permissions that were used, and accuses nobody';
  return [
    `### ${rule.id}`,
    '',
    rule.title,
    '',
    `Decides ${whenOf(rule)}. Proven by ${proof}.`,
    '',
    '| clause | level | section | demands |',
    '|---|---|---|---|',
    ...rule.clauses.map(clauseOf).map((clause) => `| ${clause.id} | ${clause.level} | ${place(clause)} | ${clause.requirement} |`),
    '',
  ];
}

/** When a rule decides, in words. */
function whenOf({ modes, memories, isLiveness, isForHostile }: RuleDefinition): string {
  const parts = [
    isLiveness ? 'when the run has come to rest' : 'at once',
    modes.length === 3 ? 'in every mode' : `in ${modes.join(' and ')} mode`,
    ...(memories.length === 0 ? [] : [`under the memory models ${memories.join(', ')}`]),
    ...(isForHostile === true ? ['with a hostile device only'] : []),
  ];
  return parts.join(', ');
}
