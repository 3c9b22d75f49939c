// The functions an instrumented module calls in place of its memory instructions.
//
// Each tells private memory from guest memory by the highest bit of the address: below 2 GiB the instruction is performed
// as it stands, above it the harness is asked. That one comparison is all that private memory costs.
import { ByteWriter } from './wasm-bytes.js';

/** Module name of the functions the harness provides; carries the version of this interface. */
export const HOOK_MODULE = 'ringproof_hook_1';

/** Value types in the binary format. */
export const I32 = 0x7f;
export const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;
const VOID_BLOCK = 0x40;

/** Parameters and results of a function. */
export interface Signature {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

const i32s = (count: number): number[] => new Array<number>(count).fill(I32);

/** The functions of the harness, in the order in which they are imported. */
export const HOOK_IMPORTS: readonly (readonly [name: string, signature: Signature])[] = [
  ['load8', { parameters: i32s(2), results: [I32] }],
  ['load16', { parameters: i32s(2), results: [I32] }],
  ['load32', { parameters: i32s(2), results: [I32] }],
  ['load64', { parameters: i32s(2), results: [I32] }],
  ['high', { parameters: [], results: [I32] }],
  ['store8', { parameters: i32s(3), results: [] }],
  ['store16', { parameters: i32s(3), results: [] }],
  ['store32', { parameters: i32s(3), results: [] }],
  ['store64', { parameters: i32s(4), results: [] }],
  ['atomicLoad', { parameters: i32s(3), results: [I32] }],
  ['atomicStore', { parameters: i32s(5), results: [] }],
  ['atomicUpdate', { parameters: i32s(8), results: [I32] }],
  ['fence', { parameters: [], results: [] }],
  ['copy', { parameters: i32s(3), results: [] }],
  ['fill', { parameters: i32s(3), results: [] }],
  ['refuseInit', { parameters: [], results: [] }],
  ['refuseGrowth', { parameters: [I32], results: [] }],
  ['spin', { parameters: [], results: [] }],
];

const importIndex = new Map(HOOK_IMPORTS.map(([name], index) => [name, index]));

/** What an access instruction does. */
export interface AccessShape {
  readonly type: number;
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
  readonly isStore: boolean;
}

const PLAIN_SHAPES: readonly (readonly [number, AccessShape['sizeBytes'], boolean])[] = [
  [I32, 4, false],
  [I64, 8, false],
  [F32, 4, false],
  [F64, 8, false],
  [I32, 1, true],
  [I32, 1, false],
  [I32, 2, true],
  [I32, 2, false],
  [I64, 1, true],
  [I64, 1, false],
  [I64, 2, true],
  [I64, 2, false],
  [I64, 4, true],
  [I64, 4, false],
  [I32, 4, false],
  [I64, 8, false],
  [F32, 4, false],
  [F64, 8, false],
  [I32, 1, false],
  [I32, 2, false],
  [I64, 1, false],
  [I64, 2, false],
  [I64, 4, false],
];
const FIRST_LOAD = 0x28;
const FIRST_STORE = 0x36;

/** Shape of an instruction 0x28 to 0x3e. */
export function plainShape(opcode: number): AccessShape {
  const [type, sizeBytes, isSigned] = PLAIN_SHAPES[opcode - FIRST_LOAD]!;
  return { type, sizeBytes, isSigned, isStore: opcode >= FIRST_STORE };
}

const ATOMIC_SHAPES: readonly (readonly [number, AccessShape['sizeBytes']])[] = [
  [I32, 4],
  [I64, 8],
  [I32, 1],
  [I32, 2],
  [I64, 1],
  [I64, 2],
  [I64, 4],
];

/** Operations of atomicUpdate: 0 add, 1 subtract, 2 and, 3 or, 4 exclusive or, 5 exchange, 6 compare and exchange. */
export const UPDATE = { add: 0, subtract: 1, and: 2, or: 3, exclusiveOr: 4, exchange: 5, compareExchange: 6 } as const;

/** Shape of an atomic instruction 0x10 to 0x4e, and for read-modify-write ones the operation, else -1. */
export function atomicShape(opcode: number): AccessShape & { readonly update: number } {
  const group = Math.floor((opcode - 0x10) / 7);
  const [type, sizeBytes] = ATOMIC_SHAPES[(opcode - 0x10) % 7]!;
  return { type, sizeBytes, isSigned: false, isStore: group === 1, update: group - 2 };
}

/** Signature of the function that stands for a plain access; the constant offset comes last. */
export function plainSignature({ type, isStore }: AccessShape): Signature {
  return isStore ? { parameters: [I32, type, I32], results: [] } : { parameters: [I32, I32], results: [type] };
}

/** Signature of the function that stands for an atomic access. */
export function atomicSignature({ type, isStore, update }: ReturnType<typeof atomicShape>): Signature {
  if (update < 0) return plainSignature({ type, isStore, isSigned: false, sizeBytes: 4 });
  const operands = update === UPDATE.compareExchange ? [type, type] : [type];
  return { parameters: [I32, ...operands, I32], results: [type] };
}

/** Emits bodies; `firstImport` is the function index of the first of HOOK_IMPORTS. */
export class HookEmitter {
  private readonly firstImport: number;

