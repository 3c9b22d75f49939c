// The server loop: one thread that takes one message at a time and runs it to the end.
//
// Follows l4re-p2p sheet §1: IPC requests, the notification interrupt and the deletion interrupt (one pending flag
// each), timers. Expired timers run before the server waits again; a late polling timer makes its ticks up
// back-to-back, always from the planned time. In coarse mode the plain twin of the server runs, else the resumable one.
import type { AccessObserver } from '../../sim/access-observer.js';
import { AddressSpace, RIGHT_READ } from '../../sim/address-space.js';
import type { Agent, Work } from '../../sim/agent.js';
import type { Arena } from '../../sim/arena.js';
import type { WaitingAccess } from '../../sim/choice.js';
import { CoarseMemory } from '../../sim/coarse-memory.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Kernel } from '../../sim/kernel.js';
import { ObservedMemory } from '../../sim/observed-memory.js';
import { ResumableMemory, type StashedAccess } from '../../sim/resumable-memory.js';
import type { StoreOrder } from '../../sim/store-order.js';
import type { Trace } from '../../sim/trace.js';
import { EventLog } from '../event-log.js';
import { type DeviceGate, INTERRUPT_OPCODE, type IpcRequest } from '../l4/ipc.js';
import { LocationRegistry } from '../locations.js';
import type { TransportRevision } from '../transport/layout.js';
import type { ServerEnvironment, ServerSettings } from './environment.js';
import { type FactoryArgument, macKey } from './factory-arguments.js';
import type { DeviceConduct } from './device-conduct.js';
import type { ConfigurationChange } from './port.resumable.js';
import type { PlantedFault } from './planted-faults.js';
import type { Deviations } from './quirks.js';
import { REFERENCE_SERVER_PARTS as PLAIN_PARTS } from './server-parts.plain.js';
import { REFERENCE_SERVER_PARTS as RESUMABLE_PARTS } from './server-parts.resumable.js';
import { PointToPointServer as PlainServer } from './server.plain.js';
import { PointToPointServer as ResumableServer } from './server.resumable.js';

/** Agent number of the server in its world. */
export const SERVER_ID = 0;
/** Class of the server's events in the order of equal times. */
const SERVER_EVENT_CLASS = 4;
const OPCODE_KICK = 1;
const OPCODE_DELETION = 2;
const OPCODE_TICK = 3;
const OPCODE_DEVICE_ERROR = 4;
const OPCODE_CONFIGURATION = 5;

const MESSAGE_KICK = 1;
const MESSAGE_DELETION = 2;
const MESSAGE_TIMER = 3;
const MESSAGE_IPC = 4;
const MESSAGE_DEVICE_ERROR = 5;
const MESSAGE_CREATE = 6;
const MESSAGE_CONFIGURATION = 7;

/** Latency of a device interrupt in ns, by answer of the choice `interruptDelay`; the first is the usual one. */
export const INTERRUPT_DELAYS_NS: readonly number[] = [500, 1_000, 2_000, 5_000, 20_000, 100_000, 1_000_000];

/** What all agents of a world share. */
export interface ServerWorld {
  readonly kernel: Kernel;
  readonly arena: Arena;
  readonly trace: Trace;
  readonly observer: AccessObserver;
  readonly locations: LocationRegistry;
}

/** One run of the server. */
export interface ServerRun {
  readonly isCoarse: boolean;
  /** Whether the generators run in coarse mode, too, without a pause: the check on the plain twin. Default false. */
  readonly usesGenerators?: boolean;
  readonly order: StoreOrder | null;
  readonly revision: TransportRevision;
  readonly deviations: Deviations;
  /** Parts of the server that are replaced, in both styles; none if absent. */
  readonly fault?: Pick<PlantedFault | DeviceConduct, 'plain' | 'resumable'> | undefined;
  readonly settings: ServerSettings;
  /** Period of the polling timer in ns, 0 for none. */
  readonly pollIntervalNs: number;
  /** By port: feature bits of word 0 that are not offered. */
  readonly withheldFeatures: readonly [number, number];
}

