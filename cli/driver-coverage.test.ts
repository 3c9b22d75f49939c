// Coverage of the driver under test: exactly the lines that were not executed, in every format, and thresholds on them.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { sourcePath } from '../fuzz/check.sample.host.js';
import { buildCheckResult } from '../scenarios/check-result.js';
import { sampleParts } from '../scenarios/check-result.sample.js';
import { coverageThresholds, percentOf, ranges } from './driver-coverage.js';
import { type Call, callProcess } from './program-call.sample.js';

/** Lines 8 to 10 are never executed, nor is the second half of line 5. */
const DRIVER = `import { createDriver as correct } from './driver.mjs';

let created = 0;
export function createDriver(guest) {
  created = created >= 0 ? 1 : never();
  return correct(guest);
}
function never() {
  return created + 1;
}
`;
const FEW = ['--seed', 's', '--workers', '2', '--scenario', 'ping-pong', '--mode', 'coarse', '--runs', '40', '--quiet'];
let folder = '';

const run = (...args: readonly string[]): Promise<Call> => callProcess(args, { cwd: folder });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-covered-'));
  cpSync(sourcePath('examples/port-driver'), folder, { recursive: true });
  writeFileSync(join(folder, 'mine.mjs'), DRIVER);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('ringproof check --coverage', () => {
  it('names the lines that were not executed and writes lcov, Cobertura and HTML', async () => {
    const { status, out } = await run(
      'check',
      'mine.mjs',
      ...FEW,
      '--coverage',
      '--out',
      'c',
      '--min-lines',
      '10',
      '--min-branches',
      '99.5',
    );
    const coverage = JSON.parse(readFileSync(join(folder, 'c', 'coverage', 'coverage.json'), 'utf8')) as {
      driver: { files: { file: string; uncoveredLines: number[] }[] };
    };
    const files = new Map(coverage.driver.files.map(({ file, uncoveredLines }) => [file, uncoveredLines]));

    expect(status).toBe(4);
    expect([...files.keys()]).toEqual(['driver.mjs', 'mine.mjs', 'port.mjs', 'ring.mjs']);
    expect(files.get('mine.mjs')).toEqual([8, 9, 10]);
    expect(out).toMatch(/percent of driver lines: [\d.]+, at least 10 wanted\n/);
    expect(out).toMatch(/percent of driver branches: [\d.]+, at least 99.5 wanted; missing:\n/);
    expect(out).toMatch(/ {4}mine\.mjs: 1 of \d branches\n/);
    expect(readdirSync(join(folder, 'c', 'coverage'))).toEqual(
      expect.arrayContaining(['cobertura-coverage.xml', 'coverage.json', 'index.html', 'lcov.info']),
    );
    expect(readFileSync(join(folder, 'c', 'coverage', 'lcov.info'), 'utf8')).toMatch(/SF:mine\.mjs\n[^]*DA:9,0\n/);
  });

  it('changes neither runs nor digest', async () => {
    const counted = await run('check', 'mine.mjs', ...FEW, '--coverage', '--out', 'a', '--json');
    const plain = await run('check', 'mine.mjs', ...FEW, '--out', 'a', '--json');
    const { driverCoverage, ...rest } = JSON.parse(counted.out) as Record<string, unknown>;

    expect({ ...rest, driverCoverage: null }).toEqual(JSON.parse(plain.out));
    expect(driverCoverage).not.toBeNull();
  });

  it.each<[string, string[], RegExp]>([
    [
      'a driver without a file',
      ['check', 'builtin:full', '--coverage'],
      /--coverage: counts in files of a driver, and builtin:full has none$/,
    ],
    ['a shard', ['check', 'mine.mjs', '--seed', '1', '--shard', '1/2', '--coverage'], /--shard: does not go with --coverage/],
    [
      'a percentage that is none',
      ['check', 'mine.mjs', '--min-lines', '101'],
      /--min-lines: must be a percentage from 0 to 100, got "101"$/,
    ],
  ])('is refused for %s', async (_what, args, line) => {
    const { status, out, talk } = await run(...args);

    expect([status, out]).toEqual([2, '']);
    expect(talk.split('\n').find((said) => said.startsWith('ringproof: '))).toMatch(line);
  });
});

test.each<[number[], string]>([
  [[], ''],
  [[4], '4'],
  [[1, 2, 3], '1-3'],
  [[1, 3, 4, 9], '1, 3-4, 9'],
])('the numbers %j read as ranges', (numbers, text) => {
  expect(ranges(numbers)).toBe(text);
});

test('shares are rounded down, so that nothing short reads as reached', () => {
  expect([percentOf({ total: 3, covered: 2 }), percentOf({ total: 0, covered: 0 }), percentOf({ total: 10_000, covered: 9_999 })]).toEqual([
    66.6, 100, 99.9,
  ]);
});

test('without measured coverage there is nothing to compare with a minimum', () => {
  expect(coverageThresholds(buildCheckResult(sampleParts({})), { lines: 90, branches: 90 })).toEqual([]);
});
