// A port of the point-to-point server: a network device with two queues, and the client on it.
//
// Follows l4re-p2p sheet §3 (port lifetime), §4 (identity and offer) and §6 (batching of interrupts). The
// object lives as long as the server; clients come and go.
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import { CAUSE_DEPARTURE, CONNECTED, DEPARTED } from '../events.js';
import { ERANGE } from '../l4/errors.js';
import { NET_FEATURE_CHECKSUM, NET_FEATURE_GUEST_CHECKSUM, NET_FEATURE_MAC, NET_FEATURE_MERGEABLE_BUFFERS } from '../net/header.js';
import type { DeviceContext } from '../transport/device-context.js';
import { Device, type DeviceParts } from '../transport/device.resumable.js';
import {
  CONNECTED_WITH_MAC,
  DEVICE_ID,
  FEATURE_INDIRECT_DESCRIPTORS,
  INTERRUPT_VRING,
  type TransportLayout,
  VENDOR_KERNKONZEPT,
} from '../transport/layout.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import type { ServerSettings } from './environment.js';

/** Size of the device config: the MAC. */
const DEVICE_CONFIG_BYTES = 6;
const QUEUE_COUNT = 2;
const BASE_FEATURES =
  (1 << NET_FEATURE_CHECKSUM) |
  (1 << NET_FEATURE_GUEST_CHECKSUM) |
  (1 << NET_FEATURE_MERGEABLE_BUFFERS) |
  (1 << FEATURE_INDIRECT_DESCRIPTORS);

/** A change of what the device config says. */
export interface ConfigurationChange {
  readonly isLinkUp: boolean;
  /** Null = as it was. */
  readonly mac: Uint8Array | null;
}

/** Told when a queue that was in use is off. */
export type QueueDownListener = (port: number, queue: DeviceQueue, cause: number) => void;

/** One of the two ports. */
export class Port extends Device {
  /** True while a client holds the port's gate. */
  isConnected = false;
  /** True once the kernel has deleted the gate and until the server has noticed. */
  isGateDead = false;
  protected hadClient = false;
  protected readonly settings: ServerSettings;
  protected readonly onQueueDown: QueueDownListener;

  constructor(
    context: DeviceContext<SharedMemory>,
    layout: TransportLayout,
    port: number,
    settings: ServerSettings,
    trigger: (port: number) => void,
    onQueueDown: QueueDownListener,
    withheldFeatures: number,
    parts: DeviceParts,
  ) {
    const identity = {
      port,
      deviceId: DEVICE_ID.net,
      vendor: VENDOR_KERNKONZEPT,
      configBytes: DEVICE_CONFIG_BYTES,
      queueCount: QUEUE_COUNT,
      queueSizeLimit: settings.queueSizeLimit,
      trustedDataspaces: settings.trustedDataspaces,
    };
    super(context, layout, identity, trigger, parts);
    this.settings = settings;
    this.onQueueDown = onQueueDown;
    this.offered[0] = BASE_FEATURES & ~withheldFeatures;
    if (settings.isPolling) this.offered[layout.commandFeature >>> 5]! |= 1 << (layout.commandFeature & 31);
  }

  /** True if the driver takes frames with open checksums. */
  get hasGuestChecksum(): boolean {
    return (this.enabledFeatures & (1 << NET_FEATURE_GUEST_CHECKSUM)) !== 0;
  }

  /** True if the driver agreed to frames spread over several receive buffers. */
  get hasMergeableBuffers(): boolean {
    return (this.enabledFeatures & (1 << NET_FEATURE_MERGEABLE_BUFFERS)) !== 0;
  }

  /** A client was given the port: an empty region list, and its MAC if it brought one. */
  *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
    const { context } = this;
    if (this.hadClient) {
      context.meet('Q21', this.port);
      if (!context.deviations.Q21) yield* this.replacePage();
      if (mac === null && (this.offered[0]! & (1 << NET_FEATURE_MAC)) !== 0) context.meet('Q20', this.port);
    }
    this.hadClient = true;
    this.isConnected = true;
    this.isGateDead = false;
    if (mac !== null) yield* this.storeMac(mac);
    this.regions.clear(capacity);
    const command = this.offered[this.layout.commandFeature >>> 5]!;
    const how = capacity | (mac === null ? 0 : CONNECTED_WITH_MAC);
    context.log.record(CONNECTED, this.port, how, this.offered[0]!, this.offered[1]!, command, this.settings.queueSizeLimit);
  }

  /** The client is gone: queues off, its memory unmapped, the port free again. */
  *disconnect(): Resume<void> {
    const { deviations } = this.context;
    yield* this.takeQueuesDown(CAUSE_DEPARTURE);
    this.regions.clear(0);
    this.isConnected = false;
    this.isGateDead = false;
    if (!deviations.Q20) this.offered[0]! &= ~(1 << NET_FEATURE_MAC);
    if (!deviations.Q21) {
      this.hasInterrupt = false;
      this.status = 0;
      this.enabledFeatures = 0;
    }
    this.context.log.record(DEPARTED, this.port);
  }

  /** A chain of this port was published: interrupts the driver now or at the end of the batch, unless it wants none. */
  *announce(queue: DeviceQueue): Resume<void> {
    if (yield* queue.isInterruptSuppressed()) return;
    if (queue.isKickDirect) yield* this.raiseInterrupt(INTERRUPT_VRING);
    else queue.isKickPending = true;
  }

  /** Collects publications from here on. */
  beginBatch(): void {
    for (let index = 0; index < QUEUE_COUNT; index++) {
      const queue = this.queues[index]!;
      queue.isKickDirect = false;
      queue.isKickPending = false;
    }
  }

  /** Ends the collection with at most one interrupt. */
  *endBatch(): Resume<void> {
    let isPending = false;
    for (let index = 0; index < QUEUE_COUNT; index++) {
      const queue = this.queues[index]!;
      queue.isKickDirect = true;
      if (!queue.isKickPending) continue;
      queue.isKickPending = false;
      isPending = true;
      if (!queue.isReady) this.context.meet('Q26', this.port);
    }
    if (isPending) yield* this.raiseInterrupt(INTERRUPT_VRING);
  }

  /** What the device config says changes; the device of this link has nothing that could. */
  *changeConfiguration(_change: ConfigurationChange): Resume<void> {}

  protected indexError(): number {
    return ERANGE;
  }

  protected *queueConfigured(queue: DeviceQueue): Resume<void> {
    if (this.settings.isPolling) yield* queue.suppressKicks(true);
  }

  protected queueWentDown(queue: DeviceQueue, cause: number): void {
    if (!this.context.deviations.Q26) queue.isKickPending = false;
    this.onQueueDown(this.port, queue, cause);
  }

  /** Storing a MAC rewrites the header: the status in the page becomes 0, the shadow stays. */
  protected *storeMac(mac: Uint8Array): Resume<void> {
    this.offered[0]! |= 1 << NET_FEATURE_MAC;
    yield* this.config.writeDeviceConfig(mac);
    yield* this.config.writeHeader(this.offered);
  }
}
