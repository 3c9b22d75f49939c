// Loading of driver files, good and bad, from a folder of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILT_IN_DRIVERS } from './builtin.js';
import { identityOf, loadDriver } from './load-driver.host.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/port-driver/driver.mjs', import.meta.url));
let folder = '';

/** Writes a driver file and returns its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-load-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('loadDriver', () => {
  it('loads an ES module in plain style whose ringproof/driver is this installation', async () => {
    const subject = await loadDriver(EXAMPLE);

    expect([subject.name, subject.resumable, typeof subject.plain, subject.hasTrustedTwin]).toEqual([
      'driver.mjs',
      null,
      'function',
      false,
    ]);
    expect(subject.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(identityOf(EXAMPLE)).toEqual({ identity: 'driver.mjs', digest: subject.digest, path: EXAMPLE });
  });

  it('loads a module in resumable style', async () => {
    const path = file(
      'resumable.mjs',
      "export const style = 'resumable'; export const contractVersion = 1; export const createDriver = () => ({});",
    );

    const subject = await loadDriver(path);

    expect([subject.plain, typeof subject.resumable]).toEqual([null, 'function']);
  });

  it.each(BUILT_IN_DRIVERS.map((driver) => driver.name))('knows builtin:%s in both styles', async (name) => {
    const subject = await loadDriver(`builtin:${name}`);

    expect([typeof subject.plain, typeof subject.resumable, subject.hasTrustedTwin, subject.digest]).toEqual([
      'function',
      'function',
      true,
      '',
    ]);
    expect(identityOf(`builtin:${name}`)).toEqual({ identity: `builtin:${name}`, digest: '', path: null });
  });

  it.each<[string, string, RegExp]>([
    ['empty.mjs', '', /empty\.mjs: export createDriver: a driver module must export a function createDriver\(guest\), got nothing$/],
    ['number.mjs', 'export const createDriver = 5;', /export createDriver: .*, got 5$/],
    ['default.mjs', 'export default { createDriver() {} };', /got nothing; it is in the default export$/],
    [
      'style.mjs',
      "export const style = 'wild'; export function createDriver() {}",
      /export style: the style must be 'plain' or 'resumable', got "wild"$/,
    ],
    [
      'future.mjs',
      'export const contractVersion = 2; export function createDriver() {}',
      /this version speaks contract 1, the driver wants 2$/,
    ],
    ['syntax.mjs', 'export const a = 1;\nconst b = ;\n', /syntax\.mjs: line 2: .*SyntaxError/],
    ['throws.mjs', '\n\nthrow new TypeError("at load");\n', /throws\.mjs: line 3: .*TypeError: at load/],
    ['import.mjs', "import 'no-such-package';", /import\.mjs: .*no-such-package/],
    ['driver.txt', '', /driver\.txt: file name: a driver file must end in \.mjs, \.js or \.wasm$/],
  ])('refuses %s with one line', async (name, text, message) => {
    const path = file(name, text);

    await expect(loadDriver(path)).rejects.toMatchObject({ name: 'UnusableInput', message: expect.stringMatching(message) as string });
  });

  it('refuses a file that is not there and a built-in driver that is none', async () => {
    await expect(loadDriver(join(folder, 'absent.mjs'))).rejects.toThrow(/absent\.mjs: file: a driver file must be readable \(ENOENT\)$/);
    await expect(loadDriver('builtin:best')).rejects.toThrow(
      'builtin:best: driver: there is no such built-in driver; there are builtin:full, builtin:minimal',
    );
  });
});
