// The driver contract, version 1: what a driver module exports and what it is given.
//
// Exported to driver authors as `ringproof/driver`; docs/driver-contract.md says the same in prose. Types
// and constants only; the guest behind them is guest-machine.ts. A module exports `createDriver(guest)`,
// called afresh for every run; no state may survive in module variables. Methods are plain functions, or
// generators if the module also exports `style = 'resumable'`: then every operation marked Op is `yield*`ed.
import type { Access, Resume } from '../sim/flow.resumable.js';

/** Version of this contract; a guest tells its own in `contractVersion`. */
export const CONTRACT_VERSION = 1;

/** Number of the last addition to this version; additions take nothing away. */
export const CONTRACT_REVISION = 1;

/** How a driver is written: plain calls, or generators that delegate every operation with `yield*`. */
export type Style = 'plain' | 'resumable';

/** Result of a guest operation that touches shared state: the value itself, or something to `yield*`. */
export type Op<S extends Style, T> = S extends 'resumable' ? Access<T> : T;

/** Result of a driver method: the value, or for resumable drivers also a generator that returns it. */
export type MethodResult<S extends Style, T> = S extends 'resumable' ? T | Resume<T> : T;

/** A piece of guest memory the driver may register with the device. */
export interface MemoryRegion {
  /** Position in `GuestMemory.regions`; names the dataspace in registerDataspace. */
  readonly index: number;
  /** First address as the driver's loads and stores see it. */
  readonly address: number;
  /** First address as the device is to see it (what belongs into descriptors); may lie above 4 GiB. */
  readonly deviceAddress: number;
  readonly sizeBytes: number;
}

/** Guest memory: allocation, device addresses, and every load, store and barrier of the driver. Addresses are Numbers. */
export interface GuestMemory<S extends Style = 'plain'> {
  readonly regions: readonly MemoryRegion[];
  /** Allocates memory with undefined contents; `alignBytes` is a power of two. Returns 0 when there is none: that is normal. */
  alloc(sizeBytes: number, alignBytes?: number): number;
  /** Gives an allocation back. The device must be done with it. */
  free(address: number): void;
  /** Device address of memory of this guest, for descriptors and queue addresses. */
  map(address: number, lengthBytes: number): number;
  /** Ends a mapping made by map(). */
  unmap(deviceAddress: number, lengthBytes: number): void;
  load8(address: number): Op<S, number>;
  load16(address: number): Op<S, number>;
  load32(address: number): Op<S, number>;
  /** Loads 64 bits; values above 2^53 lose their low bits. */
  load64(address: number): Op<S, number>;
  store8(address: number, value: number): Op<S, void>;
  store16(address: number, value: number): Op<S, void>;
  store32(address: number, value: number): Op<S, void>;
  /** Stores 64 bits; `value` is a non-negative safe integer. */
  store64(address: number, value: number): Op<S, void>;
  /** Copies inside guest memory; counts as one access. */
  copy(target: number, source: number, lengthBytes: number): Op<S, void>;
  /** Sets bytes; counts as one access. */
  fill(address: number, value: number, lengthBytes: number): Op<S, void>;
  /** Later loads are not satisfied before earlier loads. */
  readBarrier(): Op<S, void>;
  /** Later stores become visible after earlier stores. */
  writeBarrier(): Op<S, void>;
  /** Nothing moves across. */
  fullBarrier(): Op<S, void>;
}

/** The L4virtio control plane of the port; results are 0 or a negative error number. */
export interface L4VirtioTransport<S extends Style = 'plain'> {
  /** Interface revision the device speaks: 'seed' (register_iface) or 'current' (device_config and interrupt binding). */
  readonly revision: 'seed' | 'current';
  /** Maps the device's config page: its local address, or a negative error number. */
  deviceConfig(): Op<S, number>;
  /** Revision `seed`: hands over the driver's interrupt and maps the config page: its address, or a negative error number. */
  registerInterface(): Op<S, number>;
  /** Writes the device status (IPC set_status). Always 0; the effect stands in the config page. */
  setStatus(status: number): Op<S, number>;
  /** Makes the device take over queue `index` from its entry in the config page. */
  configQueue(index: number): Op<S, number>;
  /** Registers guest memory with the device under a device address. `rights`: 1 read, 3 read and write. */
  registerDataspace(region: number, deviceAddress: number, offsetBytes: number, sizeBytes: number, rights?: number): Op<S, number>;
  /** Fetches the notification object `index` (always 0 here); notify() triggers it. */
  notificationIrq(index: number): Op<S, number>;
  /** Binds the driver's interrupt line `index` (always 0 here) to the device. */
  bindInterrupt(index: number): Op<S, number>;
}

