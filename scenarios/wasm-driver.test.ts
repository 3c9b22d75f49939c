// WebAssembly drivers under the hooks: every access, every way to go wrong, everything that is refused.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Execution } from './execution.js';
import { pingPong } from './ping-pong.js';
import { QUICK_RUN, type RunOutcome } from './outcome.js';
import type { Mode } from './scenario.js';
import { UnusableInput } from '../sim/unusable-input.js';
import { instrumentedFile, prepareWasm, wasmSubject } from '../drivers/foreign/load-wasm.js';
import { assembled, driverText } from '../drivers/foreign/wasm-modules.sample.js';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const execution = new Execution({ onRunStart: () => undefined });

function outcomeOf(text: string, mode: Mode = 'fine', memory: 'sc' | 'relaxed' = 'sc'): RunOutcome {
  const subject = wasmSubject('driver.wasm', 'driver.wasm', assembled(text), digestOf);
  const request = { mode, memory, profile: 'fixed', revision: 'current', subjects: [true, false], seed: 'wasm' } as const;
  return execution.run({ ...request, scenario: pingPong.generate(() => 0) }, subject, QUICK_RUN);
}

/** What becomes of a driver whose start is `body`. */
function fateOf(body: string, extra = ''): string | null {
  return outcomeOf(driverText(body, extra)).failures[0];
}

/** Runs `body`, which leaves a number; null when it is `expected`, else what happened. */
function valueIs(expected: string, type: string, body: string): string | null {
  return fateOf(`(local.set $buffer (call $alloc (i32.const 64) (i32.const 16)))
    (if (i32.eqz (${type}.eq (${type}.const ${expected}) ${body})) (then (unreachable)))`);
}

