// Worker thread of a check: loads the subject in a deterministic environment and makes batches of runs.
//
// The environment is made virtual before the subject is imported. Whatever the subject does to this thread (endless
// loop, memory) is noticed by check-campaign.host.ts, which owns the thread. Errors of code the subject left behind in
// promises come with the batch during which they were thrown: the event loop turns once before each answer.
import { parentPort, workerData } from 'node:worker_threads';
import { describeThrown } from '../drivers/driver-failure.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import { Execution } from '../scenarios/execution.js';
import { driverPlace } from './driver-place.host.js';
import { planScenarios } from './plan-scenarios.host.js';
import { type BatchResult, BatchRunner } from './run-batch.js';
import { RunPlan } from './run-plan.js';
import { CoverageCounter } from './script-coverage.host.js';
import { seedVirtualRandom, setVirtualClock, virtualizeGlobals } from './virtual-globals.host.js';
import { failureReply } from './worker-failure.js';
import { type BatchOrder, COVERAGE_ORDER, PULSE, type WorkerReply, type WorkerSetup } from './worker-messages.js';

/** Stray errors told per batch. */
const STRAY_LIMIT = 3;

const afterTurn = setImmediate;
const port = parentPort!;
const strays: string[] = [];

function reply(message: WorkerReply): void {
  port.postMessage(message);
}

function noteStray(error: unknown): void {
  if (strays.length < STRAY_LIMIT) strays.push(describeThrown(error));
}

async function serve(setup: WorkerSetup): Promise<void> {
  const scenarios = planScenarios(setup.scenarios, setup.capture);
  const execution = new Execution({ onRunStart: seedVirtualRandom });
  virtualizeGlobals(() => undefined);
  setVirtualClock(() => execution.nowNs);
  process.on('uncaughtException', noteStray).on('unhandledRejection', noteStray);
  const counter = setup.countsCoverage === true ? new CoverageCounter() : null;
  reply({ kind: 'loading' });
  counter?.start();
  const subject = await loadDriver(setup.driver);
  const runner = new BatchRunner(new RunPlan({ ...setup, scenarios }), execution, subject, driverPlace);
  const pulse = new Int32Array(setup.pulse);
  port.on('message', (order: BatchOrder | typeof COVERAGE_ORDER) => {
    if (order === COVERAGE_ORDER) {
      reply({ kind: 'coverage', scripts: counter?.take() ?? [] });
      return;
    }
    try {
      const result = runner.run(order.from, order.to, (index) => {
        Atomics.store(pulse, PULSE.run, index + 1);
        Atomics.add(pulse, PULSE.made, 1);
        return Atomics.load(pulse, PULSE.stop) === 0;
      });
      afterTurn(() => finish(result, pulse));
    } catch (error) {
      reply(failureReply(error));
    }
  });
  reply({ kind: 'ready' });
}

function finish(result: BatchResult, pulse: Int32Array): void {
  Atomics.store(pulse, PULSE.run, 0);
  reply({ kind: 'batch', result, strays: strays.splice(0) });
}

serve(workerData as WorkerSetup).catch((error: unknown) => reply(failureReply(error)));
