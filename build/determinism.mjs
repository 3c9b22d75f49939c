// Determinism on a large scale: what must not change the digest of a run does not. Run after a build.
//
// node build/determinism.mjs [runs]        makes the runs in two processes at once and compares, run by run; then, on a
//                                          smaller number, fresh state, reverse order, full clearing and generators.
// node build/determinism.mjs digests <from> <to>   prints the digest of each run, one per line (the processes above).
// Exit status 0 when everything is equal, 1 otherwise with the first difference. Standing tests do the same with few runs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtInSubject } from '../dist/drivers/builtin.js';
import { allScenarios } from '../dist/fuzz/plan-scenarios.host.js';
import { RunPlan } from '../dist/fuzz/run-plan.js';
import { Execution } from '../dist/scenarios/execution.js';
import { drawn } from '../dist/fuzz/strategies/drawn-run.js';

const SEED = 'determinism';
const DEFAULT_RUNS = 10_000;
/** Runs of the comparisons that make fresh state for each run or take the slow way. */
const SMALL_RUNS = 400;
const PARTS = 2;

/** Long scenarios would take all the time and show nothing that short ones do not. */
const scenarios = allScenarios(null).filter(({ id }) => id !== 'index-wrap' && id !== 'capture-link');
const options = { seed: SEED, revision: 'current', memories: ['tso', 'pso', 'relaxed'], scenarios };
const fixed = new RunPlan({ ...options, profile: 'fixed', modes: ['coarse', 'fine', 'weak'] });
const faithful = new RunPlan({ ...options, profile: 'faithful', modes: ['coarse', 'fine', 'weak'] });
const coarse = new RunPlan({ ...options, profile: 'fixed', modes: ['coarse'] });
const full = builtInSubject('full');
const minimal = builtInSubject('minimal');
const HOOKS = { onRunStart: () => undefined };

const planned = (index) => (index % 4 === 3 ? faithful : fixed).planned(index);
const subjectOf = (index) => (index % 3 === 2 ? minimal : full);

/** Digest of run `index` on the given execution. */
function digestOf(execution, index, request = planned(index)) {
  return execution.run(request, subjectOf(index), drawn(request)).digest;
}

/** Digests of the runs from `from` up to but not including `to`, made by another process. */
function digestsElsewhere(from, to) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'digests', String(from), String(to)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (status) => (status === 0 ? resolve(text.trim().split('\n')) : reject(new Error(`a process ended with status ${status}`))));
  });
}

/** Compares two lists and says how it went; true when they are equal. */
function compare(title, left, right) {
  const at = left.findIndex((digest, index) => digest !== right[index]);
  if (at < 0 && left.length === right.length && left.length > 0) {
    console.log(`${title}: ${left.length} runs, equal`);
    return true;
  }
  const request = at < 0 ? null : planned(at);
  console.log(`${title}: DIFFERENT at run ${at}: ${left[at]} and ${right[at]}${request === null ? '' : ` (${request.scenario.id}, ${request.mode}, ${request.memory})`}`);
  return false;
}

/** Everything twice in two processes, which share the machine and nothing else. */
async function twoProcesses(runs) {
  const half = Math.ceil(runs / PARTS);
  const [first, second] = [[], []];
  for (let from = 0; from < runs; from += half) {
    const to = Math.min(runs, from + half);
    const [left, right] = await Promise.all([digestsElsewhere(from, to), digestsElsewhere(from, to)]);
    first.push(...left);
    second.push(...right);
  }
  return compare('two processes', first, second);
}

function sameProcess(runs) {
  const indices = Array.from({ length: runs }, (_, index) => index);
  const reused = new Execution(HOOKS);
  const expected = indices.map((index) => digestOf(reused, index));
  const fresh = indices.map((index) => digestOf(new Execution(HOOKS), index));
  const backwards = indices.toReversed().map((index) => digestOf(reused, index)).toReversed();
  const clearing = new Execution({ ...HOOKS, isClearingFully: true });
  const cleared = indices.map((index) => digestOf(clearing, index));
  const stepping = new Execution({ ...HOOKS, usesGenerators: true });
  const twins = indices.map((index) => digestOf(reused, index, coarse.planned(index)));
  const generators = indices.map((index) => digestOf(stepping, index, coarse.planned(index)));
  return [
    compare('reused and fresh state', expected, fresh),
    compare('forwards and backwards', expected, backwards),
    compare('dirty pages and full clearing', expected, cleared),
    compare('plain twins and generators in coarse mode', twins, generators),
  ].every((isEqual) => isEqual);
}

if (process.argv[2] === 'digests') {
  const execution = new Execution(HOOKS);
  const [from, to] = process.argv.slice(3).map(Number);
  for (let index = from; index < to; index++) console.log(digestOf(execution, index));
} else {
  const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
  const isSame = sameProcess(Math.min(runs, SMALL_RUNS));
  process.exitCode = (await twoProcesses(runs)) && isSame ? 0 : 1;
}
