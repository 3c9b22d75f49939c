// The config page from the device's side: each method is one access or a fixed sequence of them.
//
// Layout and order of accesses follow l4virtio-transport sheet §2, §3 and l4re-p2p sheet §5.6. The page is
// shared with the driver, so nothing read here is to be trusted.
import { RIGHT_READ, RIGHT_WRITE } from '../../sim/address-space.js';
import type { Dataspace } from '../../sim/arena.js';
import { BARRIER_FULL, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import type { DeviceContext } from './device-context.js';
import {
  CONFIG_MAGIC,
  CONFIG_OFFSET,
  CONFIG_PAGE_BYTES,
  CONFIG_VERSION,
  QUEUE_ENTRY,
  QUEUE_ENTRY_BYTES,
  queuesOffset,
  type TransportLayout,
} from './layout.js';

/** What a device is, apart from its behaviour. */
export interface DeviceIdentity {
  readonly port: number;
  readonly deviceId: number;
  readonly vendor: number;
  /** Size of the device config behind the header, in bytes. */
  readonly configBytes: number;
  readonly queueCount: number;
  /** Largest queue size. */
  readonly queueSizeLimit: number;
  /** Numbers of the only dataspaces clients may register; null = any. */
  readonly trustedDataspaces: readonly number[] | null;
}

/** A device's page in the address space of its server. */
export class ConfigPage {
  /** The page as it is shared with the client. */
  dataspace: Dataspace;
  protected address: number;
  protected readonly context: DeviceContext<SharedMemory>;
  protected readonly layout: TransportLayout;
  protected readonly identity: DeviceIdentity;

  constructor(context: DeviceContext<SharedMemory>, layout: TransportLayout, identity: DeviceIdentity) {
    this.context = context;
    this.layout = layout;
    this.identity = identity;
    this.dataspace = context.arena.createDataspace(CONFIG_PAGE_BYTES);
    this.address = this.attach();
  }

  /** Takes a new page; whoever holds the old one keeps it. */
  replace(): void {
    this.context.space.detach(this.address);
    this.dataspace = this.context.arena.createDataspace(CONFIG_PAGE_BYTES);
    this.address = this.attach();
  }

  /** Writes everything of the header the device owns; status and irq_status become 0. */
  *writeHeader(offered: Uint32Array): Resume<void> {
    const { identity } = this;
    yield* this.store(CONFIG_OFFSET.magic, CONFIG_MAGIC);
    yield* this.store(CONFIG_OFFSET.version, CONFIG_VERSION);
    yield* this.store(CONFIG_OFFSET.device, identity.deviceId);
    yield* this.store(CONFIG_OFFSET.vendor, identity.vendor);
    yield* this.store(CONFIG_OFFSET.status, 0);
    yield* this.store(CONFIG_OFFSET.interruptStatus, 0);
    yield* this.store(CONFIG_OFFSET.queueCount, identity.queueCount);
    yield* this.store(CONFIG_OFFSET.queuesOffset, queuesOffset(identity.configBytes));
    for (let word = 0; word < offered.length; word++) yield* this.store(this.layout.deviceFeaturesMap + 4 * word, offered[word]!);
  }

  /** Resets the entries of all queues; addresses stay. */
  *resetEntries(): Resume<void> {
    const memory = this.context.memory;
    for (let queue = 0; queue < this.identity.queueCount; queue++) {
      const entry = this.entryOf(queue);
      yield* memory.store16(entry + QUEUE_ENTRY.sizeLimit, this.identity.queueSizeLimit);
      yield* memory.store16(entry + QUEUE_ENTRY.size, 0);
      yield* memory.store16(entry + QUEUE_ENTRY.ready, 0);
      yield* memory.store16(entry + QUEUE_ENTRY.deviceNotifyIndex, 0);
    }
  }

  /** Makes everything before it visible, then shows the status. */
  *publishStatus(status: number): Resume<void> {
    yield* this.context.memory.barrier(BARRIER_WRITE);
    yield* this.store(CONFIG_OFFSET.status, status);
  }

  /** Counts the configuration on. */
  *incrementGeneration(): Resume<void> {
    yield* this.context.memory.barrier(BARRIER_WRITE);
    const generation = yield* this.load(CONFIG_OFFSET.generation);
    yield* this.store(CONFIG_OFFSET.generation, generation + 1);
  }

  /** Adds bits to irq_status. */
  *addInterruptStatus(bits: number): Resume<void> {
    const before = yield* this.load(CONFIG_OFFSET.interruptStatus);
    yield* this.store(CONFIG_OFFSET.interruptStatus, before | bits);
  }

  /** A word of the driver's feature map. */
  *driverFeatures(word: number): Resume<number> {
    return yield* this.load(this.layout.driverFeaturesMap + 4 * word);
  }

  /** Clears the driver's feature map. */
  *clearDriverFeatures(): Resume<void> {
    for (let word = 0; word < this.layout.featureWords; word++) yield* this.store(this.layout.driverFeaturesMap + 4 * word, 0);
  }

  /** The command word. */
  *command(): Resume<number> {
    return yield* this.load(CONFIG_OFFSET.command);
  }

  /** Acknowledges the command. */
  *clearCommand(): Resume<void> {
    yield* this.store(CONFIG_OFFSET.command, 0);
  }

  /** Writes the device config. */
  *writeDeviceConfig(bytes: Uint8Array): Resume<void> {
    yield* this.context.memory.storeBytes(this.address + CONFIG_OFFSET.deviceConfig, bytes, 0, bytes.length);
  }

  /**
   * Changes the device config and counts the generation on, all at once, as a device does whose registers are behind a trap: in
   * memory that is merely shared no order of stores would let a driver tell a mixture by the generation. Returns the generation.
   */
  *changeDeviceConfig(bytes: Uint8Array, generations: number): Resume<number> {
    const { arena, memory } = this.context;
    yield* memory.barrier(BARRIER_FULL);
    const start = arena.startOf(this.dataspace.id);
    const place = start + CONFIG_OFFSET.deviceConfig;
    arena.u8.set(bytes, place);
    arena.markDirty(place, bytes.length);
    const word = (start + CONFIG_OFFSET.generation) >>> 2;
    arena.u32[word] = arena.u32[word]! + generations;
    arena.markDirty(word << 2, 4);
    return arena.u32[word]!;
  }

  /** Server address of the entry of a queue. */
  entryOf(queue: number): number {
    return this.address + queuesOffset(this.identity.configBytes) + QUEUE_ENTRY_BYTES * queue;
  }

  protected *load(offset: number): Resume<number> {
    return yield* this.context.memory.load32(this.address + offset);
  }

  protected *store(offset: number, value: number): Resume<void> {
    yield* this.context.memory.store32(this.address + offset, value);
  }

  protected attach(): number {
    this.context.locations.setConfigPage(this.identity.port, this.dataspace.id);
    return this.context.space.attach(this.dataspace, 0, CONFIG_PAGE_BYTES, RIGHT_READ | RIGHT_WRITE);
  }
}
