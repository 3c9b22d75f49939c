// A contest: several programs that do the same work, measured side by side, and the rows made of it.
//
// Method of performance sheet §5: one process per contender, warm-up, then rounds in which every contender runs once in
// turn. Each comparison is made within a round, so that both sides saw the machine in the same mood; the row shows the
// median of these ratios and their spread.
import { type Answer, type Command, Contender } from './contender.host.js';
import { median } from './median.js';
import type { Row } from './row.js';

/** One program in a contest. */
export interface Entry {
  readonly name: string;
  readonly command: Command;
}

/** What a row says: `what` of contender `of` against contender `against`. */
export interface Comparison {
  readonly what: string;
  readonly of: string;
  readonly against: string;
  /** speed: operations per CPU time, higher is better; time: CPU time, lower is better. */
  readonly measure: 'speed' | 'time';
  /** Null: the figure is for orientation and has no bar. */
  readonly floor: number | null;
  readonly goal: number | null;
}

/** Programs and comparisons. */
export interface Contest {
  readonly part: string;
  /** One operation, for the message of progress. */
  readonly operation: string;
  readonly entries: readonly Entry[];
  readonly comparisons: readonly Comparison[];
  /** Names of entries that must return equal checks for equal counts. */
  readonly sameWork: readonly string[];
}

/** How long to measure. */
export interface Plan {
  readonly rounds: number;
  /** CPU time of a round of one contender, in ms. */
  readonly roundMs: number;
  /** CPU time of the warm-up of one contender, in ms. */
  readonly warmUpMs: number;
}

/** Result of a contest. */
export interface Outcome {
  readonly rows: readonly Row[];
  /** Contenders that could not take part, with the reason. */
  readonly skipped: readonly string[];
}

/** Operations of the check that contenders do the same work; enough for every ring and table to wrap. */
const CHECK_OPERATIONS = 1000;

/** Runs a contest. Throws when contenders that claim the same work differ in their checks. */
export async function runContest(contest: Contest, plan: Plan): Promise<Outcome> {
  const contenders = new Map<string, Contender>();
  const skipped: string[] = [];
  for (const { name, command } of contest.entries) {
    if ('missing' in command) skipped.push(`${contest.part}: ${name} skipped: ${command.missing}`);
    else contenders.set(name, new Contender(name, command.file, command.words));
  }
  try {
    await requireSameWork(contest, contenders);
    const times = await measure(contenders, plan);
    const rows = contest.comparisons.map((comparison) => rowOf(contest, comparison, times));
    return { rows, skipped };
  } finally {
    for (const contender of contenders.values()) contender.stop();
  }
}

async function requireSameWork(contest: Contest, contenders: ReadonlyMap<string, Contender>): Promise<void> {
  const answers: [string, Answer][] = [];
  for (const [name, contender] of contenders) answers.push([name, await contender.run(CHECK_OPERATIONS)]);
  const claims = answers.filter(([name]) => contest.sameWork.includes(name));
  const wrong = claims.filter(([, answer]) => answer.check !== claims[0]![1].check);
  if (wrong.length === 0) return;
  const list = claims.map(([name, answer]) => `${name} ${answer.check}`).join(', ');
  throw new Error(`runContest: contenders of "${contest.part}" do not do the same work: ${list}`);
}

/** Nanoseconds per operation of every contender, one per round. */
async function measure(contenders: ReadonlyMap<string, Contender>, plan: Plan): Promise<Map<string, number[]>> {
  const counts = new Map<string, number>();
  const times = new Map<string, number[]>();
  for (const [name, contender] of contenders) {
    counts.set(name, await warmUp(contender, plan));
    times.set(name, []);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const [name, contender] of contenders) {
      const count = counts.get(name)!;
      times.get(name)!.push((await contender.run(count)).cpuNs / count);
    }
  }
  return times;
}

/** Warms a contender up and returns how many operations fill a round. */
async function warmUp(contender: Contender, plan: Plan): Promise<number> {
  let count = CHECK_OPERATIONS;
  let spentMs = 0;
  for (;;) {
    const lastMs = (await contender.run(count)).cpuNs / 1e6;
    spentMs += lastMs;
    if (spentMs >= plan.warmUpMs && lastMs >= plan.roundMs / 4) return Math.max(1, Math.round((count * plan.roundMs) / lastMs));
    if (lastMs < plan.roundMs) count *= 2;
  }
}

function rowOf(contest: Contest, comparison: Comparison, times: ReadonlyMap<string, readonly number[]>): Row {
  const left = times.get(comparison.of) ?? [];
  const right = times.get(comparison.against) ?? [];
  const isTime = comparison.measure === 'time';
  const ratios = left.length === 0 || right.length === 0 ? [] : left.map((ns, round) => (isTime ? ns / right[round]! : right[round]! / ns));
  return {
    part: contest.part,
    what: comparison.what,
    against: comparison.against,
    unit: 'x',
    values: ratios,
    better: isTime ? 'lower' : 'higher',
    floor: comparison.floor,
    goal: comparison.goal,
    costNs: [left.length === 0 ? null : median(left), right.length === 0 ? null : median(right)],
  };
}
