// WebAssembly drivers from the command line: checked, instrumented to a file, and refused where nothing can be judged.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assembled, driverText } from '../drivers/foreign/wasm-modules.sample.js';
import { call } from './program-call.sample.js';

const FEW = ['--seed', 'wasm', '--workers', '1', '--scenario', 'ping-pong', '--runs', '4', '--shrink-runs', '0', '--quiet'];
let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-wasm-'));
  const trapping = driverText('(local.set $buffer (call $alloc (i32.const 64) (i32.const 16))) (i32.store (local.get $buffer) (i32.const 1)) (unreachable)');
  writeFileSync(at('driver.wasm'), assembled(trapping));
  writeFileSync(at('silent.wasm'), assembled(trapping.replace('(import "ringproof_1" "mb" (func $mb (result i32)))', '')));
  writeFileSync(at('broken.wasm'), 'no module');
});

afterAll(() => rmSync(folder, { recursive: true }));

it('judges a WebAssembly driver, and its instrumented file alike', async () => {
  const first = await call('check', at('driver.wasm'), ...FEW, '--mode', 'fine', '--json', '--out', at('out'));
  expect(first.status).toBe(1);
  const { findings } = JSON.parse(first.out) as { findings: { message: string; place: { file: string; callee?: string } | null }[] };
  expect(findings.map(({ message }) => message).join('\n')).toMatch(/trapped: unreachable in driver_start/);
  const made = await call('instrument', at('driver.wasm'), '-o', at('hooked.wasm'));
  expect([made.status, made.talk]).toEqual([0, expect.stringContaining(`${readFileSync(at('hooked.wasm')).length} bytes`)]);
  const second = await call('check', at('hooked.wasm'), ...FEW, '--mode', 'fine', '--json', '--out', at('out'));
  const digestOf = (out: string): unknown => (JSON.parse(out) as { digest: unknown }).digest;
  expect(digestOf(second.out)).toBe(digestOf(first.out));
});

it('says what a driver without any barrier needs, and runs it in coarse mode only', async () => {
  const refused = await call('check', at('silent.wasm'), ...FEW, '--mode', 'weak', '--out', at('out'));
  expect([refused.status, refused.talk]).toEqual([2, expect.stringMatching(/--mode weak: .* neither atomics nor barriers; build with -matomics/)]);
  const coarse = await call('check', at('silent.wasm'), ...FEW, '--json', '--out', at('out'));
  expect([coarse.status, coarse.talk]).toEqual([1, expect.stringContaining('only coarse mode is run')]);
  const made = await call('instrument', at('silent.wasm'), '-o', at('hooked.wasm'));
  expect(made.talk).toContain('its order is undecidable');
});

it('refuses what cannot be instrumented', async () => {
  expect(await call('instrument', at('driver.wasm'), '-o', at('driver.wasm'))).toMatchObject({ status: 2 });
  expect((await call('instrument', at('broken.wasm'), '-o', at('x.wasm'))).talk).toMatch(/broken\.wasm: byte 0: this is no WebAssembly module/);
  expect((await call('instrument', at('driver.mjs'), '-o', at('x.wasm'))).talk).toMatch(/must end in \.wasm/);
  expect((await call('check', at('broken.wasm'), ...FEW, '--out', at('out'))).status).toBe(2);
});
