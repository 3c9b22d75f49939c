// Worker thread that explains one failing run and posts what it found out. See explain-failure.host.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { FailureExplainer } from './explain-failure.js';
import type { ExplainReply, ExplainSetup } from './explain-failure.host.js';
import { fingerprintOf } from './fingerprint.js';
import { loadedWorld } from './loaded-world.host.js';
import { failureReply } from './worker-failure.js';

async function make({ request, drivers: names, tape, finding }: ExplainSetup): Promise<ExplainReply> {
  const { execution, drivers } = await loadedWorld(names, request.scenario.peer, false);
  const subject = drivers[request.subjects[0] ? 0 : 1];
  const explainer = new FailureExplainer(execution, subject, (violation, failure) => fingerprintOf(violation, failure) === finding.fingerprint);
  return { kind: 'explained', explanation: explainer.explain({ request, tape }) };
}

make(workerData as ExplainSetup)
  .catch((error: unknown): ExplainReply => failureReply(error))
  .then((reply) => parentPort!.postMessage(reply));
