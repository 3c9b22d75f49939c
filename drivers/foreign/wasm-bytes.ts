// Reading and writing the parts a WebAssembly binary is made of: LEB128 numbers, names, vectors of bytes.
//
// Follows the binary format of the WebAssembly core specification, section 5.2. Numbers above 32 bits are only ever
// copied, never read.

/** Thrown when the bytes are no well-formed module, or one that uses what is not supported; the message is the rule. */
export class WasmFormatError extends Error {
  /** Byte offset in the module. */
  readonly at: number;

  constructor(at: number, rule: string) {
    super(rule);
    this.name = 'WasmFormatError';
    this.at = at;
  }
}

/** A cursor over bytes. Every read past the end throws WasmFormatError. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** The next byte. */
  u8(): number {
    if (this.at >= this.end) throw new WasmFormatError(this.at, 'the module ends in the middle of something');
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new WasmFormatError(this.at, 'a number takes more than 32 bits');
  }

  /** Passes over a LEB128 number of any width up to 64 bits. */
  skipNumber(): void {
    for (let count = 0; count < 10; count++) if (this.u8() < 0x80) return;
    throw new WasmFormatError(this.at, 'a number takes more than 64 bits');
  }

  /** The next `count` bytes. */
  take(count: number): Uint8Array {
    if (this.at + count > this.end) throw new WasmFormatError(this.at, 'the module ends in the middle of something');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** A name: a length and UTF-8. */
  name(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }
}

/** Bytes in the making. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  length = 0;

  u8(...values: number[]): this {
    this.reserve(values.length);
    for (const value of values) this.bytes[this.length++] = value;
    return this;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** A signed LEB128 number of 32 bits. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }

  raw(values: Uint8Array): this {
    this.reserve(values.length);
    this.bytes.set(values, this.length);
    this.length += values.length;
    return this;
  }

  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.u32(encoded.length).raw(encoded);
  }

  /** A section: its number, its length, its contents. */
  section(id: number, contents: Uint8Array): this {
    return this.u8(id).u32(contents.length).raw(contents);
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
