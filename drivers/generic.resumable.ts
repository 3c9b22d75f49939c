// The reference driver of the generic device: the full driver with what a virtio-net device may offer besides.
//
// Where a feature is not offered it does what the full driver does. EVENT_IDX: notifications by position (EventDriverQueue).
import { FEATURE_EVENT_INDEX } from '../model/transport/layout.js';
import { EventDriverQueue } from '../model/virtqueue/event-driver-queue.resumable.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Driver, Guest } from './contract.js';
import type { DeviceControl } from './device-control.resumable.js';
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

/** The parts of the generic driver as they are meant. */
export const GENERIC_PARTS: DriverParts = { ...REFERENCE_PARTS, Ring: GenericRing, Queue: EventDriverQueue };

/** A driver of a generic network port. */
export class GenericDriver extends FullDriver {
  protected override readonly wantedFeatures: readonly number[] = [...WANTED_FEATURES, FEATURE_EVENT_INDEX];
}

/** Makes a generic driver for one run. */
export function createDriver(guest: Guest<ModuleStyle>): Driver<ModuleStyle> {
  return new GenericDriver(guest, GENERIC_PARTS);
}
