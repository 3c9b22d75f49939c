// The outline of a WebAssembly module: its sections, and what the instrumenter has to know of them.
import { ByteReader, WasmFormatError } from './wasm-bytes.js';

/** Section numbers of the binary format. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** Size of a page of linear memory, in bytes. */
export const WASM_PAGE_BYTES = 65536;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A section: where its contents lie in the file. */
export interface Section {
  readonly id: number;
  /** Name of a custom section, else empty. */
  readonly name: string;
  /** Offset of the contents, behind the name of a custom section. */
  readonly start: number;
  readonly end: number;
}

/** An imported function. */
export interface FunctionImport {
  readonly module: string;
  readonly name: string;
}

/** What is known of a module before its code is looked at. */
export interface ModuleOutline {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly functionImports: readonly FunctionImport[];
  readonly globalImportCount: number;
}

/** Contents of the custom section with this name; null if there is none. */
export function customSection(outline: ModuleOutline, name: string): Uint8Array | null {
  const section = outline.sections.find((candidate) => candidate.id === SECTION.custom && candidate.name === name);
  return section === undefined ? null : outline.bytes.subarray(section.start, section.end);
}

/** Reads the outline. Throws WasmFormatError when the bytes are no module, or one of a kind that is not supported. */
export function outlineOf(bytes: Uint8Array): ModuleOutline {
  if (MAGIC_AND_VERSION.some((byte, index) => bytes[index] !== byte)) {
    throw new WasmFormatError(0, 'this is no WebAssembly module of version 1');
  }
  const reader = new ByteReader(bytes, MAGIC_AND_VERSION.length);
  const sections: Section[] = [];
  while (!reader.isAtEnd) sections.push(readSection(reader));
  const imports = sections.find(({ id }) => id === SECTION.import);
  return { bytes, sections, ...(imports === undefined ? { functionImports: [], globalImportCount: 0 } : readImports(bytes, imports)) };
}

function readSection(reader: ByteReader): Section {
  const at = reader.at;
  const id = reader.u8();
  const length = reader.u32();
  const end = reader.at + length;
  if (end > reader.end) throw new WasmFormatError(at, 'a section reaches past the end of the module');
  if (id > SECTION.tag) throw new WasmFormatError(at, `section ${id} is not known`);
  if (id === SECTION.tag) throw new WasmFormatError(at, 'exceptions are not supported; C++ is to be built with -fno-exceptions');
  const name = id === SECTION.custom ? new ByteReader(reader.bytes, reader.at, end) : null;
  const text = name?.name() ?? '';
  const start = name?.at ?? reader.at;
  reader.at = end;
  return { id, name: text, start, end };
}

function readImports(bytes: Uint8Array, section: Section): Pick<ModuleOutline, 'functionImports' | 'globalImportCount'> {
  const reader = new ByteReader(bytes, section.start, section.end);
  const functionImports: FunctionImport[] = [];
  let globalImportCount = 0;
  for (let count = reader.u32(); count > 0; count--) {
    const at = reader.at;
    const module = reader.name();
    const name = reader.name();
    const kind = reader.u8();
    if (kind === 0) {
      reader.u32();
      functionImports.push({ module, name });
    } else if (kind === 3) {
      reader.take(2);
      globalImportCount += 1;
    } else {
      const what = kind === 2 ? 'its memory must be its own: link without --import-memory' : 'tables and tags are not provided';
      throw new WasmFormatError(at, `the module imports ${module}.${name}; ${what}`);
    }
  }
  return { functionImports, globalImportCount };
}
