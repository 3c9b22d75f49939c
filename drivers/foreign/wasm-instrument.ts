// Instruments a module: every load, store, atomic and bulk operation becomes a call that tells guest memory from the
// module's own (wasm-hooks.ts), every loop counts its turns, and growth has a limit.
//
// Instructions are replaced one by one; nothing is optimised, so each offset of the result belongs to one of the
// original, whose debug information stays valid. Functions are renumbered because the hooks are imported behind the
// module's own imports. Own code instead of binaryen: that hooks neither fences nor atomic updates nor bulk operations.
import { ByteReader, ByteWriter, WasmFormatError } from './wasm-bytes.js';
import {
  HOOK_IMPORTS,
  HOOK_MODULE,
  HookEmitter,
  I32,
  type Signature,
  atomicShape,
  atomicSignature,
  plainShape,
  plainSignature,
} from './wasm-hooks.js';
import { readInstruction } from './wasm-instruction.js';
import { type ModuleOutline, SECTION, type Section, WASM_PAGE_BYTES, outlineOf } from './wasm-module.js';

/** Name under which the countdown of loop turns is exported. */
export const FUEL_EXPORT = 'ringproof.fuel';
/** Name under which the first mutable global, the stack pointer of C and Rust, is exported. */
export const STACK_POINTER_EXPORT = 'ringproof.stack';
/** Largest memory a module may have of its own, in bytes. */
export const OWN_MEMORY_LIMIT_BYTES = 1 << 26;

const PAGE_LIMIT = OWN_MEMORY_LIMIT_BYTES / WASM_PAGE_BYTES;
const ORDERED_SECTIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** An instrumented module. */
export interface Instrumented {
  readonly bytes: Uint8Array;
  /** Offsets of instructions in the result, ascending, and those of the instructions they stand for. */
  readonly newOffsets: Uint32Array;
  readonly oldOffsets: Uint32Array;
  /** Number of imported functions before and after; functions behind them moved up by the difference. */
  readonly importsBefore: number;
  readonly importsAfter: number;
  /** True when the module has an atomic instruction or a fence. */
  readonly hasAtomics: boolean;
}

/** Instruments `bytes`; `tag` becomes the module's name in call stacks. Throws WasmFormatError. */
export function instrument(bytes: Uint8Array, tag: string): Instrumented {
  return new Instrumenter(outlineOf(bytes), tag).run();
}

class Instrumenter {
  private readonly outline: ModuleOutline;
  private readonly tag: string;
  private readonly importsBefore: number;
  private readonly emitter: HookEmitter;
  /** Signatures added behind the module's own types, by their key. */
  private readonly typeIndex = new Map<string, number>();
  private readonly types: Signature[] = [];
  private typesBefore = 0;
  private functionsBefore = 0;
  private readonly hookIndex = new Map<string, number>();
  private readonly hookTypes: number[] = [];
  private readonly hookBodies: Uint8Array[] = [];
  private fuelGlobal = 0;
  private stackGlobal = -1;
  private readonly newOffsets: number[] = [];
  private readonly oldOffsets: number[] = [];
  private hasAtomics = false;

  constructor(outline: ModuleOutline, tag: string) {
    this.outline = outline;
    this.tag = tag;
    this.importsBefore = outline.functionImports.length;
    this.emitter = new HookEmitter(this.importsBefore);
    const forged = outline.functionImports.find(({ module }) => module === HOOK_MODULE);
    if (forged !== undefined) throw new WasmFormatError(0, `the module calls ${HOOK_MODULE}.${forged.name}, which only instrumentation may do`);
  }