/** A call of the factory under way. */
interface Creation {
  readonly type: number;
  readonly args: readonly FactoryArgument[];
  readonly onReply: (result: number) => void;
}

interface Message {
  readonly kind: number;
  readonly port: number;
  readonly request: IpcRequest | null;
  readonly creation?: Creation;
  readonly change?: ConfigurationChange;
}

/** The server as an agent, and the gate its clients hold. */
export class ServerAgent implements Agent, DeviceGate {
  readonly id = SERVER_ID;
  readonly name = 'server';
  /** The server's address space. */
  readonly space: AddressSpace;
  private plain: PlainServer | null = null;
  private resumable: ResumableServer | null = null;
  /** Views of the server's memory, made once: an address space keeps every view that was ever made of it. */
  private readonly coarse: CoarseMemory;
  private readonly observed: ObservedMemory;
  private memory: ResumableMemory | null = null;
  private readonly stashes: StashedAccess[] = [];
  private readonly inbox: Message[] = [];
  /** Changes of the configuration that were asked for in this run. */
  private readonly changes: ConfigurationChange[] = [];
  private isKickPending = false;
  private isDeletionPending = false;
  private nextTickNs = 0;
  private tickSource = 0;
  private run: ServerRun | null = null;
  private readonly world: ServerWorld;
  private readonly log: EventLog;
  private readonly triggerInterrupt = (port: number): void => this.interrupt(port);
  private readonly triggerOwnNotification = (): void => this.notify(0, 0);
  /** Called when the server has crashed or hangs. */
  onEnded: () => void = () => undefined;

  constructor(world: ServerWorld) {
    this.world = world;
    this.space = new AddressSpace(world.arena);
    this.log = new EventLog(world.trace, SERVER_ID);
    this.coarse = new CoarseMemory(SERVER_ID, this.space, world.observer);
    this.observed = new ObservedMemory(SERVER_ID, this.space, world.observer, null);
  }

  /** Starts a server in a fresh world: the arena and the kernel were reset. */
  reset(run: ServerRun): void {
    const { kernel } = this.world;
    this.run = run;
    this.space.reset();
    this.inbox.length = 0;
    this.changes.length = 0;
    this.stashes.length = 0;
    this.isKickPending = false;
    this.isDeletionPending = false;
    if (run.isCoarse && run.usesGenerators !== true) {
      this.memory = null;
      this.resumable = null;
      const { Server = PlainServer, ...replaced } = run.fault?.plain ?? {};
      this.plain = new Server(this.environment(run, this.coarse), { ...PLAIN_PARTS, ...replaced });
      this.plain.start();
    } else {
      this.plain = null;
      this.observed.useOrder(run.order);
      this.memory = new ResumableMemory(run.isCoarse ? this.coarse : this.observed, kernel);
      const { Server = ResumableServer, ...replaced } = run.fault?.resumable ?? {};
      this.resumable = new Server(this.environment(run, this.memory), { ...RESUMABLE_PARTS, ...replaced });
      finish(this.resumable.start());
    }
    if (run.pollIntervalNs === 0) return;
    this.tickSource = kernel.quiescence.addSource(false);
    this.nextTickNs = run.pollIntervalNs;
    this.armTimer();
  }

  /** The server that runs, for those who look at it from outside. */
  get server(): PlainServer | ResumableServer {
    return (this.plain ?? this.resumable)!;
  }

  /** Name, with its equals sign, of the factory argument that carries the MAC in this revision. */
  get macKey(): string {
    return macKey(this.server.layout.revision);
  }

  /** A client asks the factory while the server runs: a message like any other. `onReply` gets the port or a negative error. */
  requestCreate(type: number, args: readonly FactoryArgument[], onReply: (result: number) => void): void {
    this.inbox.push({ kind: MESSAGE_CREATE, port: 0, request: null, creation: { type, args, onReply } });
  }

  /** A client asks the factory before the run begins; performed at once. The port number or a negative error. */
  create(type: number, args: readonly FactoryArgument[]): number {
    return this.plain !== null ? this.plain.create(type, args) : finish(this.resumable!.create(type, args));
  }

