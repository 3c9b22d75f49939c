// The full reference driver: interrupt-driven with deferred polling, merged receive buffers, indirect descriptors,
// checksum offload both ways, zero copy in both directions, recovery from device errors.
//
// The interrupt handler suppresses interrupts and asks for a poll; the poll drains both queues and, when it was not
// stopped by its budget, enables interrupts and looks again, since what was used in between raises none. The
// parts: device-control (bring-up), ring, receive-path, transmit-path; recovery and refill under memory pressure here.
import { FEATURE_INDIRECT_DESCRIPTORS } from '../model/transport/layout.js';
import { NET_FEATURE_CHECKSUM, NET_FEATURE_GUEST_CHECKSUM, NET_FEATURE_MAC, NET_FEATURE_MERGEABLE_BUFFERS } from '../model/net/header.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../model/virtqueue/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Driver, Frame, Guest, TransmitResult } from './contract.js';
import type { DeviceControl } from './device-control.resumable.js';
import { type DriverParts, REFERENCE_PARTS } from './driver-parts.resumable.js';
import type { ReceivePath } from './receive-path.resumable.js';
import { createRing, type Ring } from './ring.resumable.js';
import type { ModuleStyle } from './style.resumable.js';
import type { TransmitPath } from './transmit-path.resumable.js';

/** Features the driver uses where they are offered. */
export const WANTED_FEATURES: readonly number[] = [
  NET_FEATURE_CHECKSUM,
  NET_FEATURE_GUEST_CHECKSUM,
  NET_FEATURE_MAC,
  NET_FEATURE_MERGEABLE_BUFFERS,
  FEATURE_INDIRECT_DESCRIPTORS,
];
/** After how long memory is asked for again, in ns. */
const MEMORY_RETRY_NS = 1_000_000;

/** Everything that exists once the device is known. */
export interface Paths {
  readonly receiveRing: Ring;
  readonly transmitRing: Ring;
  readonly receive: ReceivePath;
  readonly transmit: TransmitPath;
}

/** A driver of a two-queue L4virtio network port. */
export class FullDriver implements Driver<ModuleStyle> {
  readonly retry = 'ready';
  transmitChecksum = false;
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly parts: DriverParts;
  protected readonly control: DeviceControl;
  protected readonly wantedFeatures: readonly number[] = WANTED_FEATURES;
  protected paths: Paths | null = null;
  protected isStopped = false;

  constructor(guest: Guest<ModuleStyle>, parts: DriverParts = REFERENCE_PARTS) {
    this.guest = guest;
    this.parts = parts;
    this.control = new parts.Control(guest, true);
  }

  *start(): Resume<void> {
    yield* this.control.connect(true);
    yield* this.control.registerMemory();
    yield* this.bringUp();
  }

  *transmit(frame: Frame): Resume<TransmitResult> {
    const { transmit } = this.paths!;
    if (!transmit.hasRoom) yield* transmit.reclaim();
    if (yield* transmit.send(frame)) return 'accepted';
    this.isStopped = true;
    if (transmit.isBroken) this.guest.requestPoll();
    else if (transmit.inFlight === 0) this.guest.armTimer(MEMORY_RETRY_NS);
    return 'full';
  }

  *interrupt(): Resume<void> {
    yield* this.suppress();
    this.guest.requestPoll();
  }

  *poll(budget: number): Resume<void> {
    if (yield* this.control.isFailing()) return yield* this.bringUp();
    const { receive, transmit } = this.paths!;
    yield* transmit.reclaim();
    const received = yield* receive.drain(budget);
    if (receive.isBroken || transmit.isBroken) return yield* this.bringUp();
    yield* this.refill();
    this.wake();
    if (received < budget && !(yield* this.enable())) return;
    yield* this.suppress();
    this.guest.requestPoll();
  }

  *timer(): Resume<void> {
    yield* this.refill();
    const { transmit } = this.paths!;
    if (this.isStopped && transmit.inFlight === 0) this.wake();
  }

  *release(address: number): Resume<void> {
    const { receive } = this.paths!;
    receive.release(address);
    if (receive.isLow) yield* this.refill();
  }

  *stop(): Resume<void> {
    yield* this.control.reset();
    const { receive, receiveRing, transmit, transmitRing } = this.paths!;
    transmit.free();
    receive.free();
    transmitRing.free();
    receiveRing.free();
  }

  /** Takes a device from whatever state to work; used for the start and for recovery. */
  protected *bringUp(): Resume<void> {
    yield* this.control.bringUp(() => this.bringUpOnce());
  }

  protected *bringUpOnce(): Resume<void> {
    const { control } = this;
    yield* control.reset();
    this.paths?.receive.end();
    this.paths?.transmit.end();
    yield* control.acknowledge();
    yield* control.negotiate(this.wantedFeatures);
    if (control.has(NET_FEATURE_MAC)) yield* control.readMac();
    this.transmitChecksum = control.has(NET_FEATURE_CHECKSUM);
    this.paths ??= yield* this.createPaths();
    const { receive, receiveRing, transmit, transmitRing } = this.paths;
    yield* receiveRing.install(control);
    yield* transmitRing.install(control);
    receive.begin(control.has(NET_FEATURE_MERGEABLE_BUFFERS), control.has(NET_FEATURE_GUEST_CHECKSUM));
    transmit.begin(control.has(FEATURE_INDIRECT_DESCRIPTORS));
    const isShort = yield* receive.refill();
    yield* receiveRing.queue.publish();
    yield* control.run();
    yield* receiveRing.kick();
    if (isShort) this.guest.armTimer(MEMORY_RETRY_NS);
    this.wake();
    this.guest.requestPoll();
  }

  protected *createPaths(): Resume<Paths> {
    const { control, guest, parts } = this;
    const receiveRing = yield* createRing(parts, guest, control, RECEIVE_QUEUE);
    const transmitRing = yield* createRing(parts, guest, control, TRANSMIT_QUEUE);
    const receive = new parts.Receive(guest, receiveRing);
    return { receiveRing, transmitRing, receive, transmit: new parts.Transmit(guest, transmitRing) };
  }

  /** Posts receive buffers again; without memory, later. */
  protected *refill(): Resume<void> {
    const { receive, receiveRing } = this.paths!;
    const isShort = yield* receive.refill();
    yield* receiveRing.publish();
    if (isShort) this.guest.armTimer(MEMORY_RETRY_NS);
  }

  /** Tells a stack that waits that there is room. */
  protected wake(): void {
    if (!this.isStopped || !this.paths!.transmit.hasRoom) return;
    this.isStopped = false;
    this.guest.transmitReady();
  }

  protected *suppress(): Resume<void> {
    yield* this.paths!.receiveRing.queue.suppressInterrupts();
    yield* this.paths!.transmitRing.queue.suppressInterrupts();
  }

  /** Asks for interrupts of both queues; true if there is work for which none may come. */
  protected *enable(): Resume<boolean> {
    const isReceiveWaiting = yield* this.paths!.receiveRing.queue.enableInterrupts();
    const isTransmitWaiting = yield* this.paths!.transmitRing.queue.enableInterrupts();
    return isReceiveWaiting || isTransmitWaiting;
  }
}

/** Makes a full driver for one run. */
export function createDriver(guest: Guest<ModuleStyle>): Driver<ModuleStyle> {
  return new FullDriver(guest);
}
