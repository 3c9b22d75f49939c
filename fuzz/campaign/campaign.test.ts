// A campaign: the same result with one worker and with two, after SIGKILL and going on, and repros that replay.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../model/rules/clause-file.host.js';

const MAIN = join(packageRoot(import.meta.dirname), 'dist', 'cli', 'main.js');
const LIMIT_MS = 120_000;
const RUNS = 240;
const CAMPAIGN = ['fuzz', 'l4re-p2p', '--profile', 'faithful', '--seed', '5', `-runs=${RUNS}`, '--epoch', '64', '--json', '--quiet'];
const root = mkdtempSync(join(tmpdir(), 'ringproof-fuzz-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Report {
  readonly runs: number;
  readonly digest: string;
  readonly findings: readonly { readonly key: string; readonly quirk: string | null; readonly run: number; readonly count: number; readonly repro: string }[];
}

function call(args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: root, timeout: LIMIT_MS });
}

function campaign(folder: string, ...more: string[]): Report {
  return JSON.parse(call([...CAMPAIGN, '--out', folder, ...more]).stdout) as Report;
}

function told({ runs, digest, findings }: Report): object {
  return { runs, digest, findings: findings.map(({ key, run, count }) => `${key} ${run} ${count}`) };
}

test('one worker and two come to the same, and traced findings replay', () => {
  const one = campaign('one', '--workers', '1', '--no-shrink');
  const two = campaign('two', '--workers', '2', '--no-shrink');
  const traced = two.findings.filter(({ quirk }) => quirk !== null);

  expect(told(two)).toEqual(told(one));
  expect(traced.length).toBeGreaterThan(5);
  expect(call(['replay', traced[0]!.repro]).stdout).toContain('reproduced');
  expect(readdirSync(join(root, 'two', 'corpus')).every((name) => /^[0-9a-f]{40}$/.test(name))).toBe(true);
  expect(readFileSync(join(root, 'two', 'fuzzer_stats'), 'utf8')).toMatch(/^execs_done +: 240$/m);
}, LIMIT_MS);

test('a campaign that is killed goes on and comes to the same', async () => {
  const whole = campaign('whole', '--workers', '2', '--no-shrink');
  const child = spawn(process.execPath, [MAIN, ...CAMPAIGN, '--out', 'killed', '--workers', '2', '--no-shrink'], { cwd: root });
  const gone = new Promise((resolve) => child.on('exit', resolve));
  while (!existsSync(join(root, 'killed', 'state.json')) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await gone;

  const resumed = campaign('killed', '--workers', '1', '--no-shrink');

  expect(told(resumed)).toEqual(told(whole));
}, LIMIT_MS);

test('the corrected server withstands a campaign', () => {
  const { status, stdout } = call(['fuzz', 'l4re-p2p', '--seed', '5', '-runs=200', '-workers=2', '--quiet', '--out', 'fixed']);

  expect(stdout).toContain('200 runs');
  expect(stdout).toContain('0 findings');
  expect(status).toBe(0);
}, LIMIT_MS);

test('-merge=1 leaves what coverage needs, and folders of other campaigns and odd files are refused', () => {
  campaign('merged', '-runs=120', '--no-shrink');
  const merged = call(['fuzz', 'l4re-p2p', '--profile', 'faithful', '-merge=1', '--out', 'merged']);
  const other = call(['fuzz', 'l4re-p2p', '--profile', 'fixed', '--out', 'merged', '-runs=10']);
  writeFileSync(join(root, 'merged', 'corpus', '0'.repeat(40)), '{}');
  const odd = call(['fuzz', 'l4re-p2p', '--corpus', join('merged', 'corpus'), '--out', 'odd', '-runs=10']);

  expect(merged.stdout).toMatch(/\d+ of \d+ inputs are needed for \d+ features/);
  expect(other.status).toBe(2);
  expect(other.stderr).toContain('another driver, seed, profile or version');
  expect(odd.status).toBe(2);
  expect(call(['fuzz', 'l4re-p2p', '-dict=x']).stderr).toContain('there is no flag -dict=');
  expect(call(['fuzz', 'elsewhere']).status).toBe(2);
}, LIMIT_MS);

test('a broken driver is found and its finding is made smaller', () => {
  // One wrong word of a header: a single kind of finding to make smaller.
  const driver = ['--driver', 'builtin:drv-buffer-count-set'];
  const { status, stdout } = call(['fuzz', 'l4re-p2p', ...driver, '--seed', '5', '-runs=32', '--json', '--quiet', '--out', 'driver']);
  const { findings } = JSON.parse(stdout) as Report;

  expect(status).toBe(1);
  expect(findings.length).toBeGreaterThan(0);
  expect(call(['replay', findings[0]!.repro]).stdout).toContain('reproduced');
}, LIMIT_MS);
