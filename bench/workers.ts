// Runs per CPU-second of two workers against one.
//
// Starting a worker and warming it up costs as much as hundreds of runs. It is taken out: what counts is how much more CPU
// time a long campaign takes than a short one. Both counts are the same for one and two workers, and so are the events.
import { Contender, subjectCommand } from './contender.host.js';
import { median } from './median.js';
import type { Row } from './row.js';

/** How long a campaign is. */
export interface WorkerPlan {
  readonly shortRuns: number;
  readonly longRuns: number;
  readonly rounds: number;
}

/** Measures one and two workers in turn. Throws when they do not see the same events. */
export async function measureWorkers(plan: WorkerPlan): Promise<Row> {
  const contenders = [1, 2].map((workers) => startContender(workers));
  try {
    const costs: [number[], number[]] = [[], []];
    for (let round = 0; round < plan.rounds; round++) {
      const checks: number[] = [];
      for (const side of [0, 1] as const) {
        const short = await contenders[side]!.run(plan.shortRuns);
        const long = await contenders[side]!.run(plan.longRuns);
        costs[side].push((long.cpuNs - short.cpuNs) / (plan.longRuns - plan.shortRuns));
        checks.push(long.check);
      }
      if (checks[0] !== checks[1]) throw new Error(`measureWorkers: one worker saw ${checks[0]}, two saw ${checks[1]} events and frames`);
    }
    return {
      part: 'workers',
      what: 'runs of a check, 2 workers',
      against: '1 worker',
      unit: 'x',
      values: costs[1].map((ns, round) => costs[0][round]! / ns),
      better: 'higher',
      floor: 0.85,
      goal: 0.95,
      costNs: [median(costs[1]), median(costs[0])],
    };
  } finally {
    for (const contender of contenders) contender.stop();
  }
}

function startContender(workers: number): Contender {
  const command = subjectCommand('subjects/campaign', workers);
  if ('missing' in command) throw new Error(`measureWorkers: ${command.missing}`);
  return new Contender(`${workers} workers`, command.file, command.words);
}
