// Compiles the project as tsconfig.json says, like tsc, with two steps added: write-out-constants.mjs, and the command made executable.
//
// Errors are printed as tsc prints them and end the build with status 1.
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { writeOutConstants } from './write-out-constants.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' };
const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
    throw new Error(ts.formatDiagnostic(diagnostic, host));
  },
});
const program = ts.createProgram({ rootNames: config.fileNames, options: config.options });
const problems = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
const { diagnostics } = program.emit(undefined, undefined, undefined, undefined, { before: [writeOutConstants(program)] });
const all = ts.sortAndDeduplicateDiagnostics([...problems, ...diagnostics]);
if (all.length > 0) {
  process.stdout.write(process.stdout.isTTY ? ts.formatDiagnosticsWithColorAndContext(all, host) : ts.formatDiagnostics(all, host));
  process.exitCode = 1;
}
// npm does so when it installs; a build after that would take it away from `npx ringproof`.
if (process.exitCode !== 1) chmodSync(join(ROOT, 'dist/cli/main.js'), 0o755);
