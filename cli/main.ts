#!/usr/bin/env node
// The command `ringproof`: arguments in, exit status out; no logic of its own.
import { Command, CommanderError } from 'commander';
import { TOOL_VERSION } from '../scenarios/versions.host.js';
import { addCheckCommand } from './check-command.js';
import { explainFailure } from './exit-status.js';
import { addExplainCommand } from './explain-command.js';
import { addListCommand } from './list-command.js';
import { addReplayCommand } from './replay-command.js';
import { addRunCommand } from './run-command.js';
import { addVectorsCommand } from './vectors-command.js';

/** The program with all its commands. */
function createProgram(): Command {
  const program = new Command('ringproof');
  program
    .description('Checks drivers of virtual point-to-point network links: deterministic, exhaustive about order, reproducible from a seed.')
    .version(TOOL_VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`ringproof: ${text.replace(/^error: /, '')}`) })
    .showHelpAfterError('(see `ringproof --help`)');
  for (const add of [addCheckCommand, addRunCommand, addReplayCommand, addVectorsCommand, addListCommand, addExplainCommand]) add(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError(`(see \`ringproof ${command.name()} --help\`)`);
  return program;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3));

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { line, status } = explainFailure(error);
    process.stderr.write(`${line}\n`);
    process.exitCode = status;
  }
}
