// Completion of partial checksums while a frame passes through a pipe.
//
// Follows l4re-p2p sheet §5.5. The sum runs over big-endian 16-bit words from csum_start to the end of the
// frame; where the field lies in the receiver's buffer is noted on the way and filled at the end. The quirks
// Q6, Q7 and Q31 are in the arithmetic; when a context begins is the pipe's business.
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import type { FrameImage } from '../net/frame-image.js';
import { NET_DATA_VALID, NET_FLAGS, NET_HEADER_BYTES, NET_NEEDS_CHECKSUM, UDP_CHECKSUM_OFFSET } from '../net/header.js';
import type { DeviceContext } from '../transport/device-context.js';

/** A length no mapping has: what a wrapped subtraction amounts to. */
const WRAPPED_LENGTH = Number.MAX_SAFE_INTEGER;
const ACCUMULATOR_SPAN = 4294967296;

/** Sum over the frame in passage. */
export class ChecksumContext {
  /** False: bytes pass unchanged. */
  isActive = false;
  protected start = 0;
  protected offset = 0;
  protected position = 0;
  protected summedBytes = 0;
  protected sum = 0;
  protected fieldHigh = 0;
  protected fieldLow = 0;
  protected readonly context: DeviceContext<SharedMemory>;
  protected readonly port: number;

  constructor(context: DeviceContext<SharedMemory>, port: number) {
    this.context = context;
    this.port = port;
  }

  /** Ends the context: bytes pass unchanged. */
  clear(): void {
    this.isActive = false;
  }

  /** Begins a context for a frame with the given csum_start and csum_offset. */
  begin(start: number, offset: number): void {
    this.isActive = true;
    this.start = start;
    this.offset = offset;
    this.position = 0;
    this.summedBytes = 0;
    this.sum = 0;
    this.fieldHigh = 0;
    this.fieldLow = 0;
  }

  /** True if the field has been found. */
  get isFieldFound(): boolean {
    return this.fieldHigh !== 0 && this.fieldLow !== 0;
  }

  /** Takes `lengthBytes` bytes of payload into account that go from `source` to `target`. */
  *add(source: number, target: number, lengthBytes: number): Resume<void> {
    const { start, position } = this;
    if (position >= start) yield* this.sumRange(source, lengthBytes);
    else if (start < position + lengthBytes) {
      if (position > 0) this.context.meet('Q6', this.port);
      const summed = lengthBytes - start + (this.context.deviations.Q6 ? -position : position);
      yield* this.sumRange(source + start - position, summed < 0 ? WRAPPED_LENGTH : summed);
    }
    this.findField(target, lengthBytes);
    this.position = position + lengthBytes;
  }

  /** Ends the server by the endless read a wrapped length amounts to. */
  *readWrapped(source: number): Resume<void> {
    yield* this.sumRange(source, WRAPPED_LENGTH);
  }

  /** Fills the field and clears the flags of the header at `header`, in the picture too; false if the field was not found. */
  *finish(header: number, image: FrameImage): Resume<boolean> {
    const memory = this.context.memory;
    if (!this.isFieldFound) return false;
    const value = this.value();
    yield* memory.store8(this.fieldHigh, value >>> 8);
    yield* memory.store8(this.fieldLow, value & 0xff);
    const flags = yield* memory.load8(header);
    yield* memory.store8(header, flags & ~NET_NEEDS_CHECKSUM);
    const remaining = yield* memory.load8(header);
    yield* memory.store8(header, remaining & ~NET_DATA_VALID);
    const at = NET_HEADER_BYTES + this.start + this.offset;
    image.set(at, value >>> 8);
    image.set(at + 1, value & 0xff);
    image.set(NET_FLAGS, image.bytes[NET_FLAGS]! & ~(NET_NEEDS_CHECKSUM | NET_DATA_VALID));
    return true;
  }

  protected *sumRange(source: number, lengthBytes: number): Resume<void> {
    if (lengthBytes === 0) return;
    const at = yield* this.context.memory.peekRange(source, lengthBytes);
    const bytes = this.context.arena.u8;
    let isHigh = true;
    if ((this.summedBytes & 1) !== 0) {
      this.context.meet('Q7', this.port);
      isHigh = this.context.deviations.Q7;
    }
    let first = 0;
    let second = 0;
    const end = at + lengthBytes;
    let index = at;
    for (; index + 1 < end; index += 2) {
      first += bytes[index]!;
      second += bytes[index + 1]!;
    }
    if (index < end) first += bytes[index]!;
    this.sum += isHigh ? first * 256 + second : second * 256 + first;
    this.summedBytes += lengthBytes;
    if (this.sum < ACCUMULATOR_SPAN) return;
    this.context.meet('Q31', this.port);
    if (this.context.deviations.Q31) this.sum %= ACCUMULATOR_SPAN;
  }

  protected findField(target: number, lengthBytes: number): void {
    const inPiece = this.start + this.offset - this.position;
    if (this.context.deviations.D11) {
      if (!this.isFieldFound && inPiece >= 0 && inPiece + 1 < lengthBytes) {
        this.fieldHigh = target + inPiece;
        this.fieldLow = this.fieldHigh + 1;
      }
      return;
    }
    if (inPiece >= 0 && inPiece < lengthBytes) this.fieldHigh = target + inPiece;
    if (inPiece + 1 >= 0 && inPiece + 1 < lengthBytes) this.fieldLow = target + inPiece + 1;
  }

  protected value(): number {
    let sum = this.sum;
    while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536);
    const value = ~sum & 0xffff;
    if (value !== 0 || this.offset !== UDP_CHECKSUM_OFFSET) return value;
    this.context.meet('P1', this.port);
    return this.context.deviations.P1 ? 0 : 0xffff;
  }
}
