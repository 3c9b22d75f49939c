// The net header on its way through a pipe: when a checksum context begins, and what the receiver gets to see.
//
// Follows l4re-p2p sheet §5.3-§5.5. The original recognises the header by its address (D3, Q16, Q34) and wants
// it in the first descriptor; with D3 off it is recognised by position and may be split over descriptors on
// either side. sanitize() is what `fixed` does instead of passing the sender's fields on (Q24).
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import type { FrameImage } from '../net/frame-image.js';
import {
  NET_BUFFER_COUNT,
  NET_CHECKSUM_OFFSET,
  NET_CHECKSUM_START,
  NET_FLAGS,
  NET_GSO_SIZE,
  NET_GSO_TYPE,
  NET_HEADER_BYTES,
  NET_NEEDS_CHECKSUM,
} from '../net/header.js';
import type { DeviceContext } from '../transport/device-context.js';
import type { ChecksumContext } from './checksum.resumable.js';
import type { EndPoint } from './end-point.resumable.js';
import type { Port } from './port.resumable.js';

/** Header handling of one pipe. */
export class HeaderPassage {
  protected readonly context: DeviceContext<SharedMemory>;
  protected readonly transmit: EndPoint;
  protected readonly receive: EndPoint;
  protected readonly checksum: ChecksumContext;
  protected readonly receiver: Port;
  protected readonly image: FrameImage;
  /** With D3 off: where the receiver's header begins if it came in one piece, else -1 and each byte for itself. */
  protected whole = -1;
  /** With D11 off: end of the checksum field the sender's header asks for, from its payload on; 0 if it asks for none. */
  protected checksumEnd = 0;
  protected readonly bytes = new Uint8Array(NET_HEADER_BYTES);
  protected readonly addresses = new Int32Array(NET_HEADER_BYTES);

  constructor(
    context: DeviceContext<SharedMemory>,
    transmit: EndPoint,
    receive: EndPoint,
    checksum: ChecksumContext,
    receiver: Port,
    image: FrameImage,
  ) {
    this.context = context;
    this.transmit = transmit;
    this.receive = receive;
    this.checksum = checksum;
    this.receiver = receiver;
    this.image = image;
  }

  /** Server address of a byte of the receiver's header. */
  addressOf(index: number): number {
    if (this.context.deviations.D3) return this.receive.header + index;
    return this.whole >= 0 ? this.whole + index : this.addresses[index]!;
  }

  /** Looks at the coming piece of `lengthBytes` bytes before it is copied; `placedBytes` of the frame went before. */
  *track(lengthBytes: number, placedBytes: number): Resume<void> {
    const { deviations } = this.context;
    if (!deviations.D3) return yield* this.trackByPosition(lengthBytes, placedBytes);
    const { transmit, receive, checksum } = this;
    const source = transmit.position;
    if (!deviations.D11 && placedBytes === 0 && lengthBytes >= NET_HEADER_BYTES)
      this.noteChecksum(this.context.arena.u8, yield* this.context.memory.peekRange(source, NET_HEADER_BYTES));
    if (source === transmit.header && this.isHeaderPiece(lengthBytes, placedBytes)) {
      yield* this.sample(source);
      if (!checksum.isActive) return;
      if (lengthBytes >= NET_HEADER_BYTES) {
        yield* checksum.add(source + NET_HEADER_BYTES, receive.position + NET_HEADER_BYTES, lengthBytes - NET_HEADER_BYTES);
        return;
      }
      this.context.meet(placedBytes === 0 ? 'Q34' : 'Q16', this.receiver.port);
      return yield* checksum.readWrapped(source + NET_HEADER_BYTES);
    }
    if (checksum.isActive) yield* checksum.add(source, receive.position, lengthBytes);
  }

  /** Writes num_buffers. */
  *storeBufferCount(count: number): Resume<void> {
    const memory = this.context.memory;
    this.image.set(NET_BUFFER_COUNT, count & 0xff);
    this.image.set(NET_BUFFER_COUNT + 1, count >>> 8);
    const low = this.addressOf(NET_BUFFER_COUNT);
    const high = this.addressOf(NET_BUFFER_COUNT + 1);
    if (high === low + 1) return yield* memory.store16(low, count);
    yield* memory.store8(low, count & 0xff);
    yield* memory.store8(high, count >>> 8);
  }

