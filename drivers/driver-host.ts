// Runs a driver: an agent of the kernel that turns events and queued work into method calls.
//
// Work begins in a fixed order: interrupt, release, timer, poll, stop, transmit; within a kind in order of
// arrival. What a driver does wrong becomes events and one sentence to the stack, never an exception of the
// harness.
import { INTERRUPT_OPCODE } from '../model/l4/ipc.js';
import * as events from '../model/events.js';
import { AgentAborted, type Agent, type Work } from '../sim/agent.js';
import { RIGHT_READ } from '../sim/address-space.js';
import type { WaitingAccess } from '../sim/choice.js';
import { MemoryFault } from '../sim/memory-fault.js';
import type { StashedAccess } from '../sim/resumable-memory.js';
import { EVENT_CALL, EVENT_RETURN } from '../sim/trace.js';
import { BREACH, ContractBroken } from './contract-breach.js';
import type { Frame } from './contract.js';
import { NeverReturns, describeThrown, isRefusal } from './driver-failure.js';
import { type AnyDriver, checkDriver, invoke, isGenerator, isPromise, kindOf, METHOD, METHOD_NAMES } from './driver-object.js';
import type { GuestConfiguration, GuestWorld } from './guest-configuration.js';
import { createPlainGuest, createResumableGuest } from './create-guest.js';
import { GuestInbox } from './guest-inbox.js';
import { GuestServices } from './guest-services.js';
import { GuestViews } from './guest-views.js';
import { MethodCall } from './method-call.js';
import { Turn } from './turn.js';

const DEFAULT_POLL_BUDGET = 64;

/** A client's driver is not created yet. The states follow each other in the order of their numbers. */
export const DOWN = 0;
/** In createDriver or start. */
const STARTING = 1;
/** Started and working. */
export const UP = 2;
/** In stop. */
const STOPPING = 3;
/** Stopped, broken off or departed. */
export const GONE = 4;

/** An agent whose work is the methods of a driver; guest-machine.ts adds what the stack and the scenario see of it. */
export abstract class DriverHost implements Agent {
  readonly id: number;
  readonly name: string;
  readonly port: number;
  protected readonly world: GuestWorld;
  protected readonly services: GuestServices;
  protected readonly views: GuestViews;
  protected readonly inbox = new GuestInbox();
  protected readonly stashes: StashedAccess[] = [];
  protected turn: Turn;
  protected configuration: GuestConfiguration | null = null;
  protected driver: AnyDriver | null = null;
  protected isResumable = false;
  protected state = GONE;
  /** True once the driver has refused its device, until another one is loaded. */
  hasRefused = false;
  protected isStartAsked = false;
  /** Methods under way, nested ones included. */
  private depth = 0;
  protected calls = 0;

  constructor(port: number, world: GuestWorld) {
    this.port = port;
    this.id = 1 + port;
    this.name = `guest ${port}`;
    this.world = world;
    this.turn = new Turn(world.kernel, this);
    this.services = new GuestServices(port, world.kernel, world.arena, world.trace, this.turn);
    this.views = new GuestViews(this.id, this.services.space, world.observer, world.kernel, this);
  }

  /** The kernel's verdict that this agent never ends. */
  hung(): void {
    this.breakOff(events.DRIVER_HUNG, 'the driver neither returned nor waited within its budget of memory accesses');
  }

  post(opcode: number, first: number, _second: number): void {
    if (opcode === INTERRUPT_OPCODE) {
      this.interruptArrived(first);
      return;
    }
    const timed = this.services.timers.arrived(opcode);
    if (timed === 'poll' && this.driver?.poll !== undefined) this.inbox.addPoll();
    if (timed === 'timer' && this.driver?.timer !== undefined) this.inbox.addTimer();
  }

  hasWork(): boolean {
    if (this.state === UP) return !this.inbox.isEmpty || this.isInterrupted;
    return this.state === DOWN && this.isStartAsked;
  }

  hasNestedWork(): boolean {
    return this.depth > 0 && this.isInterrupted && !this.services.isWaiting;
  }

