// Small checks for tests: one scenario, few runs, and the wrong drivers of cli/fixtures.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENARIOS } from '../scenarios/catalogue.js';
import type { ScenarioDefinition } from '../scenarios/scenario.js';
import type { CheckRequest } from './check.host.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Path of a file of the source tree, relative to the working directory. */
export function sourcePath(path: string): string {
  return relative(process.cwd(), join(ROOT, path));
}

/** Path of a wrong driver. */
export function wrongDriver(name: string): string {
  return sourcePath(`cli/fixtures/${name}.mjs`);
}

/** Path of one of the example drivers. */
export function exampleDriver(name = 'driver'): string {
  return sourcePath(`examples/port-driver/${name}.mjs`);
}

/** A new empty folder outside the source tree. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ringproof-test-'));
}

/** Scenarios by id. */
export function scenariosNamed(...ids: readonly string[]): ScenarioDefinition[] {
  return SCENARIOS.filter(({ id }) => ids.includes(id));
}

/** A check of 16 coarse runs by one worker that writes into the given map instead of files. */
export function checkRequest(files: Map<string, string>, changes: Partial<CheckRequest>): CheckRequest {
  return {
    driver: 'builtin:full',
    seed: 'sample',
    runs: 16,
    budget: '16 runs',
    workers: 1,
    modes: ['coarse'],
    memories: [],
    scenarios: scenariosNamed('ping-pong'),
    capture: null,
    profile: 'fixed',
    revision: 'current',
    device: 'reference',
    spec: '1.4',
    deviations: [],
    outFolder: 'result',
    shrinkRuns: 0,
    wallLimitMs: 60_000,
    loadLimitMs: 60_000,
    heapLimitMiB: 512,
    writeFile: (path, contents) => files.set(path, contents),
    progress: () => ({ update: () => undefined, finish: () => undefined }),
    onInterrupt: () => undefined,
    ...changes,
  };
}
