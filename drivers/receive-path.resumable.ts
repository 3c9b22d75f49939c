// The receive side of the full driver: buffers of one size, merged frames, zero-copy delivery, refill.
//
// Buffers are posted, lent to the stack, or in the pool. A frame of several buffers is delivered only when all of
// them are there; its count is taken from the header in the first one and is not trusted further than the queue
// reaches. Clauses NET-DRV-5.1.9.3*, 5.1.9.4*.
import {
  NET_BUFFER_COUNT,
  NET_CHECKSUM_OFFSET,
  NET_CHECKSUM_START,
  NET_FLAGS,
  NET_HEADER_BYTES,
  NET_NEEDS_CHECKSUM,
} from '../model/net/header.js';
import { DEVICE_AT_FAULT, NOTHING_USED } from '../model/virtqueue/driver-queue.resumable.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Guest } from './contract.js';
import { ramBytes, type Ring } from './ring.resumable.js';
import type { ModuleStyle } from './style.resumable.js';

/** Size of a receive buffer: header, Ethernet header and 1500 bytes, rounded up. */
const BUFFER_BYTES = 1536;
/** Part of the RAM receive buffers may take: one in this many bytes. */
const RAM_SHARE = 4;

/** A received buffer, or the part of it behind the header. */
export interface Piece {
  readonly buffer: number;
  readonly address: number;
  readonly lengthBytes: number;
}

/** Where an open checksum begins and goes, in bytes from the start of the frame. */
export interface ChecksumPlace {
  readonly startBytes: number;
  readonly offsetBytes: number;
}

/** Receive buffers and what arrived in them. */
export class ReceivePath {
  /** The device returned something no correct device returns; only a reset helps. */
  isBroken = false;
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly ring: Ring;
  /** Buffers the path works with at most in this device run. */
  protected target = 0;
  protected isMergeable = false;
  protected takesChecksum = false;
  protected isRunning = false;
  protected total = 0;
  protected readonly pool: number[] = [];
  protected readonly posted = new Map<number, number>();
  protected readonly lent = new Map<number, number>();
  protected pieces: Piece[] = [];
  protected missing = 0;
  protected checksum: ChecksumPlace | null = null;

  constructor(guest: Guest<ModuleStyle>, ring: Ring) {
    this.guest = guest;
    this.ring = ring;
  }

  /** A device run begins; the ring is empty. */
  begin(isMergeable: boolean, takesChecksum: boolean): void {
    this.isMergeable = isMergeable;
    this.takesChecksum = takesChecksum;
    this.isRunning = true;
    this.isBroken = false;
    this.target = this.wantedBuffers;
  }

  /** The device was reset: every buffer but the lent ones is ours again. */
  end(): void {
    this.isRunning = false;
    for (const buffer of this.posted.values()) this.pool.push(buffer);
    this.posted.clear();
    this.dropPieces();
  }

  /** As many buffers as the queue takes, within its share of the memory. */
  protected get wantedBuffers(): number {
    const affordable = Math.floor(ramBytes(this.guest) / RAM_SHARE / this.bufferBytes);
    return Math.max(1, Math.min(this.ring.queue.size, affordable));
  }

  /** Size of a buffer. */
  protected get bufferBytes(): number {
    return BUFFER_BYTES;
  }

  /** True when fewer than half of the buffers are posted: time to post what came back. */
  get isLow(): boolean {
    return this.posted.size * 2 < this.target;
  }

  /** Posts buffers up to the target, without telling the device. True if memory was short. */
  *refill(): Resume<boolean> {
    const { queue } = this.ring;
    while (queue.free > 0 && this.posted.size < this.target) {
      const buffer = this.takeBuffer();
      if (buffer === 0) return this.isLow && this.lent.size === 0;
      const deviceAddress = this.guest.memory.map(buffer, this.bufferBytes);
      const head = yield* queue.add([{ deviceAddress, lengthBytes: this.bufferBytes, isWritable: true }]);
      this.posted.set(head, buffer);
    }
    return false;
  }