  begin(): Work | null {
    if (this.isInterrupted) return this.call(METHOD.interrupt, null, this.services.takeInterrupt());
    if (this.state === DOWN) return this.create();
    const { frames } = this.services;
    const { inbox } = this;
    const method = inbox.next();
    if (method === METHOD.stop) return this.stop();
    if (method === METHOD.transmit) frames.offer(inbox.frame!);
    const argument = method === METHOD.poll ? (this.configuration!.pollBudget ?? DEFAULT_POLL_BUDGET) : inbox.address;
    return this.call(method, inbox.frame, argument);
  }

  enterNested(): void {
    this.stashes.push(this.views.forResumable.stash());
  }

  leaveNested(): void {
    this.views.forResumable.unstash(this.stashes.pop()!);
  }

  waitingAccess(into: WaitingAccess): boolean {
    if (!(this.isResumable ? this.views.forResumable.describe(into) : this.views.forPlain.describe(into))) return false;
    into.offset = this.services.space.resolve(into.offset, into.sizeBytes, RIGHT_READ);
    return into.offset >= 0;
  }

  failed(error: unknown): void {
    if (error instanceof AgentAborted) return;
    if (error instanceof ContractBroken) this.broke(error);
    else if (error instanceof MemoryFault) this.faulted(error);
    else if (error instanceof NeverReturns) this.breakOff(events.DRIVER_HUNG, error.message);
    else if (isRefusal(error) || this.state === STARTING) {
      this.hasRefused = !this.turn.isEnded;
      this.breakOff(events.DRIVER_REFUSED, `the driver refused the device: ${describeThrown(error)}`);
    } else this.breakOff(events.DRIVER_THREW, `the driver threw ${describeThrown(error)}`);
  }

  /** A breach of the contract; told when it happens, before the driver sees an exception. */
  broke(error: ContractBroken): void {
    if (this.turn.isEnded) return;
    this.services.record(events.CONTRACT_BROKEN, error.breach, 0);
    this.breakOff(events.DRIVER_BROKE_CONTRACT, `the driver broke the contract: ${error.message}`);
  }

  /** An access outside the guest's memory; told when it happens. */
  faulted(fault: MemoryFault): void {
    if (this.turn.isEnded) return;
    this.services.record(events.DRIVER_FAULTED, fault.address, fault.lengthBytes, fault.isWrite ? 1 : 0);
    this.breakOff(events.DRIVER_OUT_OF_MEMORY_BOUNDS, `the driver touched memory that is not its own: ${fault.message}`);
  }

  /** Takes notice that a method returned. */
  returned(method: number, ordinal: number, value: unknown): void {
    if (this.turn.isEnded) return;
    this.depth -= 1;
    if (this.depth === 0) this.turn.leave();
    this.world.trace.record(EVENT_RETURN, this.id, method, ordinal, value === 'accepted' ? 1 : 0, 0, 0, 0);
    if (!this.services.interrupts.unmask()) {
      this.broke(
        new ContractBroken(BREACH.unbalancedEnable, `${METHOD_NAMES[method]!} left interrupts enabled once more than it found them`),
      );
    } else if (method === METHOD.transmit) this.answered(value);
    else if (method === METHOD.start) this.started();
    else if (method === METHOD.stop) this.stopped();
  }

  /** True once after an operation that blocks or yields was begun. */
  takeExpectedPause(): boolean {
    return this.services.takeExpectedPause();
  }

  /** Forgets the client and everything that waits for it. */
  protected end(): void {
    this.state = GONE;
    this.driver = null;
    this.isStartAsked = false;
    this.depth = 0;
    this.inbox.clear();
    this.services.timers.cancelAll();
    this.services.interrupts.reset();
    this.services.isWaiting = false;
    if (this.turn.isEnded) return;
    this.turn.end();
  }

  private breakOff(reason: number, sentence: string): void {
    if (this.turn.isEnded) return;
    this.end();
    this.configuration!.stack.failed(this.port, reason, sentence);
  }

  private interruptArrived(line: number): void {
    if (this.state === DOWN || this.state === GONE) return;
    this.services.interrupts.raise(line);
    if (this.services.isWaiting) this.world.kernel.wake(this.id);
  }

