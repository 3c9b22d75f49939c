// The example of docs/fast-check.md, extracted and executed by vitest in a small project beside a driver.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../model/rules/clause-file.host.js';

const ROOT = packageRoot(import.meta.dirname);
/** Time for the test runner of the small project, in ms. */
const LIMIT_MS = 120_000;
/** Seed of the runs, so that the test is the same each time. */
const SEED = 20_261;
const folder = mkdtempSync(join(tmpdir(), 'ringproof-fast-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function exampleOfPage(): string {
  const page = readFileSync(join(ROOT, 'docs', 'fast-check.md'), 'utf8');
  return /```ts\n(import fc[^]*?)```/.exec(page)![1]!;
}

/** A project with the drivers of examples/port-driver and the example about one of them. */
function project(name: string, driver: string): string {
  const place = join(folder, name);
  cpSync(join(ROOT, 'examples', 'port-driver'), place, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  mkdirSync(join(place, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(place, 'node_modules', 'ringproof'));
  for (const needed of ['fast-check', 'vitest']) symlinkSync(join(ROOT, 'node_modules', needed), join(place, 'node_modules', needed));
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(place, 'seed.ts'), `import fc from 'fast-check';\nfc.configureGlobal({ seed: ${SEED} });\n`);
  writeFileSync(join(place, 'vitest.config.ts'), `export default { test: { setupFiles: ['./seed.ts'] } };\n`);
  writeFileSync(join(place, 'driver.test.ts'), exampleOfPage().replace('./driver.mjs', `./${driver}`));
  return place;
}

function runTests(place: string): { readonly status: number | null; readonly said: string } {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--root', place, '--testTimeout', '60000'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LIMIT_MS });
  return { status, said: `${stdout}${stderr}` };
}

test('the example of the page passes for a right driver', () => {
  const { status, said } = runTests(project('right', 'driver.mjs'));

  expect(said).toContain('1 passed');
  expect(status).toBe(0);
}, LIMIT_MS);

test('and fails for a wrong one with seed, path and sentences', () => {
  const { status, said } = runTests(project('wrong', 'driver-early-flags.mjs'));

  expect(status).toBe(1);
  expect(said).toMatch(/seed: -?\d+, path: /);
  expect(said).toContain('the driver broke');
}, LIMIT_MS);
