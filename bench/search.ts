// npm run bench:search: runs and time to the first failure, per strategy and mutant of schedule or memory order, and plain
// fast-check beside it on the same link and mutants. Prints the tables; with --write puts them into docs/search.md.
//
// A run counts when agents interleave (fine or weak mode); where a run comes from is the plan of `ringproof check`. Time is
// processor time of this process. Options: --seeds N, --cap RUNS, --only MUTANT, --write.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtInSubject } from '../drivers/builtin.js';
import { defaultPlan } from '../fuzz/mutant-trial.js';
import { findMutant } from '../fuzz/mutants.js';
import { trialScenarios } from '../fuzz/plan-scenarios.host.js';
import { STRATEGIES } from '../fuzz/strategies/catalogue.js';
import { drawn } from '../fuzz/strategies/drawn-run.js';
import { Execution } from '../scenarios/execution.js';
import { type Contender, type Trial, tryPlainly } from './plain-fast-check.js';

/** Mutants that show under some schedules or memory orders only. */
const RACY_MUTANTS: readonly string[] = [
  ...['drv-no-write-barrier', 'drv-no-full-barrier', 'drv-no-read-barrier', 'drv-no-recheck', 'drv-recheck-before-enabling'],
  ...['drv-early-flags', 'drv-kick-before-publication', 'drv-index-before-slot', 'M1', 'dev-no-write-barrier', 'dev-no-read-barrier'],
  ...['dev-no-full-barrier', 'dev-no-recheck', 'dev-recheck-too-early', 'dev-recheck-one-direction', 'dev-q1', 'dev-q22'],
  'link-early-publication',
];
/** Column of the default portfolio, which draws a strategy per run. */
const PORTFOLIO = 'portfolio';
/** Least number of runs after which the portfolio is given up; it has to kill all. */
const PORTFOLIO_RUNS = 2000;
const PAGE = fileURLToPath(new URL('../../docs/search.md', import.meta.url));
const BEGIN = '<!-- tables: written by npm run bench:search -- --write -->';
const END = '<!-- end of tables -->';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, cap: { type: 'string' }, only: { type: 'string' }, write: { type: 'boolean' } },
});
const seeds = Array.from({ length: Number(values.seeds ?? 3) }, (_, index) => `search/${index}`);
const cap = Number(values.cap ?? 1000);
const mutants = RACY_MUTANTS.filter((id) => id.includes(values.only ?? ''));
const execution = new Execution({ onRunStart: () => undefined });

/** Tries a mutant with one strategy, or with the default portfolio. */
function tryWith(id: string, strategy: string, seed: string): Trial {
  const mutant = findMutant(id)!;
  const subject = builtInSubject(id)!;
  const plan = defaultPlan(seed, id, trialScenarios(mutant));
  const startedUs = process.cpuUsage().user;
  let runs = 0;
  const limit = strategy === PORTFOLIO ? Math.max(cap, PORTFOLIO_RUNS) : cap;
  for (let index = plan.smallestCount; runs < limit; index++) {
    const planned = plan.planned(index);
    if (planned.mode === 'coarse') continue;
    const request = strategy === PORTFOLIO ? planned : { ...planned, strategy };
    runs += 1;
    const { violations } = execution.run(request, subject, drawn(request));
    if (violations.some(({ isSubject, ruleId }) => isSubject && mutant.kills.includes(ruleId)))
      return { runs, isKilled: true, timeMs: (process.cpuUsage().user - startedUs) / 1000 };
  }
  return { runs, isKilled: false, timeMs: (process.cpuUsage().user - startedUs) / 1000 };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[numbers.length >> 1] ?? 0;
}

/** Upper median of the runs over the seeds; a dash when that trial was given up. */
function cellOf(trials: readonly Trial[]): string {
  const middle = trials.toSorted((left, right) => Number(right.isKilled) - Number(left.isKilled) || left.runs - right.runs)[trials.length >> 1]!;
  return middle.isKilled ? String(middle.runs) : '-';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)];
}

function strategyTable(): string[] {
  const columns = [PORTFOLIO, ...STRATEGIES.map(({ id }) => id)];
  const all = mutants.map((id) => {
    process.stderr.write(`${id}\n`);
    return columns.map((strategy) => seeds.map((seed) => tryWith(id, strategy, seed)));
  });
  const rows = mutants.map((id, row) => [id, ...all[row]!.map(cellOf)]);
  const perRun = columns.map((_, column) => {
    const trials = all.flatMap((row) => row[column]!);
    const runs = trials.reduce((sum, trial) => sum + trial.runs, 0);
    return (trials.reduce((sum, trial) => sum + trial.timeMs, 0) / runs).toFixed(2);
  });
  const portfolio = all.flatMap((row) => row[0]!);
  const times = portfolio.map(({ timeMs }) => timeMs);
  return [
    ...table(['runs to first failure', ...columns], [...rows, ['ms per run', ...perRun]]),
    '',
    `The default portfolio killed ${portfolio.filter(({ isKilled }) => isKilled).length} of ${portfolio.length} (mutant, seed) pairs; ` +
      `time to kill: median ${(median(times) / 1000).toFixed(2)} s, worst ${(Math.max(...times) / 1000).toFixed(2)} s.`,
  ];
}

async function contenderTable(): Promise<string[]> {
  const contenders: readonly Contender[] = ['fc.commands', 'fc.scheduler'];
  const rows: string[][] = [];
  const rates = new Map<string, { runs: number; timeMs: number }>();
  const count = (name: string, { runs, timeMs }: Trial): void => {
    const sum = rates.get(name) ?? { runs: 0, timeMs: 0 };
    rates.set(name, { runs: sum.runs + runs, timeMs: sum.timeMs + timeMs });
  };
  for (const id of mutants) {
    const ours = seeds.map((seed) => tryWith(id, PORTFOLIO, seed));
    ours.forEach((trial) => count('ours', trial));
    const row = [id, cellOf(ours)];
    for (const contender of contenders) {
      const theirs: Trial[] = [];
      for (const [index] of seeds.entries()) theirs.push(await tryPlainly(contender, id, index, cap, execution));
      theirs.forEach((trial) => count(contender, trial));
      row.push(cellOf(theirs));
    }
    rows.push(row);
  }
  const rateOf = (name: string): string => String(Math.round((1000 * rates.get(name)!.runs) / Math.max(1, rates.get(name)!.timeMs)));
  return table(['runs to first failure', 'ringproof', ...contenders], [...rows, ['executions a second', ...['ours', ...contenders].map(rateOf)]]);
}

const text = [
  `Upper median of ${seeds.length} seeds, given up (-) after ${cap} runs, the portfolio after ${Math.max(cap, PORTFOLIO_RUNS)}.`,
  '',
  ...strategyTable(),
  '',
  '## Beside plain fast-check',
  '',
  'The same link, mutants and rules; operations generated by `fc.commands`, or ordered by `fc.scheduler`, each execution in',
  'relaxed memory. Nothing in fast-check chooses between two accesses to memory, so what takes a preemption or a late store is never seen.',
  '',
  ...(await contenderTable()),
].join('\n');
process.stdout.write(`${text}\n`);
if (values.write === true) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, `${page.slice(0, page.indexOf(BEGIN) + BEGIN.length)}\n\n${text}\n\n${page.slice(page.indexOf(END))}`);
}
