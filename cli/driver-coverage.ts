// Lines and branches of the driver that a check executed: lcov, Cobertura and HTML by c8, and the numbers for the result.
//
// c8 is an optional peer: it is loaded only when coverage is asked for. Its raw files go through a folder of their own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { ScriptCoverage } from '../fuzz/script-coverage.host.js';
import type { CheckResult, DriverCoverage, Threshold } from '../scenarios/check-result.js';
import { UsageError } from './exit-status.js';

type Share = DriverCoverage['lines'];

/** The part of c8 that is used. */
interface CoverageTool {
  readonly Report: new (options: Readonly<Record<string, unknown>>) => { run(): Promise<void> };
}

/** What the reporter `json` writes, as far as it is read: statements are lines in what c8 makes of V8's counts. */
const coverageFileSchema = z.record(
  z.string(),
  z.object({
    path: z.string(),
    statementMap: z.record(z.string(), z.object({ start: z.object({ line: z.int() }) })),
    s: z.record(z.string(), z.number()),
    b: z.record(z.string(), z.array(z.number())),
  }),
);

/** Loads c8. Throws UsageError when it is not installed. */
export async function loadCoverageTool(): Promise<CoverageTool> {
  const name: string = 'c8';
  try {
    return (await import(name)) as CoverageTool;
  } catch {
    throw new UsageError('--coverage: needs the package c8, which is not installed; `npm install --save-dev c8` adds it');
  }
}

/** Writes `lcov.info`, `cobertura-coverage.xml` and `index.html` into the folder and gives the numbers back. */
export async function writeDriverCoverage(
  tool: CoverageTool,
  scripts: readonly (readonly ScriptCoverage[])[],
  folder: string,
): Promise<DriverCoverage> {
  const raw = mkdtempSync(join(tmpdir(), 'ringproof-coverage-'));
  try {
    mkdirSync(folder, { recursive: true });
    scripts.forEach((result, index) =>
      writeFileSync(join(raw, `coverage-${String(index).padStart(4, '0')}.json`), JSON.stringify({ result })),
    );
    const options = { tempDirectory: raw, exclude: [], excludeNodeModules: true, allowExternal: true, all: false, omitRelative: false };
    await new tool.Report({ ...options, reporter: ['lcovonly', 'cobertura', 'html'], reportsDirectory: folder }).run();
    await new tool.Report({ ...options, reporter: ['json'], reportsDirectory: raw }).run();
    return numbersOf(JSON.parse(readFileSync(join(raw, 'coverage-final.json'), 'utf8')));
  } finally {
    rmSync(raw, { recursive: true });
  }
}

function numbersOf(document: unknown): DriverCoverage {
  const files = Object.values(coverageFileSchema.parse(document)).map(({ path, statementMap, s, b }) => {
    const lines = Object.entries(statementMap).map(([key, { start }]) => [start.line, s[key]! > 0] as const);
    const branches = Object.values(b).flat();
    return {
      file: relative(process.cwd(), path).split(sep).join('/'),
      lines: { total: lines.length, covered: lines.filter(([, isCovered]) => isCovered).length },
      branches: { total: branches.length, covered: branches.filter((count) => count > 0).length },
      uncoveredLines: lines
        .filter(([, isCovered]) => !isCovered)
        .map(([line]) => line)
        .sort((left, right) => left - right),
    };
  });
  files.sort((left, right) => (left.file < right.file ? -1 : 1));
  return { lines: sum(files.map(({ lines }) => lines)), branches: sum(files.map(({ branches }) => branches)), files };
}

function sum(shares: readonly Share[]): Share {
  return { total: shares.reduce((all, { total }) => all + total, 0), covered: shares.reduce((all, { covered }) => all + covered, 0) };
}

/** A share in percent, rounded down to one decimal; nothing to cover is all of it. */
export function percentOf({ total, covered }: Share): number {
  return total === 0 ? 100 : Math.floor((covered / total) * 1000) / 10;
}

/** Minima of lines and branches of the driver. */
export function coverageThresholds(
  { driverCoverage }: CheckResult,
  minima: { readonly lines: number | null; readonly branches: number | null },
): Threshold[] {
  if (driverCoverage === null) return [];
  const { files } = driverCoverage;
  const thresholds: Threshold[] = [];
  if (minima.lines !== null) {
    const missing = files
      .filter(({ uncoveredLines }) => uncoveredLines.length > 0)
      .map(({ file, uncoveredLines }) => `${file}: lines ${ranges(uncoveredLines)}`);
    thresholds.push({ name: 'percent of driver lines', wanted: minima.lines, reached: percentOf(driverCoverage.lines), missing });
  }
  if (minima.branches !== null) {
    const short = files.filter(({ branches }) => branches.covered < branches.total);
    const missing = short.map(({ file, branches }) => `${file}: ${branches.total - branches.covered} of ${branches.total} branches`);
    thresholds.push({ name: 'percent of driver branches', wanted: minima.branches, reached: percentOf(driverCoverage.branches), missing });
  }
  return thresholds;
}

/** Sorted numbers as ranges: `3-7, 12`. */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  let start = 0;
  numbers.forEach((value, index) => {
    if (numbers[index + 1] === value + 1) return;
    const first = numbers[start]!;
    parts.push(first === value ? String(value) : `${first}-${value}`);
    start = index + 1;
  });
  return parts.join(', ');
}