describe('a driver in WebAssembly', () => {
  it('reads back what it stored to guest memory, at every width and sign', () => {
    const cases: readonly (readonly [string, string, string, string, string])[] = [
      ['-2', 'i32', 'i32.store8', '(i32.const 254)', 'i32.load8_s'],
      ['254', 'i32', 'i32.store8', '(i32.const 254)', 'i32.load8_u'],
      ['-2', 'i32', 'i32.store16', '(i32.const 65534)', 'i32.load16_s'],
      ['65534', 'i32', 'i32.store16', '(i32.const 65534)', 'i32.load16_u'],
      ['-5', 'i32', 'i32.store', '(i32.const -5)', 'i32.load'],
      ['-5', 'i64', 'i64.store', '(i64.const -5)', 'i64.load'],
      ['0x123456789abcdef0', 'i64', 'i64.store', '(i64.const 0x123456789abcdef0)', 'i64.load'],
      ['-1', 'i64', 'i64.store8', '(i64.const 255)', 'i64.load8_s'],
      ['255', 'i64', 'i64.store8', '(i64.const 255)', 'i64.load8_u'],
      ['-1', 'i64', 'i64.store16', '(i64.const 65535)', 'i64.load16_s'],
      ['65535', 'i64', 'i64.store16', '(i64.const 65535)', 'i64.load16_u'],
      ['-1', 'i64', 'i64.store32', '(i64.const 0xffffffff)', 'i64.load32_s'],
      ['0xffffffff', 'i64', 'i64.store32', '(i64.const 0xffffffff)', 'i64.load32_u'],
      ['1.5', 'f32', 'f32.store', '(f32.const 1.5)', 'f32.load'],
      ['-2.25', 'f64', 'f64.store', '(f64.const -2.25)', 'f64.load'],
      ['7', 'i32', 'i32.atomic.store', '(i32.const 7)', 'i32.atomic.load'],
      ['9', 'i64', 'i64.atomic.store', '(i64.const 9)', 'i64.atomic.load'],
      ['200', 'i32', 'i32.atomic.store8', '(i32.const 200)', 'i32.atomic.load8_u'],
    ];
    for (const [expected, type, store, value, load] of cases) {
      const stored = `(block (result ${type}) (${store} offset=8 (local.get $buffer) ${value}) (${load} offset=8 (local.get $buffer)))`;
      expect([store, load, valueIs(expected, type, stored)]).toEqual([store, load, null]);
      const own = `(block (result ${type}) (${store} offset=8 (i32.const 64) ${value}) (${load} offset=8 (i32.const 64)))`;
      expect([store, load, valueIs(expected, type, own)]).toEqual([store, load, null]);
    }
  });

  it('updates guest memory atomically as its own memory', () => {
    const start = '0x0000000180000001';
    const cases: readonly (readonly [string, string, string])[] = [
      ['i64.atomic.rmw.add', '(i64.const 0xffffffff)', '0x0000000280000000'],
      ['i64.atomic.rmw.sub', '(i64.const 2)', '0x000000017fffffff'],
      ['i64.atomic.rmw.sub', '(i64.const 0x80000002)', '0x00000000ffffffff'],
      ['i64.atomic.rmw.and', '(i64.const 0x0000000180000000)', '0x0000000180000000'],
      ['i64.atomic.rmw.or', '(i64.const 2)', '0x0000000180000003'],
      ['i64.atomic.rmw.xor', '(i64.const 1)', '0x0000000180000000'],
      ['i64.atomic.rmw.xchg', '(i64.const 5)', '5'],
      ['i64.atomic.rmw.cmpxchg', `(i64.const ${start}) (i64.const 6)`, '6'],
      ['i64.atomic.rmw.cmpxchg', '(i64.const 0x80000001) (i64.const 6)', start],
      ['i64.atomic.rmw16.cmpxchg_u', '(i64.const 1) (i64.const 7)', '0x0000000180000007'],
    ];
    for (const [update, operands, expected] of cases) {
      for (const address of ['(local.get $buffer)', '(i32.const 64)']) {
        const body = `(block (result i64) (i64.store ${address} (i64.const ${start}))
          (drop (${update} ${address} ${operands})) (i64.load ${address}))`;
        expect([update, address, valueIs(expected, 'i64', body)]).toEqual([update, address, null]);
        const old = `(block (result i64) (i64.store ${address} (i64.const ${start})) (${update} ${address} ${operands}))`;
        const seen = update.includes('16') ? '1' : start;
        expect([update, address, valueIs(seen, 'i64', old)]).toEqual([update, address, null]);
      }
    }
  });

  it('copies and fills across guest memory and its own', () => {
    const copied = (target: string, source: string): string => `(block (result i32)
      (memory.fill ${source} (i32.const 0x5a) (i32.const 8)) (memory.fill ${target} (i32.const 0) (i32.const 8))
      (memory.copy ${target} ${source} (i32.const 4)) (i32.load ${target}))`;
    const guest = '(local.get $buffer)';
    const pairs = [
      [guest, '(i32.const 64)'],
      ['(i32.const 64)', guest],
      [`(i32.add ${guest} (i32.const 16))`, guest],
      ['(i32.const 80)', '(i32.const 64)'],
    ];
    for (const [target, source] of pairs) {
      expect(valueIs('0x5a5a5a5a', 'i32', copied(target!, source!))).toBeNull();
    }
  });

  it('goes wrong in ways that name the function', () => {
    expect(fateOf('(unreachable)')).toMatch(/^the driver refused the device: trapped: unreachable in driver_start \(module\.wasm:1:\d+\)$/);
    expect(fateOf('(drop (i32.load (i32.const 0x20000)))')).toMatch(/trapped: memory access out of bounds in driver_start/);
    expect(fateOf('(i64.store (i32.const 0x90000000) (i64.const 1))')).toMatch(/^the driver touched memory that is not its own/);
    expect(fateOf('(loop $again (br $again))')).toMatch(/^the driver made \d+ turns of loops without .*, in driver_start, byte \d+ of the module$/);
    expect(fateOf('(call $deep)', '(func $deep (call $deep))')).toMatch(/exhausted its stack in deep/);
    expect(fateOf('(drop (memory.grow (i32.const 5000)))')).toMatch(/wanted 5000 more pages .* \(in driver_start, byte \d+ of the module\)$/);
    expect(fateOf('(drop (call $deliver (i32.const 64) (i32.const 8) (i32.const 0) (i32.const -1) (i32.const 0)))')).toMatch(
      /rp_deliver was given 0x40, which is no guest memory/,
    );
    expect(fateOf('(i32.atomic.store (i32.const 0x80100002) (i32.const 1))')).toMatch(/an atomic access of 4 bytes to a misaligned address/);
    expect(fateOf('(memory.copy (i32.const 0x80100000) (i32.const 0x10000) (i32.const 4))')).toMatch(/out of bounds in driver_start/);
    const growing = '(loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))';
    expect(fateOf(growing)).toMatch(/past the 64 MiB of memory/);
    const init = fateOf('(memory.init 0 (i32.const 0x80100000) (i32.const 0) (i32.const 1))', '(data "x")');
    expect(init).toMatch(/memory\.init was used to write to guest memory/);
  });

  it('spins on shared memory until its budget is spent', () => {
    const body = '(loop $again (br_if $again (i32.eqz (i32.load16_u (local.get $buffer)))))';
    expect(fateOf(`(local.set $buffer (call $alloc (i32.const 64) (i32.const 16))) ${body}`)).toMatch(/neither returned nor waited within its budget/);
  });

  it('has the same digest in every run', () => {
    const stores = '(i32.store (local.get $buffer) (i32.const 3)) (drop (call $mb))';
    const text = driverText(`(local.set $buffer (call $alloc (i32.const 64) (i32.const 16))) ${stores}`);
    for (const mode of ['coarse', 'fine'] as const) expect(outcomeOf(text, mode).digest).toBe(outcomeOf(text, mode).digest);
  });
});