  /** The last capability of a port's gate is gone; the server learns of it by its deletion interrupt. */
  dropGate(port: number): void {
    this.server.markGateDead(port);
    this.world.kernel.post(0, SERVER_EVENT_CLASS, SERVER_ID, OPCODE_DELETION, port, 0);
  }

  /** Makes the device of a port fail as after a bad descriptor: reset, NEEDS_RESET, interrupt. */
  failDevice(port: number): void {
    this.world.kernel.post(0, SERVER_EVENT_CLASS, SERVER_ID, OPCODE_DEVICE_ERROR, port, 0);
  }

  /** Makes the device config of a port say something else. */
  changeConfiguration(port: number, change: ConfigurationChange): void {
    this.world.kernel.post(0, SERVER_EVENT_CLASS, SERVER_ID, OPCODE_CONFIGURATION, port, this.changes.push(change) - 1);
  }

  call(port: number, request: IpcRequest): void {
    this.inbox.push({ kind: MESSAGE_IPC, port, request });
  }

  notify(port: number, delayNs: number): void {
    this.world.kernel.post(delayNs, SERVER_EVENT_CLASS, SERVER_ID, OPCODE_KICK, port, 0);
  }

  post(opcode: number, first: number, second: number): void {
    if (opcode === OPCODE_KICK) {
      if (!this.isKickPending) this.inbox.push(KICK);
      this.isKickPending = true;
    } else if (opcode === OPCODE_DELETION) {
      if (!this.isDeletionPending) this.inbox.push(DELETION);
      this.isDeletionPending = true;
    } else if (opcode === OPCODE_DEVICE_ERROR) this.inbox.push({ kind: MESSAGE_DEVICE_ERROR, port: first, request: null });
    else if (opcode === OPCODE_CONFIGURATION)
      this.inbox.push({ kind: MESSAGE_CONFIGURATION, port: first, request: null, change: this.changes[second]! });
    else this.inbox.push(TIMER);
  }

  hasWork(): boolean {
    return this.inbox.length > 0 && this.server.ended === 0;
  }

  hasNestedWork(): boolean {
    return false;
  }

  begin(): Work | null {
    const message = this.inbox.shift()!;
    if (message.kind === MESSAGE_KICK) this.isKickPending = false;
    if (message.kind === MESSAGE_DELETION) this.isDeletionPending = false;
    if (this.plain === null) {
      const work = this.serveResumably(this.resumable!, message);
      if (!this.run!.isCoarse) return work;
      finish(work);
      return null;
    }
    this.servePlainly(this.plain, message);
    return null;
  }

  enterNested(): void {
    this.stashes.push(this.memory!.stash());
  }

  leaveNested(): void {
    this.memory!.unstash(this.stashes.pop()!);
  }

  waitingAccess(into: WaitingAccess): boolean {
    if (this.memory?.describe(into) !== true) return false;
    into.offset = this.space.resolve(into.offset, into.sizeBytes, RIGHT_READ);
    return into.offset >= 0;
  }

  failed(error: unknown): void {
    throw error;
  }

  private environment<M>(run: ServerRun, memory: M): ServerEnvironment<M> {
    return {
      space: this.space,
      memory,
      contextId: SERVER_ID,
      log: this.log,
      locations: this.world.locations,
      revision: run.revision,
      deviations: run.deviations,
      settings: run.settings,
      withheldFeatures: run.withheldFeatures,
      observesFrames: true,
      triggerInterrupt: this.triggerInterrupt,
      triggerOwnNotification: this.triggerOwnNotification,
    };
  }

  private servePlainly(server: PlainServer, { kind, port, request, creation, change }: Message): void {
    if (kind === MESSAGE_KICK) server.handleKick();
    else if (kind === MESSAGE_DELETION) server.handleDeletion();
    else if (kind === MESSAGE_DEVICE_ERROR) server.failDevice(port);
    else if (change !== undefined) server.changeConfiguration(port, change);
    else if (creation !== undefined) creation.onReply(server.create(creation.type, creation.args));
    else if (request !== null) this.reply(request, this.answersAtOnce(request, port) ?? this.answerPlainly(server, request, port));
    for (let due = this.ticksDue(); due > 0; due--) server.handleTick();
    this.waitAgain();
  }