/** The driver's interrupt mask. Masks nest; while a method of the driver runs, one mask is held for it. */
export interface Interrupts {
  /** Removes one mask; inside a method this opens a window in which `interrupt` may be called before the method returns. */
  enable(): void;
  /** Adds one mask. */
  disable(): void;
}

/** A frame the stack wants sent. Its memory belongs to the driver from `accepted` until `guest.transmitted(frame)`. */
export interface Frame {
  /** Number of the frame on this port. */
  readonly id: number;
  /** Where the bytes lie in guest memory (an Ethernet frame without any virtio header). */
  readonly address: number;
  readonly lengthBytes: number;
  /** Set when the checksum is left to the device (only if the driver says `transmitChecksum`). */
  readonly checksum: { readonly startBytes: number; readonly offsetBytes: number } | null;
}

/** What the driver knows about a received frame besides its bytes. */
export interface DeliveryInfo {
  /** The frame goes on with the next deliver() call. */
  readonly more?: boolean;
  /** The checksum was left open by the sender (NEEDS_CSUM); positions count from the start of the frame. */
  readonly checksum?: { readonly startBytes: number; readonly offsetBytes: number };
}

/** Everything a driver can do. */
export interface Guest<S extends Style = 'plain'> {
  readonly contractVersion: number;
  /** What was added to this version since: 1 = linkChanged. */
  readonly contractRevision: number;
  /** Name of the port the driver is on: 'a', 'b'. */
  readonly port: string;
  readonly memory: GuestMemory<S>;
  readonly transport: L4VirtioTransport<S>;
  readonly interrupts: Interrupts;
  /** Notifies the device (one notification object for all queues). */
  notify(): Op<S, void>;
  /** Virtual time in ns; costs a little time and lets due work of others run. */
  now(): Op<S, number>;
  /** To be called in every waiting loop: costs a little time and lets due work of others run. */
  relax(): Op<S, void>;
  /** Waits for an interrupt or `timeoutNs`, whichever is first. True if an interrupt came; it is taken, `interrupt` is not called for it. */
  wait(timeoutNs: number): Op<S, boolean>;
  /** Asks for a call of `poll` soon, outside the current method. */
  requestPoll(): void;
  /** Calls `timer` after `delayNs`, replacing an earlier request. */
  armTimer(delayNs: number): void;
  cancelTimer(): void;
  /** Says that after `full` frames can be accepted again. */
  transmitReady(): void;
  /** Gives the memory of an accepted frame back. */
  transmitted(frame: Frame): void;
  /**
   * Hands a received frame up. Without a `release` method the bytes are taken before the call returns; with
   * one they stay lent until `release(address)` is called.
   */
  deliver(address: number, lengthBytes: number, info?: DeliveryInfo): void;
  /**
   * Tells the stack whether the link is up and, if the driver knows one, which MAC the port has (`02:00:00:00:00:01`). Optional; for devices
   * whose config can change. Revision 1 of the contract.
   */
  linkChanged(isUp: boolean, mac?: string): void;
  /** A line for the trace and the reports. */
  log(text: string): void;
}

/** Answer of `transmit`. */
export type TransmitResult = 'accepted' | 'full';

/** What a driver offers. */
export interface Driver<S extends Style = 'plain'> {
  /** Brings the device up. Called once; a driver that cannot work with the device throws. */
  start(): MethodResult<S, void>;
  /** Sends a frame, or says `full`: then the stack retries after transmitReady(), or at its own tick if `retry` is 'poll'. */
  transmit(frame: Frame): MethodResult<S, TransmitResult>;
  /** The device interrupted. One line serves both queues and configuration changes. */
  interrupt?(line: number): MethodResult<S, void>;
  /** Deferred work after requestPoll(), or periodic work if `pollIntervalNs` is set; at most `budget` frames. */
  poll?(budget: number): MethodResult<S, void>;
  /** The timer of armTimer() expired. */
  timer?(): MethodResult<S, void>;
  /** The stack is done with a lent frame. */
  release?(address: number): MethodResult<S, void>;
  /** Takes the device down and gives all memory back. */
  stop?(): MethodResult<S, void>;
  /** How the stack learns that a full driver can send again; default 'ready'. */
  readonly retry?: 'ready' | 'poll';
  /** Period at which `poll` is called without being asked, in ns. */
  readonly pollIntervalNs?: number;
  /** True (read after start) when frames with an open checksum may be handed to `transmit`. */
  readonly transmitChecksum?: boolean;
}

/** What a driver module exports. */
export interface DriverModule<S extends Style = 'plain'> {
  readonly style?: S;
  createDriver(guest: Guest<S>): Driver<S>;
}
