// A private picture of a frame in passage, for events: its net header and, if wanted, all its bytes.
//
// The bytes are read raw where they come from, so looking is no access and does not depend on when the stores
// of the copying side become visible.
import { CHECKSUM_UNKNOWN } from '../events.js';
import { judgeChecksum } from './checksum-verdict.js';
import { NET_HEADER_BYTES } from './header.js';

const FRAME_LIMIT_BYTES = 1 << 18;
/** Small arrays lie in the heap and cost next to nothing; most pictures are made for one run and never used. */
const INITIAL_BYTES = 64;
/** Longer pieces are copied by one call, which has its fixed price. */
const LONGEST_LOOP_BYTES = 32;

/** The picture; reused for every frame. */
export class FrameImage {
  /** Net header and frame, valid up to `lengthBytes` (at most 12 bytes unless whole frames are wanted). */
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  lengthBytes = 0;
  private readonly limitBytes: number;

  constructor(wantsWholeFrames: boolean) {
    this.limitBytes = wantsWholeFrames ? FRAME_LIMIT_BYTES : NET_HEADER_BYTES;
  }

  /** Starts a new frame. */
  clear(): void {
    this.lengthBytes = 0;
  }

  /** True if more bytes are wanted. */
  get isOpen(): boolean {
    return this.lengthBytes < this.limitBytes;
  }

  /** Appends bytes of the frame as far as they are wanted. */
  add(source: Uint8Array, at: number, lengthBytes: number): void {
    const count = Math.min(lengthBytes, this.limitBytes - this.lengthBytes);
    while (this.lengthBytes + count > this.bytes.length) {
      const bytes = new Uint8Array(this.bytes.length * 2);
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    const { bytes, lengthBytes: start } = this;
    if (count > LONGEST_LOOP_BYTES) bytes.set(source.subarray(at, at + count), start);
    else for (let index = 0; index < count; index++) bytes[start + index] = source[at + index]!;
    this.lengthBytes = start + count;
  }

  /** Overwrites a byte of the picture; one beyond it is ignored. */
  set(index: number, value: number): void {
    if (index < this.lengthBytes) this.bytes[index] = value;
  }

  /** CHECKSUM_… verdict; unknown unless the picture holds all `totalBytes` bytes. */
  verdict(totalBytes: number): number {
    return this.lengthBytes < totalBytes || this.limitBytes === NET_HEADER_BYTES ? CHECKSUM_UNKNOWN : judgeChecksum(this.bytes, totalBytes);
  }
}
