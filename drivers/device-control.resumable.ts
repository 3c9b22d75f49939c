// The control side of an L4virtio network device, as the reference drivers use it: page, status, features, queues.
//
// Follows clause catalogue §5 step by step and l4virtio-transport sheet §6-§8, §12.2 and §14. With CMD_CONFIG the
// `cmd` word is used, else IPC. Every IPC has a full barrier in front, since on weakly ordered machines it orders
// nothing by itself. Statuses are read back; what cannot be used is refused by throwing DeviceUnusable.
import { EEXIST, resultName } from '../model/l4/errors.js';
import {
  COMMAND_CONFIGURE_QUEUE,
  COMMAND_SET_STATUS,
  CONFIG_MAGIC,
  CONFIG_OFFSET,
  CONFIG_VERSION,
  DEVICE_ID,
  FEATURE_VERSION_1,
  layoutOf,
  QUEUE_ENTRY,
  QUEUE_ENTRY_BYTES,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FAILED,
  STATUS_FAILURE,
  STATUS_FEATURES_OK,
  type TransportLayout,
} from '../model/transport/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Guest, GuestMemory } from './contract.js';
import { DeviceUnusable } from './device-unusable.js';
import type { ModuleStyle } from './style.resumable.js';

/** Longest time a device may take over a command or a reset, in ns. */
const PATIENCE_NS = 60_000_000_000;
/** Attempts to bring a failing device up, one after the other. */
const BRING_UP_ATTEMPTS = 4;
/** A device may fail again before its reset was seen. */
const RESET_ATTEMPTS = 4;
/** Attempts to read the configuration in one piece. */
const CONFIG_ATTEMPTS = 16;
const MAC_BYTES = 6;
const FIRST_WAIT_NS = 10_000;
const LONGEST_WAIT_NS = 20_000_000;

/** Device addresses of a queue's parts. */
export interface QueueAddresses {
  readonly size: number;
  readonly descriptors: number;
  readonly avail: number;
  readonly used: number;
}

/** Control of one device. */
export class DeviceControl {
  protected readonly guest: Guest<ModuleStyle>;
  protected readonly memory: GuestMemory<ModuleStyle>;
  protected readonly layout: TransportLayout;
  protected readonly mayUseCommands: boolean;
  protected page = 0;
  protected queuesOffset = 0;
  protected usesCommands = false;
  protected accepted: number[] = [];
  /** Address of the interface as the device said it last. */
  readonly macBytes = new Uint8Array(MAC_BYTES);
  /** True once the driver set FAILED: the device is of no use to it. */
  hasGivenUp = false;

  /** `mayUseCommands`: use the `cmd` word where the device offers it. */
  constructor(guest: Guest<ModuleStyle>, mayUseCommands: boolean) {
    this.guest = guest;
    this.memory = guest.memory;
    this.layout = layoutOf(guest.transport.revision);
    this.mayUseCommands = mayUseCommands;
  }

  /** Maps the config page and checks that it is a network device this driver knows. Once per run. */
  *connect(hasInterrupt: boolean): Resume<void> {
    const { transport } = this.guest;
    if (this.layout.hasRegisterInterface) {
      this.page = yield* transport.registerInterface();
      if (this.page < 0) throw new DeviceUnusable(`register_iface answered ${resultName(this.page)}`);
    } else {
      this.page = yield* transport.deviceConfig();
      if (this.page < 0) throw new DeviceUnusable(`device_config answered ${resultName(this.page)}`);
      if (hasInterrupt) this.demand('bind of the interrupt', yield* transport.bindInterrupt(0));
    }
    const magic = yield* this.memory.load32(this.page + CONFIG_OFFSET.magic);
    const version = yield* this.memory.load32(this.page + CONFIG_OFFSET.version);
    const device = yield* this.memory.load32(this.page + CONFIG_OFFSET.device);
    if (magic !== CONFIG_MAGIC || version !== CONFIG_VERSION || device !== DEVICE_ID.net) {
      throw new DeviceUnusable(`not a network device of version 2: magic 0x${magic.toString(16)}, version ${version}, device ${device}`);
    }
    const queues = yield* this.memory.load32(this.page + CONFIG_OFFSET.queueCount);
    if (queues < 2) throw new DeviceUnusable(`the device has ${queues} queues; two are needed`);
    this.queuesOffset = yield* this.memory.load32(this.page + CONFIG_OFFSET.queuesOffset);
    this.usesCommands = this.mayUseCommands && (yield* this.isOffered(this.layout.commandFeature));
  }

