// A port of the generic network device: what a virtio-net device may offer beyond the point-to-point link of L4Re.
//
// virtio 5.1 over the same control plane (config page, gate, command word). The frames take the way of the point-to-point server.
import type { Resume } from '../../sim/flow.resumable.js';
import { NET_FEATURE_CHECKSUM, NET_FEATURE_GUEST_CHECKSUM, NET_FEATURE_MERGEABLE_BUFFERS } from '../net/header.js';
import { Port } from '../p2p/port.resumable.js';
import type { ServerPatch } from '../p2p/server-parts.resumable.js';
import { FEATURE_EVENT_INDEX, FEATURE_INDIRECT_DESCRIPTORS } from '../transport/layout.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { EventDeviceQueue } from '../virtqueue/event-device-queue.resumable.js';

/** Features of word 0 a port offers unless they are withheld. */
const FEATURES: readonly number[] = [
  NET_FEATURE_CHECKSUM,
  NET_FEATURE_GUEST_CHECKSUM,
  NET_FEATURE_MERGEABLE_BUFFERS,
  FEATURE_INDIRECT_DESCRIPTORS,
  FEATURE_EVENT_INDEX,
];

/** One of the two ports. */
export class GenericPort extends Port {
  constructor(...parameters: ConstructorParameters<typeof Port>) {
    super(...parameters);
    const withheld = parameters[6];
    for (const feature of FEATURES) this.offered[0]! |= 1 << feature;
    this.offered[0]! &= ~withheld;
  }

  protected override *queueConfigured(queue: DeviceQueue): Resume<void> {
    if (queue instanceof EventDeviceQueue) queue.usesEventIndex = this.hasAccepted(FEATURE_EVENT_INDEX);
    yield* super.queueConfigured(queue);
  }

  /** True if the driver accepted a feature of word 0 at FEATURES_OK. */
  protected hasAccepted(feature: number): boolean {
    return (this.acceptedFeatures & (1 << feature)) !== 0;
  }
}

/** What the generic device is put together from, beside the parts of the point-to-point server. */
export const GENERIC_PARTS: ServerPatch = { Port: GenericPort, Queue: EventDeviceQueue };
