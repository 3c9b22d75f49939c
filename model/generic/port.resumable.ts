// A port of the generic network device: what a virtio-net device may offer beyond the point-to-point link of L4Re.
//
// virtio 5.1 over the same control plane (config page, gate, command word). The frames take the way of the point-to-point server.
import type { Resume } from '../../sim/flow.resumable.js';
import { CONFIG_CHANGED } from '../events.js';
import { NET_FEATURE_STATUS, NET_STATUS_LINK_UP } from '../net/config.js';
import { NET_FEATURE_CHECKSUM, NET_FEATURE_GUEST_CHECKSUM, NET_FEATURE_MAC, NET_FEATURE_MERGEABLE_BUFFERS } from '../net/header.js';
import { type ConfigurationChange, Port } from '../p2p/port.resumable.js';
import type { ServerPatch } from '../p2p/server-parts.resumable.js';
import { FEATURE_EVENT_INDEX, FEATURE_INDIRECT_DESCRIPTORS, INTERRUPT_CONFIG } from '../transport/layout.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { EventDeviceQueue } from '../virtqueue/event-device-queue.resumable.js';

/** Features of word 0 a port offers unless they are withheld. */
const FEATURES: readonly number[] = [
  NET_FEATURE_CHECKSUM,
  NET_FEATURE_GUEST_CHECKSUM,
  NET_FEATURE_MERGEABLE_BUFFERS,
  FEATURE_INDIRECT_DESCRIPTORS,
  FEATURE_EVENT_INDEX,
  NET_FEATURE_STATUS,
];

/** One of the two ports. */
export class GenericPort extends Port {
  protected isLinkUp = true;
  /** The MAC as it stands in the device config. */
  protected readonly mac = new Uint8Array(6);

  constructor(...parameters: ConstructorParameters<typeof Port>) {
    super(...parameters);
    const withheld = parameters[6];
    for (const feature of FEATURES) this.offered[0]! |= 1 << feature;
    this.offered[0]! &= ~withheld;
  }

  override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
    yield* super.connect(capacity, mac);
    this.isLinkUp = true;
    this.mac.fill(0);
    if (mac !== null) this.mac.set(mac);
    yield* this.showConfiguration(0);
  }

  override *changeConfiguration({ isLinkUp, mac }: ConfigurationChange): Resume<void> {
    if (!this.isConnected) return;
    this.isLinkUp = isLinkUp;
    if (mac !== null && (this.offered[0]! & (1 << NET_FEATURE_MAC)) !== 0) this.mac.set(mac);
    yield* this.showConfiguration(1);
    yield* this.announceConfiguration();
  }

  /** Puts MAC and status into the device config, with so many steps of the generation. */
  protected *showConfiguration(generations: number): Resume<void> {
    const { mac } = this;
    const status = this.statusWord;
    const generation = yield* this.config.changeDeviceConfig(Uint8Array.of(...mac, status & 0xff, status >>> 8), generations);
    const low = (mac[0]! | (mac[1]! << 8) | (mac[2]! << 16) | (mac[3]! << 24)) >>> 0;
    this.context.log.record(CONFIG_CHANGED, this.port, this.isLinkUp ? 1 : 0, low, mac[4]! | (mac[5]! << 8), generation, 0);
  }

  /** The status field; a driver that did not ask for it need not look. */
  protected get statusWord(): number {
    return this.isLinkUp ? NET_STATUS_LINK_UP : 0;
  }

  /** Tells the driver that there is something to read. */
  protected *announceConfiguration(): Resume<void> {
    if (this.isRunning) yield* this.raiseInterrupt(INTERRUPT_CONFIG);
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
