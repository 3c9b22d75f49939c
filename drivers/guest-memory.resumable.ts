// The memory operations of the driver contract, on top of a view of the simulation.
//
// Checks whose turn it is and what the arguments are; everything else is the view's business.
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE, type Barrier } from '../sim/barrier.js';
import type { Access, Resume } from '../sim/flow.resumable.js';
import type { SharedMemory } from '../sim/memory.resumable.js';
import { BREACH } from './contract-breach.js';
import type { GuestMemory, MemoryRegion } from './contract.js';
import type { ModuleStyle } from './style.resumable.js';
import type { Turn } from './turn.js';

const WORD_SPAN = 4294967296;
/** Largest range one access may touch, in bytes. */
const RANGE_LIMIT_BYTES = 1 << 27;

/** What memory is mostly filled with; never written. */
const ZEROES = new Uint8Array(1 << 14);

/** What the face asks of the machine behind it. */
export interface MemoryOwner {
  allocate(sizeBytes: number, alignBytes: number): number;
  free(address: number): boolean;
  deviceAddressOf(address: number, lengthBytes: number): number;
  localAddressOf(deviceAddress: number, lengthBytes: number): number;
  /** The bytes behind an arena offset. */
  bytesAt(offset: number, lengthBytes: number): Uint8Array;
}

/** Implements `guest.memory` for one run. */
export class GuestMemoryFace implements GuestMemory<ModuleStyle> {
  readonly regions: readonly MemoryRegion[];
  private readonly view: SharedMemory;
  private readonly turn: Turn;
  private readonly owner: MemoryOwner;

  constructor(regions: readonly MemoryRegion[], view: SharedMemory, turn: Turn, owner: MemoryOwner) {
    this.regions = regions;
    this.view = view;
    this.turn = turn;
    this.owner = owner;
  }

  alloc(sizeBytes: number, alignBytes = 16): number {
    this.turn.check('memory.alloc');
    this.length('alloc', sizeBytes);
    if (!Number.isSafeInteger(alignBytes) || alignBytes < 1 || alignBytes > RANGE_LIMIT_BYTES || (alignBytes & (alignBytes - 1)) !== 0) {
      this.turn.breach(BREACH.wrongArgument, `memory.alloc: alignBytes must be a power of two, got ${String(alignBytes)}`);
    }
    return this.owner.allocate(sizeBytes, alignBytes);
  }

  free(address: number): void {
    this.turn.check('memory.free');
    if (!this.owner.free(address)) {
      this.turn.breach(BREACH.wrongRelease, `memory.free: nothing is allocated at ${hex(address)}`);
    }
  }

  map(address: number, lengthBytes: number): number {
    this.turn.check('memory.map');
    this.length('map', lengthBytes);
    const deviceAddress = this.owner.deviceAddressOf(address, lengthBytes);
    if (deviceAddress < 0) {
      this.turn.breach(BREACH.wrongArgument, `memory.map: ${String(lengthBytes)} bytes at ${hex(address)} do not lie in one region`);
    }
    return deviceAddress;
  }

  unmap(deviceAddress: number, lengthBytes: number): void {
    this.turn.check('memory.unmap');
    this.length('unmap', lengthBytes);
    if (this.owner.localAddressOf(deviceAddress, lengthBytes) < 0) {
      this.turn.breach(
        BREACH.wrongRelease,
        `memory.unmap: ${String(lengthBytes)} bytes at device address ${hex(deviceAddress)} do not lie in one region`,
      );
    }
  }

  load8(address: number): Access<number> {
    this.turn.check('memory.load8');
    return this.view.load8(address);
  }

  load16(address: number): Access<number> {
    this.turn.check('memory.load16');
    return this.view.load16(address);
  }

  load32(address: number): Access<number> {
    this.turn.check('memory.load32');
    return this.view.load32(address);
  }

