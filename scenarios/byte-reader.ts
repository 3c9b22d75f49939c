// Bounded reads from a file of unknown quality: every read that would pass the end is refused with its offset.
import { UnusableInput } from './unusable-input.js';

/** Reads integers of either byte order from bytes. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  /** Byte order of the reads that follow. */
  isLittle = true;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, fileName: string) {
    this.bytes = bytes;
    this.fileName = fileName;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u16(offset: number): number {
    this.need(offset, 2, 'a 16-bit field');
    return this.view.getUint16(offset, this.isLittle);
  }

  u32(offset: number): number {
    this.need(offset, 4, 'a 32-bit field');
    return this.view.getUint32(offset, this.isLittle);
  }

  i64(offset: number): bigint {
    this.need(offset, 8, 'a 64-bit field');
    return this.view.getBigInt64(offset, this.isLittle);
  }

  /** A copy of `lengthBytes` bytes; `what` names them in the refusal. */
  copy(offset: number, lengthBytes: number, what: string): Uint8Array {
    this.need(offset, lengthBytes, what);
    return this.bytes.slice(offset, offset + lengthBytes);
  }

  /** Refuses unless `lengthBytes` bytes are there. */
  need(offset: number, lengthBytes: number, what: string): void {
    if (offset + lengthBytes <= this.length) return;
    const left = Math.max(0, this.length - offset);
    throw this.refusal(offset, `the file is truncated: ${what} needs ${lengthBytes} bytes, ${left} are left`);
  }

  /** The error for a broken rule at an offset. */
  refusal(offset: number, rule: string): UnusableInput {
    return new UnusableInput(this.fileName, `byte ${offset}`, rule);
  }
}