  /**
   * Registers all guest memory with the device. Once per driver: a reset does not undo it, nor does the end of an earlier
   * driver on the same client, whose registration then is already there.
   */
  *registerMemory(): Resume<void> {
    for (const region of this.memory.regions) {
      const result = yield* this.guest.transport.registerDataspace(region.index, region.deviceAddress, 0, region.sizeBytes);
      if (result !== -EEXIST) this.demand(`register_ds of region ${region.index}`, result);
    }
  }

  /** Resets the device and waits until it says so. Afterwards it touches no memory. */
  *reset(): Resume<void> {
    for (let attempt = 0; attempt < RESET_ATTEMPTS; attempt++) {
      yield* this.setStatus(0);
      if (yield* this.waitForZero(CONFIG_OFFSET.status, STATUS_FAILURE)) return;
    }
    throw new DeviceUnusable('the status of the device did not become 0 after a reset');
  }

  /** Steps ACKNOWLEDGE and DRIVER. */
  *acknowledge(): Resume<void> {
    yield* this.raiseStatus(STATUS_ACKNOWLEDGE);
    yield* this.raiseStatus(STATUS_DRIVER);
    if (!this.layout.hasRegisterInterface) this.demand('device_notification_irq', yield* this.guest.transport.notificationIrq(0));
  }

  /** Accepts of the wanted features what is offered; afterwards has() tells which. */
  *negotiate(wanted: readonly number[]): Resume<void> {
    if (!(yield* this.isOffered(FEATURE_VERSION_1))) yield* this.giveUp('the device does not offer VERSION_1');
    const all = [FEATURE_VERSION_1, ...wanted, ...(this.usesCommands ? [this.layout.commandFeature] : [])];
    this.accepted = [];
    for (let word = 0; word < this.layout.featureWords; word++) {
      let mask = 0;
      for (const feature of all) if (feature >>> 5 === word) mask |= 1 << (feature & 31);
      yield* this.acceptWord(word, yield* this.offeredWord(word), mask);
    }
    const status = yield* this.raiseStatus(STATUS_FEATURES_OK);
    if ((status & STATUS_FEATURES_OK) === 0) yield* this.giveUp('the device did not accept the features it offers');
  }

  /** Reads the address of the interface, again while the configuration changes meanwhile. For drivers that negotiated MAC. */
  *readMac(): Resume<void> {
    for (let attempt = 0; attempt < CONFIG_ATTEMPTS; attempt++) {
      const before = yield* this.memory.load32(this.page + CONFIG_OFFSET.generation);
      for (let index = 0; index < MAC_BYTES; index++) this.macBytes[index] = yield* this.memory.load8(this.page + CONFIG_OFFSET.deviceConfig + index);
      if ((yield* this.memory.load32(this.page + CONFIG_OFFSET.generation)) === before) return;
    }
    throw new DeviceUnusable('the configuration changes all the time');
  }

  /** True when the feature was negotiated. */
  has(feature: number): boolean {
    return ((this.accepted[feature >>> 5] ?? 0) & (1 << (feature & 31))) !== 0;
  }

  /** Largest size of a queue the device takes; 0 if it has no such queue. */
  *queueSizeLimit(queue: number): Resume<number> {
    return yield* this.memory.load16(this.entry(queue) + QUEUE_ENTRY.sizeLimit);
  }

