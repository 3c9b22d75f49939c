// The machine a driver runs on: an agent of the kernel that turns events and the stack's wishes into method calls.
//
// Work begins in a fixed order: interrupt, release, timer, poll, stop, transmit; within a kind in order of
// arrival. What a driver does wrong becomes events and one sentence to the stack, never an exception of the
// harness. Machines are reused: reset() starts a run, connect() puts a new client into a running world.
import { type DeviceGate, INTERRUPT_OPCODE } from '../model/l4/ipc.js';
import * as events from '../model/events.js';
import type { TransportRevision } from '../model/transport/layout.js';
import type { AccessObserver } from '../sim/access-observer.js';
import type { AddressSpace } from '../sim/address-space.js';
import { AgentAborted, type Agent, type Work } from '../sim/agent.js';
import type { Arena } from '../sim/arena.js';
import type { Kernel } from '../sim/kernel.js';
import { MemoryFault } from '../sim/memory-fault.js';
import type { StashedAccess } from '../sim/resumable-memory.js';
import type { StoreOrder } from '../sim/store-order.js';
import { EVENT_CALL, EVENT_RETURN, type Trace } from '../sim/trace.js';
import { BREACH, ContractBroken } from './contract-breach.js';
import type { Frame } from './contract.js';
import { describeThrown, isRefusal } from './driver-failure.js';
import { type AnyDriver, checkDriver, invoke, isGenerator, isPromise, kindOf, METHOD, METHOD_NAMES } from './driver-object.js';
import { GuestFace as PlainGuest } from './guest-face.plain.js';
import { GuestFace as ResumableGuest } from './guest-face.resumable.js';
import { GuestMemoryFace as PlainMemory } from './guest-memory.plain.js';
import { GuestMemoryFace as ResumableMemoryFace } from './guest-memory.resumable.js';
import { DEFAULT_REGIONS, type GuestRam, type RegionPlan } from './guest-ram.js';
import { GuestServices } from './guest-services.js';
import { type ExecutionMode, GuestViews } from './guest-views.js';
import { MethodCall } from './method-call.js';
import type { Stack } from './stack.js';
import type { Subject } from './subject.js';
import { L4TransportFace as PlainTransport } from './transport-l4.plain.js';
import { L4TransportFace as ResumableTransport } from './transport-l4.resumable.js';
import { Turn } from './turn.js';

/** What all agents of a world share. */
export interface GuestWorld {
  readonly kernel: Kernel;
  readonly arena: Arena;
  readonly trace: Trace;
  readonly observer: AccessObserver;
}

/** One client of a port. */
export interface GuestConfiguration {
  readonly subject: Subject;
  readonly mode: ExecutionMode;
  /** Store order of the run; used in weak mode only. */
  readonly order: StoreOrder | null;
  readonly gate: DeviceGate;
  readonly stack: Stack;
  readonly revision: TransportRevision;
  /** Name of the port for the driver; default 'a' for port 0, 'b' for port 1. */
  readonly portName?: string;
  /** RAM, default DEFAULT_REGIONS. */
  readonly regions?: readonly RegionPlan[];
  /** Byte fresh allocations are filled with, default 0. */
  readonly fillByte?: number;
  /** Frames a call of poll may handle, default 64. */
  readonly pollBudget?: number;
  /** The guest's dataspaces do not answer when they are asked for their size; default false. */
  readonly hidesSizes?: boolean;
  /** Cost of now() and relax() in ns, default 100. */
  readonly callCostNs?: number;
  /** Argument b of KICKED: avail.idx of queue 0 | of queue 1 << 16 as everybody sees it; default 0. */
  readonly publishedIndices?: () => number;
}

const DEFAULT_POLL_BUDGET = 64;
const DEFAULT_CALL_COST_NS = 100;

const WORK_START = 1;
const WORK_RELEASE = 2;
const WORK_TIMER = 4;
const WORK_POLL = 8;
const WORK_STOP = 16;
const WORK_TRANSMIT = 32;

