// The program `ringproof`: its commands, and what a call of it comes to.
import { Command, CommanderError } from 'commander';
import { TOOL_VERSION } from '../scenarios/versions.host.js';
import { addCheckCommand } from './check-command.js';
import { explainFailure } from './exit-status.js';
import { addExplainCommand } from './explain-command.js';
import { addExploreCommand } from './explore-command.js';
import { addInstrumentCommand } from './instrument-command.js';
import { addFuzzCommand } from './fuzz-command.js';
import { withOurFlags } from './libfuzzer-flags.js';
import { addListCommand } from './list-command.js';
import { addReplayCommand } from './replay-command.js';
import { addReportCommand } from './report-command.js';
import { addRunCommand } from './run-command.js';
import { addShrinkCommand } from './shrink-command.js';
import { addVectorsCommand } from './vectors-command.js';

const COMMANDS = [
  addCheckCommand,
  addRunCommand,
  addReplayCommand,
  addShrinkCommand,
  addExploreCommand,
  addFuzzCommand,
  addReportCommand,
  addVectorsCommand,
  addInstrumentCommand,
  addListCommand,
  addExplainCommand,
];

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('ringproof');
  program
    .description('Checks drivers of virtual point-to-point network links: deterministic, exhaustive about order, reproducible from a seed.')
    .version(TOOL_VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`ringproof: ${text.replace(/^error: /, '')}`) })
    .showHelpAfterError('(see `ringproof --help`)');
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError(`(see \`ringproof ${command.name()} --help\`)`);
  return program;
}

/** Runs the program with the arguments of a process; returns the exit status. Everything said goes to stdout and stderr. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  process.exitCode = undefined;
  try {
    await createProgram().parseAsync(argv[2] === 'fuzz' ? [...argv.slice(0, 3), ...withOurFlags(argv.slice(3))] : [...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { line, status } = explainFailure(error);
    process.stderr.write(`${line}\n`);
    return status;
  }
}
