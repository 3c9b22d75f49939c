// Worker thread of a check: loads the subject in a deterministic environment and makes batches of runs.
//
// The environment is made virtual before the subject is imported. Whatever the subject does to this thread (endless
// loop, memory, process.exit) is noticed by check-campaign.host.ts, which owns the thread.
import { parentPort, workerData } from 'node:worker_threads';
import { loadDriver } from '../drivers/load-driver.host.js';
import { Execution } from '../scenarios/execution.js';
import { planScenarios } from './plan-scenarios.host.js';
import { BatchRunner } from './run-batch.js';
import { RunPlan } from './run-plan.js';
import { seedVirtualRandom, virtualizeGlobals } from './virtual-globals.host.js';
import type { BatchOrder, WorkerReply, WorkerSetup } from './worker-messages.js';

async function serve(setup: WorkerSetup): Promise<void> {
  const port = parentPort!;
  const reply = (message: WorkerReply): void => port.postMessage(message);
  const scenarios = planScenarios(setup.scenarios, setup.capture);
  virtualizeGlobals();
  const subject = await loadDriver(setup.driver);
  const plan = new RunPlan({ ...setup, scenarios });
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  const runner = new BatchRunner(plan, execution, subject);
  const pulse = new Int32Array(setup.pulse);
  port.on('message', (order: BatchOrder) => {
    try {
      const result = runner.run(order.from, order.to, (index) => {
        Atomics.store(pulse, 0, index + 1);
        Atomics.add(pulse, 1, 1);
      });
      Atomics.store(pulse, 0, 0);
      reply({ kind: 'batch', result });
    } catch (error) {
      reply({ kind: 'internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  reply({ kind: 'ready' });
}

serve(workerData as WorkerSetup).catch((error: unknown) => {
  const isUnusable = error instanceof Error && error.name === 'UnusableInput';
  const message = error instanceof Error ? (isUnusable ? error.message : (error.stack ?? error.message)) : String(error);
  parentPort!.postMessage({ kind: isUnusable ? 'unusable' : 'internal', message } satisfies WorkerReply);
});
