// Bounded proof: every run of one- and two-packet links within a bound, for every feature set; run after a build.
//
// node build/proof.mjs [seconds]   time for all of it, 60 unless given. One packet with up to two preemptions and two
// packets with one, for both ports and every set of features the device may withhold; then every mutant of the order in
// which things happen must be found within one or two preemptions. The full reference driver is judged by the corrected
// server. Exit status 1 on a finding, on a mutant that is not found, or when nothing was completed; what time did not allow
// is named with the share that was made.
import { builtInSubject } from '../dist/drivers/builtin.js';
import { Explorer } from '../dist/fuzz/explore.js';
import { Execution } from '../dist/scenarios/execution.js';
import { plainScenario, send } from '../dist/scenarios/scenario.js';

const DEFAULT_SECONDS = 60;
/** Feature bits of word 0 a driver can do without: checksum offload both ways, merging, indirect descriptors. */
const OPTIONAL_BITS = [0, 1, 15, 28];
const SCHEDULE_MUTANTS = ['drv-no-recheck', 'drv-recheck-before-enabling', 'drv-early-flags', 'drv-kick-before-publication', 'drv-index-before-slot'];

const FIRST_NS = 20_000;
const packets = { 1: [send(FIRST_NS, 0, 60)], 2: [send(FIRST_NS, 0, 60), send(FIRST_NS + 1_000, 0, 60)] };
const deadline = performance.now() + 1000 * Number(process.argv[2] ?? DEFAULT_SECONDS);
const execution = new Execution({ onRunStart: () => undefined });

/** All runs of one link within a bound. */
function explored({ subject, packetCount, preemptions, port, withheldFeatures }) {
  const plain = plainScenario(`proof-${packetCount}`, packets[packetCount]);
  const ports = plain.ports.map((plan) => ({ ...plan, withheldFeatures }));
  const request = {
    ...{ scenario: { ...plain, ports }, mode: 'fine', memory: 'sc', profile: 'fixed', revision: 'current', seed: 'proof' },
    subjects: [port === 0, port === 1],
  };
  return new Explorer(execution, builtInSubject(subject), request, { preemptions, faults: 0 }, () => performance.now() < deadline).explore();
}

const featureSets = Array.from({ length: 1 << OPTIONAL_BITS.length }, (_, set) =>
  OPTIONAL_BITS.reduce((mask, bit, index) => ((set >> index) & 1 ? (mask | (1 << bit)) >>> 0 : mask), 0),
);
/** Cheapest first, so that the time is spent on what can be completed. */
const bounds = [
  { packetCount: 1, preemptions: 1 },
  { packetCount: 2, preemptions: 1 },
  { packetCount: 1, preemptions: 2 },
  { packetCount: 2, preemptions: 2 },
];

let faults = 0;
let completed = 0;
const fault = (text) => {
  faults += 1;
  console.log(`FAILED  ${text}`);
};

for (const subject of SCHEDULE_MUTANTS) {
  const found = [0, 1].flatMap((port) => explored({ subject, packetCount: 2, preemptions: 1, port, withheldFeatures: 0 }).findings);
  if (!found.some(({ violation }) => violation.isSubject)) fault(`${subject} was not found with one preemption on two packets`);
  else console.log(`found   ${subject} with ${Math.min(...found.map(({ tape }) => tape.schedule.length))} preemption(s): ${found[0].violation.ruleId}`);
}

for (const { packetCount, preemptions } of bounds) {
  let runs = 0;
  let done = 0;
  let share = 0;
  for (const withheldFeatures of featureSets) {
    for (const port of [0, 1]) {
      const result = explored({ subject: 'full', packetCount, preemptions, port, withheldFeatures });
      runs += result.runs;
      share += result.share / (2 * featureSets.length);
      if (result.isComplete) done += 1;
      for (const { violation } of result.findings) fault(`false alarm: ${violation.ruleId} accuses the ${violation.party}: ${violation.message}`);
    }
  }
  completed += done;
  const all = 2 * featureSets.length;
  const extent = done === all ? 'complete' : `incomplete: ${done} of ${all} links done, ${(100 * share).toFixed(1)} % of all`;
  console.log(`${packetCount} packet(s), up to ${preemptions} preemption(s), ${featureSets.length} feature sets, both ports: ${extent}, ${runs} runs`);
}
if (completed === 0) fault('no link could be completed in the time given');
process.exitCode = faults === 0 ? 0 : 1;
