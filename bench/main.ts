// npm run bench: measures everything, prints the table, and with --write puts it into bench/README.md.
//
// Options: --quick (shorter rounds, same rows), --only PART (repeatable), --write, --help. Ends with 1 when a row misses its bars.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { versionOf } from './anchors.host.js';
import { type Plan, runContest } from './contest.js';
import { executionContests } from './execution-contests.js';
import { frameContests } from './frame-contests.js';
import { measureMemory } from './memory.js';
import { queueContests } from './queue-contests.js';
import { withTable } from './readme.js';
import { renderTable, type Row, standingOf } from './row.js';
import { measureWorkers, type WorkerPlan } from './workers.js';

const README = fileURLToPath(new URL('../../bench/README.md', import.meta.url));
const FULL: Plan = { rounds: 11, roundMs: 100, warmUpMs: 500 };
const QUICK: Plan = { rounds: 5, roundMs: 40, warmUpMs: 200 };
const FULL_WORKERS: WorkerPlan = { shortRuns: 400, longRuns: 2000, rounds: 3 };
const QUICK_WORKERS: WorkerPlan = { shortRuns: 40, longRuns: 240, rounds: 1 };
const FULL_EXECUTIONS = 300_000;
const QUICK_EXECUTIONS = 4_000;
const USAGE = `Usage: npm run bench -- [--quick] [--only PART]... [--write]
  --quick      shorter rounds, same rows
  --only PART  measure only the parts whose name contains PART
  --write      put the table into bench/README.md
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
});

function isWanted(part: string): boolean {
  return options.only === undefined || options.only.some((word) => part.includes(word));
}

async function main(): Promise<void> {
  const plan = options.quick ? QUICK : FULL;
  const rows: Row[] = [];
  const skipped: string[] = [];
  for (const contest of [...queueContests(), ...frameContests(), ...executionContests()].filter(({ part }) => isWanted(part))) {
    process.stderr.write(`${contest.part}: ${contest.comparisons[0]!.what} …\n`);
    const outcome = await runContest(contest, plan);
    rows.push(...outcome.rows);
    skipped.push(...outcome.skipped);
  }
  if (isWanted('memory')) {
    process.stderr.write('memory …\n');
    rows.push(await measureMemory(options.quick ? QUICK_EXECUTIONS : FULL_EXECUTIONS));
  }
  if (isWanted('workers')) {
    process.stderr.write('workers …\n');
    rows.push(await measureWorkers(options.quick ? QUICK_WORKERS : FULL_WORKERS));
  }
  const machine = [`Node ${process.version}`, versionOf('gcc') ?? 'no gcc', `${availableParallelism()} processors`].join(', ');
  const text = [`Measured with ${machine}; ${plan.rounds} rounds.`, '', renderTable(rows), ...skipped.map((line) => `\nSKIPPED: ${line}`)].join('\n');
  process.stdout.write(`${text}\n`);
  for (const line of skipped) process.stderr.write(`SKIPPED: ${line}\n`);
  if (options.write) writeFileSync(README, withTable(readFileSync(README, 'utf8'), text));
  if (rows.some((row) => standingOf(row) === 'MISSED')) process.exitCode = 1;
}

if (options.help) process.stdout.write(USAGE);
else await main();