  /** Hands a queue over; its rings must be initialised. */
  *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
    const entry = this.entry(queue);
    yield* this.memory.store16(entry + QUEUE_ENTRY.size, place.size);
    yield* this.memory.store16(entry + QUEUE_ENTRY.driverNotifyIndex, 0);
    yield* this.memory.store64(entry + QUEUE_ENTRY.descriptors, place.descriptors);
    yield* this.memory.store64(entry + QUEUE_ENTRY.avail, place.avail);
    yield* this.memory.store64(entry + QUEUE_ENTRY.used, place.used);
    yield* this.memory.fullBarrier();
    yield* this.memory.store16(entry + QUEUE_ENTRY.ready, 1);
    if (this.usesCommands) return yield* this.command(COMMAND_CONFIGURE_QUEUE | queue);
    yield* this.memory.fullBarrier();
    this.demand(`config_queue ${queue}`, yield* this.guest.transport.configQueue(queue));
  }

  /** Last step: DRIVER_OK. */
  *run(): Resume<void> {
    const status = yield* this.raiseStatus(STATUS_DRIVER_OK);
    if ((status & STATUS_DRIVER_OK) === 0) yield* this.giveUp(`the device did not take DRIVER_OK, its status is 0x${status.toString(16)}`);
  }

  /** True when the device gave up and needs a reset. */
  *isFailing(): Resume<boolean> {
    const status = yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
    return (status & STATUS_FAILURE) !== 0;
  }

  /** Brings the device up by the given steps, from the reset on; a device that fails meanwhile gets some more attempts. */
  *bringUp(steps: () => Resume<void>): Resume<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return yield* steps();
      } catch (error) {
        if (!(error instanceof DeviceUnusable) || attempt === BRING_UP_ATTEMPTS || this.hasGivenUp) throw error;
      }
    }
  }

  /** Tells the device that the driver gives up, and throws. */
  *giveUp(sentence: string): Resume<never> {
    yield* this.setStatus((yield* this.memory.load32(this.page + CONFIG_OFFSET.status)) | STATUS_FAILED);
    this.hasGivenUp = true;
    throw new DeviceUnusable(sentence);
  }

  protected entry(queue: number): number {
    return this.page + this.queuesOffset + QUEUE_ENTRY_BYTES * queue;
  }

  protected *offeredWord(word: number): Resume<number> {
    return yield* this.memory.load32(this.page + this.layout.deviceFeaturesMap + 4 * word);
  }

  /** Accepts of an offered word what the mask names. */
  protected *acceptWord(word: number, offered: number, mask: number): Resume<void> {
    const accepted = (offered & mask) >>> 0;
    this.accepted.push(accepted);
    yield* this.memory.store32(this.page + this.layout.driverFeaturesMap + 4 * word, accepted);
  }

  protected *isOffered(feature: number): Resume<boolean> {
    const word = yield* this.offeredWord(feature >>> 5);
    return (word & (1 << (feature & 31))) !== 0;
  }

  /** Adds a bit to the status the page shows and returns what it shows then. Throws when the device failed. */
  protected *raiseStatus(bit: number): Resume<number> {
    const before = yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
    yield* this.setStatus(before | bit);
    const status = yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
    if ((status & STATUS_FAILURE) !== 0)
      throw new DeviceUnusable(`the device failed at status bit 0x${bit.toString(16)}: 0x${status.toString(16)}`);
    return status;
  }

  protected *setStatus(status: number): Resume<void> {
    if (this.usesCommands) return yield* this.command(COMMAND_SET_STATUS | status);
    yield* this.memory.fullBarrier();
    this.demand('set_status', yield* this.guest.transport.setStatus(status));
  }

  protected *command(word: number): Resume<void> {
    yield* this.memory.fullBarrier();
    yield* this.memory.store32(this.page + CONFIG_OFFSET.command, word >>> 0);
    if (yield* this.waitForZero(CONFIG_OFFSET.command, 0)) return;
    throw new DeviceUnusable(`the device did not take the command 0x${(word >>> 0).toString(16)}`);
  }

  /** Waits until a word of the page is 0; false when it shows one of the `hopeless` bits or patience is at its end. */
  protected *waitForZero(offset: number, hopeless: number): Resume<boolean> {
    let waitNs = FIRST_WAIT_NS;
    for (let waitedNs = 0; waitedNs < PATIENCE_NS; waitedNs += waitNs) {
      const word = yield* this.memory.load32(this.page + offset);
      if (word === 0) return true;
      yield* this.guest.wait(waitNs);
      if ((word & hopeless) !== 0 && ((yield* this.memory.load32(this.page + offset)) & hopeless) !== 0) return false;
      waitNs = Math.min(2 * waitNs, LONGEST_WAIT_NS);
    }
    return false;
  }

  protected demand(call: string, result: number): void {
    if (result < 0) throw new DeviceUnusable(`${call} answered ${resultName(result)}`);
  }
}