describe('what cannot be a driver', () => {
  const rule = (text: string): string => {
    try {
      wasmSubject('driver.wasm', 'driver.wasm', assembled(text), digestOf);
      return 'accepted';
    } catch (error) {
      return error instanceof UnusableInput ? error.message : `not refused but ${String(error)}`;
    }
  };

  it('is refused with the name of what is wrong', () => {
    const start = '(func (export "driver_start") (result i32) (i32.const 0))';
    const transmit = '(func (export "driver_transmit") (param i32 i32 i32) (result i32) (i32.const 0))';
    const memory = '(memory (export "memory") 1)';
    expect(rule(`(module ${memory} ${start})`)).toMatch(/must export driver_transmit/);
    expect(rule(`(module ${start} ${transmit})`)).toMatch(/one memory of its own/);
    expect(rule(`(module (memory 1) ${start} ${transmit})`)).toMatch(/export its memory/);
    expect(rule(`(module (import "env" "printf" (func)) ${memory} ${start} ${transmit})`)).toMatch(/imports env\.printf, which nobody provides/);
    expect(rule(`(module (import "ringproof_2" "alloc" (func)) ${memory} ${start} ${transmit})`)).toMatch(
      /calls ringproof_2\.alloc; this version provides ringproof_1/,
    );
    expect(rule(`(module (import "ringproof_hook_1" "load8" (func (param i32 i32) (result i32))) ${memory} ${start} ${transmit})`)).toMatch(
      /calls ringproof_hook_1\.load8, which only instrumentation may do/,
    );
    expect(rule(`(module (import "env" "memory" (memory 1)) ${start} ${transmit})`)).toMatch(/without --import-memory/);
    expect(rule(`(module (memory (export "memory") 5000) ${start} ${transmit})`)).toMatch(/starts with 5000 pages/);
    expect(rule(`(module ${memory} (global (export "ringproof.fuel") i32 (i32.const 0)) ${start} ${transmit})`)).toMatch(/only instrumentation gives/);
    expect(() => wasmSubject('driver.wasm', 'd', new TextEncoder().encode('int main'), digestOf)).toThrow(/byte 0: this is no WebAssembly module/);
  });

  it('refuses a file that claims to be instrumented', () => {
    const prepared = prepareWasm('driver.wasm', assembled(driverText('')), digestOf);
    const file = instrumentedFile(prepared);
    expect(prepareWasm('out.wasm', file, digestOf).tag).toBe(prepared.tag);
    const forged = file.slice();
    const at = prepared.instrumented.bytes.length - 3;
    forged[at] = forged[at]! ^ 1;
    expect(() => prepareWasm('out.wasm', forged, digestOf)).toThrow(/instrumented by another version or changed since/);
  });

  it('is held to coarse mode when nothing in it orders accesses', () => {
    const text = driverText('').replace('(import "ringproof_1" "mb" (func $mb (result i32)))', '');
    expect(outcomeOf(text, 'coarse').failures[0]).toBeNull();
    expect(() => outcomeOf(text, 'fine')).toThrow(/it can run in coarse mode only; build with -matomics/);
    expect(outcomeOf(text.replace('(memory (export', '(func (atomic.fence)) (memory (export'), 'fine').failures[0]).toBeNull();
  });
});
