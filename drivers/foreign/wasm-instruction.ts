// Where an instruction of WebAssembly ends, and what about it concerns memory or functions.
//
// Covers the core specification with sign extension, saturating conversions, bulk memory, reference types, tail calls,
// threads (atomics) and the register part of SIMD. Exceptions, garbage collection and SIMD that touches memory are refused by name.
import { type ByteReader, WasmFormatError } from './wasm-bytes.js';

/** What an instruction is to the instrumenter. */
export type InstructionKind =
  | 'plain'
  | 'call'
  | 'loop'
  | 'memory'
  | 'grow'
  | 'atomic'
  | 'fence'
  | 'copy'
  | 'fill'
  | 'init'
  | 'reference'
  | 'start of block'
  | 'end';

/** The instruction just read; one object is reused. */
export interface Instruction {
  kind: InstructionKind;
  /** First byte of the instruction, or of its sub-opcode after a prefix. */
  opcode: number;
  /** Function index (call, reference), offset of a memory access, data segment (init). */
  operand: number;
}

const PREFIX_NUMERIC = 0xfc;
const PREFIX_VECTOR = 0xfd;
const PREFIX_ATOMIC = 0xfe;

const found: Instruction = { kind: 'plain', opcode: 0, operand: 0 };

function as(kind: InstructionKind, opcode: number, operand = 0): Instruction {
  found.kind = kind;
  found.opcode = opcode;
  found.operand = operand;
  return found;
}

/** The offset of a memory access; the alignment hint is passed over. */
function memoryOperand(reader: ByteReader): number {
  const alignment = reader.u32();
  if (alignment >= 64) throw new WasmFormatError(reader.at, 'a module with several memories is not supported');
  return reader.u32();
}

function blockType(reader: ByteReader): void {
  // One of the one-byte forms, or a type index as a signed number: both are one LEB128 number.
  reader.skipNumber();
}

/** Reads one instruction. */
export function readInstruction(reader: ByteReader): Instruction {
  const start = reader.at;
  const opcode = reader.u8();
  if (opcode >= 0x28 && opcode <= 0x3e) return as('memory', opcode, memoryOperand(reader));
  if (opcode >= 0x45 && opcode <= 0xc4) return as('plain', opcode);
  if (opcode <= 0x1c) return readControl(reader, opcode, start);
  switch (opcode) {
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0xd0:
      reader.skipNumber();
      return as('plain', opcode);
    case 0x3f:
      reader.u8();
      return as('plain', opcode);
    case 0x40:
      reader.u8();
      return as('grow', opcode);
    case 0x41:
    case 0x42:
      reader.skipNumber();
      return as('plain', opcode);
    case 0x43:
      reader.take(4);
      return as('plain', opcode);
    case 0x44:
      reader.take(8);
      return as('plain', opcode);
    case 0xd1:
      return as('plain', opcode);
    case 0xd2:
      return as('reference', opcode, reader.u32());
    case PREFIX_NUMERIC:
      return readNumeric(reader, start);
    case PREFIX_VECTOR:
      return readVector(reader, start);
    case PREFIX_ATOMIC:
      return readAtomic(reader, start);
    default:
      throw new WasmFormatError(start, `instruction 0x${opcode.toString(16)} is not supported`);
  }
}

function readControl(reader: ByteReader, opcode: number, start: number): Instruction {
  switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x05:
    case 0x0f:
    case 0x1a:
    case 0x1b:
      return as('plain', opcode);
    case 0x02:
    case 0x04:
      blockType(reader);
      return as('start of block', opcode);
    case 0x03:
      blockType(reader);
      return as('loop', opcode);
    case 0x0b:
      return as('end', opcode);
    case 0x0c:
    case 0x0d:
      reader.u32();
      return as('plain', opcode);
    case 0x0e:
      for (let count = reader.u32() + 1; count > 0; count--) reader.u32();
      return as('plain', opcode);
    case 0x10:
    case 0x12:
      return as('call', opcode, reader.u32());
    case 0x11:
    case 0x13:
      reader.u32();
      reader.u32();
      return as('plain', opcode);
    case 0x1c:
      for (let count = reader.u32(); count > 0; count--) reader.skipNumber();
      return as('plain', opcode);
    default:
      throw new WasmFormatError(start, `instruction 0x${opcode.toString(16)} is not supported; C++ is to be built with -fno-exceptions`);
  }
}

function readNumeric(reader: ByteReader, start: number): Instruction {
  const opcode = reader.u32();
  if (opcode <= 7) return as('plain', opcode);
  switch (opcode) {
    case 8: {
      const segment = reader.u32();
      reader.u8();
      return as('init', opcode, segment);
    }
    case 10:
      reader.take(2);
      return as('copy', opcode);
    case 11:
      reader.u8();
      return as('fill', opcode);
    case 9:
    case 13:
    case 15:
    case 16:
    case 17:
      reader.u32();
      return as('plain', opcode);
    case 12:
    case 14:
      reader.u32();
      reader.u32();
      return as('plain', opcode);
    default:
      throw new WasmFormatError(start, `instruction 0xfc ${opcode} is not supported`);
  }
}

function readVector(reader: ByteReader, start: number): Instruction {
  const opcode = reader.u32();
  if (opcode <= 11 || (opcode >= 84 && opcode <= 93)) {
    throw new WasmFormatError(start, 'SIMD accesses to memory are not supported: build without -msimd128');
  }
  if (opcode === 12 || opcode === 13) reader.take(16);
  else if (opcode >= 21 && opcode <= 34) reader.u8();
  return as('plain', opcode);
}

function readAtomic(reader: ByteReader, start: number): Instruction {
  const opcode = reader.u32();
  if (opcode === 3) {
    reader.u8();
    return as('fence', opcode);
  }
  const offset = memoryOperand(reader);
  if (opcode <= 2) return as('plain', opcode);
  if (opcode < 0x10 || opcode > 0x4e) throw new WasmFormatError(start, `instruction 0xfe ${opcode} is not supported`);
  return as('atomic', opcode, offset);
}
