// What a driver in another language can call: the driver contract in terms of 32-bit numbers, version 1.
//
// docs/foreign-abi.md is the same in prose, c/ringproof.h for C. One table serves WebAssembly (imports by name) and native
// processes (messages by position). A result wider than 32 bits is its low word; `high` gives the other.
// Addresses of guest memory have the highest bit set, so that nobody takes them for the driver's own.
import { BREACH, ContractBroken } from '../contract-breach.js';
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Driver, Frame, Guest } from '../contract.js';
import { DeviceUnusable } from '../device-unusable.js';
import { resultName } from '../../model/l4/errors.js';
import type { GuestMemoryFace } from '../guest-memory.plain.js';

/** Version of this interface; part of the name of the imported module. */
export const FOREIGN_ABI_VERSION = 1;
/** First address of guest memory as a foreign driver sees it. */
export const GUEST_MEMORY_START = 0x80000000;

const WORD_SPAN = 4294967296;
/** Answers of a driver's transmit function. */
export const TRANSMIT_ACCEPTED = 0;
export const TRANSMIT_FULL = 1;

/** Options a driver may set, by number. */
const OPTION = { retryByPolling: 0, pollIntervalNs: 1, takesOpenChecksum: 2 } as const;

/** A function of the table. */
export type ForeignCall = (first: number, second: number, third: number, fourth: number, fifth: number, sixth: number) => number;

/** Names of the calls in the order of their numbers; only ever append. */
export const FOREIGN_CALL_NAMES = [
  ...['high', 'alloc', 'free', 'map', 'unmap', 'region_count', 'region_address', 'region_size'],
  ...['revision', 'device_config', 'register_iface', 'set_status', 'config_queue', 'register_ds', 'notification_irq', 'bind_irq'],
  ...['notify', 'now', 'relax', 'wait', 'request_poll', 'arm_timer', 'cancel_timer', 'transmit_ready', 'transmitted', 'deliver'],
  ...['interrupts_enable', 'interrupts_disable', 'option', 'checksum_start', 'checksum_offset', 'wmb', 'rmb', 'mb', 'refuse'],
] as const;

/** Name of a call. */
export type ForeignCallName = (typeof FOREIGN_CALL_NAMES)[number];

/** Options and frames of one driver, and the calls it makes. */
export class ForeignCalls {
  readonly guest: Guest;
  /** Guest memory with the operations only foreign drivers need. */
  readonly memory: GuestMemoryFace;
  /** By name; unused arguments are ignored. */
  readonly table: Readonly<Record<ForeignCallName, ForeignCall>>;
  retry: 'ready' | 'poll' = 'ready';
  pollIntervalNs: number | undefined = undefined;
  transmitChecksum = false;
  private readonly frames = new Map<number, Frame>();
  private highWord = 0;

  constructor(guest: Guest) {
    this.guest = guest;
    // The guest of a plain driver is always made with this face; the contract's type only shows less of it.
    this.memory = guest.memory as unknown as GuestMemoryFace;
    this.table = { ...this.memoryCalls(), ...this.transportCalls(), ...this.timeCalls(), ...this.frameCalls() };
  }

  /** Notes a frame the stack offers; the driver names it by its number from now on. */
  offered(frame: Frame): void {
    this.frames.set(frame.id, frame);
  }

  /** A driver's answer to transmit, in the words of the contract; what is no answer is left for the host to refuse. */
  answered(frame: Frame, result: number): 'accepted' | 'full' {
    if (result === TRANSMIT_ACCEPTED) return 'accepted';
    this.frames.delete(frame.id);
    return result === TRANSMIT_FULL ? 'full' : (result as unknown as 'full');
  }

  /** Throws when a driver's start said that it cannot work with the device. */
  started(result: number): void {
    if (result !== 0) throw new DeviceUnusable(result < 0 ? `its start answered ${resultName(result)}` : `its start answered ${result}`);
  }

  /** Address of the guest for one of the driver; a pointer into the driver's own memory is a breach. */
  inGuest(address: number, operation: string): number {
    if (address >>> 0 >= GUEST_MEMORY_START) return (address >>> 0) - GUEST_MEMORY_START;
    const sentence = `${operation} was given 0x${(address >>> 0).toString(16)}, which is no guest memory (of rp_alloc, a region or the stack)`;
    throw new ContractBroken(BREACH.wrongArgument, sentence);
  }

  /** Address for the driver of guest memory. */
  toDriver(address: number): number {
    return address <= 0 ? address : (address + GUEST_MEMORY_START) | 0;
  }

  private wide(value: number): number {
    this.highWord = Math.floor(value / WORD_SPAN);
    return value % WORD_SPAN | 0;
  }

  private memoryCalls(): Record<
    'high' | 'alloc' | 'free' | 'map' | 'unmap' | 'region_count' | 'region_address' | 'region_size' | 'wmb' | 'rmb' | 'mb',
    ForeignCall
  > {
    const { memory } = this;
    return {
      high: () => this.highWord | 0,
      alloc: (sizeBytes, alignBytes) => this.toDriver(memory.alloc(sizeBytes >>> 0, alignBytes >>> 0)),
      free: (address) => done(memory.free(this.inGuest(address, 'rp_free'))),
      map: (address, lengthBytes) => this.wide(memory.map(this.inGuest(address, 'rp_map'), lengthBytes >>> 0)),
      unmap: (low, high, lengthBytes) => done(memory.unmap(joined(low, high), lengthBytes >>> 0)),
      region_count: () => memory.regions.length,
      region_address: (index) => this.toDriver(memory.regions[index]?.address ?? 0),
      region_size: (index) => memory.regions[index]?.sizeBytes ?? 0,
      wmb: () => done(memory.barrier(BARRIER_WRITE)),
      rmb: () => done(memory.barrier(BARRIER_READ)),
      mb: () => done(memory.barrier(BARRIER_FULL)),
    };
  }

