// Source lines of code addresses, from the section .debug_line of DWARF 2 to 5.
//
// Follows DWARF 5, section 6.2 (line number information) and its predecessors. Reads every sequence into one table that is
// searched by address. What is not understood gives no lines, never wrong ones: a table that breaks off is kept so far.
import { ByteReader } from './wasm-bytes.js';

/** A place in a source file. */
export interface SourceLine {
  /** Last part of the file's path. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  readonly column: number;
}

interface Row {
  readonly address: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** True for the first address behind a sequence. */
  readonly isEnd: boolean;
}

/** Sections the line table refers to. */
export interface LineSections {
  readonly line: Uint8Array;
  /** .debug_line_str; empty before DWARF 5. */
  readonly lineStrings: Uint8Array;
  /** .debug_str */
  readonly strings: Uint8Array;
}

interface Header {
  readonly minimumLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
  readonly files: readonly string[];
  /** Number of the first file: 0 from version 5 on. */
  readonly firstFile: number;
}

/** The table of all units. */
export class LineTable {
  private readonly rows: readonly Row[];

  constructor(sections: LineSections) {
    const rows: Row[] = [];
    try {
      readUnits(sections, rows);
    } catch {
      // A table that breaks off is worth what was read of it.
    }
    this.rows = rows.sort((left, right) => left.address - right.address || Number(right.isEnd) - Number(left.isEnd));
  }

  /** Line of the code at `address`; null where the table has none. */
  lineAt(address: number): SourceLine | null {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const row = this.rows[low - 1];
    return row === undefined || row.isEnd || row.line === 0 ? null : row;
  }
}

function readUnits({ line, lineStrings, strings }: LineSections, rows: Row[]): void {
  const reader = new ByteReader(line);
  while (!reader.isAtEnd) {
    const length = word(reader, 4);
    if (length >= 0xfffffff0) return;
    const unit = new ByteReader(line, reader.at, reader.at + length);
    reader.take(length);
    runProgram(unit, readHeader(unit, lineStrings, strings), rows);
  }
}

function word(reader: ByteReader, sizeBytes: number): number {
  let value = 0;
  const bytes = reader.take(sizeBytes);
  for (let index = sizeBytes - 1; index >= 0; index--) value = value * 256 + bytes[index]!;
  return value;
}

function text(reader: ByteReader): string {
  const start = reader.at;
  while (reader.u8() !== 0) continue;
  return new TextDecoder().decode(reader.bytes.subarray(start, reader.at - 1));
}

/** A number whose upper bits may be cut off. */
function unsigned(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.u8();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

function signed(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.u8();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 128;
  }
}

function readHeader(unit: ByteReader, lineStrings: Uint8Array, strings: Uint8Array): Header {
  const version = word(unit, 2);
  if (version < 2 || version > 5) throw new RangeError(`line table of version ${version}`);
  if (version === 5) unit.take(2);
  const headerLength = word(unit, 4);
  const programStart = unit.at + headerLength;
  const minimumLength = unit.u8();
  if (version >= 4) unit.u8();
  unit.u8();
  const lineBase = (unit.u8() << 24) >> 24;
  const lineRange = unit.u8();
  const opcodeBase = unit.u8();
  const operandCounts = [...unit.take(opcodeBase - 1)];
  const files = version === 5 ? namesOfVersion5(unit, lineStrings, strings) : namesBefore5(unit);
  unit.at = programStart;
  return { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, files, firstFile: version === 5 ? 0 : 1 };
}

function namesBefore5(unit: ByteReader): string[] {
  while (text(unit) !== '') continue;
  const files: string[] = [];
  for (let name = text(unit); name !== ''; name = text(unit)) {
    for (let field = 0; field < 3; field++) unsigned(unit);
    files.push(lastPart(name));
  }
  return files;
}

function namesOfVersion5(unit: ByteReader, lineStrings: Uint8Array, strings: Uint8Array): string[] {
  entries(unit, lineStrings, strings);
  return entries(unit, lineStrings, strings).map(lastPart);
}

/** A table of directories or files: formats, then entries; the path of each. */
function entries(unit: ByteReader, lineStrings: Uint8Array, strings: Uint8Array): string[] {
  const formats = Array.from({ length: unit.u8() }, () => [unsigned(unit), unsigned(unit)] as const);
  return Array.from({ length: unsigned(unit) }, () => {
    let path = '';
    for (const [content, form] of formats) {
      const value = formValue(unit, form, lineStrings, strings);
      if (content === 1) path = value;
    }
    return path;
  });
}

function formValue(unit: ByteReader, form: number, lineStrings: Uint8Array, strings: Uint8Array): string {
  switch (form) {
    case 0x08:
      return text(unit);
    case 0x0e:
      return text(new ByteReader(strings, word(unit, 4)));
    case 0x1f:
      return text(new ByteReader(lineStrings, word(unit, 4)));
    case 0x0b:
      unit.take(1);
      return '';
    case 0x05:
      unit.take(2);
      return '';
    case 0x06:
      unit.take(4);
      return '';
    case 0x0f:
      unsigned(unit);
      return '';
    case 0x1e:
      unit.take(16);
      return '';
    default:
      throw new RangeError(`form ${form} in a line table`);
  }
}

function lastPart(path: string): string {
  return path.split(/[/\\]/).at(-1)!;
}

/** Runs the line number program of a unit. */
function runProgram(unit: ByteReader, header: Header, rows: Row[]): void {
  const { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, files, firstFile } = header;
  let address = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  const emit = (isEnd: boolean): void => {
    rows.push({ address, file: files[file - firstFile] ?? '', line, column, isEnd });
  };
  const restart = (): void => {
    address = column = 0;
    file = line = 1;
  };
  const advanceBy = (adjusted: number): void => {
    address += Math.floor(adjusted / lineRange) * minimumLength;
  };
  while (!unit.isAtEnd) {
    const opcode = unit.u8();
    if (opcode >= opcodeBase) {
      advanceBy(opcode - opcodeBase);
      line += lineBase + ((opcode - opcodeBase) % lineRange);
      emit(false);
    } else if (opcode === 0) {
      const end = unsigned(unit) + unit.at;
      const extended = unit.u8();
      if (extended === 1) {
        emit(true);
        restart();
      } else if (extended === 2) address = word(unit, end - unit.at);
      unit.at = end;
    } else if (opcode === 1) emit(false);
    else if (opcode === 2) address += unsigned(unit) * minimumLength;
    else if (opcode === 3) line += signed(unit);
    else if (opcode === 4) file = unsigned(unit);
    else if (opcode === 5) column = unsigned(unit);
    else if (opcode === 8) advanceBy(255 - opcodeBase);
    else if (opcode === 9) address += word(unit, 2);
    else for (let count = operandCounts[opcode - 1]!; count > 0; count--) unsigned(unit);
  }
}
