// Line tables made by hand in every version, whole and broken.
import { describe, expect, it } from 'vitest';
import { LineTable } from './dwarf-lines.js';
import { ByteWriter } from './wasm-bytes.js';

const EMPTY = new Uint8Array(0);
const OPCODE_BASE = 13;
const OPERAND_COUNTS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

function word(out: ByteWriter, value: number, sizeBytes: number): ByteWriter {
  for (let index = 0; index < sizeBytes; index++) out.u8(Math.floor(value / 256 ** index) % 256);
  return out;
}

function text(out: ByteWriter, value: string): ByteWriter {
  return out.raw(new TextEncoder().encode(value)).u8(0);
}

/** Address 0x10: line 5; 0x12: line 7 of the second file; 0x20: line 6; ends at 0x30. */
function program(): Uint8Array {
  const out = new ByteWriter();
  out.u8(0, 5, 2);
  word(out, 0x10, 4);
  out.u8(3, 4, 5, 9, 1);
  // Special opcode: address + 2, line + 2, from base -5 and range 14.
  out.u8(4, 2, OPCODE_BASE + 2 * 14 + 7);
  out.u8(9);
  word(out, 14, 2);
  out.u8(3, 0x7f, 4, 1, 6, 10, 12, 1, 1);
  out.u8(2, 0x10, 0, 1, 1);
  return out.take();
}

function unit(version: number, names: (out: ByteWriter) => void): Uint8Array {
  const header = new ByteWriter().u8(1);
  if (version >= 4) header.u8(1);
  header.u8(1, 0xfb, 14, OPCODE_BASE, ...OPERAND_COUNTS);
  names(header);
  const body = word(new ByteWriter(), version, 2);
  if (version === 5) body.u8(4, 0);
  word(body, header.length, 4).raw(header.take()).raw(program());
  return word(new ByteWriter(), body.length, 4).raw(body.take()).take();
}

function before5(out: ByteWriter): void {
  text(out, 'include').u8(0);
  text(out, 'source/driver.c').u8(0, 0, 0);
  text(out, 'ring.h').u8(1, 0, 0).u8(0);
}

/** Directories by inline string, files by string offset, with a digest and a number beside. */
function inVersion5(form: number): (out: ByteWriter) => void {
  return (out) => {
    out.u8(1, 1, 0x08, 1);
    text(out, 'include');
    out.u8(5, 1, form, 2, 0x0b, 3, 0x05, 4, 0x06, 5, 0x1e, 3);
    for (const offset of [0, 0, 16]) word(out, offset, 4).u8(0, 0, 0, 0, 0, 0, 0).raw(new Uint8Array(16));
  };
}

const strings = text(text(new ByteWriter(), 'source/driver.c'), 'ring.h').take();

describe('a line table', () => {
  it.each([
    ['2', unit(2, before5), EMPTY],
    ['4', unit(4, before5), EMPTY],
    ['5, line strings', unit(5, inVersion5(0x1f)), strings],
  ])('tells file, line and column in version %s', (_version, line, lineStrings) => {
    // In version 5 files count from 0, so file 1 of the program is the second entry, the same as the first.
    const table = new LineTable({ line, lineStrings, strings: EMPTY });
    expect(table.lineAt(0x0f)).toBeNull();
    expect(table.lineAt(0x11)).toMatchObject({ file: 'driver.c', line: 5, column: 9 });
    expect(table.lineAt(0x12)).toMatchObject({ file: 'ring.h', line: 7 });
    expect(table.lineAt(0x2f)).toMatchObject({ file: 'driver.c', line: 6 });
    expect(table.lineAt(0x30)).toBeNull();
  });

  it('reads names from .debug_str, and several units', () => {
    const line = new ByteWriter().raw(unit(5, inVersion5(0x0e))).raw(unit(4, before5)).take();
    expect(new LineTable({ line, lineStrings: EMPTY, strings }).lineAt(0x12)?.file).toBe('ring.h');
  });

  it('has no lines where it cannot be read', () => {
    const cut = unit(4, before5);
    for (const line of [EMPTY, cut.subarray(0, 20), unit(5, (out) => out.u8(1, 1, 0x99, 1)), word(new ByteWriter(), 0xffffffff, 4).take(), unit(7, before5)]) {
      expect(new LineTable({ line, lineStrings: EMPTY, strings: EMPTY }).lineAt(0x11)).toBeNull();
    }
  });
});
