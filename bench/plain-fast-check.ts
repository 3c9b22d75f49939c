// What a user of plain fast-check can do with the same link: generate operations with fc.commands, or order them with
// fc.scheduler, and run each outcome once in the order in which things happen by themselves.
import fc from 'fast-check';
import { builtInSubject, deviationsOfBuiltIn } from '../drivers/builtin.js';
import { findMutant } from '../fuzz/mutants.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunRequest } from '../scenarios/outcome.js';
import { type Operation, plainScenario, send } from '../scenarios/scenario.js';
import { PlainSource } from '../sim/choice-sources.js';

/** A way to use fast-check. */
export type Contender = 'fc.commands' | 'fc.scheduler';

/** What became of a mutant. */
export interface Trial {
  readonly runs: number;
  readonly isKilled: boolean;
  /** Processor time, in ms. */
  readonly timeMs: number;
}

const FIRST_NS = 20_000;
const LONGEST_GAP_NS = 5_000;
const MOST_OPERATIONS = 12;

interface Model {
  nowNs: number;
}

interface Real {
  readonly operations: Operation[];
}

/** Sends frames from a port after a pause. */
class SendCommand implements fc.Command<Model, Real> {
  private readonly port: number;
  private readonly count: number;
  private readonly gapNs: number;

  constructor(port: number, count: number, gapNs: number) {
    this.port = port;
    this.count = count;
    this.gapNs = gapNs;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    model.nowNs += this.gapNs;
    real.operations.push(send(model.nowNs, this.port, 60, this.count));
  }
}

const sendCommand = fc
  .tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: LONGEST_GAP_NS }))
  .map(([port, count, gapNs]) => new SendCommand(port, count, gapNs));

/** Tries a mutant with one contender: runs to the first failure, `cap` at most. */
export async function tryPlainly(contender: Contender, id: string, seed: number, cap: number, execution: Execution): Promise<Trial> {
  const { kills } = findMutant(id)!;
  const subject = builtInSubject(id)!;
  const isRight = (operations: readonly Operation[], port: number): boolean => {
    const request: RunRequest = {
      scenario: plainScenario('fast-check', operations),
      mode: 'weak',
      memory: 'relaxed',
      profile: 'fixed',
      revision: 'current',
      subjects: [port === 0, port === 1],
      seed: 'fast-check',
      deviations: deviationsOfBuiltIn(id),
    };
    const { violations } = execution.run(request, subject, { tape: null, source: new PlainSource(), isRecording: false, isKept: false });
    return !violations.some(({ isSubject, ruleId }) => isSubject && kills.includes(ruleId));
  };
  const startedUs = process.cpuUsage().user;
  const property = contender === 'fc.commands' ? commandsProperty(isRight) : schedulerProperty(isRight);
  const details = await fc.check(property, { seed, numRuns: cap, endOnFailure: true });
  return { runs: details.numRuns, isKilled: details.failed, timeMs: (process.cpuUsage().user - startedUs) / 1000 };
}

type Judge = (operations: readonly Operation[], port: number) => boolean;

function commandsProperty(isRight: Judge): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(fc.commands([sendCommand], { maxCommands: MOST_OPERATIONS }), fc.integer({ min: 0, max: 1 }), (commands, port) => {
    const real: Real = { operations: [] };
    fc.modelRun(() => ({ model: { nowNs: FIRST_NS }, real }), commands);
    return Promise.resolve(isRight(real.operations, port));
  }) as fc.IAsyncProperty<unknown>;
}

function schedulerProperty(isRight: Judge): fc.IAsyncProperty<unknown> {
  const gaps = fc.array(fc.integer({ min: 0, max: LONGEST_GAP_NS }), { minLength: 1, maxLength: MOST_OPERATIONS });
  return fc.asyncProperty(fc.scheduler(), gaps, fc.integer({ min: 0, max: 1 }), async (scheduler, gapsNs, port) => {
    const operations: Operation[] = [];
    let nowNs = FIRST_NS;
    gapsNs.forEach((gapNs, index) => {
      void scheduler.schedule(Promise.resolve(index % 2), `send ${index}`).then((from) => {
        nowNs += gapNs;
        operations.push(send(nowNs, from, 60));
      });
    });
    await scheduler.waitAll();
    return isRight(operations, port);
  }) as fc.IAsyncProperty<unknown>;
}