/** Life of a client: nothing yet, in createDriver or start, working, in stop, gone. */
const DOWN = 0;
const STARTING = 1;
const UP = 2;
const STOPPING = 3;
const GONE = 4;

/** A guest on a port; agent number 1 + port. */
export class GuestMachine implements Agent {
  readonly id: number;
  readonly name: string;
  readonly port: number;
  private readonly world: GuestWorld;
  private readonly services: GuestServices;
  private readonly views: GuestViews;
  private readonly offers: Frame[] = [];
  private readonly releases: number[] = [];
  private readonly stashes: StashedAccess[] = [];
  private turn: Turn;
  private configuration: GuestConfiguration | null = null;
  private driver: AnyDriver | null = null;
  private isResumable = false;
  private isRestarting = false;
  private state = GONE;
  private work = 0;
  /** Methods under way, nested ones included. */
  private depth = 0;
  private calls = 0;

  constructor(port: number, world: GuestWorld) {
    this.port = port;
    this.id = 1 + port;
    this.name = `guest ${port}`;
    this.world = world;
    this.turn = new Turn(world.kernel, this);
    this.services = new GuestServices(port, world.kernel, world.arena, world.trace, this.turn);
    this.views = new GuestViews(this.id, this.services.space, world.observer, world.kernel, this);
  }

  /** Prepares a run in a fresh world: arena and kernel were reset. The driver is created at requestStart(). */
  reset(configuration: GuestConfiguration): void {
    this.turn.revoke();
    this.services.space.reset();
    this.services.timers.reset();
    this.services.logs.length = 0;
    this.calls = 0;
    this.install(configuration);
  }

  /** Puts a new client on the port while the world goes on; addresses of the old one are not used again. */
  connect(configuration: GuestConfiguration): void {
    this.depart();
    this.install(configuration);
  }

  /** The client vanishes at once, whatever its driver is doing; nothing of it runs any more. */
  depart(): void {
    this.turn.revoke();
    this.end();
    this.world.kernel.wake(this.id);
  }

  /** Asks for the driver to be created and started. */
  requestStart(): void {
    if (this.state === DOWN) this.work |= WORK_START;
  }

  /** Loads the driver again into the same machine after it was stopped; memory stays as it is. */
  restart(): void {
    if (this.state !== GONE || this.configuration === null) return;
    this.boot(this.configuration);
    this.requestStart();
  }

  /** Asks for the driver's stop method, after whatever runs now. */
  requestStop(): void {
    if (this.state <= UP) this.work |= WORK_STOP;
  }

  /** Asks for stop, then for a new driver on the same client: memory stays registered with the device. */
  requestRestart(): void {
    this.requestStop();
    this.isRestarting = this.state <= UP;
  }

  /** Queues a frame for transmit. */
  offer(frame: Frame): void {
    if (this.state > UP) return;
    this.offers.push(frame);
    this.work |= WORK_TRANSMIT;
  }

  /** Queues the release of a lent frame. */
  releaseLent(address: number): void {
    if (this.state > UP || !this.lends) return;
    this.releases.push(address);
    this.work |= WORK_RELEASE;
  }

  /** Address of guest memory for a frame of the stack, 0 if there is none now. */
  allocateFrame(lengthBytes: number): number {
    return this.services.ram.allocate(lengthBytes, 16);
  }

  /** Gives memory of allocateFrame() back. */
  freeFrame(address: number): void {
    this.services.ram.release(address);
  }

  /** Puts the bytes of a frame into its memory, as if long before transmit: no access of the driver, no progress of the run. */
  writeBytes(address: number, bytes: Uint8Array, lengthBytes: number): void {
    this.services.ram.put(address, bytes, lengthBytes, this.services.order, this.id);
  }

