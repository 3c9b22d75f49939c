// Loads the driver a user names: `builtin:<name>` the path of an ES module or a WebAssembly module,
// or `exec:<command>`, a native process.
//
// Everything that is wrong with it is one UnusableInput: file, place, rule. A module is imported once per thread;
// state it keeps outside createDriver is its own fault and shows as a difference between repeated runs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UnusableInput } from '../sim/unusable-input.js';
import { REFERENCE_DRIVERS, BUILT_IN_PREFIX, builtInSubject } from './builtin.js';
import { CONTRACT_VERSION, type Driver, type Guest } from './contract.js';
import { kindOf } from './driver-object.js';
import { describeThrown } from './driver-failure.js';
import { NativePool } from './foreign/native-driver.host.js';
import { instrumentedFile, prepareWasm, wasmSubject } from './foreign/load-wasm.js';
import { resolveContractHere } from './resolve-contract.host.js';
import type { Subject } from './subject.js';

/** Prefix of a driver that is a process: `exec:` and a command of the shell. */
export const NATIVE_PREFIX = 'exec:';
const WASM_EXTENSION = '.wasm';
const EXTENSIONS: readonly string[] = ['.mjs', '.js', WASM_EXTENSION];

/** Who a driver is, without running any of its code. */
export interface DriverIdentity {
  readonly identity: string;
  /** SHA-256 of the entry file's text in hex; empty for a built-in driver. */
  readonly digest: string;
  /** As named by the user; null for a built-in driver. */
  readonly path: string | null;
}

/** Identity of the driver named by `text`. Throws UnusableInput when there is none. */
export function identityOf(text: string): DriverIdentity {
  if (text.startsWith(NATIVE_PREFIX)) return { identity: text, digest: digestOfProgram(text), path: text };
  if (text.startsWith(BUILT_IN_PREFIX)) {
    const { identity, digest } = builtIn(text);
    return { identity, digest, path: null };
  }
  return { identity: basename(text), digest: sha256(readEntry(text)), path: text };
}

/**
 * False for a driver whose compiler was free to reorder its accesses: a WebAssembly module with neither atomics nor barrier
 * calls. Nothing about it can be judged in fine or weak mode. Throws UnusableInput when there is no such driver.
 */
export function isOrdered(text: string): boolean {
  const isModule = extname(text) === WASM_EXTENSION && !text.startsWith(NATIVE_PREFIX) && !text.startsWith(BUILT_IN_PREFIX);
  return !isModule || prepareWasm(text, readEntry(text), sha256).isOrdered;
}

/** A WebAssembly driver as a file with hooks in it. Throws UnusableInput. */
export function instrumentFile(path: string): { readonly bytes: Uint8Array; readonly isOrdered: boolean } {
  if (extname(path) !== WASM_EXTENSION) throw new UnusableInput(path, 'file name', 'a module to instrument must end in .wasm');
  const prepared = prepareWasm(path, readEntry(path), sha256);
  return { bytes: instrumentedFile(prepared), isOrdered: prepared.isOrdered };
}

/** Loads the driver named by `text`. Throws UnusableInput with one line when it cannot be used. */
export async function loadDriver(text: string): Promise<Subject> {
  if (text.startsWith(BUILT_IN_PREFIX)) return builtIn(text);
  const { identity, digest } = identityOf(text);
  if (text.startsWith(NATIVE_PREFIX)) return nativeSubject(text, digest);
  if (extname(text) === WASM_EXTENSION) return wasmSubject(text, identity, readEntry(text), sha256);
  const module = await importModule(text);
  const { createDriver, style, contractVersion } = module;
  if (typeof createDriver !== 'function') {
    const hint =
      typeof (module.default as Record<string, unknown> | undefined)?.createDriver === 'function' ? '; it is in the default export' : '';
    throw new UnusableInput(
      text,
      'export createDriver',
      `a driver module must export a function createDriver(guest), got ${kindOf(createDriver)}${hint}`,
    );
  }
  if (style !== undefined && style !== 'plain' && style !== 'resumable') {
    throw new UnusableInput(text, 'export style', `the style must be 'plain' or 'resumable', got ${kindOf(style)}`);
  }
  if (contractVersion !== undefined && contractVersion !== CONTRACT_VERSION) {
    throw new UnusableInput(
      text,
      'export contractVersion',
      `this version speaks contract ${CONTRACT_VERSION}, the driver wants ${kindOf(contractVersion)}`,
    );
  }
  return {
    name: identity,
    identity,
    digest,
    resumable: style === 'resumable' ? (createDriver as NonNullable<Subject['resumable']>) : null,
    plain: style === 'resumable' ? null : (createDriver as NonNullable<Subject['plain']>),
    hasTrustedTwin: false,
  };
}

function nativeSubject(text: string, digest: string): Subject {
  const pool = new NativePool(text.slice(NATIVE_PREFIX.length));
  const plain = (guest: Guest): Driver => pool.createDriver(guest);
  return { name: text, identity: text, digest, resumable: null, plain, hasTrustedTwin: false };
}

/** Digest of the file the first word of the command names, as far as it names one. */
function digestOfProgram(text: string): string {
  const program = text.slice(NATIVE_PREFIX.length).trim().split(/\s+/)[0]!;
  if (program === '') throw new UnusableInput(text, 'driver', 'after exec: there must be a command');
  if (!program.includes('/')) return '';
  try {
    return sha256(readFileSync(program));
  } catch (error) {
    throw new UnusableInput(text, 'program', `it must be readable (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function builtIn(text: string): Subject {
  const subject = builtInSubject(text.slice(BUILT_IN_PREFIX.length));
  if (subject !== null) return subject;
  const names = REFERENCE_DRIVERS.map((driver) => `${BUILT_IN_PREFIX}${driver.name}`).join(', ');
  const rest = 'the odd ones (see `ringproof list drivers`) and the mutants (see `ringproof list mutants`)';
  throw new UnusableInput(text, 'driver', `there is no such built-in driver; there are ${names}, ${rest}`);
}

function readEntry(path: string): Buffer {
  if (!EXTENSIONS.includes(extname(path))) throw new UnusableInput(path, 'file name', 'a driver file must end in .mjs, .js or .wasm');
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UnusableInput(path, 'file', `a driver file must be readable (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  resolveContractHere();
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UnusableInput(
      path,
      placeOfImportError(error, path),
      `a driver file must be an ES module that loads without errors: ${describeThrown(error)}`,
    );
  }
}

/** Line of the code that threw, or of a syntax error, as far as it can be told. */
function placeOfImportError(error: unknown, path: string): string {
  const own = error instanceof Error && typeof error.stack === 'string' ? lineIn(error.stack, path) : '';
  if (own !== '' || !(error instanceof SyntaxError)) return own === '' ? 'import' : own;
  // The loader keeps the place of a syntax error to itself; node's own check prints it.
  const check = spawnSync(process.execPath, ['--check', resolve(path)], { encoding: 'utf8' });
  const checked = lineIn(check.stderr ?? '', path);
  return checked === '' ? 'import' : checked;
}

function lineIn(text: string, path: string): string {
  const name = basename(path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const match = new RegExp(`${name}:(\\d+)`).exec(text);
  return match === null ? '' : `line ${match[1]}`;
}
