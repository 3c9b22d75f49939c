// A device behind an L4virtio gate: config page, status machine, queue configuration, commands, interrupts.
//
// Follows l4virtio-transport sheet §2-§8. The page is shared with the driver; what the device trusts (status
// shadow, offer, queue count) is private. A concrete device says when queues must be there (checkQueues) and
// what going down means (queueWentDown). No queue is ever processed from here.
import { RIGHT_READ } from '../../sim/address-space.js';
import type { Dataspace } from '../../sim/arena.js';
import { BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import {
  CAUSE_DEVICE_ERROR,
  CAUSE_DRIVER,
  CAUSE_QUEUES_MISSING,
  COMMAND_TAKEN,
  DEVICE_RESET,
  DEVICE_STATUS,
  FEATURES_CHECKED,
  INTERRUPT_RAISED,
  MEMORY_PLACED,
  MEMORY_REGISTERED,
  QUEUE_CONFIGURED,
  QUEUE_PART,
  RINGS_FOUND,
  STATUS_WRITE,
} from '../events.js';
import { EINVAL, EIO } from '../l4/errors.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import {
  AVAIL_ALIGNMENT,
  availRingBytes,
  DESCRIPTOR_ALIGNMENT,
  descriptorTableBytes,
  isQueueSize,
  USED_ALIGNMENT,
  usedRingBytes,
} from '../virtqueue/layout.js';
import type { ConfigPage, DeviceIdentity } from './config-page.resumable.js';
import type { DeviceContext } from './device-context.js';
import {
  COMMAND_ARGUMENT_MASK,
  COMMAND_CONFIGURE_QUEUE,
  COMMAND_MASK,
  COMMAND_SET_STATUS,
  FEATURE_VERSION_1,
  INTERRUPT_CONFIG,
  QUEUE_ENTRY,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FAILURE,
  STATUS_FEATURES_OK,
  STATUS_RUNNING,
  type TransportLayout,
} from './layout.js';
import type { RegionList, RegistrationRequest } from './regions.js';

/** By which way a request came: IPC or the command word. */
export const VIA_IPC = 0;
export const VIA_COMMAND = 1;

/** The classes a device is put together from; a mutant replaces some. */
export interface DeviceParts {
  readonly Queue: typeof DeviceQueue;
  readonly Page: typeof ConfigPage;
  readonly Regions: typeof RegionList;
}

/** Base of all devices. */
export abstract class Device {
  readonly port: number;
  readonly queues: readonly DeviceQueue[];
  readonly regions: RegionList;
  /** Offered feature words. */
  readonly offered: Uint32Array;
  /** Private copy of the status. */
  status = 0;
  /** Feature word 0 of the driver as taken over last. */
  enabledFeatures = 0;
  /** True when the driver has bound its interrupt. */
  hasInterrupt = false;
  protected readonly config: ConfigPage;
  protected readonly context: DeviceContext<SharedMemory>;
  protected readonly layout: TransportLayout;
  protected readonly identity: DeviceIdentity;
  protected readonly trigger: (port: number) => void;
  protected acceptedFeatures = 0;

  constructor(
    context: DeviceContext<SharedMemory>,
    layout: TransportLayout,
    identity: DeviceIdentity,
    trigger: (port: number) => void,
    parts: DeviceParts,
  ) {
    this.context = context;
    this.layout = layout;
    this.identity = identity;
    this.trigger = trigger;
    this.port = identity.port;
    this.queues = Array.from({ length: identity.queueCount }, (_, number) => new parts.Queue(context, identity.port, number));
    this.offered = new Uint32Array(layout.featureWords);
    this.offered[FEATURE_VERSION_1 >>> 5] = 1 << (FEATURE_VERSION_1 & 31);
    this.regions = new parts.Regions(context.space, context.deviations, identity.trustedDataspaces, (id) =>
      context.meet(id, identity.port),
    );
    this.config = new parts.Page(context, layout, identity);
  }

  /** The config page, shared with the client. */
  get page(): Dataspace {
    return this.config.dataspace;
  }

