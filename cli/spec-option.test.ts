// `--spec`: older claims are judged by their version, with its section numbers; unclaimed features are told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../scenarios/check-result.js';
import { call } from './program-call.sample.js';

const FEW = ['--seed', 'spec', '--workers', '1', '--scenario', 'bring-up', '--mode', 'coarse', '--runs', '12', '--shrink-runs', '0', '--quiet', '--json'];
let folder = '';

async function check(...args: readonly string[]): Promise<CheckResult> {
  return JSON.parse((await call('check', ...args, ...FEW, '--out', join(folder, 'out'))).out) as CheckResult;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-spec-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('check --spec', () => {
  it('judges by the clauses of the claimed version and prints its sections', async () => {
    const [old, latest] = [await check('--spec', '1.0', '--profile', 'fixed'), await check('--profile', 'fixed')];
    const placeOf = ({ clauses }: CheckResult, id: string): string[] =>
      clauses.items.filter((item) => item.id === id).map(({ document, section }) => `${document} ${section}`);

    expect([old.configuration.spec, latest.configuration.spec]).toEqual(['1.0', '1.4']);
    expect(old.clauses.applicable).toBeLessThan(latest.clauses.applicable);
    expect([placeOf(old, 'SPLIT-DRV-2.7.13.3.1-1'), placeOf(old, 'RESET-DRV-2.4.2-1')]).toEqual([['virtio 1.0 3.2.1.3.1'], []]);
    expect(placeOf(latest, 'RESET-DRV-2.4.2-1')).toEqual(['virtio 1.4 2.4.2']);
  });

  it('refuses other versions', async () => {
    const { status, talk } = await call('check', '--spec', '0.9');

    expect([status, talk]).toEqual([2, expect.stringContaining('--spec: must be one of 1.0, 1.1, 1.2, 1.3, 1.4, got "0.9"') as string]);
  });

  it('is known to explain, too', async () => {
    const { out } = await call('explain', 'RESET-DRV-2.4.2-1', '--spec', '1.1');

    expect(out).toContain('It came with virtio 1.2, so virtio 1.1 does not demand it.');
    expect((await call('explain', 'NET-DRV-5.1.9.2.1-2', '--spec', '1.3')).out).toContain('virtio 1.3, section 5.1.6.2.1');
  });
});

describe('claimed features', () => {
  it('are what the driver is expected to accept at most', async () => {
    const config = join(folder, 'claims.config.json');
    writeFileSync(config, JSON.stringify({ claimedFeatures: ['MRG_RXBUF'] }));
    const { findings, verdict } = await check('--config', config, '--profile', 'fixed');

    expect(verdict).toBe('conforms');
    expect(findings.map(({ clauses, severity }) => [clauses, severity])).toEqual([[['CONTRACT-CLAIM'], 'finding']]);
    writeFileSync(config, JSON.stringify({ claimedFeatures: ['MRG_RXBUF', 'INDIRECT_DESC', 'CSUM', 'GUEST_CSUM', 'MAC'] }));
    expect((await check('--config', config, '--profile', 'fixed')).findings).toEqual([]);
  });
});
