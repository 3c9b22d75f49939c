// The guest object a driver is created with: checks whose turn it is, then asks the machine.
import type { Access, Resume } from '../sim/flow.resumable.js';
import type { Kernel } from '../sim/kernel.js';
import { blockUntil, spendTime } from '../sim/waiting.resumable.js';
import { BREACH } from './contract-breach.js';
import { CONTRACT_REVISION, CONTRACT_VERSION, type DeliveryInfo, type Frame, type Guest, type Interrupts } from './contract.js';
import type { GuestMemoryFace } from './guest-memory.resumable.js';
import { relaxOnce } from './relaxing.resumable.js';
import type { ModuleStyle } from './style.resumable.js';
import type { L4TransportFace } from './transport-l4.resumable.js';
import type { Turn } from './turn.js';

/** Longest time a driver may ask for, in ns (about 11 days). */
const DELAY_LIMIT_NS = 1e15;

/** What the guest object asks of the machine behind it. */
export interface FaceOwner {
  readonly id: number;
  readonly kernel: Kernel;
  readonly callCostNs: number;
  expectPause(): void;
  kick(): void;
  enableInterrupts(): void;
  disableInterrupts(): void;
  startWait(timeoutNs: number): void;
  isWaitOver(): boolean;
  endWait(): boolean;
  sleep(delayNs: number): void;
  isAwake(): boolean;
  askForPoll(): void;
  setTimer(delayNs: number): void;
  clearTimer(): void;
  transmitReady(): void;
  transmitted(frame: Frame): void;
  deliver(address: number, lengthBytes: number, info: DeliveryInfo | undefined): void;
  linkChanged(isUp: boolean, mac: string | undefined): void;
  log(text: string): void;
}

class InterruptsFace implements Interrupts {
  private readonly turn: Turn;
  private readonly owner: FaceOwner;

  constructor(turn: Turn, owner: FaceOwner) {
    this.turn = turn;
    this.owner = owner;
  }

  enable(): void {
    this.turn.check('interrupts.enable');
    this.owner.enableInterrupts();
  }

  disable(): void {
    this.turn.check('interrupts.disable');
    this.owner.disableInterrupts();
  }
}

/** Implements the guest of one run. */
export class GuestFace implements Guest<ModuleStyle> {
  readonly contractVersion = CONTRACT_VERSION;
  readonly contractRevision = CONTRACT_REVISION;
  readonly port: string;
  readonly memory: GuestMemoryFace;
  readonly transport: L4TransportFace;
  readonly interrupts: Interrupts;
  private readonly turn: Turn;
  private readonly owner: FaceOwner;
  private readonly isWaitOver: () => boolean;
  private readonly isAwake: () => boolean;
  private readonly sleep: (delayNs: number) => void;

  constructor(port: string, memory: GuestMemoryFace, transport: L4TransportFace, turn: Turn, owner: FaceOwner) {
    this.port = port;
    this.memory = memory;
    this.transport = transport;
    this.turn = turn;
    this.owner = owner;
    this.interrupts = new InterruptsFace(turn, owner);
    this.isWaitOver = () => owner.isWaitOver();
    this.isAwake = () => owner.isAwake();
    this.sleep = (delayNs) => owner.sleep(delayNs);
  }

  *notify(): Resume<void> {
    this.turn.check('notify');
    this.owner.kick();
    this.owner.expectPause();
    yield* spendTime(this.owner.kernel, this.owner.id, 0);
  }

  *now(): Resume<number> {
    this.turn.check('now');
    this.owner.expectPause();
    yield* spendTime(this.owner.kernel, this.owner.id, this.owner.callCostNs);
    return this.owner.kernel.nowNs;
  }

  relax(): Access<void> {
    this.turn.check('relax');
    this.owner.expectPause();
    return relaxOnce(this.owner.kernel, this.owner.id, this.owner.callCostNs, this.sleep, this.isAwake);
  }

  *wait(timeoutNs: number): Resume<boolean> {
    this.turn.check('wait');
    this.delay('wait', timeoutNs);
    this.owner.startWait(timeoutNs);
    this.owner.expectPause();
    yield* blockUntil(this.owner.kernel, this.owner.id, this.isWaitOver);
    return this.owner.endWait();
  }

  requestPoll(): void {
    this.turn.check('requestPoll');
    this.owner.askForPoll();
  }

  armTimer(delayNs: number): void {
    this.turn.check('armTimer');
    this.delay('armTimer', delayNs);
    this.owner.setTimer(delayNs);
  }

  cancelTimer(): void {
    this.turn.check('cancelTimer');
    this.owner.clearTimer();
  }

  transmitReady(): void {
    this.turn.check('transmitReady');
    this.owner.transmitReady();
  }

  transmitted(frame: Frame): void {
    this.turn.check('transmitted');
    this.owner.transmitted(frame);
  }

  deliver(address: number, lengthBytes: number, info?: DeliveryInfo): void {
    this.turn.check('deliver');
    this.owner.deliver(address, lengthBytes, info);
  }

  linkChanged(isUp: boolean, mac?: string): void {
    this.turn.check('linkChanged');
    this.owner.linkChanged(isUp, mac);
  }

  log(text: string): void {
    this.turn.check('log');
    this.owner.log(String(text));
  }

  private delay(operation: string, delayNs: number): void {
    if (Number.isInteger(delayNs) && delayNs >= 0 && delayNs <= DELAY_LIMIT_NS) return;
    this.turn.breach(
      BREACH.wrongArgument,
      `guest.${operation}: a time must be an integer from 0 to ${DELAY_LIMIT_NS} ns, got ${String(delayNs)}`,
    );
  }
}
