// `ringproof shrink` from end to end: a smaller file that replays, progress and JSON, and files it cannot use.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleDriver } from '../fuzz/check.sample.host.js';
import { call } from './program-call.sample.js';

let folder = '';
let repro = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-shrink-'));
  const driver = exampleDriver('driver-index-before-slot');
  await call(
    'check',
    driver,
    '--seed',
    'shrink',
    '--scenario',
    'ping-pong',
    '--mode',
    'fine',
    '--runs',
    '20',
    '--profile',
    'fixed',
    '--shrink-runs',
    '0',
    '--quiet',
    '--out',
    folder,
  );
  const name = readdirSync(join(folder, 'repro')).find((file) => file.startsWith('ring-ownership'))!;
  repro = join(folder, 'repro', name);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('ringproof shrink', () => {
  it('writes a smaller repro beside the one it was given, and replay reproduces it', async () => {
    const before = readFileSync(repro, 'utf8');

    const { status, out } = await call('shrink', repro, '--runs', '400', '--quiet');
    const small = repro.replace('.json', '.small.json');
    const replayed = await call('replay', small);

    expect(status).toBe(0);
    expect(out).toMatch(/^The default schedule, plus \d preemptions?, 0 faults, \d packets? \(/m);
    expect(out).toContain(`ringproof replay ${small}`);
    expect(readFileSync(repro, 'utf8')).toBe(before);
    expect(readFileSync(small, 'utf8').length).toBeLessThan(before.length);
    expect(replayed.out).toContain('reproduced');
    expect(replayed.status).toBe(1);
  });

  it('prints one JSON document, and says when its runs were too few', async () => {
    const output = join(folder, 'other.json');

    const { out } = await call('shrink', repro, '--runs', '3', '--json', '--output', output);
    const told = await call('shrink', repro, '--runs', '3', '--quiet', '--output', output);

    expect(JSON.parse(out)).toMatchObject({ schema: 'ringproof-shrink/1', output, isMinimal: false });
    expect(told.out).toContain('The search ended after');
  });

  it('tells when the finding does not come any more', async () => {
    const { status, talk } = await call('shrink', repro, '--driver', exampleDriver(), '--quiet', '--output', join(folder, 'none.json'));

    expect(status).toBe(4);
    expect(talk).toContain('not shrunk: the run does not show its finding any more');
  });

  it('refuses to overwrite its input, and runs without an end', async () => {
    const endless = join(folder, 'endless.json');
    const value = JSON.parse(readFileSync(repro, 'utf8')) as Record<string, unknown>;
    writeFileSync(endless, JSON.stringify({ ...value, tape: null, traceDigest: null, outcomeDigest: null }));

    const same = await call('shrink', repro, '--output', repro);
    const none = await call('shrink', endless);

    expect([same.status, none.status]).toEqual([2, 2]);
    expect(same.talk).toContain('--output: must be another file than the repro itself');
    expect(none.talk).toContain('$.tape');
  });
});
