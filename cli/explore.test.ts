// `ringproof explore` from end to end: complete or not, findings with repros, JSON, wrong options.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleDriver } from '../fuzz/check.sample.host.js';
import { call } from './program-call.sample.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-explore-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('ringproof explore', () => {
  it('says complete, how many runs there are, and exits 0 when nothing is wrong', async () => {
    const { status, out } = await call(
      'explore',
      'ping-pong',
      '--packets',
      '1',
      '--preemptions',
      '0',
      '--faults',
      '1',
      '--quiet',
      '--out',
      folder,
    );

    expect(status).toBe(0);
    expect(out).toMatch(/^driver at port a: complete: 1 with 0 deviations, \d+ with 1 deviation$/m);
    expect(out).toContain('Complete: every run with up to 0 preemptions and 1 fault, 1 packet, fine mode');
  }, 60_000);

  it('writes a repro for each finding, which replay reproduces', async () => {
    const driver = exampleDriver('driver-no-recheck');

    const { status, out } = await call('explore', 'ping-pong', '--driver', driver, '--quiet', '--out', folder);
    const file = /ringproof replay (\S*interrupt-check\S*)/.exec(out)![1]!;
    const replayed = await call('replay', file);

    expect(status).toBe(1);
    expect(existsSync(file)).toBe(true);
    expect(replayed.out).toContain('reproduced');
  }, 60_000);

  it('is incomplete when its runs are too few, told as JSON', async () => {
    const { status, out } = await call('explore', 'ping-pong', '--runs', '20', '--json', '--quiet', '--out', folder);

    const told = JSON.parse(out) as { schema: string; isComplete: boolean; ports: { runs: number; share: number }[] };
    expect(status).toBe(4);
    expect([told.schema, told.isComplete, told.ports.map(({ runs }) => runs)]).toEqual(['ringproof-explore/1', false, [20, 20]]);
    expect(told.ports[0]!.share).toBeLessThan(1);
  }, 60_000);

  it.each([
    [['no-such-scenario'], 'there is no scenario "no-such-scenario"'],
    [['ping-pong', '--withhold', '32'], '--withhold: must be a feature bit from 0 to 31'],
    [['ping-pong', '--preemptions', '9'], '--preemptions: must be an integer from 0 to 5'],
    [['ping-pong', '--driver', 'missing.mjs'], 'missing.mjs'],
  ])('refuses %s with status 2', async (args, message) => {
    const { status, talk } = await call('explore', ...args, '--quiet', '--out', folder);

    expect(status).toBe(2);
    expect(talk).toContain(message);
  });
});