  private *serveResumably(server: ResumableServer, { kind, port, request, creation, change }: Message): Resume<void> {
    if (kind === MESSAGE_KICK) yield* server.handleKick();
    else if (kind === MESSAGE_DELETION) yield* server.handleDeletion();
    else if (kind === MESSAGE_DEVICE_ERROR) yield* server.failDevice(port);
    else if (change !== undefined) yield* server.changeConfiguration(port, change);
    else if (creation !== undefined) creation.onReply(yield* server.create(creation.type, creation.args));
    else if (request !== null)
      this.reply(request, this.answersAtOnce(request, port) ?? (yield* this.answerResumably(server, request, port)));
    for (let due = this.ticksDue(); due > 0; due--) yield* server.handleTick();
    this.waitAgain();
  }

  private answerPlainly(server: PlainServer, request: IpcRequest, port: number): number {
    return request.operation === 'setStatus' ? server.setStatus(port, request.argument) : server.configQueue(port, request.argument);
  }

  private *answerResumably(server: ResumableServer, request: IpcRequest, port: number): Resume<number> {
    return request.operation === 'setStatus'
      ? yield* server.setStatus(port, request.argument)
      : yield* server.configQueue(port, request.argument);
  }

  /** Calls that touch no shared memory; null for the others. */
  private answersAtOnce(request: IpcRequest, port: number): number | null {
    const { server } = this;
    switch (request.operation) {
      case 'setStatus':
      case 'configQueue':
        return null;
      case 'registerDataspace':
        return server.registerDataspace(port, request);
      case 'registerInterface': {
        const result = server.registerInterface(port, true);
        if (result === 0) request.page = server.ports[port]!.page;
        return result;
      }
      case 'deviceConfig': {
        const result = server.deviceConfig(port);
        if (result === 0) request.page = server.ports[port]!.page;
        return result;
      }
      case 'notificationIrq':
        return server.notificationIrq(port, request.argument);
      case 'bindInterrupt':
        return server.bindInterrupt(port, request.argument, true);
    }
  }

  private reply(request: IpcRequest, result: number): void {
    if (this.server.ended !== 0) return;
    // A synchronous reply passes through the kernel, which orders it on every machine.
    this.run!.order?.drain(SERVER_ID);
    request.result = result;
    request.isDone = true;
    this.world.kernel.wake(request.callerId);
  }

  /** Polling ticks that are due now; the clock is sampled once per batch. */
  private ticksDue(): number {
    const period = this.run!.pollIntervalNs;
    if (period === 0 || this.nextTickNs > this.world.kernel.nowNs) return 0;
    const due = Math.floor((this.world.kernel.nowNs - this.nextTickNs) / period) + 1;
    this.nextTickNs += due * period;
    this.armTimer();
    return due;
  }

  private armTimer(): void {
    const { kernel } = this.world;
    kernel.post(this.nextTickNs - kernel.nowNs, SERVER_EVENT_CLASS, SERVER_ID, OPCODE_TICK, 0, 0, this.tickSource);
  }

  private waitAgain(): void {
    if (this.server.ended !== 0) this.onEnded();
  }

  /** Triggers the interrupt a client has bound. */
  private interrupt(port: number): void {
    const { kernel } = this.world;
    // Triggering passes through the kernel too: what the interrupt tells of is visible before it.
    this.run!.order?.drain(SERVER_ID);
    kernel.progress();
    const delayNs = INTERRUPT_DELAYS_NS[kernel.choices().choose('interruptDelay', INTERRUPT_DELAYS_NS.length)]!;
    kernel.post(delayNs, SERVER_EVENT_CLASS - 1, 1 + port, INTERRUPT_OPCODE, 0, 0);
  }
}

const KICK: Message = { kind: MESSAGE_KICK, port: 0, request: null };
const DELETION: Message = { kind: MESSAGE_DELETION, port: 0, request: null };
const TIMER: Message = { kind: MESSAGE_TIMER, port: 0, request: null };

/** Runs a generator to its end with nobody in between: before a run begins and in coarse mode. */
function finish<T>(work: Resume<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
