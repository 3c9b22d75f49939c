// The page docs/quirks.md: every quirk in a sentence, the clause it breaks, and the command that shows it.
//
// Made from the tables, so it cannot fall behind them; build/quirk-page.mjs writes the file.
import { QUIRKS } from '../model/p2p/quirks.js';
import { QUIRK_SCENARIOS, quirksWithoutScenario } from './quirk-catalogue.js';
import type { QuirkScenario } from './quirk-scenario.js';

const SEVERITIES = ['', 'crash or hang', 'lost, corrupt or cross-guest', 'specification'];

const HEAD = `# Quirks of the original server

The model of the point-to-point server behaves in one of two ways: as the original does (\`--profile faithful\`), or as one
that keeps every invariant (\`--profile fixed\`). What differs is switched quirk by quirk. Each of the scenarios below puts
two scripted guests on the link that meet one quirk; with \`--profile fixed\` the same run is clean. Violations "by the script"
are what the guests do wrong on purpose.

\`ringproof explain Q1\` says more about a quirk, \`ringproof explain P2P-INV-5\` about a clause. \`ringproof check --deviation Q1\`
switches a single quirk on in the corrected server and judges the server, too; so does \`--deviation M1\`, a planted fault that
no server of record has: it reads avail.flags before it publishes used.idx.

| quirk | what the original does | severity | clause | to see it |
|---|---|---|---|---|
`;

function command({ id, mode, memory, seed }: QuirkScenario): string {
  const schedule = mode === 'coarse' ? '' : ` --mode ${mode}${memory === 'sc' ? '' : ` --memory ${memory}`} --seed ${seed}`;
  return `\`ringproof run ${id} --profile faithful${schedule}\``;
}

function row(scenario: QuirkScenario): string {
  const quirk = QUIRKS.find(({ id }) => id === scenario.quirk)!;
  const meaning = `${quirk.title}. ${quirk.meaning}`;
  return `| ${quirk.id} | ${meaning} | ${SEVERITIES[quirk.severity]!} | ${scenario.clause} | ${command(scenario)} |\n`;
}

/** The whole page, in Markdown. */
export function quirkPage(): string {
  const without = quirksWithoutScenario().map(({ quirk, reason }) => `| ${quirk} | ${QUIRKS.find(({ id }) => id === quirk)!.title} | ${reason} |\n`);
  const tail = `\n## Quirks without a scenario\n\n| quirk | title | why |\n|---|---|---|\n${without.join('')}`;
  return `${HEAD}${QUIRK_SCENARIOS.map(row).join('')}${tail}`;
}