  constructor(firstImport: number) {
    this.firstImport = firstImport;
  }

  /** Body of the function for instruction `opcode` with the shape of a plain access. */
  plain(opcode: number, shape: AccessShape): Uint8Array {
    const body = this.accessBody(shape.isStore ? 2 : 1, shape.isStore ? VOID_BLOCK : shape.type);
    const address = shape.isStore ? 3 : 2;
    if (shape.isStore) {
      body.u8(0x20, 0);
      this.split(body, shape, 1);
      body.u8(0x20, 2);
      this.call(body, `store${shape.sizeBytes * 8}`);
      body.u8(0x05, 0x20, address, 0x20, 1, opcode, 0, 0);
    } else {
      body.u8(0x20, 0, 0x20, 1);
      this.call(body, `load${shape.sizeBytes * 8}`);
      this.join(body, shape);
      body.u8(0x05, 0x20, address, opcode, 0, 0);
    }
    return body.u8(0x0b, 0x0b).take();
  }

  /** Body of the function for atomic instruction `opcode`. */
  atomic(opcode: number, shape: ReturnType<typeof atomicShape>): Uint8Array {
    const operandCount = shape.update === UPDATE.compareExchange ? 2 : shape.update >= 0 || shape.isStore ? 1 : 0;
    const offset = 1 + operandCount;
    const body = this.accessBody(offset, shape.isStore ? VOID_BLOCK : shape.type);
    body.u8(0x20, 0, 0x20, offset, 0x41).s32(shape.sizeBytes);
    const isWide = shape.type === I64;
    if (shape.update >= 0) body.u8(0x41).s32(shape.update);
    for (let operand = operandCount; operand >= 1; operand--) this.splitWhole(body, isWide, operand);
    if (shape.update >= 0 && operandCount === 1) body.u8(0x41, 0, 0x41, 0);
    this.call(body, shape.update >= 0 ? 'atomicUpdate' : shape.isStore ? 'atomicStore' : 'atomicLoad');
    if (!shape.isStore) this.join(body, { ...shape, sizeBytes: isWide ? 8 : 4 });
    body.u8(0x05, 0x20, offset + 1);
    for (let operand = 1; operand <= operandCount; operand++) body.u8(0x20, operand);
    return body.u8(0xfe, opcode, 31 - Math.clz32(shape.sizeBytes), 0, 0x0b, 0x0b).take();
  }