  /** Reads bytes on behalf of the stack. Throws MemoryFault, and breaks the driver off, when they are not its memory. */
  readBytes(address: number, lengthBytes: number, into: Uint8Array, at: number): void {
    const offset = this.views.direct.peekRange(address, lengthBytes);
    into.set(this.world.arena.u8.subarray(offset, offset + lengthBytes), at);
  }

  /** True when the driver takes frames with an open checksum; known when it is up. */
  get takesOpenChecksum(): boolean {
    return this.driver?.transmitChecksum === true;
  }

  /** True when the stack is to retry at its own tick after `full`. */
  get retriesAtTick(): boolean {
    return this.driver?.retry === 'poll';
  }

  /** True when delivered frames may stay lent: the driver has a release method. */
  get lends(): boolean {
    return this.driver?.release !== undefined;
  }

  /** True between a successful start and the stop. */
  get isUp(): boolean {
    return this.state === UP;
  }

  /** Address space of the guest; the config page is attached here too. */
  get space(): AddressSpace {
    return this.services.space;
  }

  get ram(): GuestRam {
    return this.services.ram;
  }

  /** Lines the driver logged, oldest first, at most 1000. */
  get logs(): readonly string[] {
    return this.services.logs;
  }

  /** Frames accepted and not given back. */
  get heldCount(): number {
    return this.services.frames.count;
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
    if (timed === 'poll' && this.driver?.poll !== undefined) this.work |= WORK_POLL;
    if (timed === 'timer' && this.driver?.timer !== undefined) this.work |= WORK_TIMER;
  }

  hasWork(): boolean {
    if (this.state === UP) return this.work !== 0 || this.isInterrupted;
    return this.state === DOWN && (this.work & WORK_START) !== 0;
  }

  hasNestedWork(): boolean {
    return this.depth > 0 && this.isInterrupted && !this.services.isWaiting;
  }

  begin(): Work | null {
    if (this.isInterrupted) return this.call(METHOD.interrupt, null, this.services.takeInterrupt());
    const { work } = this;
    if ((work & WORK_START) !== 0) return this.create();
    if ((work & WORK_RELEASE) !== 0) return this.call(METHOD.release, null, this.takeRelease());
    if ((work & WORK_TIMER) !== 0) return this.callOnce(METHOD.timer, WORK_TIMER, 0);
    if ((work & WORK_POLL) !== 0) return this.callOnce(METHOD.poll, WORK_POLL, this.configuration!.pollBudget ?? DEFAULT_POLL_BUDGET);
    if ((work & WORK_STOP) !== 0) return this.stop();
    const frame = this.takeOffer();
    this.services.frames.offer(frame);
    return this.call(METHOD.transmit, frame, 0);
  }

  enterNested(): void {
    this.stashes.push(this.views.forResumable.stash());
  }

  leaveNested(): void {
    this.views.forResumable.unstash(this.stashes.pop()!);
  }