  /** Hands up to `budget` frames to the stack; returns how many. */
  *drain(budget: number): Resume<number> {
    let frames = 0;
    while (frames < budget && !this.isBroken) {
      const head = yield* this.ring.queue.takeUsed();
      if (head === NOTHING_USED) break;
      if (head === DEVICE_AT_FAULT) {
        this.isBroken = true;
        break;
      }
      const buffer = this.posted.get(head)!;
      this.posted.delete(head);
      if (yield* this.arrived(buffer, this.ring.queue.usedLengthBytes)) frames += 1;
    }
    return frames;
  }

  /** The stack is done with delivered bytes. */
  release(address: number): void {
    const buffer = this.lent.get(address);
    if (buffer === undefined) return;
    this.lent.delete(address);
    this.pool.push(buffer);
  }

  /** Gives all memory back; the device is off the queue and the stack will not look again. */
  free(): void {
    this.end();
    for (const buffer of [...this.pool, ...this.lent.values()]) this.dispose(buffer);
    this.pool.length = 0;
    this.lent.clear();
    this.total = 0;
  }

  /** A buffer came back; true when it completed a frame that was handed up. */
  protected *arrived(buffer: number, lengthBytes: number): Resume<boolean> {
    if (this.missing > 0) {
      this.pieces.push({ buffer, address: buffer, lengthBytes });
    } else {
      if (!(yield* this.readHeader(buffer, lengthBytes))) {
        this.pool.push(buffer);
        return false;
      }
      this.pieces.push({ buffer, address: buffer + NET_HEADER_BYTES, lengthBytes: lengthBytes - NET_HEADER_BYTES });
    }
    this.missing -= 1;
    return this.missing === 0 && this.deliver();
  }

  /** Reads the header of a frame; false if the buffer holds none. */
  protected *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
    if (lengthBytes < NET_HEADER_BYTES) return false;
    const { memory } = this.guest;
    const count = this.isMergeable ? yield* memory.load16(buffer + NET_BUFFER_COUNT) : 1;
    if (count === 0 || count > this.ring.queue.size) {
      this.isBroken = true;
      return false;
    }
    this.missing = count;
    this.checksum = null;
    const flags = this.takesChecksum ? yield* memory.load8(buffer + NET_FLAGS) : 0;
    if ((flags & NET_NEEDS_CHECKSUM) === 0) return true;
    const startBytes = yield* memory.load16(buffer + NET_CHECKSUM_START);
    const offsetBytes = yield* memory.load16(buffer + NET_CHECKSUM_OFFSET);
    this.checksum = { startBytes, offsetBytes };
    return true;
  }

  /** Hands the collected pieces up; true if there was a byte in them. */
  protected deliver(): boolean {
    const { pieces } = this;
    this.pieces = [];
    let last = -1;
    for (let index = 0; index < pieces.length; index++) {
      const piece = pieces[index]!;
      if (piece.lengthBytes > 0) last = index;
      else this.pool.push(piece.buffer);
    }
    for (let index = 0; index <= last; index++) {
      const { address, buffer, lengthBytes } = pieces[index]!;
      if (lengthBytes === 0) continue;
      const more = index < last;
      this.lent.set(address, buffer);
      this.guest.deliver(address, lengthBytes, this.checksum === null ? { more } : { more, checksum: this.checksum });
    }
    return last >= 0;
  }

  protected dropPieces(): void {
    for (const piece of this.pieces) this.pool.push(piece.buffer);
    this.pieces = [];
    this.missing = 0;
  }

  /** A buffer of the pool or a new one; 0 if there is no memory. Buffers never outnumber the target. */
  protected takeBuffer(): number {
    if (!this.isRunning) return 0;
    const pooled = this.pool.pop();
    if (pooled !== undefined) return pooled;
    if (this.total >= this.target) return 0;
    const buffer = this.guest.memory.alloc(this.bufferBytes);
    if (buffer !== 0) this.total += 1;
    return buffer;
  }

  protected dispose(buffer: number): void {
    this.guest.memory.unmap(this.guest.memory.map(buffer, this.bufferBytes), this.bufferBytes);
    this.guest.memory.free(buffer);
  }
}
