// `--device`: whose drivers are judged by what, from the plan to the repro, and what does not go together.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../scenarios/check-result.js';
import { call } from './program-call.sample.js';

const FEW = ['--seed', 'device', '--workers', '1', '--mode', 'coarse', '--runs', '60', '--shrink-runs', '60', '--quiet', '--json'];
let folder = '';

/** Path of a file in the folder for results. */
const at = (...parts: readonly string[]): string => join(folder, ...parts);

/** A check with its result. */
async function check(...args: readonly string[]): Promise<{ readonly status: number | null; readonly result: CheckResult }> {
  const { status, out } = await call('check', ...args, ...FEW, '--out', at('out'));
  return { status, result: JSON.parse(out) as CheckResult };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-device-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('check --device hostile', () => {
  it('decides the clauses about hostile devices and no others, without a second pass', async () => {
    const { status, result } = await check('--device', 'hostile');
    const held = result.clauses.items.filter(({ outcome }) => outcome === 'held').map(({ id }) => id);

    expect([status, result.verdict, result.configuration.device, result.quirks]).toEqual([0, 'conforms', 'hostile', []]);
    expect(held.sort()).toEqual([
      'CONTRACT-DETERMINISM',
      'HOSTILE-EXCEPTION',
      'HOSTILE-MEMORY',
      'HOSTILE-TERMINATES',
      'NET-DRV-5.1.9.4-2',
      'SPLIT-DRV-2.7.8-3',
    ]);
    expect(result.clauses.applicable).toBe(7);
    expect(result.scenarios.every(({ id }) => id.startsWith('hostile-'))).toBe(true);
  });

  it('finds what a driver does that believes its device, as findings that fail only those who ask for it', async () => {
    const { status, result } = await check('builtin:drv-trusts-id', '--device', 'hostile');
    const asked = await check('builtin:drv-trusts-id', '--device', 'hostile', '--fail-on', 'should');

    expect([status, result.verdict, asked.status]).toEqual([0, 'conforms', 1]);
    expect(new Set(result.findings.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    expect(result.findings.flatMap(({ clauses }) => clauses)).toContain('SPLIT-DRV-2.7.8-3');
  });

  it('writes repros that say so, and that replay and shrink', async () => {
    await check('builtin:drv-trusts-id', '--device', 'hostile');
    const file = at('out', 'repro', readdirSync(at('out', 'repro'))[0]!);
    const repro = JSON.parse(readFileSync(file, 'utf8')) as { configuration: { device: string }; scenario: { device: string } };
    const replayed = await call('replay', file);
    const shrunk = await call('shrink', file, '--runs', '30', '--output', at('small.json'), '--quiet');

    expect([repro.configuration.device, repro.scenario.device.startsWith('hostile-')]).toEqual(['hostile', true]);
    expect([replayed.status, replayed.out]).toEqual([1, expect.stringContaining(': reproduced: ') as string]);
    expect(shrunk.status).toBe(0);
  });

  it('is what a mutant brings along that shows against such a device only, unless told otherwise', async () => {
    const [brought, told] = [await check('builtin:drv-trusts-length'), await check('builtin:drv-trusts-length', '--device', 'reference')];

    expect([brought.result.configuration.device, brought.result.findings.length > 0]).toEqual(['hostile', true]);
    expect([told.result.configuration.device, told.result.findings]).toEqual(['reference', []]);
  });

  it('can be said in the configuration', async () => {
    const config = at('device.config.json');
    writeFileSync(config, JSON.stringify({ device: 'hostile' }));

    expect((await check('--config', config)).result.configuration.device).toBe('hostile');
    expect((await check('--config', config, '--device', 'reference')).result.configuration.device).toBe('reference');
  });

  it.each([
    ['another device', ['--device', 'kind'], '--device: must be one of reference, hostile'],
    ['a hostile scenario without it', ['--scenario', 'hostile-index'], '--scenario: "hostile-index" needs --device hostile'],
    ['an ordinary scenario with it', ['--device', 'hostile', '--scenario', 'flood'], '--scenario: "flood" needs --device reference'],
    ['a scenario that is none', ['--device', 'hostile', '--scenario', 'nope'], 'there is no scenario "nope"; there are hostile-id-range, '],
    ['a mutant of the server', ['builtin:dev-q1', '--device', 'hostile'], '--device hostile: does not go with deviations of the server (Q1)'],
  ])('refuses %s', async (_name, args, line) => {
    const { status, out, talk } = await call('check', ...args);

    expect([status, out]).toEqual([2, '']);
    expect(talk).toContain(line);
  });
});

describe('scenarios of single devices and quirks', () => {
  it('run by themselves', async () => {
    const { status, out } = await call('run', 'hostile-id-range', '--driver', 'a=builtin:drv-trusts-id', '--driver', 'b=builtin:full', '--seed', '3');

    expect([status, out]).toEqual([0, expect.stringContaining('A misbehaving device made the driver') as string]);
  });

  it('of quirks can be named in a check and judge the server, since nobody else takes part', async () => {
    const faithful = await check('--scenario', 'quirk-q1', '--profile', 'faithful');
    const fixed = await check('--scenario', 'quirk-q1', '--profile', 'fixed');

    expect([faithful.status, faithful.result.findings.map(({ party, isSubject }) => [party, isSubject])]).toEqual([1, [['device', true]]]);
    expect([fixed.status, fixed.result.findings, fixed.result.inconclusive[0]]).toEqual([
      4,
      [],
      'the driver never came up far enough to be offered a frame',
    ]);
  });
});