  /** The driver's side of readiness: may the device use the queues according to the status? */
  get isRunning(): boolean {
    return (this.status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
  }

  /** Fills a fresh config page. */
  *initializePage(): Resume<void> {
    yield* this.config.writeHeader(this.offered);
    yield* this.config.resetEntries();
  }

  /** Gives the next client a config page of its own. */
  *replacePage(): Resume<void> {
    this.config.replace();
    this.status = 0;
    yield* this.initializePage();
  }

  /** Handles a status write of the driver (§6). */
  *setStatus(requested: number, via: number): Resume<void> {
    const { deviations } = this.context;
    this.context.log.record(STATUS_WRITE, this.port, requested, via, 0, 0, 0);
    let value = requested >>> 0;
    if (value !== 0 && (value & 0xff) === 0) {
      this.context.meet('Q30', this.port);
      if (!deviations.Q30) value = 0;
    }
    if (value === 0) yield* this.resetByDriver();
    value &= 0xff;
    if (value === 0) return yield* this.publishStatus(0, CAUSE_DRIVER);
    const failure = (value | this.status) & STATUS_FAILURE;
    if (failure !== 0) {
      if ((value & STATUS_FAILURE) !== (this.status & STATUS_FAILURE)) yield* this.publishStatus(this.status | failure, CAUSE_DRIVER);
      return;
    }
    if (isOutOfOrder(value)) return yield* this.publishStatus(this.status | this.layout.deviceFailure, CAUSE_DRIVER);
    yield* this.advanceStatus(value);
  }

  /** Handles a configure request for a queue (§7): 0 or a negative error number. */
  *configureQueue(index: number, via: number): Resume<number> {
    const isEarly = (this.status & STATUS_FAILURE) !== 0 || (this.status & 3) !== (STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    if (isEarly && via === VIA_COMMAND) this.context.meet('T14', this.port);
    if (isEarly && (via === VIA_IPC || !this.context.deviations.T14)) return this.refuseQueue(index, via, EIO);
    const queue = this.queues[index];
    if (queue === undefined) return this.refuseQueue(index, via, this.indexError());
    return yield* this.configure(queue, via);
  }

  /** Looks at the command word once and handles it (§8). */
  *handleCommand(): Resume<void> {
    const word = yield* this.config.command();
    const command = (word & COMMAND_MASK) >>> 0;
    if (command === 0) return;
    this.context.log.record(COMMAND_TAKEN, this.port, word, 0, 0, 0, 0);
    yield* this.context.memory.barrier(BARRIER_READ);
    const argument = word & COMMAND_ARGUMENT_MASK;
    if (command === COMMAND_SET_STATUS) yield* this.setStatus(argument, VIA_COMMAND);
    else if (command === COMMAND_CONFIGURE_QUEUE) yield* this.configureQueue(argument, VIA_COMMAND);
    // The acknowledgement must not be seen before what it acknowledges.
    yield* this.context.memory.barrier(BARRIER_WRITE);
    yield* this.config.clearCommand();
  }

  /** Handles register_ds (§5): 0 or a negative error number. */
  registerDataspace(request: RegistrationRequest): number {
    const result = this.regions.register(request);
    const region = result === 0 ? this.regions.found << 8 : 0;
    const rights = result === 0 && this.regions.isFoundWritable ? 3 : 1;
    const { log } = this.context;
    log.record(MEMORY_REGISTERED, this.port, -result, request.baseLow, request.baseHigh, request.sizeLow, rights | region);
    const { dataspace } = request;
    if (result === 0 && dataspace !== null) {
      log.record(MEMORY_PLACED, this.port, this.regions.found, dataspace.id, (request.offsetLow & ~0xfff) >>> 0, 0, 0);
    }
    return result;
  }

  /** Gives up until the driver resets: queues off, failure bit, config interrupt if the driver runs. */
  *fail(): Resume<void> {
    yield* this.takeQueuesDown(CAUSE_DEVICE_ERROR);
    yield* this.publishStatus(this.status | this.layout.deviceFailure, CAUSE_DEVICE_ERROR);
    if ((this.status & STATUS_DRIVER_OK) !== 0) yield* this.raiseInterrupt(INTERRUPT_CONFIG);
  }

  /** Adds `bits` to irq_status and triggers the driver's interrupt. */
  *raiseInterrupt(bits: number): Resume<void> {
    yield* this.config.addInterruptStatus(bits);
    if (!this.hasInterrupt) return;
    this.context.log.record(INTERRUPT_RAISED, this.port, bits, 0, 0, 0, 0);
    this.trigger(this.port);
  }

  /** Turns all queues off and resets their entries. */
  protected *takeQueuesDown(cause: number): Resume<void> {
    for (const queue of this.queues) this.turnOff(queue, cause);
    yield* this.config.resetEntries();
    this.context.log.record(DEVICE_RESET, this.port, cause, 0, 0, 0, 0);
  }

  /** Sets shadow and page. */
  protected *publishStatus(status: number, cause: number): Resume<void> {
    this.status = status;
    yield* this.config.publishStatus(status);
    this.context.log.record(DEVICE_STATUS, this.port, status, cause, 0, 0, 0);
  }

  /** Error number for a queue that does not exist. */
  protected abstract indexError(): number;

  /** A queue was installed. */
  protected abstract queueConfigured(queue: DeviceQueue): Resume<void>;

  /** A queue that was in use is off now. */
  protected abstract queueWentDown(queue: DeviceQueue, cause: number): void;

  protected *resetByDriver(): Resume<void> {
    const { deviations } = this.context;
    yield* this.takeQueuesDown(CAUSE_DRIVER);
    if (!deviations.Q19) {
      this.enabledFeatures = 0;
      this.acceptedFeatures = 0;
    }
    if (!deviations.T5) yield* this.config.clearDriverFeatures();
    yield* this.config.writeHeader(this.offered);
    yield* this.config.incrementGeneration();
  }

  /** Steps 5 to 7 of the status machine. */
  protected *advanceStatus(requested: number): Resume<void> {
    const { deviations } = this.context;
    let value = requested;
    const isStarting = deviations.Q19 ? value === STATUS_RUNNING : (value & STATUS_RUNNING) === STATUS_RUNNING;
    if ((value & STATUS_DRIVER_OK) !== 0 && value !== STATUS_RUNNING) this.context.meet('Q19', this.port);
    const isDue = deviations.Q19 ? (value & STATUS_DRIVER_OK) === 0 : (this.status & STATUS_FEATURES_OK) === 0;
    if (isDue && (value & STATUS_FEATURES_OK) !== 0 && !(yield* this.acceptFeatures())) {
      if (isStarting) return yield* this.publishStatus(this.status | this.layout.deviceFailure, CAUSE_DRIVER);
      value &= ~STATUS_FEATURES_OK;
    }
    if (isStarting && !(yield* this.mayStart())) {
      return yield* this.publishStatus(this.status | this.layout.deviceFailure, CAUSE_DRIVER);
    }
    yield* this.publishStatus(value, CAUSE_DRIVER);
  }

  protected *acceptFeatures(): Resume<boolean> {
    const first = yield* this.config.driverFeatures(0);
    const second = yield* this.config.driverFeatures(1);
    let isAccepted = this.isAcceptable(first, second);
    for (let word = 2; word < this.offered.length; word++) {
      const foreign = (yield* this.config.driverFeatures(word)) & ~this.offered[word]!;
      if (foreign !== 0) isAccepted = false;
    }
    if (isAccepted) this.acceptedFeatures = first;
    this.context.log.record(FEATURES_CHECKED, this.port, isAccepted ? 1 : 0, first, second, this.offered[0]!, this.offered[1]!);
    return isAccepted;
  }

  /** Whether words 0 and 1 of the driver are a subset of the offer with VERSION_1. */
  protected isAcceptable(first: number, second: number): boolean {
    return (second & 1) !== 0 && (first & ~this.offered[0]!) === 0 && (second & ~this.offered[1]!) === 0;
  }

  /** The check before DRIVER_OK: all queues set up, features within the offer. */
  protected *mayStart(): Resume<boolean> {
    if (this.queues.some((queue) => !queue.isReady)) {
      yield* this.takeQueuesDown(CAUSE_QUEUES_MISSING);
      return false;
    }
    const features = this.context.deviations.Q19 ? yield* this.config.driverFeatures(0) : this.acceptedFeatures;
    if ((features & ~this.offered[0]!) !== 0) return false;
    this.enabledFeatures = features;
    return true;
  }

  protected *configure(queue: DeviceQueue, via: number): Resume<number> {
    const memory = this.context.memory;
    const entry = this.config.entryOf(queue.number);
    const ready = yield* memory.load16(entry + QUEUE_ENTRY.ready);
    if (ready === 0) {
      this.turnOff(queue, CAUSE_DRIVER);
      this.context.log.record(QUEUE_CONFIGURED, queue.eventAddress, 0, 0, 0, via, 0);
      return 0;
    }
    const size = yield* memory.load16(entry + QUEUE_ENTRY.size);
    const table = this.locate(
      yield* memory.load64(entry + QUEUE_ENTRY.descriptors),
      memory.high,
      descriptorTableBytes(size),
      DESCRIPTOR_ALIGNMENT,
    );
    this.notePart(0, memory.high);
    const avail = this.locate(yield* memory.load64(entry + QUEUE_ENTRY.avail), memory.high, availRingBytes(size), AVAIL_ALIGNMENT);
    this.notePart(1, memory.high);
    const usedLow = yield* memory.load64(entry + QUEUE_ENTRY.used);
    const located = this.locate(usedLow, memory.high, usedRingBytes(size), USED_ALIGNMENT);
    this.notePart(2, memory.high);
    const used = located !== 0 && this.regions.isFoundWritable ? located : 0;
    const isGood = isQueueSize(size) && size <= this.identity.queueSizeLimit && table !== 0 && avail !== 0 && used !== 0;
    if (isGood && queue.isReady && !this.context.deviations.T16 && isSame(queue, table, avail, used, size)) {
      this.context.log.record(QUEUE_CONFIGURED, queue.eventAddress, 0, size, ready, via, 1);
      return 0;
    }
    if (queue.isReady && isGood) this.context.meet('T16', this.port);
    if (!isGood || (queue.isReady && !this.context.deviations.T16)) return yield* this.failQueue(queue, size, ready, via);
    this.install(queue, table, avail, used, size, ready, via);
    yield* this.queueConfigured(queue);
    return 0;
  }

  /** A queue could not be set up. */
  protected *failQueue(queue: DeviceQueue, size: number, ready: number, via: number): Resume<number> {
    if (queue.isReady) this.context.meet('Q29', this.port);
    if (!this.context.deviations.Q29) {
      this.turnOff(queue, CAUSE_DRIVER);
      yield* this.context.memory.store16(this.config.entryOf(queue.number) + QUEUE_ENTRY.ready, 0);
    }
    this.context.log.record(QUEUE_CONFIGURED, queue.eventAddress, EINVAL, size, ready, via, queue.isReady ? 1 : 0);
    return -EINVAL;
  }

  protected install(queue: DeviceQueue, table: number, avail: number, used: number, size: number, ready: number, via: number): void {
    const { context } = this;
    if (queue.isReady) {
      queue.disable();
      this.queueWentDown(queue, CAUSE_DRIVER);
    }
    queue.install(table, avail, used, size);
    const offsets = [table, avail, used].map((address) => context.space.resolve(address, 1, RIGHT_READ)) as [number, number, number];
    context.locations.installQueue(context.arena, this.port, queue.number, size, offsets);
    context.watcher.install(this.port, queue.number, size, offsets, this.regions);
    context.log.record(QUEUE_CONFIGURED, queue.eventAddress, 0, size, ready, via, 1);
    for (let part = 0; part < 3; part++) {
      const id = context.arena.dataspaceAt(offsets[part]!);
      const offset = offsets[part]! - context.arena.startOf(id);
      context.log.record(QUEUE_PART, queue.eventAddress, part, this.partLows[part]!, this.partHighs[part]!, id, offset);
    }
    const { watcher } = context;
    const indices = (watcher.availIndex(this.port, queue.number) | (watcher.usedIndex(this.port, queue.number) << 16)) >>> 0;
    const flags = (watcher.availFlags(this.port, queue.number) | (watcher.usedFlags(this.port, queue.number) << 16)) >>> 0;
    context.log.record(RINGS_FOUND, queue.eventAddress, indices, flags, 0, 0, 0);
  }

  protected readonly partLows = new Uint32Array(3);
  protected readonly partHighs = new Uint32Array(3);
  protected lastLow = 0;

  protected notePart(part: number, high: number): void {
    this.partLows[part] = this.lastLow;
    this.partHighs[part] = high;
  }

  /** Server address of an aligned part, 0 if it is not in one region. */
  protected locate(low: number, high: number, lengthBytes: number, alignmentBytes: number): number {
    this.lastLow = low;
    return low % alignmentBytes !== 0 ? 0 : this.regions.find(low, high, lengthBytes);
  }

  protected refuseQueue(index: number, via: number, error: number): number {
    this.context.log.record(QUEUE_CONFIGURED, this.port | ((index & 0xff) << 8), error, 0, 0, via, 0);
    return -error;
  }

  protected turnOff(queue: DeviceQueue, cause: number): void {
    const wasReady = queue.isReady;
    queue.disable();
    if (wasReady) this.queueWentDown(queue, cause);
  }
}

/** True if a bit is set without the one that must come before it. */
function isOutOfOrder(value: number): boolean {
  if ((value & STATUS_DRIVER) !== 0 && (value & STATUS_ACKNOWLEDGE) === 0) return true;
  if ((value & STATUS_FEATURES_OK) !== 0 && (value & STATUS_DRIVER) === 0) return true;
  return (value & STATUS_DRIVER_OK) !== 0 && (value & STATUS_FEATURES_OK) === 0;
}

function isSame(queue: DeviceQueue, table: number, avail: number, used: number, size: number): boolean {
  return queue.descriptors === table && queue.avail === avail && queue.used === used && queue.size === size;
}