  /** memory.copy (with `isCopy`) or memory.fill: plain when no operand lies in guest memory. */
  bulk(isCopy: boolean): Uint8Array {
    const body = new ByteWriter().u8(0, 0x20, 0);
    if (isCopy) body.u8(0x20, 1, 0x72);
    body.u8(0x41, 0, 0x48, 0x04, VOID_BLOCK, 0x20, 0, 0x20, 1, 0x20, 2);
    this.call(body, isCopy ? 'copy' : 'fill');
    body.u8(0x05, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc);
    if (isCopy) body.u8(10, 0, 0);
    else body.u8(11, 0);
    return body.u8(0x0b, 0x0b).take();
  }

  /** memory.init of one data segment: never into guest memory. */
  init(segment: number): Uint8Array {
    const body = new ByteWriter().u8(0, 0x20, 0, 0x41, 0, 0x48, 0x04, VOID_BLOCK);
    this.call(body, 'refuseInit');
    return body.u8(0x0b, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 8).u32(segment).u8(0, 0x0b).take();
  }

  /** memory.grow: what the module's limit refuses is told. */
  grow(): Uint8Array {
    const body = new ByteWriter().u8(1, 1, I32, 0x20, 0, 0x40, 0, 0x22, 1, 0x41, 0x7f, 0x46, 0x04, VOID_BLOCK, 0x20, 0);
    this.call(body, 'refuseGrowth');
    return body.u8(0x0b, 0x20, 1, 0x0b).take();
  }

  /** One turn of a loop: counts global `fuel` down and calls spin at zero. */
  turn(fuel: number): Uint8Array {
    const body = new ByteWriter().u8(0, 0x23).u32(fuel).u8(0x41, 1, 0x6b, 0x24).u32(fuel).u8(0x23).u32(fuel).u8(0x45, 0x04, VOID_BLOCK);
    this.call(body, 'spin');
    return body.u8(0x0b, 0x0b).take();
  }

  /** Function index of one of HOOK_IMPORTS. */
  indexOf(name: string): number {
    return this.firstImport + importIndex.get(name)!;
  }

  private call(body: ByteWriter, name: string): void {
    body.u8(0x10).u32(this.indexOf(name));
  }

  /** One local (the sum of address and offset) and the question whether address, offset or sum lie in guest memory. */
  private accessBody(offset: number, result: number): ByteWriter {
    const sum = offset + 1;
    const body = new ByteWriter().u8(1, 1, I32);
    body.u8(0x20, 0, 0x20, offset, 0x6a, 0x22, sum, 0x20, 0, 0x72, 0x20, offset, 0x72);
    return body.u8(0x41, 0, 0x48, 0x04, result);
  }

  /** Puts a value to be stored on the stack as one word, or two for eight bytes. */
  private split(body: ByteWriter, { type, sizeBytes }: AccessShape, local: number): void {
    body.u8(0x20, local);
    if (type === F32) body.u8(0xbc);
    if (type === F64) body.u8(0xbd);
    if (type === I64 || type === F64) body.u8(0xa7);
    if (sizeBytes !== 8) return;
    body.u8(0x20, local);
    if (type === F64) body.u8(0xbd);
    body.u8(0x42, 32, 0x88, 0xa7);
  }

  /** Always two words, whatever the size. */
  private splitWhole(body: ByteWriter, isWide: boolean, local: number): void {
    body.u8(0x20, local);
    if (isWide) body.u8(0xa7, 0x20, local, 0x42, 32, 0x88, 0xa7);
    else body.u8(0x41, 0);
  }

  /** Makes the value of the access's type from the word on the stack. */
  private join(body: ByteWriter, { type, sizeBytes, isSigned }: AccessShape): void {
    if (type === I32) {
      if (isSigned) body.u8(sizeBytes === 1 ? 0xc0 : 0xc1);
      return;
    }
    if (type === F32) {
      body.u8(0xbe);
      return;
    }
    body.u8(0xad);
    if (sizeBytes === 8) {
      this.call(body, 'high');
      body.u8(0xad, 0x42, 32, 0x86, 0x84);
    } else if (isSigned) body.u8(sizeBytes === 1 ? 0xc2 : sizeBytes === 2 ? 0xc3 : 0xc4);
    if (type === F64) body.u8(0xbf);
  }
}
