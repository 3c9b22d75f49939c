// Worker thread of a campaign: keeps a copy of the merged state, makes slices, and makes findings smaller at the end.
//
// One message per slice and none per run. The environment is made virtual before a driver is imported; whatever a driver does to
// the thread is noticed by campaign.host.ts, which reads the pulse.
import { parentPort, workerData } from 'node:worker_threads';
import { loadDriver } from '../../drivers/load-driver.host.js';
import { Execution } from '../../scenarios/execution.js';
import type { RecordedFinding } from '../recorded-run.js';
import { keyedTape } from '../deviation-keys.js';
import { fingerprintOf } from '../fingerprint.js';
import { NOBODY } from '../generators/judged-plan.js';
import { seedVirtualRandom, setVirtualClock, virtualizeGlobals } from '../virtual-globals.host.js';
import { failureReply } from '../worker-failure.js';
import { CampaignState, type SeenViolation } from './feedback.js';
import type { CampaignInput } from './input.js';
import type { CampaignOrder, CampaignReply, CampaignSetup } from './campaign-messages.js';
import { PULSE_MADE, PULSE_RUN, PULSE_STOP } from './campaign-messages.js';
import { PlanMinimizer } from './minimize-plan.js';
import { requestOf, SliceRunner, sourceOf } from './slice.js';

const port = parentPort!;

function reply(message: CampaignReply): void {
  port.postMessage(message);
}

async function serve(setup: CampaignSetup): Promise<void> {
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  virtualizeGlobals(() => undefined);
  setVirtualClock(() => execution.nowNs);
  reply({ kind: 'loading' });
  const subject = setup.driver === null ? NOBODY : await loadDriver(setup.driver);
  const runner = new SliceRunner(execution, subject, setup.world);
  const state = CampaignState.from(setup.snapshot);
  const pulse = new Int32Array(setup.pulse);
  const shows = (finding: SeenViolation, input: CampaignInput): boolean => {
    const request = requestOf(input, setup.world);
    const kinds = (quirks: Parameters<SliceRunner['again']>[2]): Set<string> => {
      const outcome = runner.again(input, request, quirks);
      return new Set(runner.judged(outcome).map((violation) => fingerprintOf(violation, outcome.failures[violation.port as 0 | 1] ?? null)));
    };
    if (!kinds(undefined).has(finding.fingerprint)) return false;
    return finding.quirk === null || !kinds([finding.quirk as never]).has(finding.fingerprint);
  };
  const recorded = (finding: SeenViolation, input: CampaignInput): RecordedFinding | null => {
    const request = requestOf(input, setup.world);
    const outcome = execution.run(request, subject, { tape: null, source: sourceOf(input, request), isRecording: true, isKept: true });
    const failureOf = (at: number): string | null => outcome.failures[at as 0 | 1] ?? null;
    const violation = runner.judged(outcome).find((one) => fingerprintOf(one, failureOf(one.port)) === finding.fingerprint);
    if (violation === undefined) return null;
    const tape = keyedTape(outcome.tape!, { words: outcome.words!, steps: outcome.steps! });
    const lean = { ...outcome, words: null, steps: null };
    const { fingerprint, runIndex } = finding;
    return { fingerprint, runIndex, request, violation, outcome: lean, tape, lastEvents: [], detail: failureOf(violation.port), place: null };
  };
  port.on('message', (order: CampaignOrder) => {
    try {
      if (order.kind === 'slice') {
        for (const epoch of order.merge) state.merge(epoch);
        const skipped = new Set(order.skip);
        const result = runner.run(order.epoch, order.from, order.to, state, (index) => {
          Atomics.store(pulse, PULSE_RUN, index + 1);
          Atomics.add(pulse, PULSE_MADE, 1);
          if (Atomics.load(pulse, PULSE_STOP) !== 0) return 'stop';
          return skipped.has(index) ? 'skip' : 'make';
        });
        const raw = result.violations.flatMap((violation) => recorded(violation, violation.input) ?? []);
        const isWhole = result.to === order.to;
        Atomics.store(pulse, PULSE_RUN, 0);
        reply({ kind: 'slice', result, raw, isWhole });
      } else if (order.kind === 'cover') reply({ kind: 'covered', features: order.inputs.map((input) => runner.cover(input)) });
      else {
        const { finding } = order;
        const smaller = new PlanMinimizer(finding.input, (input) => shows(finding, input), order.runLimit).minimize() ?? finding.input;
        reply({ kind: 'smaller', key: finding.key, input: smaller, recorded: recorded(finding, smaller) });
      }
    } catch (error) {
      reply(failureReply(error));
    }
  });
  reply({ kind: 'ready' });
}

serve(workerData as CampaignSetup).catch((error: unknown) => reply(failureReply(error)));
