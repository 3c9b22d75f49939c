// The minimal reference driver: polls at a fixed period, one descriptor per frame, no optional feature, no interrupts.
//
// Frames are copied in both directions, so their memory goes back at once; a receive buffer is posted again right
// after its bytes were taken. Configuration goes by IPC only.
import { ETHERNET_FRAME_BYTES, NET_FEATURE_MAC, NET_HEADER_BYTES, PLAIN_RECEIVE_BUFFER_BYTES } from '../model/net/header.js';
import { DEVICE_AT_FAULT, NO_ROOM, NOTHING_USED } from '../model/virtqueue/driver-queue.resumable.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../model/virtqueue/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Driver, Frame, Guest, TransmitResult } from './contract.js';
import type { DeviceControl } from './device-control.resumable.js';
import { type DriverParts, REFERENCE_PARTS } from './driver-parts.resumable.js';
import { createRing, ramBytes, type Ring } from './ring.resumable.js';
import type { ModuleStyle } from './style.resumable.js';

/** Part of the RAM receive buffers may take: one in this many bytes. */
const RAM_SHARE = 4;
const POLL_INTERVAL_NS = 20_000;

/** A driver that does no more than it must. */
export class MinimalDriver implements Driver<ModuleStyle> {
  readonly retry = 'poll';
  readonly pollIntervalNs: number = POLL_INTERVAL_NS;
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly parts: DriverParts;
  protected readonly control: DeviceControl;
  protected receiveRing: Ring | null = null;
  protected transmitRing: Ring | null = null;
  protected bufferTarget = 0;
  /** Buffer of each chain in flight, by head. */
  protected readonly receiving = new Map<number, number>();
  protected readonly sending = new Map<number, number>();
  protected readonly spare: number[] = [];

  constructor(guest: Guest<ModuleStyle>, parts: DriverParts = REFERENCE_PARTS) {
    this.guest = guest;
    this.parts = parts;
    this.control = new parts.Control(guest, false);
  }

  *start(): Resume<void> {
    yield* this.control.connect(false);
    yield* this.control.registerMemory();
    yield* this.bringUp();
  }

  *transmit(frame: Frame): Resume<TransmitResult> {
    const ring = this.transmitRing!;
    const { memory } = this.guest;
    yield* this.reclaim();
    const lengthBytes = NET_HEADER_BYTES + frame.lengthBytes;
    const buffer = ring.queue.free === 0 ? 0 : memory.alloc(lengthBytes);
    if (buffer === 0) return 'full';
    yield* memory.fill(buffer, 0, NET_HEADER_BYTES);
    yield* memory.copy(buffer + NET_HEADER_BYTES, frame.address, frame.lengthBytes);
    this.guest.transmitted(frame);
    const head = yield* ring.queue.add([{ deviceAddress: memory.map(buffer, lengthBytes), lengthBytes, isWritable: false }]);
    this.sending.set(head, buffer);
    yield* ring.publish();
    return 'accepted';
  }

  *poll(budget: number): Resume<void> {
    if (yield* this.control.isFailing()) return yield* this.bringUp();
    const isSound = (yield* this.reclaim()) && (yield* this.receive(budget));
    if (!isSound) return yield* this.bringUp();
    yield* this.refill();
    yield* this.receiveRing!.publish();
  }

  *stop(): Resume<void> {
    yield* this.control.reset();
    this.takeAllBack();
    for (const buffer of this.spare) this.guest.memory.free(buffer);
    this.spare.length = 0;
    this.transmitRing!.free();
    this.receiveRing!.free();
  }

  protected *bringUp(): Resume<void> {
    yield* this.control.bringUp(() => this.bringUpOnce());
  }

  protected *bringUpOnce(): Resume<void> {
    const { control } = this;
    yield* control.reset();
    this.takeAllBack();
    yield* control.acknowledge();
    yield* control.negotiate([NET_FEATURE_MAC]);
    this.receiveRing ??= yield* createRing(this.parts, this.guest, control, RECEIVE_QUEUE);
    this.transmitRing ??= yield* createRing(this.parts, this.guest, control, TRANSMIT_QUEUE);
    const affordable = Math.floor(ramBytes(this.guest) / RAM_SHARE / PLAIN_RECEIVE_BUFFER_BYTES);
    this.bufferTarget = Math.max(1, Math.min(this.receiveRing.queue.size, affordable));
    for (const ring of [this.receiveRing, this.transmitRing]) {
      yield* ring.install(control);
      yield* ring.queue.suppressInterrupts();
    }
    yield* this.refill();
    yield* this.receiveRing.queue.publish();
    yield* control.run();
    yield* this.receiveRing.kick();
  }

  /** Frees the buffers of sent frames; false when the device is at fault. */
  protected *reclaim(): Resume<boolean> {
    for (;;) {
      const head = yield* this.transmitRing!.queue.takeUsed();
      if (head === NOTHING_USED) return true;
      if (head === DEVICE_AT_FAULT) return false;
      this.guest.memory.free(this.sending.get(head)!);
      this.sending.delete(head);
    }
  }

  /** Hands up to `budget` frames up; false when the device is at fault. */
  protected *receive(budget: number): Resume<boolean> {
    const { queue } = this.receiveRing!;
    for (let count = 0; count < budget; count++) {
      const head = yield* queue.takeUsed();
      if (head === NOTHING_USED) return true;
      if (head === DEVICE_AT_FAULT) return false;
      const buffer = this.receiving.get(head)!;
      this.receiving.delete(head);
      this.spare.push(buffer);
      const lengthBytes = queue.usedLengthBytes - NET_HEADER_BYTES;
      if (lengthBytes > 0 && lengthBytes <= ETHERNET_FRAME_BYTES) this.guest.deliver(buffer + NET_HEADER_BYTES, lengthBytes);
    }
    return true;
  }

  /** Posts receive buffers up to the target, as far as there is memory. */
  protected *refill(): Resume<void> {
    const { memory } = this.guest;
    const { queue } = this.receiveRing!;
    while (this.receiving.size < this.bufferTarget) {
      const buffer = this.spare.pop() ?? memory.alloc(PLAIN_RECEIVE_BUFFER_BYTES);
      if (buffer === 0) return;
      const deviceAddress = memory.map(buffer, PLAIN_RECEIVE_BUFFER_BYTES);
      const head = yield* queue.add([{ deviceAddress, lengthBytes: PLAIN_RECEIVE_BUFFER_BYTES, isWritable: true }]);
      if (head === NO_ROOM) return;
      this.receiving.set(head, buffer);
    }
  }

  /** The device was reset: all buffers are ours again. */
  protected takeAllBack(): void {
    for (const buffer of this.receiving.values()) this.spare.push(buffer);
    for (const buffer of this.sending.values()) this.guest.memory.free(buffer);
    this.receiving.clear();
    this.sending.clear();
  }
}

/** Makes a minimal driver for one run. */
export function createDriver(guest: Guest<ModuleStyle>): Driver<ModuleStyle> {
  return new MinimalDriver(guest);
}
