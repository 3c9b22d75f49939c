// What a result is measured against before it is shown: thresholds, waivers, baseline. Shared by check and report.
import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CheckResult } from '../scenarios/check-result.js';
import { type Baseline, baselineOf, baselineText, readBaseline, withStanding } from '../scenarios/check-standing.js';
import { clauseThreshold, withThresholds } from '../scenarios/check-thresholds.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import type { Configuration } from './configuration.js';
import { UsageError } from './exit-status.js';
import { coverageThresholds } from './driver-coverage.js';
import { integerOption, percentOption, portablePath } from './parse-options.js';
import { writeResultFile } from './report-files.js';

/** Options about what fails. */
export interface JudgingOptions {
  baseline?: string;
  updateBaseline?: boolean;
  minClauses?: number;
  minLines?: number;
  minBranches?: number;
}

/** Adds the options to a command. */
export function addJudgingOptions(command: Command): Command {
  return command
    .option('--baseline <file>', 'findings that are known: only others fail')
    .option('--update-baseline', 'write all findings into the baseline file, waived ones left out')
    .option('--min-clauses <n>', 'clauses that have to be exercised; what is missing is named (exit 4)', integerOption('--min-clauses', 0))
    .option(
      '--min-lines <percent>',
      "lines of the driver's files that have to be executed; what is missing is named",
      percentOption('--min-lines'),
    )
    .option('--min-branches <percent>', "branches of the driver's files that have to be executed", percentOption('--min-branches'));
}

/** What a result is to be measured against; files are read, so wrong ones are noticed before any run. */
export interface Measure {
  readonly baseline: { readonly name: string; readonly known: Baseline } | null;
  readonly isUpdating: boolean;
  readonly waivers: NonNullable<Configuration['waivers']>;
  readonly minClauses: number | null;
  /** In percent. */
  readonly minLines: number | null;
  /** In percent. */
  readonly minBranches: number | null;
}

/** The measure that options and configuration ask for. Throws UsageError and UnusableInput. */
export function measureOf(options: JudgingOptions, configuration: Configuration): Measure {
  const file = options.baseline ?? configuration.baseline;
  const isUpdating = options.updateBaseline === true;
  if (isUpdating && file === undefined)
    throw new UsageError('--update-baseline: goes with --baseline <file>, or a baseline in the configuration');
  const { thresholds = {} } = configuration;
  const minClauses = options.minClauses ?? thresholds.clauses ?? null;
  const minLines = options.minLines ?? thresholds.lines ?? null;
  const minBranches = options.minBranches ?? thresholds.branches ?? null;
  const baseline = file === undefined ? null : { name: portablePath(file), known: knownIn(file, isUpdating) };
  return { baseline, isUpdating, waivers: configuration.waivers ?? [], minClauses, minLines, minBranches };
}

function knownIn(file: string, isUpdating: boolean): Baseline {
  if (isUpdating && !existsSync(file)) return { schema: 'ringproof-baseline/1', findings: [] };
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UnusableInput(file, 'file', `a baseline must be readable (${code}); --update-baseline makes one`);
  }
  return readBaseline(content, file);
}

/** The result as measured; writes the baseline if it is to be updated. */
export function measured(result: CheckResult, measure: Measure): CheckResult {
  const { baseline, isUpdating, waivers } = measure;
  const today = new Date().toISOString().slice(0, 10);
  const reached = withMinima(result, measure);
  if (baseline === null && waivers.length === 0) return reached;
  if (!isUpdating || baseline === null) return withStanding(reached, { baseline, waivers, today });
  const known = baselineOf(withStanding(reached, { baseline: null, waivers, today }));
  writeResultFile(baseline.name, baselineText(known));
  return withStanding(reached, { baseline: { name: baseline.name, known }, waivers, today });
}

function withMinima(result: CheckResult, { minClauses, minLines, minBranches }: Measure): CheckResult {
  const clauses = minClauses === null ? [] : [clauseThreshold(result, minClauses)];
  const driver = coverageThresholds(result, { lines: minLines, branches: minBranches });
  return clauses.length + driver.length === 0 ? result : withThresholds(result, [...clauses, ...driver]);
}