  run(): Instrumented {
    const { sections } = this.outline;
    this.typesBefore = this.countIn(SECTION.type);
    this.functionsBefore = this.importsBefore + this.countIn(SECTION.function);
    if (this.countIn(SECTION.memory) !== 1) throw new WasmFormatError(0, 'the module must have one memory of its own');
    const importsAfter = this.importsBefore + HOOK_IMPORTS.length;
    // The code first: it decides which hooks there are. Types of the imports come before those of the hooks.
    for (const [, signature] of HOOK_IMPORTS) this.typeOf(signature);
    const globals = this.globals();
    const code = new ByteWriter();
    const marks = this.code(code);
    const made = new Map<number, Uint8Array>([
      [SECTION.code, code.take()],
      [SECTION.type, this.typeSection()],
      [SECTION.import, this.importSection()],
      [SECTION.function, this.functionSection()],
      [SECTION.memory, this.memorySection()],
      [SECTION.global, globals],
      [SECTION.export, this.exportSection()],
    ]);
    const out = new ByteWriter().u8(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
    for (const id of ORDERED_SECTIONS) {
      const section = sections.find((candidate) => candidate.id === id);
      const contents = made.get(id) ?? (section === undefined ? null : this.kept(section));
      if (contents === null) continue;
      out.section(id, contents);
      if (id === SECTION.code) this.place(marks, out.length - contents.length);
    }
    out.section(SECTION.custom, this.nameSection());
    const { newOffsets, oldOffsets, hasAtomics, importsBefore } = this;
    return {
      bytes: out.take(),
      newOffsets: Uint32Array.from(newOffsets),
      oldOffsets: Uint32Array.from(oldOffsets),
      importsBefore,
      importsAfter,
      hasAtomics,
    };
  }

  private sectionOf(id: number): Section | undefined {
    return this.outline.sections.find((section) => section.id === id);
  }

  private readerOf(id: number): ByteReader | null {
    const section = this.sectionOf(id);
    return section === undefined ? null : new ByteReader(this.outline.bytes, section.start, section.end);
  }

  private countIn(id: number): number {
    return this.readerOf(id)?.u32() ?? 0;
  }

  private moved(index: number): number {
    return index < this.importsBefore ? index : index + HOOK_IMPORTS.length;
  }

  private typeOf(signature: Signature): number {
    const key = `${signature.parameters.join()}>${signature.results.join()}`;
    const known = this.typeIndex.get(key);
    if (known !== undefined) return known;
    const index = this.typesBefore + this.types.length;
    this.types.push(signature);
    this.typeIndex.set(key, index);
    return index;
  }

  /** Function index of a hook, made when it is first wanted. */
  private hook(key: string, signature: Signature, body: () => Uint8Array): number {
    const known = this.hookIndex.get(key);
    if (known !== undefined) return known;
    const index = this.functionsBefore + HOOK_IMPORTS.length + this.hookBodies.length;
    this.hookIndex.set(key, index);
    this.hookTypes.push(this.typeOf(signature));
    this.hookBodies.push(body());
    return index;
  }

  private rest(reader: ByteReader): Uint8Array {
    return reader.take(reader.end - reader.at);
  }

  private typeSection(): Uint8Array {
    const reader = this.readerOf(SECTION.type);
    reader?.u32();
    const out = new ByteWriter().u32(this.typesBefore + this.types.length);
    if (reader !== null) out.raw(this.rest(reader));
    for (const { parameters, results } of this.types) {
      out.u8(0x60).u32(parameters.length).u8(...parameters).u32(results.length).u8(...results);
    }
    return out.take();
  }

  private importSection(): Uint8Array {
    const reader = this.readerOf(SECTION.import);
    const out = new ByteWriter().u32((reader?.u32() ?? 0) + HOOK_IMPORTS.length);
    if (reader !== null) out.raw(this.rest(reader));
    for (const [name, signature] of HOOK_IMPORTS) out.name(HOOK_MODULE).name(name).u8(0).u32(this.typeOf(signature));
    return out.take();
  }

  private functionSection(): Uint8Array {
    const reader = this.readerOf(SECTION.function);
    const out = new ByteWriter().u32((reader?.u32() ?? 0) + this.hookTypes.length);
    if (reader !== null) out.raw(this.rest(reader));
    for (const type of this.hookTypes) out.u32(type);
    return out.take();
  }

  /** The memory with the limit of its size; what a module wants shared with threads is its own here. */
  private memorySection(): Uint8Array {
    const reader = this.readerOf(SECTION.memory)!;
    reader.u32();
    const at = reader.at;
    const flags = reader.u8();
    if (flags > 3) throw new WasmFormatError(at, 'memory with 64-bit addresses is not supported');
    const initial = reader.u32();
    if (initial > PAGE_LIMIT) {
      throw new WasmFormatError(at, `the module starts with ${initial} pages of memory, more than the ${PAGE_LIMIT} (64 MiB) it may have`);
    }
    const largest = (flags & 1) === 0 ? PAGE_LIMIT : Math.min(PAGE_LIMIT, reader.u32());
    return new ByteWriter().u8(1, 1).u32(initial).u32(largest).take();
  }

  private globals(): Uint8Array {
    const reader = this.readerOf(SECTION.global);
    const count = reader?.u32() ?? 0;
    const { globalImportCount } = this.outline;
    this.fuelGlobal = globalImportCount + count;
    const out = new ByteWriter().u32(count + 1);
    for (let index = 0; index < count; index++) {
      const type = reader!.u8();
      const isMutable = reader!.u8();
      if (type === I32 && isMutable === 1 && this.stackGlobal < 0) this.stackGlobal = globalImportCount + index;
      out.u8(type, isMutable);
      this.expression(reader!, out);
    }
    return out.u8(I32, 1, 0x41, 0, 0x0b).take();
  }

  private exportSection(): Uint8Array {
    const reader = this.readerOf(SECTION.export);
    const count = reader?.u32() ?? 0;
    const out = new ByteWriter().u32(count + (this.stackGlobal < 0 ? 1 : 2));
    for (let index = 0; index < count; index++) {
      const at = reader!.at;
      const name = reader!.name();
      if (name.startsWith('ringproof.')) throw new WasmFormatError(at, `the module exports ${name}, a name that only instrumentation gives`);
      const kind = reader!.u8();
      const item = reader!.u32();
      out.name(name).u8(kind).u32(kind === 0 ? this.moved(item) : item);
    }
    out.name(FUEL_EXPORT).u8(3).u32(this.fuelGlobal);
    if (this.stackGlobal >= 0) out.name(STACK_POINTER_EXPORT).u8(3).u32(this.stackGlobal);
    return out.take();
  }

  /** A section that stays as it is but for function indices. */
  private kept({ id, start, end }: Section): Uint8Array {
    const reader = new ByteReader(this.outline.bytes, start, end);
    if (id === SECTION.start) return new ByteWriter().u32(this.moved(reader.u32())).take();
    if (id === SECTION.element) return this.elements(reader);
    return this.rest(reader);
  }

  /** Element segments in their eight forms: bit 0 passive or declared, bit 1 explicit table or declared, bit 2 expressions. */
  private elements(reader: ByteReader): Uint8Array {
    const count = reader.u32();
    const out = new ByteWriter().u32(count);
    for (let index = 0; index < count; index++) {
      const form = reader.u32();
      if (form > 7) throw new WasmFormatError(reader.at, `an element segment of form ${form} is not supported`);
      out.u32(form);
      if ((form & 3) === 2) out.u32(reader.u32());
      if ((form & 1) === 0) this.expression(reader, out);
      if ((form & 3) !== 0) out.u8(reader.u8());
      const length = reader.u32();
      out.u32(length);
      for (let item = 0; item < length; item++) {
        if ((form & 4) !== 0) this.expression(reader, out);
        else out.u32(this.moved(reader.u32()));
      }
    }
    return out.take();
  }

  /** Copies a constant expression. */
  private expression(reader: ByteReader, out: ByteWriter): void {
    for (;;) {
      const start = reader.at;
      const { kind, opcode, operand } = readInstruction(reader);
      if (kind === 'reference') out.u8(opcode).u32(this.moved(operand));
      else out.raw(reader.bytes.subarray(start, reader.at));
      if (kind === 'end') return;
    }
  }

  /** Writes the code section; returns, for every instruction, where it is now, counted from the start of the contents. */
  private code(out: ByteWriter): number[] {
    const reader = this.readerOf(SECTION.code);
    const count = reader?.u32() ?? 0;
    const bodies: Uint8Array[] = [];
    const marks: number[][] = [];
    for (let index = 0; index < count; index++) {
      const length = reader!.u32();
      const body = new ByteReader(this.outline.bytes, reader!.at, reader!.at + length);
      reader!.take(length);
      const own: number[] = [];
      bodies.push(this.body(body, own));
      marks.push(own);
    }
    out.u32(count + this.hookBodies.length);
    const placed: number[] = [];
    for (const [index, body] of bodies.entries()) {
      out.u32(body.length);
      for (const mark of marks[index]!) placed.push(out.length + mark);
      out.raw(body);
    }
    for (const body of this.hookBodies) out.u32(body.length).raw(body);
    return placed;
  }

  private place(marks: readonly number[], start: number): void {
    for (const mark of marks) this.newOffsets.push(start + mark);
  }

  private body(reader: ByteReader, marks: number[]): Uint8Array {
    const out = new ByteWriter();
    const start = reader.at;
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.u8();
    }
    out.raw(reader.bytes.subarray(start, reader.at));
    while (!reader.isAtEnd) {
      const at = reader.at;
      // A replaced access begins with a constant; the call behind it is what stands on the stack.
      marks.push(out.length);
      this.oldOffsets.push(at);
      this.instruction(reader, at, out);
    }
    return out.take();
  }

