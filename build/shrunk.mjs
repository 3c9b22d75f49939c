// Quality of shrinking, over a sample of the mutants or all of them; run after a build.
//
// node build/shrunk.mjs [all | number]   finds a failing run of each mutant, as a check does, shrinks it with the runs a check
// spends, and plays the result strictly in a fresh world, and by place in the driver with one more register read in its start. Prints preemptions (k), faults (j), packets (p), runs and processor
// time of each and the medians. Exit status 1 when a shrunk run fails to replay in one of the ways, or a median is above its bar (k 2, j 1, p 2).
import { builtInSubject } from '../dist/drivers/builtin.js';
import { fingerprintOf } from '../dist/fuzz/fingerprint.js';
import { defaultPlan } from '../dist/fuzz/mutant-trial.js';
import { placeByKey } from '../dist/fuzz/guided-tape.js';
import { ALL_MUTANTS } from '../dist/fuzz/mutants.js';
import { trialScenarios } from '../dist/fuzz/plan-scenarios.host.js';
import { Shrinker } from '../dist/fuzz/shrink.js';
import { drawn } from '../dist/fuzz/strategies/drawn-run.js';
import { Execution } from '../dist/scenarios/execution.js';

const DEFAULT_SAMPLE = 20;
/** Runs a check spends on a finding, and runs in which a mutant has to show. */
const SHRINK_RUNS = 800;
const SEARCH_RUNS = 2_000;
const BARS = { preemptions: 2, faults: 1, packets: 2 };

const wanted = process.argv[2] === 'all' ? ALL_MUTANTS.length : Number(process.argv[2] ?? DEFAULT_SAMPLE);
const stride = Math.max(1, Math.floor(ALL_MUTANTS.length / wanted));
const sample = ALL_MUTANTS.filter((_, index) => index % stride === 0);
const newExecution = () => new Execution({ onRunStart: () => undefined });
const failureAt = ({ failures }, { port }) => failures[port] ?? null;

/** The first run of a check in which a rule of the mutant accuses it; null if there is none. */
function firstFailing(execution, mutant, subject) {
  const plan = defaultPlan('shrunk', mutant.id, trialScenarios(mutant));
  for (let index = 0; index < SEARCH_RUNS; index++) {
    const request = plan.planned(index);
    const outcome = execution.run(request, subject, drawn(request, { tape: null, isRecording: true, isKept: false }));
    const violation = outcome.violations.find(({ isSubject, ruleId }) => isSubject && mutant.kills.includes(ruleId));
    if (violation !== undefined) return { request, tape: outcome.tape, fingerprint: fingerprintOf(violation, failureAt(outcome, violation)) };
  }
  return null;
}

/** The driver with one more read of a register in its start, behind the mapping of the config page. */
function withOneMoreRead(subject) {
  const readingPlainly = (guest, method) => () => {
    const address = guest.transport[method]();
    if (address > 0) guest.memory.load32(address);
    return address;
  };
  const readingResumably = (guest, method) =>
    function* () {
      const address = yield* guest.transport[method]();
      if (address > 0) yield* guest.memory.load32(address);
      return address;
    };
  const wrapped = (create, reading) => (guest) => {
    const methods = ['deviceConfig', 'registerInterface'].map((method) => [method, { value: reading(guest, method) }]);
    const transport = Object.create(guest.transport, Object.fromEntries(methods));
    return create(Object.create(guest, { transport: { value: transport } }));
  };
  const { plain, resumable } = subject;
  return {
    ...subject,
    plain: plain === null ? null : wrapped(plain, readingPlainly),
    resumable: resumable === null ? null : wrapped(resumable, readingResumably),
  };
}

/** Whether the shrunk run shows its finding in the changed driver, deviations placed by their keys. */
function isFoundGuided(execution, subject, { request, tape }, isSame) {
  const changed = withOneMoreRead(subject);
  const peer = builtInSubject(request.scenario.peer);
  const drivers = request.subjects.map((isJudged) => (isJudged ? changed : peer));
  const placed = placeByKey(execution, request, drivers, tape);
  const outcome = execution.run(request, changed, { drivers, tape: placed.tape, isRecording: false, isKept: false });
  return outcome.violations.some((violation) => isSame(violation, failureAt(outcome, violation)));
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[(numbers.length - 1) >> 1];
const execution = newExecution();
const sizes = [];
let faults = 0;
for (const mutant of sample) {
  const subject = builtInSubject(mutant.id);
  const failing = firstFailing(execution, mutant, subject);
  if (failing === null) {
    console.log(`${mutant.id}: not found in ${SEARCH_RUNS} runs`);
    faults += 1;
    continue;
  }
  const isSame = (violation, failure) => fingerprintOf(violation, failure) === failing.fingerprint;
  const startedUs = process.cpuUsage().user;
  const shrunk = new Shrinker(execution, subject, failing, isSame, SHRINK_RUNS).shrink();
  const { request: small, tape, after, runs, isMinimal, outcome } = shrunk;
  const timeMs = (process.cpuUsage().user - startedUs) / 1000;
  const again = newExecution().run(small, subject, { tape, isRecording: false, isKept: false });
  const isReplayed = again.digest === outcome.digest && again.unplaced === 0;
  const isGuided = isFoundGuided(newExecution(), subject, shrunk, isSame);
  if (!isReplayed || !isGuided) faults += 1;
  sizes.push({ ...after, timeMs });
  const size = `k ${after.preemptions}, j ${after.faults}, p ${after.packets}`;
  console.log(`${mutant.id.padEnd(28)} ${size}, ${runs} runs, ${Math.round(timeMs)} ms${isMinimal ? ', minimal' : ''}${isReplayed ? '' : ', DOES NOT REPLAY'}${isGuided ? '' : ', LOST BY GUIDED REPLAY'}`);
}
const medians = Object.fromEntries(['preemptions', 'faults', 'packets', 'timeMs'].map((field) => [field, median(sizes.map((size) => size[field]))]));
console.log(`median over ${sizes.length} mutants: k ${medians.preemptions}, j ${medians.faults}, p ${medians.packets}, ${Math.round(medians.timeMs)} ms`);
for (const [field, bar] of Object.entries(BARS)) {
  if (medians[field] <= bar) continue;
  faults += 1;
  console.log(`FAILED  median ${field} ${medians[field]}, at most ${bar} wanted`);
}
process.exitCode = faults === 0 ? 0 : 1;