  failed(error: unknown): void {
    if (error instanceof AgentAborted) return;
    if (error instanceof ContractBroken) this.broke(error);
    else if (error instanceof MemoryFault) this.faulted(error);
    else if (isRefusal(error) || this.state === STARTING) this.breakOff(events.DRIVER_REFUSED, `the driver refused the device: ${describeThrown(error)}`);
    else this.breakOff(events.DRIVER_THREW, `the driver threw ${describeThrown(error)}`);
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
      this.broke(new ContractBroken(BREACH.unbalancedEnable, `${METHOD_NAMES[method]!} left interrupts enabled once more than it found them`));
    } else if (method === METHOD.transmit) this.answered(value);
    else if (method === METHOD.start) this.started();
    else if (method === METHOD.stop) this.stopped();
  }

  /** True once after an operation that blocks or yields was begun. */
  takeExpectedPause(): boolean {
    return this.services.takeExpectedPause();
  }

  private install(configuration: GuestConfiguration): void {
    this.configuration = configuration;
    this.end();
    this.services.ram.reset(configuration.regions ?? DEFAULT_REGIONS, configuration.fillByte ?? 0);
    this.boot(configuration);
  }

  private boot(configuration: GuestConfiguration): void {
    const { services } = this;
    this.state = DOWN;
    this.stashes.length = 0;
    this.turn = new Turn(this.world.kernel, this);
    this.views.select(configuration.mode, configuration.order);
    services.ram.reset(configuration.regions ?? DEFAULT_REGIONS, configuration.fillByte ?? 0);
    services.connect(
      {
        gate: configuration.gate,
        stack: configuration.stack,
        order: configuration.mode === 'weak' ? configuration.order : null,
        callCostNs: configuration.callCostNs ?? DEFAULT_CALL_COST_NS,
        hidesSizes: configuration.hidesSizes ?? false,
        publishedIndices: configuration.publishedIndices ?? null,
        taken: (address) => this.releaseLent(address),
        windowOpened: () => this.windowOpened(),
      },
      this.turn,
    );
    this.isResumable = configuration.subject.resumable !== null && !(configuration.mode === 'coarse' && configuration.subject.hasTrustedTwin);
  }

  /** Forgets the client and everything that waits for it. */
  private end(): void {
    this.state = GONE;
    this.isRestarting = false;
    this.driver = null;
    this.work = 0;
    this.depth = 0;
    this.offers.length = 0;
    this.releases.length = 0;
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
  private windowOpened(): void {
    while (!this.isResumable && this.hasNestedWork()) this.begin();
  }

  private create(): Work | null {
    this.work &= ~WORK_START;
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
    const { subject, mode, revision } = configuration!;
    const portName = configuration!.portName ?? String.fromCharCode(97 + this.port);
    const { regions } = services.ram;
    if (this.isResumable) {
      const memory = new ResumableMemoryFace(regions, views.forResumable, turn, services);
      return subject.resumable!(new ResumableGuest(portName, memory, new ResumableTransport(revision, services, turn), turn, services));
    }
    const isTrusted = mode === 'coarse' && subject.hasTrustedTwin;
    const memory = new PlainMemory(regions, isTrusted ? views.direct : views.forPlain, turn, services);
    return subject.plain!(new PlainGuest(portName, memory, new PlainTransport(revision, services, turn), turn, services));
  }

  private stop(): Work | null {
    this.state = STOPPING;
    this.work = 0;
    if (this.driver!.stop !== undefined) return this.call(METHOD.stop, null, 0);
    this.stopped();
    return null;
  }

  private stopped(): void {
    const { isRestarting } = this;
    this.end();
    this.configuration!.stack.stopped(this.port);
    if (!isRestarting) return;
    this.turn = new Turn(this.world.kernel, this);
    this.services.resume(this.turn);
    this.state = DOWN;
    this.work = WORK_START;
  }

  /** Calls a method of which several requests count as one. */
  private callOnce(method: number, work: number, argument: number): Work | null {
    this.work &= ~work;
    return this.call(method, null, argument);
  }

  private takeRelease(): number {
    const address = this.releases.shift()!;
    if (this.releases.length === 0) this.work &= ~WORK_RELEASE;
    return address;
  }

  private takeOffer(): Frame {
    const frame = this.offers.shift()!;
    if (this.offers.length === 0) this.work &= ~WORK_TRANSMIT;
    return frame;
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
      if (isPromise(value)) this.broke(new ContractBroken(BREACH.unexpectedPromise, `${METHOD_NAMES[method]!} returned a promise; driver methods are not async`));
      else if (isGenerator(value)) {
        this.broke(new ContractBroken(BREACH.unexpectedGenerator, `${METHOD_NAMES[method]!} returned a generator; the module must export style = 'resumable'`));
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
      this.broke(new ContractBroken(BREACH.returnedButFull, `transmit answered 'full' for frame ${frame.id}, which it had already given back`));
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
