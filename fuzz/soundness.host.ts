// `npm run soundness`: both reference drivers and all odd ones over all scenarios in coarse, fine and weak mode, hostile devices
// included; no rule may accuse anybody. Exit status 1 when one does.
//
// Options: --runs <n> of each driver (default 20,000), --only <word>, --seed <text>, --workers <n>. Run i of a driver is run i of
// `ringproof check builtin:<driver>` with the same seed in a plan that holds the hostile devices, too.
import { parseArgs } from 'node:util';
import { ODD_DRIVERS, REFERENCE_DRIVERS } from '../drivers/builtin.js';
import type { Acquittal } from './mutant-matrix.js';
import { type MutantOrder, type MutantReply, letWork } from './mutant-work.host.js';

/** Runs of each driver that the project's claim of soundness rests on. */
const FULL_RUNS = 20_000;
/** Runs a worker makes between two lines of progress. */
const SLICE_RUNS = 500;
const WORKERS = 2;

const { values } = parseArgs({
  options: { runs: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' }, workers: { type: 'string' } },
});
const runs = Number(values.runs ?? FULL_RUNS);
const seed = values.seed ?? 'soundness';
const drivers = [...REFERENCE_DRIVERS, ...ODD_DRIVERS].filter(({ name }) => name.includes(values.only ?? ''));

/** The slices of all drivers, in the order of drivers and runs. */
function ordersOf(): MutantOrder[] {
  return drivers.flatMap(({ name }) =>
    Array.from({ length: Math.ceil(runs / SLICE_RUNS) }, (_, slice) => {
      const from = slice * SLICE_RUNS;
      return { name, kind: 'driver', seed, from, runs: Math.min(SLICE_RUNS, runs - from), hasHostile: true } as const;
    }),
  );
}

const made = new Map<string, number>();
const alarms = new Map<string, Acquittal[]>();

function onReply(reply: MutantReply): void {
  if (reply.kind !== 'driver') return;
  const { name, alarms: told } = reply.acquittal;
  const sum = (made.get(name) ?? 0) + reply.acquittal.runs;
  made.set(name, sum);
  if (told.length > 0) {
    alarms.set(name, [...(alarms.get(name) ?? []), reply.acquittal]);
    process.stdout.write(`FALSE ALARM on ${name}: ${told.join('; ')}\n  first: ${reply.acquittal.firstAlarm}\n`);
  }
  if (sum === runs) process.stdout.write(`${name}: ${sum} runs, ${alarms.has(name) ? 'ALARMS, see above' : 'no alarm'}\n`);
}

await letWork(ordersOf(), Number(values.workers ?? WORKERS), onReply);
const accused = drivers.filter(({ name }) => alarms.has(name));
process.stdout.write(`${drivers.length} correct drivers, ${runs} runs each, seed ${seed}: ${accused.length} accused\n`);
process.exitCode = accused.length === 0 && drivers.length > 0 ? 0 : 1;
