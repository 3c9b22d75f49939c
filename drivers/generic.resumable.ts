// The reference driver of the generic device: the full driver with what a virtio-net device may offer besides.
//
// Where a feature is not offered it does what the full driver does. EVENT_IDX: notifications by position (EventDriverQueue). STATUS and MAC:
// read from the config whole, by its generation, and again after each change.
import { NET_CONFIG_MAC, NET_CONFIG_STATUS, NET_FEATURE_STATUS, NET_STATUS_LINK_UP } from '../model/net/config.js';
import { NET_FEATURE_MAC } from '../model/net/header.js';
import { macText } from '../model/protocol-words.js';
import { CONFIG_OFFSET, FEATURE_EVENT_INDEX } from '../model/transport/layout.js';
import { EventDriverQueue } from '../model/virtqueue/event-driver-queue.resumable.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Driver, Guest } from './contract.js';
import { DeviceControl } from './device-control.resumable.js';
import { type DriverParts, REFERENCE_PARTS } from './driver-parts.resumable.js';
import { FullDriver, WANTED_FEATURES } from './full.resumable.js';
import { Ring } from './ring.resumable.js';
import type { ModuleStyle } from './style.resumable.js';

/** A ring whose queue knows what was negotiated. */
export class GenericRing extends Ring {
  override *install(control: DeviceControl): Resume<void> {
    const { queue } = this;
    if (queue instanceof EventDriverQueue) queue.usesEventIndex = control.has(FEATURE_EVENT_INDEX);
    yield* super.install(control);
  }
}

/** The control side of a device whose config may change. */
export class GenericControl extends DeviceControl {
  /** What the device config said when it was read last. */
  isLinkUp = true;
  mac = '';
  protected generation = -1;

  /** True when the config may say something else than when it was read last. */
  *hasNews(): Resume<boolean> {
    return (yield* this.readGeneration()) !== this.generation;
  }

  /** Reads what is there to read, again until nothing changed in between (virtio 2.5.1). */
  *readConfiguration(): Resume<void> {
    for (;;) {
      const before = yield* this.readGeneration();
      yield* this.memory.readBarrier();
      yield* this.readFields();
      yield* this.memory.readBarrier();
      this.generation = yield* this.readGeneration();
      if (this.generation === before) return;
    }
  }

  protected *readGeneration(): Resume<number> {
    return yield* this.memory.load32(this.page + CONFIG_OFFSET.generation);
  }

  protected *readFields(): Resume<void> {
    const config = this.page + CONFIG_OFFSET.deviceConfig;
    this.isLinkUp = !this.has(NET_FEATURE_STATUS) || (yield* this.readStatus(config)) !== 0;
    if (!this.has(NET_FEATURE_MAC)) return;
    const low = yield* this.memory.load32(config + NET_CONFIG_MAC);
    const high = yield* this.memory.load16(config + NET_CONFIG_MAC + 4);
    this.mac = macText(low, high);
  }

  /** The bit of the status field that tells the link. */
  protected *readStatus(config: number): Resume<number> {
    return (yield* this.memory.load16(config + NET_CONFIG_STATUS)) & NET_STATUS_LINK_UP;
  }
}

/** The parts of the generic driver as they are meant. */
export const GENERIC_PARTS: DriverParts = { ...REFERENCE_PARTS, Control: GenericControl, Ring: GenericRing, Queue: EventDriverQueue };

/** A driver of a generic network port. */
export class GenericDriver extends FullDriver {
  protected override readonly wantedFeatures: readonly number[] = [...WANTED_FEATURES, FEATURE_EVENT_INDEX, NET_FEATURE_STATUS];

  override *poll(budget: number): Resume<void> {
    const { control } = this;
    if (control instanceof GenericControl && (yield* control.hasNews())) yield* this.report(control);
    yield* super.poll(budget);
  }

  protected override *bringUpOnce(): Resume<void> {
    yield* super.bringUpOnce();
    if (this.control instanceof GenericControl) yield* this.report(this.control);
  }

  /** Reads the config and tells the stack what it says. */
  protected *report(control: GenericControl): Resume<void> {
    yield* control.readConfiguration();
    if (control.has(NET_FEATURE_MAC)) this.guest.linkChanged(control.isLinkUp, control.mac);
    else this.guest.linkChanged(control.isLinkUp);
  }
}

/** Makes a generic driver for one run. */
export function createDriver(guest: Guest<ModuleStyle>): Driver<ModuleStyle> {
  return new GenericDriver(guest, GENERIC_PARTS);
}
