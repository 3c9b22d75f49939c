// What the operations of a guest do: the machine's side of the faces in guest-face, guest-memory and transport.
//
// The faces have checked whose turn it is. Records the level-1 events of the driver's side and draws the faults
// of this side: failing allocations, late notifications.
import { type DeviceGate } from '../model/l4/ipc.js';
import * as events from '../model/events.js';
import { AddressSpace } from '../sim/address-space.js';
import type { Arena, Dataspace } from '../sim/arena.js';
import { CHOICE_KINDS, type ChoiceKind } from '../sim/choice.js';
import type { Kernel } from '../sim/kernel.js';
import type { StoreOrder } from '../sim/store-order.js';
import { EVENT_FAULT, type Trace } from '../sim/trace.js';
import { BREACH } from './contract-breach.js';
import type { DeliveryInfo, Frame } from './contract.js';
import { kindOf } from './driver-object.js';
import { FrameLedger } from './frame-ledger.js';
import type { FaceOwner } from './guest-face.resumable.js';
import type { MemoryOwner } from './guest-memory.resumable.js';
import { GuestRam } from './guest-ram.js';
import { GuestTimers } from './guest-timers.js';
import { InterruptController } from './interrupt-controller.js';
import type { Stack } from './stack.js';
import type { TransportWorld } from './transport-l4.resumable.js';
import type { Turn } from './turn.js';

/** Latency of a notification in ns, by answer of the choice `notificationDelay`; the first is the usual one. */
export const NOTIFICATION_DELAYS_NS: readonly number[] = [500, 1_000, 2_000, 5_000, 20_000, 100_000, 1_000_000];
/** Log lines kept per run. */
const LOG_LIMIT = 1000;

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** What a run connects the services to. */
export interface ServiceLinks {
  readonly gate: DeviceGate;
  readonly stack: Stack;
  readonly order: StoreOrder | null;
  readonly callCostNs: number;
  /** The guest's dataspaces do not answer when they are asked for their size. */
  readonly hidesSizes: boolean;
  /** Argument b of KICKED. */
  readonly publishedIndices: (() => number) | null;
  /** The stack has taken the bytes of a delivery and is done with them. */
  readonly taken: (address: number) => void;
  /** Runs interrupts whose window has just opened, if the driver is on the stack. */
  readonly windowOpened: () => void;
}

/** Services of one machine, connected anew for every client. */
export class GuestServices implements FaceOwner, MemoryOwner, TransportWorld {
  readonly port: number;
  readonly id: number;
  readonly agentId: number;
  readonly kernel: Kernel;
  readonly space: AddressSpace;
  readonly ram: GuestRam;
  readonly timers: GuestTimers;
  readonly interrupts = new InterruptController();
  readonly frames = new FrameLedger();
  readonly logs: string[] = [];
  isWaiting = false;
  turn: Turn;
  private links: ServiceLinks | null = null;
  private isPauseExpected = false;
  private readonly trace: Trace;

  constructor(port: number, kernel: Kernel, arena: Arena, trace: Trace, turn: Turn) {
    this.port = port;
    this.id = 1 + port;
    this.agentId = 1 + port;
    this.kernel = kernel;
    this.trace = trace;
    this.space = new AddressSpace(arena);
    this.ram = new GuestRam(arena, this.space);
    this.timers = new GuestTimers(kernel, this.id);
    this.turn = turn;
  }

  /** A client is put on the port. */
  connect(links: ServiceLinks, turn: Turn): void {
    this.links = links;
    this.resume(turn);
  }

  /** A new driver begins on the same client. */
  resume(turn: Turn): void {
    this.turn = turn;
    this.isWaiting = false;
    this.isPauseExpected = false;
    this.interrupts.reset();
    this.frames.reset();
  }

  get gate(): DeviceGate {
    return this.links!.gate;
  }

  get order(): StoreOrder | null {
    return this.links!.order;
  }

  get dataspaces(): readonly Dataspace[] {
    return this.ram.dataspaces;
  }

  get hidesSizes(): boolean {
    return this.links!.hidesSizes;
  }

  get callCostNs(): number {
    return this.links!.callCostNs;
  }

  expectPause(): void {
    this.isPauseExpected = true;
  }

  /** True once after an operation that blocks or yields was begun. */
  takeExpectedPause(): boolean {
    const isExpected = this.isPauseExpected;
    this.isPauseExpected = false;
    return isExpected;
  }

  /** Notifies the device; under total store order behind the driver's earlier stores. */
  kick(): void {
    const links = this.links!;
    const delayNs = NOTIFICATION_DELAYS_NS[this.draw('notificationDelay', NOTIFICATION_DELAYS_NS.length)]!;
    this.record(events.KICKED, links.publishedIndices?.() ?? 0, 0);
    if (links.order === null) links.gate.notify(this.port, delayNs);
    else links.order.notify(this.id, () => links.gate.notify(this.port, delayNs));
  }

