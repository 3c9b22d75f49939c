// Whole executions, one per operation: both ports brought up by the full reference driver, then a ping-pong of frames.
//
// Parameters: mode (coarse, fine, weak), rules (0 or 1), records (0 or 1). Every execution has a seed of its own. Records
// are switched off by taking the pen away from the trace, which the product cannot do; rules then have nothing to judge.
import { builtInSubject } from '../../drivers/builtin.js';
import { Execution } from '../../scenarios/execution.js';
import { QUICK_RUN, type RunRequest } from '../../scenarios/outcome.js';
import { MODES, plainScenario, send } from '../../scenarios/scenario.js';
import { Trace } from '../../sim/trace.js';
import { integerParameter, type Subject } from '../subject.js';

/** Frames of one execution; they alternate between the ports. */
const FRAMES = 8;
const FIRST_FRAME_NS = 20_000;
const GAP_NS = 1_100;
const FRAME_BYTES = 60;

/** Makes the world and returns the subject; the check counts delivered frames. */
export function createSubject(parameters: readonly string[]): Subject {
  const mode = MODES.find((candidate) => candidate === parameters[0]);
  const driver = builtInSubject('full');
  if (mode === undefined || driver === null) throw new Error(`execution: no mode "${parameters[0]}" or no driver "full"`);
  const isJudging = integerParameter(parameters, 1) === 1;
  if (integerParameter(parameters, 2) === 0) Trace.prototype.record = () => undefined;
  const execution = new Execution({ onRunStart: () => undefined, isJudging });
  const workload = Array.from({ length: FRAMES }, (_, turn) => send(FIRST_FRAME_NS + turn * GAP_NS, turn & 1, FRAME_BYTES));
  const request: Omit<RunRequest, 'seed'> = {
    scenario: plainScenario('bench', workload),
    mode,
    memory: mode === 'weak' ? 'relaxed' : 'sc',
    profile: 'fixed',
    revision: 'current',
    subjects: [true, true],
  };
  let seed = 0;
  let delivered = 0;
  const options = { ...QUICK_RUN, sums: execution.emptySums() };
  return {
    run: (count) => {
      for (let done = 0; done < count; done++) {
        const outcome = execution.run({ ...request, seed: `bench ${seed++}` }, driver, options);
        delivered += outcome.delivered[0] + outcome.delivered[1];
        const finding = outcome.violations.find((violation) => violation.isSubject);
        if (finding !== undefined) throw new Error(`execution: the reference driver violates ${finding.ruleId}`);
      }
      return delivered;
    },
  };
}
