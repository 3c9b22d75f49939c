// `npm run mutants`: every mutant must be killed by a rule it names, every rule must kill one, no correct driver may be
// accused, no vacuous one may conform. Prints the matrix; exit status 1 when something is wrong.
//
// Options: --only <word> (mutants and drivers whose name holds the word), --json, --seed <text>, --workers <n>.
import { parseArgs } from 'node:util';
import { ODD_DRIVERS, REFERENCE_DRIVERS, VACUOUS_DRIVERS } from '../drivers/builtin.js';
import { type Acquittal, type Bench, benchText, faultsOf, type Trial } from './mutant-matrix.js';
import { TRIAL_RUNS } from './mutant-trial.js';
import { type MutantOrder, letWork } from './mutant-work.host.js';
import { ALL_MUTANTS } from './mutants.js';

/** Runs of each driver that is no mutant: the walk through all scenarios and modes, and some more. */
const DRIVER_RUNS = 250;
const WORKERS = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, json: { type: 'boolean' }, seed: { type: 'string' }, workers: { type: 'string' } },
  });
  const { only = '', seed = 'mutants' } = values;
  const isChosen = (name: string): boolean => name.includes(only);
  const mutants = ALL_MUTANTS.filter(({ id }) => isChosen(id));
  const correct = [...REFERENCE_DRIVERS, ...ODD_DRIVERS].filter(({ name }) => isChosen(name));
  const vacuous = VACUOUS_DRIVERS.filter(({ name }) => isChosen(name));
  const orders: MutantOrder[] = [
    ...mutants.map(({ id }) => ({ name: id, kind: 'mutant', seed, runs: TRIAL_RUNS }) as const),
    ...[...correct, ...vacuous].map(({ name }) => ({ name, kind: 'driver', seed, runs: DRIVER_RUNS }) as const),
  ];
  const replies = await letWork(orders, Number(values.workers ?? WORKERS));
  const trials: Trial[] = replies.flatMap((reply) => (reply.kind === 'mutant' ? [reply.trial] : []));
  const acquittals: Acquittal[] = replies.flatMap((reply) => (reply.kind === 'driver' ? [reply.acquittal] : []));
  const bench: Bench = {
    mutants,
    trials,
    correct: acquittals.slice(0, correct.length),
    vacuous: acquittals.slice(correct.length),
    isWhole: only === '',
  };
  process.stdout.write(values.json === true ? `${JSON.stringify({ ...bench, faults: faultsOf(bench) }, null, 2)}\n` : benchText(bench));
  return faultsOf(bench).length === 0 ? 0 : 1;
}

process.exitCode = await main();
