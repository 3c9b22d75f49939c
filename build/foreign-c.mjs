// The C example driver as WebAssembly, or as a native process: right in every mode, and each planted fault found in the
// modes that can show it.
//
//   node build/foreign-c.mjs [--native] [--runs N]
//
// Needs clang and lld, or gcc; as root on Debian it installs them. Where it cannot it says SKIPPED and exits with 77.
// Needs `npm run build` first. Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const runs = process.argv.includes('--runs') ? process.argv[process.argv.indexOf('--runs') + 1] : '400';
const isNative = process.argv.includes('--native');
const HEADER = `-I${root}drivers/foreign/c`;
const NATIVE_COMPILER = ['-O2', '-g', '-Wall', '-Wextra', '-Werror', HEADER];
const COMPILER = ['--target=wasm32', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-nostdlib', '-Wl,--no-entry', HEADER];
const ORDERED = isNative ? [] : ['-matomics', '-mbulk-memory'];

/**
 * Planted faults: in which modes each must be found, and in which it must not be. Absent modes may go either way. A fault
 * that few runs of a check could show names the scenarios that do; `share` times the runs are made for it.
 */
const FAULTS = {
  INDEX_NOT_FREE_RUNNING: { found: ['coarse', 'fine', 'weak'], clean: [] },
  DIRTY_HEADER: { found: ['coarse', 'fine', 'weak'], clean: [] },
  ACCEPTS_EVERYTHING: { found: ['coarse', 'fine', 'weak'], clean: [], scenarios: ['odd-device', 'feature-subsets'] },
  KICKS_BEFORE_DRIVER_OK: { found: ['coarse', 'fine', 'weak'], clean: [] },
  INDEX_BEFORE_SLOT: { found: ['fine', 'weak'], clean: ['coarse'] },
  DESCRIPTOR_LATE: { found: ['fine', 'weak'], clean: ['coarse'] },
  EARLY_FLAGS: { found: ['fine', 'weak'], clean: ['coarse'] },
  NO_RECHECK: { found: ['fine', 'weak'], clean: ['coarse'], scenarios: ['flood', 'ping-pong'], share: 6 },
  NO_WRITE_BARRIER: { found: ['weak'], clean: ['coarse'] },
  NO_READ_BARRIER: { found: ['weak'], clean: ['coarse'] },
  NO_KICK_BARRIER: { found: ['weak'], clean: ['coarse'] },
  NO_RECHECK_BARRIER: { found: ['weak'], clean: ['coarse'], scenarios: ['flood'] },
};

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function hasCompiler() {
  if (isNative) return hasPrograms(['gcc'], ['gcc', 'libc6-dev']);
  return hasPrograms(['clang', 'wasm-ld'], ['clang', 'lld']);
}

function hasPrograms(programs, packages) {
  const areThere = () => programs.every((program) => works(program, ['--version']));
  if (areThere()) return true;
  if (process.getuid?.() !== 0 || !works('apt-get', ['--version'])) return false;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update'], options);
  spawnSync('apt-get', ['install', '-y', ...packages], options);
  return areThere();
}

let passed = 0;
let failed = 0;

function expectation(what, isMet, seen) {
  if (isMet) passed += 1;
  else failed += 1;
  console.log(`${isMet ? 'passed' : 'FAILED'}  ${what}${isMet ? '' : `: ${seen}`}`);
}

/** Runs a compiler. Throws with what it said. */
function compiled(compiler, ...args) {
  const result = spawnSync(compiler, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${compiler}: ${result.stderr}`);
}

/** Builds the example, with a fault or flags of its own; the driver's name. */
function built(folder, name, flags) {
  if (isNative) return builtNative(folder, name, flags);
  const output = join(folder, `${name}.wasm`);
  compiled('clang', ...COMPILER, ...flags, '-o', output, join(root, 'examples/c-driver/driver.c'));
  return output;
}

function builtNative(folder, name, flags) {
  const [program, driver, library] = [join(folder, name), join(folder, `${name}.o`), join(folder, 'ringproof.o')];
  compiled('gcc', ...NATIVE_COMPILER, ...flags, '-fsanitize=thread', '-c', '-o', driver, join(root, 'examples/c-driver/driver.c'));
  compiled('gcc', ...NATIVE_COMPILER, '-c', '-o', library, join(root, 'drivers/foreign/c/ringproof.c'));
  compiled('gcc', '-o', program, driver, library);
  return `exec:${program}`;
}

function check(folder, module, ...options) {
  const command = [join(root, 'dist/cli/main.js'), 'check', module, '--seed', 'c-driver', '--quiet', '--shrink-runs', '0'];
  const out = join(folder, 'out');
  const { status, stderr } = spawnSync(process.execPath, [...command, '--runs', runs, '--out', out, ...options], { encoding: 'utf8' });
  return { status, stderr, result: status === 2 ? null : JSON.parse(readFileSync(join(out, 'check.json'), 'utf8')) };
}

const foundBy = ({ result }) => [...new Set((result?.findings ?? []).map(({ rule }) => rule))].join(', ');

function main(folder) {
  const right = built(folder, 'driver', ORDERED);
  for (const mode of ['coarse', 'fine', 'weak']) {
    const seen = check(folder, right, '--mode', mode, '--runs', String(3 * Number(runs)));
    expectation(`driver.c conforms in ${mode} mode`, seen.status === 0, `exit ${seen.status}, ${foundBy(seen)} ${seen.stderr}`);
  }
  for (const [fault, { found, clean, scenarios = [], share = 1 }] of Object.entries(FAULTS)) {
    const chosen = scenarios.flatMap((scenario) => ['--scenario', scenario]);
    const module = built(folder, fault, [...ORDERED, `-DFAULT_${fault}`]);
    for (const mode of [...found, ...clean]) {
      const seen = check(folder, module, '--mode', mode, '--runs', String(share * Number(runs)), ...chosen);
      const isFound = found.includes(mode);
      const word = isFound ? `is found in ${mode} mode by ${foundBy(seen)}` : `shows nothing in ${mode} mode`;
      expectation(`${fault} ${word}`, seen.status === (isFound ? 1 : 0), `exit ${seen.status}, ${foundBy(seen)} ${seen.stderr}`);
      if (!isFound || fault !== 'INDEX_BEFORE_SLOT' || mode !== 'fine') continue;
      const place = seen.result.findings.map(({ location }) => (location === null ? '' : `${location.file}:${location.line}`)).join();
      expectation('its finding names a line of driver.c', /driver\.c:\d/.test(place), place);
    }
  }
  if (isNative) return rate(folder, right);
  // Without a word about order, nothing about order is judged.
  const silent = built(folder, 'silent', ['-mbulk-memory', '-DFAULT_NO_BARRIERS']);
  const refused = check(folder, silent, '--mode', 'fine');
  expectation('a driver without barriers is not judged in fine mode', refused.status === 2 && /-matomics/.test(refused.stderr), refused.stderr);
  const coarse = check(folder, silent);
  expectation('and conforms in coarse mode', coarse.status === 0, `exit ${coarse.status}, ${foundBy(coarse)} ${coarse.stderr}`);
}

/** Schedules of a second on one core; a figure to read, not a threshold. */
function rate(folder, driver) {
  const count = 200;
  const startedMs = performance.now();
  check(folder, driver, '--mode', 'fine', '--scenario', 'ping-pong', '--runs', '1', '--workers', '1', '--profile', 'fixed');
  const onceMs = performance.now();
  check(folder, driver, '--mode', 'fine', '--scenario', 'ping-pong', '--runs', String(count + 1), '--workers', '1', '--profile', 'fixed');
  const seconds = (performance.now() - onceMs - (onceMs - startedMs)) / 1000;
  console.log(`native, fine mode, ping-pong: ${Math.round((count * 1.1) / seconds)} runs a second on one core, rules on, every tenth made twice`);
}

if (!hasCompiler()) {
  console.log('SKIPPED the C example driver: no compiler for it here, and none could be installed');
  process.exit(77);
}
const folder = mkdtempSync(join(tmpdir(), 'ringproof-c-'));
try {
  main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
