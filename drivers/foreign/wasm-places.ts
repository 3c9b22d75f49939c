// Where in its source a WebAssembly driver stands: call stacks of the engine, read back through the instrumentation.
//
// The engine names a frame by module, function number and byte offset in the instrumented module. The module's name is a
// tag under which its places are registered here, so that a stack alone tells file and line.
import { LineTable, type SourceLine } from './dwarf-lines.js';
import { ByteReader } from './wasm-bytes.js';
import type { Instrumented } from './wasm-instrument.js';
import { type ModuleOutline, SECTION, customSection } from './wasm-module.js';

/** A frame of a call stack that lies in a driver. */
export interface WasmFrame {
  readonly functionName: string;
  /** Null when the module has no debug information for it. */
  readonly line: SourceLine | null;
  /** Byte offset in the module as it was before instrumentation. */
  readonly offset: number;
}

const EMPTY = new Uint8Array(0);
const FRAME = /wasm:\/\/wasm\/(ringproof-[0-9a-f]+)-[^:)]*:wasm-function\[(\d+)\]:0x([0-9a-f]+)/;
const SUBSECTION_FUNCTIONS = 1;

/** Reads frames of one driver. */
export class WasmPlaces {
  private readonly outline: ModuleOutline;
  private readonly instrumented: Instrumented;
  private readonly codeStart: number;
  private names: ReadonlyMap<number, string> | null = null;
  private lines: LineTable | null = null;

  constructor(outline: ModuleOutline, instrumented: Instrumented) {
    this.outline = outline;
    this.instrumented = instrumented;
    this.codeStart = outline.sections.find(({ id }) => id === SECTION.code)?.start ?? 0;
  }

  /** The place of an offset in the instrumented module; null in the functions that instrumentation added. */
  frame(functionIndex: number, newOffset: number): WasmFrame | null {
    const { importsBefore, importsAfter, newOffsets, oldOffsets } = this.instrumented;
    const index = functionIndex < importsAfter ? functionIndex : functionIndex - (importsAfter - importsBefore);
    let low = 0;
    let high = newOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (newOffsets[middle]! <= newOffset) low = middle + 1;
      else high = middle;
    }
    const offset = oldOffsets[low - 1];
    if (offset === undefined || !this.isOwn(functionIndex)) return null;
    this.lines ??= this.readLines();
    this.names ??= this.readNames();
    return { functionName: this.names.get(index) ?? `function ${index}`, line: this.lines.lineAt(offset - this.codeStart), offset };
  }

  private isOwn(functionIndex: number): boolean {
    const { importsAfter } = this.instrumented;
    const section = this.outline.sections.find(({ id }) => id === SECTION.function);
    const count = section === undefined ? 0 : new ByteReader(this.outline.bytes, section.start, section.end).u32();
    return functionIndex >= importsAfter && functionIndex < importsAfter + count;
  }

  private readLines(): LineTable {
    const section = (name: string): Uint8Array => customSection(this.outline, name) ?? EMPTY;
    return new LineTable({ line: section('.debug_line'), lineStrings: section('.debug_line_str'), strings: section('.debug_str') });
  }

  private readNames(): ReadonlyMap<number, string> {
    const names = new Map<number, string>();
    const contents = customSection(this.outline, 'name');
    if (contents === null) return names;
    const reader = new ByteReader(contents);
    while (!reader.isAtEnd) {
      const id = reader.u8();
      const end = reader.u32() + reader.at;
      if (id === SUBSECTION_FUNCTIONS) for (let count = reader.u32(); count > 0; count--) names.set(reader.u32(), reader.name());
      reader.at = end;
    }
    return names;
  }
}

const registered = new Map<string, WasmPlaces>();

/** Makes the places of a driver known under its tag; the same driver may be registered again. */
export function registerPlaces(tag: string, places: WasmPlaces): void {
  registered.set(tag, places);
}

/** The driver's frame in one line of a call stack; null if it shows none. */
export function wasmFrameIn(stackLine: string): WasmFrame | null {
  const match = FRAME.exec(stackLine);
  if (match === null) return null;
  return registered.get(match[1]!)?.frame(Number(match[2]), Number.parseInt(match[3]!, 16)) ?? null;
}

/** The driver's frames in a call stack, innermost first. */
export function wasmFrames(stack: string): WasmFrame[] {
  return stack
    .split('\n')
    .map(wasmFrameIn)
    .filter((frame) => frame !== null);
}
