// `ringproof report <dir|file…>`: reports from stored results; puts shards together; compares two checks.
import { basename } from 'node:path';
import type { Command } from 'commander';
import { comparisonJson, comparisonText, compareResults } from '../reports/compare.js';
import { colourPainter, plainPainter, wantsColour } from '../reports/style.js';
import { exitStatusOf, failingFindings, type FailOn } from '../scenarios/check-result.js';
import { chosen, readConfiguration } from './configuration.js';
import { UsageError } from './exit-status.js';
import { type JudgingOptions, addJudgingOptions, measureOf, measured } from './judging.js';
import { failOnOption, repeated } from './parse-options.js';
import { present } from './presenting.js';
import { prepareFile, requestedReports } from './report-files.js';
import { readStored } from './stored-results.js';

interface ReportOptions extends JudgingOptions {
  compare?: boolean;
  report?: string[];
  failOn: FailOn;
  out: string;
  config?: string;
  json?: boolean;
  verbose?: boolean;
}

/** Adds the command to the program. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('reports from the stored result of a check (check.json) or from its shards, put together; or what changed between two')
    .argument('<path...>', 'result files, or folders that hold them; with --compare the earlier and the later one')
    .option('--compare', 'say what is new, fixed and persisting from the first result to the second, and how coverage moved')
    .option('--report <kind=path>', 'write a report: terminal, json, junit, sarif, markdown, html or coverage; repeatable', repeated)
    .option('--fail-on <level>', 'least severity that fails: must, should, finding, quirk', failOnOption, 'must')
    .option('--out <dir>', 'where the repro files of merged shards go', '.ringproof')
    .option('--config <file>', 'configuration instead of ringproof.config.json or .mjs')
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--verbose', 'unfold the clause table');
  addJudgingOptions(command).action(async (paths: string[], options: ReportOptions) => {
    process.exitCode = options.compare === true ? compare(paths, options) : await report(paths, options, command);
  });
}

async function report(paths: readonly string[], options: ReportOptions, command: Command): Promise<number> {
  const configuration = await readConfiguration(options.config);
  const measure = measureOf(options, configuration);
  const reports = requestedReports(options.report, configuration.reports);
  for (const { path } of reports) prepareFile(path);
  const failOn = chosen(command, 'failOn', options.failOn, configuration.failOn);
  const result = measured(readStored(paths, chosen(command, 'out', options.out, configuration.out)), measure);
  present(result, { failOn, isJson: options.json === true, isVerbose: options.verbose === true }, reports);
  return exitStatusOf(result, failOn);
}

/** Fails when something new would fail a check. */
function compare(paths: readonly string[], { failOn, json }: ReportOptions): number {
  if (paths.length !== 2)
    throw new UsageError(
      `--compare: wants two results, the earlier and the later one, got ${paths.map((path) => basename(path)).join(', ')}`,
    );
  const comparison = compareResults(readStored([paths[0]!], null), readStored([paths[1]!], null));
  const painter = wantsColour(process.env, process.stdout.isTTY) ? colourPainter : plainPainter;
  process.stdout.write(json === true ? comparisonJson(comparison) : comparisonText(comparison, painter));
  const failing = new Set(failingFindings(comparison.after, failOn));
  return comparison.appeared.some((finding) => failing.has(finding)) ? 1 : 0;
}
