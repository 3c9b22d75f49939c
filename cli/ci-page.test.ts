// The commands of docs/ci.md, extracted and executed in a small project, in the order of the page.
//
// `npx` and `npm` are stood in for, since nothing is installed or fetched here: `npx ringproof` is this build, `npm` does nothing. All
// else is what the page says.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourcePath } from '../fuzz/check.sample.host.js';
import { configurationSchema } from './configuration.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const PAGE = readFileSync(sourcePath('docs/ci.md'), 'utf8');
/** Few runs over few scenarios: what is tested are the commands. */
const BUDGET = 16;
const SCENARIOS = ['bring-up', 'ping-pong'];
let folder = '';
const at = (...parts: readonly string[]): string => join(folder, ...parts);

/** Fenced blocks of a language in the section with the given heading. */
function blocksIn(heading: string, language: string): string[] {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))!;
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
}

/** Commands of a GitHub workflow: what stands behind `run:`. */
function runLines(workflow: string): string[] {
  return [...workflow.matchAll(/^\s*-? run: (.*)$/gm)].map(([, line]) => line!);
}

/** Commands of a GitLab job: the list items below `script:` and `before_script:`. */
function scriptLines(pipeline: string): string[] {
  return [...pipeline.matchAll(/^ {4}- (.*)$/gm)].map(([, line]) => line!);
}

function shell(line: string, env: Readonly<Record<string, string>> = {}): { status: number | null; out: string } {
  const path = `${at('bin')}${delimiter}${process.env['PATH']}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, ...env },
  });
  return { status, out: `${stdout}${stderr}` };
}

/** Uses the correct driver, or the one that publishes the index too early. */
function useDriver(name: 'driver' | 'driver-index-before-slot'): void {
  writeFileSync(at('drivers', 'mine.mjs'), `export { createDriver } from './${name}.mjs';\n`);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-ci-'));
  mkdirSync(at('bin'));
  writeFileSync(at('bin', 'npx'), `#!/bin/sh\n[ "$1" = ringproof ] || exit 9\nshift\nexec ${process.execPath} ${MAIN} "$@"\n`);
  writeFileSync(at('bin', 'npm'), '#!/bin/sh\nexit 0\n');
  for (const name of ['npx', 'npm']) chmodSync(at('bin', name), 0o755);
  cpSync(sourcePath('examples/port-driver'), at('drivers'), { recursive: true });
  const [configuration] = blocksIn('Once', 'json').map((text) => JSON.parse(text) as Record<string, unknown>);
  writeFileSync(
    at('ringproof.config.json'),
    JSON.stringify({ ...configuration, budget: BUDGET, scenarios: SCENARIOS, thresholds: { clauses: 50 } }),
  );
  useDriver('driver-index-before-slot');
  shell('npx ringproof check --baseline known.json --update-baseline --seed 1 --out kept --quiet');
  mkdirSync(at('regressions'));
  for (const name of readdirSync(at('kept', 'repro')).slice(0, 2)) cpSync(at('kept', 'repro', name), at('regressions', name));
  useDriver('driver');
});

afterAll(() => rmSync(folder, { recursive: true }));

it('the configuration of the page is one', () => {
  const [text] = blocksIn('Once', 'json');

  expect(configurationSchema.safeParse(JSON.parse(text!)).error).toBeUndefined();
});

it('the update of the baseline makes the file that the configuration names', () => {
  const [command] = /npx ringproof check --update-baseline/.exec(PAGE)!;

  expect(shell(`${command} --seed 1 --quiet`).status).toBe(0);
  expect(existsSync(at('ringproof.baseline.json'))).toBe(true);
});

describe('the commands for GitHub', () => {
  const lines = runLines(blocksIn('GitHub Actions', 'yaml')[0]!);

  function execute(line: string, shard: number): { status: number | null; out: string } {
    const filled = line.replaceAll('${{ github.run_id }}', '12345').replaceAll('${{ matrix.shard }}', String(shard));
    expect(filled).not.toContain('${{');
    return shell(filled, { GITHUB_STEP_SUMMARY: at('step-summary.md') });
  }

  it('check in shards, replay what was mended, report, and summarize', () => {
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'npm ci',
      'npx ringproof check',
      'npm ci',
      'npx ringproof replay',
      'npx ringproof report',
      'cat out/summary.md >>',
    ]);
    for (const shard of [1, 2, 3]) expect(execute(lines[1]!, shard).status).toBe(0);
    for (const line of lines.slice(2)) expect([line, execute(line, 1)]).toMatchObject([line, { status: 0 }]);
    expect(readdirSync(at('regressions')).length).toBeGreaterThan(0);
    expect(readFileSync(at('step-summary.md'), 'utf8')).toContain('**CONFORMS**');
    expect(readdirSync(at('out')).sort()).toEqual(['report.html', 'ringproof.sarif', 'summary.md']);
  });

  it('fail, with all artefacts there, when something new is found', () => {
    useDriver('driver-index-before-slot');
    for (const shard of [1, 2, 3]) execute(lines[1]!, shard);
    const [replay, report] = [execute(lines[3]!, 1), execute(lines[4]!, 1)];
    useDriver('driver');

    expect([replay.status, report.status]).toEqual([1, 1]);
    expect(readdirSync(at('out')).sort()).toEqual(['report.html', 'repro', 'ringproof.sarif', 'summary.md']);
    expect(readFileSync(at('out', 'summary.md'), 'utf8')).toContain('**VIOLATES**');
  });
});

it('the commands for GitLab do the same', () => {
  const lines = scriptLines(blocksIn('GitLab', 'yaml')[0]!);
  const env = { CI_PIPELINE_ID: '77', CI_NODE_TOTAL: '3' };
  rmSync(at('shards'), { recursive: true });
  rmSync(at('out'), { recursive: true });
  const made = [1, 2, 3].map((index) => shell(lines[1]!, { ...env, CI_NODE_INDEX: String(index) }).status);
  const report = shell(lines[2]!, env);

  expect(lines[0]).toMatch(/^npm ci /);
  expect([made, report.status]).toEqual([[0, 0, 0], 0]);
  expect(readdirSync(at('out')).sort()).toEqual(['junit.xml', 'report.html', 'summary.md']);
});

it('the commands for one machine, the reports made later and the comparison work', () => {
  const [check] = runLines(blocksIn('One machine', 'yaml')[0]!);
  const [sarif, compare] = blocksIn('One machine', 'sh')[0]!.trim().split('\n');
  const checked = shell(check!.replaceAll('${{ github.run_id }}', '5'));
  cpSync(at('out'), at('old'), { recursive: true });

  expect([checked.status, shell(sarif!).status]).toEqual([0, 0]);
  expect(shell(compare!)).toMatchObject({ status: 0, out: expect.stringContaining('0 new, 0 fixed, 0 persisting') as string });
  expect(existsSync(at('out', 'ringproof.sarif'))).toBe(true);
});

it('the command for coverage writes what the page says', () => {
  const [line] = blocksIn('Coverage of your driver', 'sh');
  const { status } = shell(`${line!.trim()} --runs ${BUDGET} --seed 5`);

  // Few runs may leave more than a tenth of the lines out: then the check is inconclusive.
  expect([0, 4]).toContain(status);
  expect(readdirSync(at('out', 'coverage'))).toEqual(
    expect.arrayContaining(['cobertura-coverage.xml', 'coverage.json', 'index.html', 'lcov.info']),
  );
});
