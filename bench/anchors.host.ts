// Makes anchors in other languages runnable: compiles C and C++ with what the machine has, finds or fetches SimPy.
//
// Everything made lands below out/bench, which git ignores. What cannot be made is a Command with a reason; the
// bench says so loudly and goes on.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './contender.host.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(ROOT, 'bench', 'anchors');
const SCRATCH = join(ROOT, 'out', 'bench');
const SIMPY = 'simpy==4.1.1';
const OPTIMISE = ['-O2', '-march=native', '-Wall', '-Wextra', '-Werror'];

/** Command of bench/anchors/<name>.c, compiled with gcc at -O2 for this machine. */
export function cProgram(name: string, ...parameters: readonly (string | number)[]): Command {
  return compiled('gcc', `${name}.c`, name, parameters);
}

/** Command of bench/anchors/<name>.cpp, compiled with g++. */
export function cppProgram(name: string, ...parameters: readonly (string | number)[]): Command {
  return compiled('g++', `${name}.cpp`, name, parameters);
}

/** Command of bench/anchors/<name>.py under a Python that has SimPy; fetches SimPy into a scratch environment once. */
export function simpyScript(name: string, ...parameters: readonly (string | number)[]): Command {
  const python = pythonWithSimpy();
  return 'missing' in python ? python : { file: python.file, words: [join(SOURCES, `${name}.py`), ...parameters.map(String)] };
}

/** First line of what a tool says of its version, or null if there is no such tool. */
export function versionOf(tool: string): string | null {
  const answer = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.split('\n')[0]!.trim() : null;
}

function compiled(compiler: string, source: string, name: string, parameters: readonly (string | number)[]): Command {
  if (versionOf(compiler) === null) return { missing: `no ${compiler} here` };
  mkdirSync(SCRATCH, { recursive: true });
  const target = join(SCRATCH, name);
  const answer = spawnSync(compiler, [...OPTIMISE, '-o', target, join(SOURCES, source)], { encoding: 'utf8' });
  if (answer.status !== 0) throw new Error(`${compiler} refused ${source}:\n${answer.stderr}`);
  return { file: target, words: parameters.map(String) };
}

function pythonWithSimpy(): Command {
  if (hasSimpy('python3')) return { file: 'python3', words: [] };
  const environment = join(SCRATCH, 'python');
  const python = join(environment, 'bin', 'python');
  if (existsSync(python) && hasSimpy(python)) return { file: python, words: [] };
  if (versionOf('python3') === null) return { missing: 'no python3 here' };
  mkdirSync(SCRATCH, { recursive: true });
  if (spawnSync('python3', ['-m', 'venv', environment]).status !== 0) return { missing: 'python3 cannot make a virtual environment here' };
  const install = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SIMPY], { timeout: 60_000 });
  return install.status === 0 ? { file: python, words: [] } : { missing: `pip could not fetch ${SIMPY}` };
}

function hasSimpy(python: string): boolean {
  return spawnSync(python, ['-c', 'import simpy']).status === 0;
}
