// How much the resident memory of a process grows over many executions, once it is warm.
import { Contender, subjectCommand } from './contender.host.js';
import type { Row } from './row.js';

const MEGABYTE = 1_000_000;
/** Executions before the first look. */
const WARM_UP = 10_000;

/** Runs `executions` coarse executions with rules and records in one process; the row tells the growth after the first 10,000. */
export async function measureMemory(executions: number): Promise<Row> {
  const command = subjectCommand('subjects/execution', 'coarse', 1, 1);
  if ('missing' in command) throw new Error(`measureMemory: ${command.missing}`);
  const contender = new Contender('memory', command.file, command.words);
  try {
    const before = await contender.run(Math.min(WARM_UP, executions / 2));
    const after = await contender.run(executions - Math.min(WARM_UP, executions / 2));
    return {
      part: 'memory',
      what: `growth from execution ${Math.min(WARM_UP, executions / 2)} to ${executions}`,
      against: '–',
      unit: 'MB',
      values: [(after.residentBytes - before.residentBytes) / MEGABYTE],
      better: 'lower',
      floor: 20,
      goal: 5,
      costNs: [null, null],
    };
  } finally {
    contender.stop();
  }
}
