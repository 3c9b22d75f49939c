#!/usr/bin/env node
// The command `ringproof`: arguments in, exit status out; no logic of its own.
import { runProgram } from './program.js';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3));

process.exitCode = await runProgram(process.argv);
