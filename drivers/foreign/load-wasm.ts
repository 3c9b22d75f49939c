// From the bytes of a WebAssembly driver to a subject: instrumented, compiled, its imports and exports checked.
//
// A file that `ringproof instrument` wrote carries the original; it is instrumented again and must come out the same.
import type { Subject } from '../subject.js';
import { UnusableInput } from '../../sim/unusable-input.js';
import { FOREIGN_CALL_NAMES } from './foreign-calls.js';
import { ByteWriter, WasmFormatError } from './wasm-bytes.js';
import { ABI_MODULE, DRIVER_EXPORTS, createWasmDriver } from './wasm-driver.js';
import { type Instrumented, instrument } from './wasm-instrument.js';
import { type ModuleOutline, SECTION, customSection, outlineOf } from './wasm-module.js';
import { WasmPlaces, registerPlaces } from './wasm-places.js';
import { SYSTEM_CALL_NAMES } from './wasm-system.js';
import { compileWasm, wasmInterface } from './web-assembly.js';

/** Custom section of an instrumented file that holds the module as it was. */
const ORIGINAL_SECTION = 'ringproof.original';
/** Hexadecimal digits of the digest in the name of an instrumented module. */
const TAG_DIGITS = 16;
const BARRIER_CALLS: readonly string[] = ['wmb', 'rmb', 'mb'];
/** Digest of bytes in hexadecimal. */
export type Digest = (bytes: Uint8Array) => string;

/** A module ready to be run. */
export interface PreparedWasm {
  /** Name of the module in call stacks. */
  readonly tag: string;
  readonly outline: ModuleOutline;
  readonly instrumented: Instrumented;
  /** True when the module says anything about memory order: atomics, fences or calls of rp_wmb, rp_rmb, rp_mb. */
  readonly isOrdered: boolean;
}

/** Instruments the module in `bytes`, or the original in it. Throws UnusableInput. */
export function prepareWasm(fileName: string, bytes: Uint8Array, digestOf: Digest): PreparedWasm {
  return refusing(fileName, () => {
    const given = outlineOf(bytes);
    const original = customSection(given, ORIGINAL_SECTION);
    const outline = original === null ? given : outlineOf(original);
    const tag = `ringproof-${digestOf(outline.bytes).slice(0, TAG_DIGITS)}`;
    const instrumented = instrument(outline.bytes, tag);
    const isOrdered =
      instrumented.hasAtomics || outline.functionImports.some(({ module, name }) => module === ABI_MODULE && BARRIER_CALLS.includes(name));
    const prepared = { tag, outline, instrumented, isOrdered };
    if (original !== null && !isSame(instrumentedFile(prepared), bytes)) {
      throw new WasmFormatError(0, 'it was instrumented by another version or changed since; give the original, or instrument it again');
    }
    return prepared;
  });
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The instrumented file, with the original inside. */
export function instrumentedFile({ outline, instrumented }: PreparedWasm): Uint8Array {
  const original = new ByteWriter().name(ORIGINAL_SECTION).raw(outline.bytes).take();
  return new ByteWriter().raw(instrumented.bytes).section(SECTION.custom, original).take();
}

/** The subject in a module's bytes. Throws UnusableInput. */
export function wasmSubject(fileName: string, identity: string, bytes: Uint8Array, digestOf: Digest): Subject {
  const prepared = prepareWasm(fileName, bytes, digestOf);
  const module = refusing(fileName, () => compileWasm(prepared.instrumented.bytes));
  checkInterface(fileName, wasmInterface(refusing(fileName, () => compileWasm(prepared.outline.bytes))));
  registerPlaces(prepared.tag, new WasmPlaces(prepared.outline, prepared.instrumented));
  return {
    name: identity,
    identity,
    digest: digestOf(bytes),
    resumable: null,
    plain: (guest) => createWasmDriver(module, guest),
    hasTrustedTwin: false,
    ...(prepared.isOrdered ? {} : { isUnordered: true }),
  };
}

function checkInterface(fileName: string, { imports, exports }: ReturnType<typeof wasmInterface>): void {
  for (const { module, name } of imports) {
    const known: readonly string[] = module === ABI_MODULE ? [...FOREIGN_CALL_NAMES, 'log'] : module === 'wasi_snapshot_preview1' ? SYSTEM_CALL_NAMES : [];
    if (known.includes(name)) continue;
    const rule = /^ringproof_\d+$/.test(module)
      ? `the module calls ${module}.${name}; this version provides ${ABI_MODULE}, without it`
      : `the module imports ${module}.${name}, which nobody provides; a function that is not linked shows up like this`;
    throw new UnusableInput(fileName, 'import', rule);
  }
  for (const [name, isMandatory] of DRIVER_EXPORTS) {
    const found = exports.find((candidate) => candidate.name === name);
    if (found !== undefined && found.kind !== 'function') throw new UnusableInput(fileName, 'export', `${name} must be a function`);
    if (found === undefined && isMandatory)
      throw new UnusableInput(fileName, 'export', `the module must export ${name} (RP_EXPORT in ringproof.h does that)`);
  }
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory')) {
    throw new UnusableInput(fileName, 'export', 'the module must export its memory as "memory"');
  }
}

function refusing<Result>(fileName: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof WasmFormatError) throw new UnusableInput(fileName, `byte ${error.at}`, error.message);
    if (error instanceof Error && error.name === 'CompileError') throw new UnusableInput(fileName, 'module', `it must be valid WebAssembly: ${error.message}`);
    throw error;
  }
}