  private transportCalls(): Record<
    'revision' | 'device_config' | 'register_iface' | 'set_status' | 'config_queue' | 'register_ds' | 'notification_irq' | 'bind_irq',
    ForeignCall
  > {
    const { transport } = this.guest;
    return {
      revision: () => (transport.revision === 'current' ? 1 : 0),
      device_config: () => this.toDriver(transport.deviceConfig()),
      register_iface: () => this.toDriver(transport.registerInterface()),
      set_status: (status) => transport.setStatus(status >>> 0),
      config_queue: (index) => transport.configQueue(index >>> 0),
      register_ds: (region, low, high, offsetBytes, sizeBytes, rights) =>
        transport.registerDataspace(region, joined(low, high), offsetBytes >>> 0, sizeBytes >>> 0, rights),
      notification_irq: (index) => transport.notificationIrq(index >>> 0),
      bind_irq: (index) => transport.bindInterrupt(index >>> 0),
    };
  }

  private timeCalls(): Record<
    'notify' | 'now' | 'relax' | 'wait' | 'request_poll' | 'arm_timer' | 'cancel_timer' | 'interrupts_enable' | 'interrupts_disable',
    ForeignCall
  > {
    const { guest } = this;
    return {
      notify: () => done(guest.notify()),
      now: () => this.wide(guest.now()),
      relax: () => done(guest.relax()),
      wait: (low, high) => (guest.wait(joined(low, high)) ? 1 : 0),
      request_poll: () => done(guest.requestPoll()),
      arm_timer: (low, high) => done(guest.armTimer(joined(low, high))),
      cancel_timer: () => done(guest.cancelTimer()),
      interrupts_enable: () => done(guest.interrupts.enable()),
      interrupts_disable: () => done(guest.interrupts.disable()),
    };
  }

  private frameCalls(): Record<
    'transmit_ready' | 'transmitted' | 'deliver' | 'option' | 'checksum_start' | 'checksum_offset' | 'refuse',
    ForeignCall
  > {
    const { guest, frames } = this;
    return {
      transmit_ready: () => done(guest.transmitReady()),
      transmitted: (id) => {
        const frame = frames.get(id >>> 0);
        frames.delete(id >>> 0);
        return done(guest.transmitted(frame ?? ({ id: id >>> 0, address: 0, lengthBytes: 0, checksum: null } as Frame)));
      },
      deliver: (address, lengthBytes, more, startBytes, offsetBytes) => {
        const local = this.inGuest(address, 'rp_deliver');
        const checksum = startBytes < 0 ? {} : { checksum: { startBytes, offsetBytes } };
        return done(guest.deliver(local, lengthBytes >>> 0, { more: more !== 0, ...checksum }));
      },
      option: (option, value) => this.setOption(option, value >>> 0),
      checksum_start: (id) => frames.get(id >>> 0)?.checksum?.startBytes ?? -1,
      checksum_offset: (id) => frames.get(id >>> 0)?.checksum?.offsetBytes ?? -1,
      refuse: (result) => {
        throw new DeviceUnusable(`it gave the device up with ${result < 0 ? resultName(result) : result}`);
      },
    };
  }

  private setOption(option: number, value: number): number {
    if (option === OPTION.retryByPolling) this.retry = value === 0 ? 'ready' : 'poll';
    else if (option === OPTION.pollIntervalNs) this.pollIntervalNs = value === 0 ? undefined : value;
    else if (option === OPTION.takesOpenChecksum) this.transmitChecksum = value !== 0;
    else throw new ContractBroken(BREACH.wrongArgument, `rp_set_option: there is no option ${option}`);
    return 0;
  }
}

/** Methods a foreign driver may leave out. */
export interface ForeignMethods {
  readonly start: () => number;
  readonly transmit: (frame: number, address: number, lengthBytes: number) => number;
  readonly interrupt?: ((line: number) => void) | undefined;
  readonly poll?: ((budget: number) => void) | undefined;
  readonly timer?: (() => void) | undefined;
  readonly release?: ((address: number) => void) | undefined;
  readonly stop?: (() => void) | undefined;
}

/** The driver of the contract made of a foreign driver's functions. */
export function foreignDriver(calls: ForeignCalls, methods: ForeignMethods): Driver {
  const { interrupt, poll, timer, release, stop } = methods;
  return {
    start: () => calls.started(methods.start()),
    transmit: (frame) => {
      calls.offered(frame);
      return calls.answered(frame, methods.transmit(frame.id, calls.toDriver(frame.address), frame.lengthBytes));
    },
    ...(interrupt === undefined ? {} : { interrupt: (line: number) => interrupt(line) }),
    ...(poll === undefined ? {} : { poll: (budget: number) => poll(budget) }),
    ...(timer === undefined ? {} : { timer: () => timer() }),
    ...(release === undefined ? {} : { release: (address: number) => release(calls.toDriver(address)) }),
    ...(stop === undefined ? {} : { stop: () => stop() }),
    get retry() {
      return calls.retry;
    },
    get transmitChecksum() {
      return calls.transmitChecksum;
    },
    // Asked for when the driver has started, which is when it has set its options.
    get pollIntervalNs() {
      return calls.pollIntervalNs as number;
    },
  };
}

function done(_nothing: void): number {
  return 0;
}

function joined(low: number, high: number): number {
  return (high >>> 0) * WORD_SPAN + (low >>> 0);
}