  /** True when an interrupt waits that the driver's method would take now. */
  private get isInterrupted(): boolean {
    return this.services.interrupts.isDeliverable && this.driver?.interrupt !== undefined;
  }

  /** A plain driver that opens a window is interrupted at once; a resumable one at its next pause. */
  protected windowOpened(): void {
    while (!this.isResumable && this.hasNestedWork()) this.begin();
  }

  private create(): Work | null {
    this.isStartAsked = false;
    this.state = STARTING;
    const ordinal = this.enter(METHOD.create);
    try {
      this.driver = checkDriver(this.createDriver());
    } catch (error) {
      this.failed(error);
    }
    if (this.turn.isEnded) return null;
    this.returned(METHOD.create, ordinal, undefined);
    return this.call(METHOD.start, null, 0);
  }

  private createDriver(): unknown {
    const { configuration, services, turn, views } = this;
    const { mode, portName, revision, subject } = configuration!;
    const port = portName ?? String.fromCharCode(97 + this.port);
    if (this.isResumable) return subject.resumable!(createResumableGuest(port, revision, views.forResumable, turn, services));
    const isTrusted = mode === 'coarse' && subject.hasTrustedTwin;
    return subject.plain!(createPlainGuest(port, revision, isTrusted ? views.direct : views.forPlain, turn, services));
  }

  private stop(): Work | null {
    this.state = STOPPING;
    this.inbox.clear();
    this.configuration!.stack.stopping(this.port);
    if (this.driver!.stop !== undefined) return this.call(METHOD.stop, null, 0);
    this.stopped();
    return null;
  }

  private stopped(): void {
    this.end();
    this.configuration!.stack.stopped(this.port);
  }

  private enter(method: number): number {
    const ordinal = this.calls++;
    this.world.trace.record(EVENT_CALL, this.id, method, ordinal, 0, 0, 0, 0);
    this.services.interrupts.mask();
    this.depth += 1;
    this.turn.enter();
    return ordinal;
  }

  /** Calls a method: runs it here (plain), or returns its iterator for the kernel to step. */
  private call(method: number, frame: Frame | null, argument: number): Work | null {
    const { turn } = this;
    const isNested = this.depth > 0;
    const ordinal = this.enter(method);
    let value: unknown;
    try {
      value = invoke(this.driver!, method, frame, argument);
    } catch (error) {
      if (turn === this.turn) this.failed(error);
    }
    if (!turn.isEnded) {
      if (this.isResumable && isGenerator(value)) {
        turn.leave();
        return new MethodCall(method, ordinal, value, turn, this, this.world.kernel);
      }
      const name = METHOD_NAMES[method]!;
      if (isPromise(value)) {
        this.broke(new ContractBroken(BREACH.unexpectedPromise, `${name} returned a promise; driver methods are not async`));
      } else if (isGenerator(value)) {
        this.broke(
          new ContractBroken(BREACH.unexpectedGenerator, `${name} returned a generator; the module must export style = 'resumable'`),
        );
      } else this.returned(method, ordinal, value);
    }
    if (isNested && turn.isEnded) throw new AgentAborted('the driver was broken off');
    return null;
  }

  private answered(value: unknown): void {
    const { frames } = this.services;
    const frame = frames.offered!;
    if (value !== 'accepted' && value !== 'full') {
      this.broke(new ContractBroken(BREACH.wrongTransmitResult, `transmit must return 'accepted' or 'full', got ${kindOf(value)}`));
      return;
    }
    const isAccepted = value === 'accepted';
    const wasBack = frames.answer(isAccepted);
    if (wasBack && !isAccepted) {
      this.broke(
        new ContractBroken(BREACH.returnedButFull, `transmit answered 'full' for frame ${frame.id}, which it had already given back`),
      );
      return;
    }
    const { stack } = this.configuration!;
    stack.answered(this.port, frame, isAccepted);
    if (wasBack) stack.returned(this.port, frame);
  }

  private started(): void {
    this.state = UP;
    const { pollIntervalNs } = this.driver!;
    if (pollIntervalNs !== undefined) this.services.timers.startTicks(pollIntervalNs);
    this.configuration!.stack.started(this.port);
  }
}