  *load64(address: number): Resume<number> {
    this.turn.check('memory.load64');
    const low = yield* this.view.load64(address);
    return this.view.high * WORD_SPAN + low;
  }

  store8(address: number, value: number): Access<void> {
    this.turn.check('memory.store8');
    return this.view.store8(address, value);
  }

  store16(address: number, value: number): Access<void> {
    this.turn.check('memory.store16');
    return this.view.store16(address, value);
  }

  store32(address: number, value: number): Access<void> {
    this.turn.check('memory.store32');
    return this.view.store32(address, value);
  }

  store64(address: number, value: number): Access<void> {
    this.turn.check('memory.store64');
    if (!Number.isSafeInteger(value) || value < 0) {
      this.turn.breach(BREACH.wrongArgument, `memory.store64: the value must be an integer from 0 to 2^53 - 1, got ${String(value)}`);
    }
    return this.view.store64(address, value % WORD_SPAN, Math.floor(value / WORD_SPAN));
  }

  copy(target: number, source: number, lengthBytes: number): Access<void> {
    this.turn.check('memory.copy');
    this.length('copy', lengthBytes);
    return this.view.copy(target, source, lengthBytes);
  }

  fill(address: number, value: number, lengthBytes: number): Access<void> {
    this.turn.check('memory.fill');
    this.length('fill', lengthBytes);
    const isClearing = (value & 0xff) === 0 && lengthBytes <= ZEROES.length;
    return this.view.storeBytes(address, isClearing ? ZEROES : new Uint8Array(lengthBytes).fill(value), 0, lengthBytes);
  }

  readBarrier(): Access<void> {
    this.turn.check('memory.readBarrier');
    return this.view.barrier(BARRIER_READ);
  }

  writeBarrier(): Access<void> {
    this.turn.check('memory.writeBarrier');
    return this.view.barrier(BARRIER_WRITE);
  }

  fullBarrier(): Access<void> {
    this.turn.check('memory.fullBarrier');
    return this.view.barrier(BARRIER_FULL);
  }

  // What follows is for drivers in other languages (drivers/foreign), whose own memory lies outside the guest's.

  /** Loads 64 bits: the low word; the high one is in `high`. */
  loadWords(address: number): Access<number> {
    this.turn.check('memory.load64');
    return this.view.load64(address);
  }

  /** High word of the last loadWords. */
  get high(): number {
    return this.view.high;
  }

  /** Stores 64 bits, any value. */
  storeWords(address: number, low: number, high: number): Access<void> {
    this.turn.check('memory.store64');
    return this.view.store64(address, low, high);
  }

  /** Copies guest memory to bytes outside of it; one access. */
  *readBytes(address: number, lengthBytes: number, into: Uint8Array, at: number): Resume<void> {
    this.turn.check('memory.copy');
    this.length('copy', lengthBytes);
    const offset = yield* this.view.peekRange(address, lengthBytes);
    into.set(this.owner.bytesAt(offset, lengthBytes), at);
  }

  /** Copies bytes from outside into guest memory; one access. */
  writeBytes(address: number, bytes: Uint8Array, start: number, lengthBytes: number): Access<void> {
    this.turn.check('memory.copy');
    this.length('copy', lengthBytes);
    return this.view.storeBytes(address, bytes, start, lengthBytes);
  }

  /** A barrier of any kind. */
  barrier(kind: Barrier): Access<void> {
    this.turn.check('memory.barrier');
    return this.view.barrier(kind);
  }

  private length(operation: string, lengthBytes: number): void {
    if (Number.isInteger(lengthBytes) && lengthBytes >= 0 && lengthBytes <= RANGE_LIMIT_BYTES) return;
    this.turn.breach(
      BREACH.wrongArgument,
      `memory.${operation}: a length must be an integer from 0 to ${RANGE_LIMIT_BYTES}, got ${String(lengthBytes)}`,
    );
  }
}

function hex(address: number): string {
  return typeof address === 'number' ? `0x${address.toString(16)}` : String(address);
}