  private instruction(reader: ByteReader, at: number, out: ByteWriter): void {
    const { kind, opcode, operand } = readInstruction(reader);
    const { emitter } = this;
    switch (kind) {
      case 'call':
      case 'reference':
        out.u8(opcode).u32(this.moved(operand));
        return;
      case 'memory': {
        const shape = plainShape(opcode);
        out.u8(0x41).s32(operand);
        return this.callHook(out, `plain ${opcode}`, plainSignature(shape), () => emitter.plain(opcode, shape));
      }
      case 'atomic': {
        this.hasAtomics = true;
        const shape = atomicShape(opcode);
        out.u8(0x41).s32(operand);
        return this.callHook(out, `atomic ${opcode}`, atomicSignature(shape), () => emitter.atomic(opcode, shape));
      }
      case 'fence':
        this.hasAtomics = true;
        out.u8(0x10).u32(emitter.indexOf('fence'));
        return;
      case 'copy':
      case 'fill':
        return this.callHook(out, kind, { parameters: [I32, I32, I32], results: [] }, () => emitter.bulk(kind === 'copy'));
      case 'init':
        return this.callHook(out, `init ${operand}`, { parameters: [I32, I32, I32], results: [] }, () => emitter.init(operand));
      case 'grow':
        return this.callHook(out, 'grow', { parameters: [I32], results: [I32] }, () => emitter.grow());
      default:
        out.raw(reader.bytes.subarray(at, reader.at));
        if (kind === 'loop') this.callHook(out, 'turn', { parameters: [], results: [] }, () => emitter.turn(this.fuelGlobal));
    }
  }

  private callHook(out: ByteWriter, key: string, signature: Signature, body: () => Uint8Array): void {
    out.u8(0x10).u32(this.hook(key, signature, body));
  }

  /** Custom section "name" with the module's name only, by which call stacks tell modules apart. */
  private nameSection(): Uint8Array {
    const name = new ByteWriter().name(this.tag).take();
    return new ByteWriter().name('name').u8(0).u32(name.length).raw(name).take();
  }
}