  enableInterrupts(): void {
    if (!this.interrupts.unmask()) {
      this.turn.breach(BREACH.unbalancedEnable, 'guest.interrupts.enable was called more often than disable');
    }
    this.links!.windowOpened();
  }

  disableInterrupts(): void {
    this.interrupts.mask();
  }

  startWait(timeoutNs: number): void {
    this.isWaiting = true;
    this.timers.startWait(timeoutNs);
  }

  isWaitOver(): boolean {
    return this.interrupts.hasPending || !this.timers.isWaitTimeRunning;
  }

  /** A wait takes the interrupt that ended it. */
  endWait(): boolean {
    this.isWaiting = false;
    this.timers.endWait();
    return this.takeInterrupt() >= 0;
  }

  /** Takes the pending interrupt and records that it reached the driver; -1 if there is none. */
  takeInterrupt(): number {
    const line = this.interrupts.take();
    if (line < 0) return line;
    this.kernel.progress();
    this.record(events.INTERRUPT_TAKEN, line, 0);
    return line;
  }

  sleep(delayNs: number): void {
    this.timers.sleep(delayNs);
  }

  isAwake(): boolean {
    return this.timers.isAwake;
  }

  askForPoll(): void {
    this.timers.askForPoll();
  }

  setTimer(delayNs: number): void {
    this.timers.setTimer(delayNs);
  }

  clearTimer(): void {
    this.timers.clearTimer();
  }

  transmitReady(): void {
    this.record(events.TRANSMIT_READY, 0, 0);
    this.links!.stack.ready(this.port);
  }

  transmitted(frame: Frame): void {
    const givenBack = this.frames.giveBack(frame);
    if (givenBack === 'now') this.links!.stack.returned(this.port, frame);
    if (givenBack !== 'notHeld') return;
    const what = typeof frame === 'object' && frame !== null && typeof frame.id === 'number' ? `frame ${frame.id}` : kindOf(frame);
    this.turn.breach(BREACH.notHeldFrame, `guest.transmitted was called for ${what}, which the driver does not hold`);
  }

  deliver(address: number, lengthBytes: number, info: DeliveryInfo | undefined): void {
    if (!Number.isSafeInteger(address) || !Number.isInteger(lengthBytes) || lengthBytes < 0) {
      this.turn.breach(
        BREACH.wrongArgument,
        `guest.deliver takes an address and a length in bytes, got ${String(address)} and ${String(lengthBytes)}`,
      );
    }
    const isLent = this.links!.stack.delivered(this.port, address, lengthBytes, info);
    if (!isLent) this.links!.taken(address);
  }

  linkChanged(isUp: boolean, mac: string | undefined): void {
    if (typeof isUp !== 'boolean' || (mac !== undefined && !(typeof mac === 'string' && MAC.test(mac)))) {
      const rule = 'guest.linkChanged takes true or false, and a MAC address such as 02:00:00:00:00:01 or nothing';
      this.turn.breach(BREACH.wrongArgument, `${rule}, got ${String(isUp)} and ${String(mac)}`);
    }
    const bytes = (mac ?? '').split(':').map((byte) => Number.parseInt(byte, 16) || 0);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
    const low = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
    this.trace.record(events.LINK_REPORTED, this.id, this.port, isUp ? 1 : 0, low, e | (f << 8), mac === undefined ? 0 : 1, 0);
  }

  log(text: string): void {
    this.record(events.DRIVER_LOGGED, this.logs.length, 0);
    if (this.logs.length < LOG_LIMIT) this.logs.push(text);
  }

  allocate(sizeBytes: number, alignBytes: number): number {
    const address = this.draw('allocationFailure', 2) !== 0 ? 0 : this.ram.allocate(sizeBytes, alignBytes);
    this.record(events.ALLOCATED, address, sizeBytes);
    return address;
  }

  free(address: number): boolean {
    const sizeBytes = this.ram.release(address);
    if (sizeBytes === 0) return false;
    this.record(events.FREED, address, sizeBytes);
    return true;
  }

  deviceAddressOf(address: number, lengthBytes: number): number {
    return this.ram.deviceAddressOf(address, lengthBytes);
  }

  localAddressOf(deviceAddress: number, lengthBytes: number): number {
    return this.ram.localAddressOf(deviceAddress, lengthBytes);
  }

  bytesAt(offset: number, lengthBytes: number): Uint8Array {
    return this.space.arena.u8.subarray(offset, offset + lengthBytes);
  }

  /** Appends a level-1 event of this port. */
  record(kind: number, b: number, c: number, d = 0): void {
    this.trace.record(kind, this.id, this.port, b, c, d, 0, 0);
  }

  private draw(kind: ChoiceKind, bound: number): number {
    const answer = this.kernel.choices().choose(kind, bound);
    if (answer !== 0) this.trace.record(EVENT_FAULT, this.id, CHOICE_KINDS.indexOf(kind), answer, 0, 0, 0, 0);
    return answer;
  }
}
