// Explains the run of a repro file: reads it and lets a thread make the other runs.
import { inDriverThread, type ThreadFailure, type ThreadLimits } from './driver-thread.host.js';
import type { FailureExplanation } from './explain-failure.js';
import { pathFrom, readRepro, requestOf } from './replay.host.js';
import type { ShrinkSetup } from './shrink.host.js';
import { unusableInput } from './worker-failure.js';

/** What the thread gets. */
export type ExplainSetup = Omit<ShrinkSetup, 'runLimit'>;

interface ExplainDone {
  readonly kind: 'explained';
  /** Null when the run does not show its finding any more. */
  readonly explanation: FailureExplanation | null;
}

/** What the thread says at its end. */
export type ExplainReply = ExplainDone | Exclude<ThreadFailure, { kind: 'wall' }>;

/** An explanation, or the reason why there is none. */
export type Explained = { readonly explanation: FailureExplanation } | { readonly failure: string };

/** Explains one file. Throws UnusableInput when file or driver cannot be used. */
export async function explainFile(file: string, limits: ThreadLimits): Promise<Explained> {
  const repro = readRepro(file);
  if (repro.tape === null) return { failure: 'its run made no end, so its choices are not written down' };
  const driver = pathFrom(file, repro.driver.path) ?? repro.driver.identity;
  const { subjects } = repro.configuration;
  const data: ExplainSetup = {
    request: requestOf(repro),
    drivers: [subjects[0] === true ? driver : null, subjects[1] === true ? driver : null],
    tape: repro.tape,
    finding: { fingerprint: repro.finding.fingerprint },
  };
  const reply = await inDriverThread<ExplainDone>({
    script: new URL('./explain-failure-worker.host.js', import.meta.url),
    data,
    driver,
    work: 'the explanation',
    limits,
  });
  if (reply.kind === 'unusable') throw unusableInput(reply);
  if (reply.kind === 'internal') throw new Error(reply.message);
  if (reply.kind === 'wall') return { failure: reply.message };
  const { explanation } = reply;
  return explanation === null ? { failure: 'the run does not show its finding any more; replay tells what it shows now' } : { explanation };
}
