// The generic device from the command line: named in check, run and lists, brought along by what needs it, replayed without being named.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { call } from './program-call.sample.js';

const folder = mkdtempSync(join(tmpdir(), 'ringproof-generic-'));
const FEW = ['--seed', '5', '--workers', '1', '--mode', 'coarse', '--runs', '14', '--shrink-runs', '0', '--quiet', '--json'];

afterAll(() => rmSync(folder, { recursive: true }));

it('a check says which device it was made with', async () => {
  const { status, out } = await call('check', 'builtin:full', '--device', 'generic', '--scenario', 'generic-ping-pong', ...FEW, '--out', join(folder, 'full'));

  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ verdict: 'conforms', configuration: { device: 'generic', world: 'generic-virtio-net' } });
});

it('a mutant brings the device along, and its repros replay without it being named', async () => {
  const out = join(folder, 'mutant');
  const made = await call('check', 'builtin:drv-event-never-moved', '--scenario', 'generic-ping-pong', ...FEW, '--out', out);
  const repro = readdirSync(join(out, 'repro')).find((name) => name.endsWith('.json'))!;
  const replayed = await call('replay', join(out, 'repro', repro));

  expect([made.status, replayed.status]).toEqual([1, 1]);
  expect(JSON.parse(made.out)).toMatchObject({ verdict: 'violates', configuration: { device: 'generic' } });
  expect(replayed.out).toContain('reproduced');
});

it('a mutant of the device is the generic driver with the mutated device', async () => {
  const { status, out } = await call('check', 'builtin:dev-event-one-late', '--scenario', 'generic-ping-pong', ...FEW, '--out', join(folder, 'device'));

  expect(status).toBe(1);
  expect((JSON.parse(out) as { findings: { rule: string }[] }).findings.map(({ rule }) => rule)).toContain('interrupts-due');
});

it('a run finds the scenario of that name on the device, or names those there are', async () => {
  const named = await call('run', 'ping-pong', '--device', 'generic', '--seed', '4');
  const full = await call('run', 'generic-ping-pong', '--seed', '4');
  const unknown = await call('run', 'moon', '--device', 'generic');

  expect([named.status, named.out]).toEqual([0, full.out]);
  expect(unknown.status).toBe(2);
  expect(unknown.talk).toContain('--device generic: has no scenario "moon"; there are generic-bring-up');
});

it('the corrected server has no faithful twin on the generic device, and quirks of it cannot be switched there', async () => {
  const faithful = await call('check', '--device', 'generic', '--profile', 'faithful');
  const quirk = await call('check', '--device', 'generic', '--deviation', 'Q1');

  expect([faithful.status, quirk.status]).toEqual([2, 2]);
  expect(faithful.talk).toContain('--profile faithful: does not go with --device generic');
  expect(quirk.talk).toContain('--device generic: does not go with deviations of the server (Q1)');
});

it('lists say what needs the device', async () => {
  const scenarios = JSON.parse((await call('list', 'scenarios', '--json')).out) as { items: { id: string; device: string }[] };
  const mutants = JSON.parse((await call('list', 'mutants', '--json')).out) as { items: { id: string; device: string }[] };

  expect(scenarios.items.find(({ id }) => id === 'generic-flood')?.device).toBe('generic');
  expect(scenarios.items.find(({ id }) => id === 'flood')?.device).toBe('reference');
  expect(mutants.items.find(({ id }) => id === 'drv-event-equality')?.device).toBe('generic');
});