  /** Leaves in the receiver's header only what it negotiated. */
  *sanitize(): Resume<void> {
    const memory = this.context.memory;
    if (yield* this.isPlain()) return;
    const flags = yield* memory.load8(this.addressOf(NET_FLAGS));
    const kept = this.receiver.hasGuestChecksum ? flags & NET_NEEDS_CHECKSUM : 0;
    this.image.set(NET_FLAGS, kept);
    if (kept !== flags) yield* memory.store8(this.addressOf(NET_FLAGS), kept);
    const end = kept === 0 ? NET_BUFFER_COUNT : NET_CHECKSUM_START;
    for (let index = NET_GSO_TYPE; index < end; index++) {
      this.image.set(index, 0);
      if ((yield* memory.load8(this.addressOf(index))) !== 0) yield* memory.store8(this.addressOf(index), 0);
    }
  }

  /** True if the receiver's header is in one piece and has nothing in front of num_buffers; the usual case in three loads. */
  protected *isPlain(): Resume<boolean> {
    const memory = this.context.memory;
    const header = this.addressOf(NET_FLAGS);
    if (this.addressOf(NET_HEADER_BYTES - 1) !== header + NET_HEADER_BYTES - 1) return false;
    if ((yield* memory.load32(header)) !== 0) return false;
    if ((yield* memory.load32(header + NET_GSO_SIZE)) !== 0) return false;
    return (yield* memory.load16(header + NET_CHECKSUM_OFFSET)) === 0;
  }

  /** True unless the sender's header, as it came by, asks for a checksum outside the `payloadBytes` bytes behind it. */
  hasSoundChecksum(payloadBytes: number): boolean {
    return this.checksumEnd <= payloadBytes;
  }

  /** By address, as the original does it; a later piece there, or an empty first one, counts only with Q16 and Q34. */
  protected isHeaderPiece(lengthBytes: number, placedBytes: number): boolean {
    const { deviations } = this.context;
    if (placedBytes > 0) return deviations.Q16;
    return lengthBytes >= NET_HEADER_BYTES || deviations.Q34;
  }

  /** Reads the sender's header at `source` and begins a checksum context if the receiver needs one. */
  protected *sample(source: number): Resume<void> {
    const memory = this.context.memory;
    this.checksum.clear();
    if (this.receiver.hasGuestChecksum) return;
    const flags = yield* memory.load8(source + NET_FLAGS);
    if ((flags & NET_NEEDS_CHECKSUM) === 0) return;
    const start = yield* memory.load16(source + NET_CHECKSUM_START);
    const offset = yield* memory.load16(source + NET_CHECKSUM_OFFSET);
    this.checksum.begin(start, offset);
  }

  protected *trackByPosition(lengthBytes: number, placedBytes: number): Resume<void> {
    const { transmit, receive, checksum } = this;
    const count = Math.min(Math.max(0, NET_HEADER_BYTES - placedBytes), lengthBytes);
    if (count > 0) {
      const at = yield* this.context.memory.peekRange(transmit.position, count);
      const { u8 } = this.context.arena;
      if (count === NET_HEADER_BYTES) {
        this.whole = receive.position;
        this.beginFrom(u8, at);
      } else this.collect(u8, at, count, placedBytes);
    }
    if (checksum.isActive && lengthBytes > count) {
      yield* checksum.add(transmit.position + count, receive.position + count, lengthBytes - count);
    }
  }

  /** Takes a piece of a header that is split on either side. */
  protected collect(source: Uint8Array, at: number, count: number, placedBytes: number): void {
    const { bytes, addresses } = this;
    this.whole = -1;
    for (let index = 0; index < count; index++) {
      bytes[placedBytes + index] = source[at + index]!;
      addresses[placedBytes + index] = this.receive.position + index;
    }
    if (placedBytes + count === NET_HEADER_BYTES) this.beginFrom(bytes, 0);
  }

  /** Begins a checksum context if the sender's header at `at` asks for one and the receiver needs it. */
  protected beginFrom(bytes: Uint8Array, at: number): void {
    this.noteChecksum(bytes, at);
    if (this.receiver.hasGuestChecksum || this.checksumEnd === 0) return;
    const start = bytes[at + NET_CHECKSUM_START]! | (bytes[at + NET_CHECKSUM_START + 1]! << 8);
    this.checksum.begin(start, bytes[at + NET_CHECKSUM_OFFSET]! | (bytes[at + NET_CHECKSUM_OFFSET + 1]! << 8));
  }

  /** Notes where the field of the checksum ends that the sender's header at `at` asks for. */
  protected noteChecksum(bytes: Uint8Array, at: number): void {
    this.checksumEnd = 0;
    if ((bytes[at + NET_FLAGS]! & NET_NEEDS_CHECKSUM) === 0) return;
    for (const field of [NET_CHECKSUM_START, NET_CHECKSUM_OFFSET]) this.checksumEnd += bytes[at + field]! | (bytes[at + field + 1]! << 8);
    this.checksumEnd += 2;
  }
}
