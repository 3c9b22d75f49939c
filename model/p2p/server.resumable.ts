// The point-to-point network server: two ports, two pipes, and one entry point per kind of message.
//
// Follows l4re-p2p sheet §1, §3 and §6. Each entry point handles one message to the end; the caller (a kernel
// agent, a replay, a test) decides when. A memory fault or an exhausted descriptor budget ends the server: that
// is a verdict, told in `ended`, and every later call is answered with -ENOREPLY.
import { BARRIER_FULL, BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { MemoryFault } from '../../sim/memory-fault.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import { CONTROL_CALL, KICK_DONE, KICK_HANDLED, POLL_TICK, SERVER_CRASHED, SERVER_ENDED, SERVER_HUNG } from '../events.js';
import { EINVAL, ENOMEM, ENOREPLY, ENOSYS, EPERM, ERANGE } from '../l4/errors.js';
import { DescriptorBudgetSpent, DeviceContext } from '../transport/device-context.js';
import { VIA_IPC } from '../transport/device.resumable.js';
import {
  CONTROLLER_BIND,
  CONTROLLER_CALL,
  layoutOf,
  OPERATION_DEVICE_CONFIG,
  OPERATION_NOTIFICATION_INTERRUPT,
  OPERATION_REGISTER_INTERFACE,
  type TransportLayout,
} from '../transport/layout.js';
import type { RegistrationRequest } from '../transport/regions.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import type { ServerEnvironment } from './environment.js';
import { type FactoryArgument, parseFactoryArguments } from './factory-arguments.js';
import type { Pipe } from './pipe.resumable.js';
import type { ConfigurationChange, Port } from './port.resumable.js';
import { REFERENCE_SERVER_PARTS, type ServerParts } from './server-parts.resumable.js';

/** Frames one direction may move before the other gets its turn, with Q27 off. */
const FAIR_FRAMES = 16;
/** Turns after which the handler lets other messages in, with Q27 off. */
const FAIR_TURNS = 64;
const UNLIMITED = Number.MAX_SAFE_INTEGER;
/** Ports of the server, and pipes between them. The kick handler counts up to it: iterators cost a tenth of its time. */
const PORTS = 2;

/** Reason numbers of SERVER_ENDED. */
export const ENDED_OUTSIDE = 1;
export const ENDED_READ_ONLY = 2;
export const ENDED_BUDGET = 3;

/** The server; see the file head. */
export class PointToPointServer {
  readonly ports: readonly [Port, Port];
  /** Pipe 0 leads from port 0 to port 1, pipe 1 back. */
  readonly pipes: readonly [Pipe, Pipe];
  readonly context: DeviceContext<SharedMemory>;
  readonly layout: TransportLayout;
  /** 0 while the server lives, then SERVER_CRASHED or SERVER_HUNG. */
  ended = 0;
  /** The fault that ended the server. */
  fault: MemoryFault | null = null;
  protected readonly environment: ServerEnvironment<SharedMemory>;

  constructor(environment: ServerEnvironment<SharedMemory>, parts: ServerParts = REFERENCE_SERVER_PARTS) {
    this.environment = environment;
    this.layout = layoutOf(environment.revision);
    this.context = new DeviceContext(environment);
    const trigger = (port: number): void => environment.triggerInterrupt(port);
    const down = (port: number, queue: DeviceQueue, cause: number): void => this.queueWentDown(port, queue, cause);
    const create = (port: number): Port =>
      new parts.Port(
        this.context,
        this.layout,
        port,
        environment.settings,
        trigger,
        down,
        environment.withheldFeatures?.[port] ?? 0,
        parts,
      );
    const first = create(0);
    const second = create(1);
    this.ports = [first, second];
    this.pipes = [new parts.Pipe(this.context, first, second, parts), new parts.Pipe(this.context, second, first, parts)];
  }

  /** Fills the config pages; to be called once before anything else. */
  *start(): Resume<void> {
    for (const port of this.ports) yield* port.initializePage();
  }

  /** Handles the notification interrupt (§6.1). */
  *handleKick(): Resume<void> {
    if (!this.awaken()) return;
    try {
      this.context.log.record(KICK_HANDLED);
      yield* this.kick();
      this.context.log.record(KICK_DONE);
    } catch (error) {
      this.end(error);
    }
  }

  /** Handles a tick of the polling timer (§6.2). */
  *handleTick(): Resume<void> {
    if (!this.awaken()) return;
    try {
      this.context.log.record(POLL_TICK);
      for (const port of this.ports) if (port.isConnected || this.context.deviations.Q21) yield* port.handleCommand();
      for (const pipe of this.pipes) {
        if (pipe.isReady) yield* pipe.copy(UNLIMITED);
      }
    } catch (error) {
      this.end(error);
    }
  }

  /** The device of a port fails, as after a bad descriptor: for scenarios of error and recovery. */
  *failDevice(port: number): Resume<void> {
    if (!this.awaken()) return;
    try {
      yield* this.portAt(port).fail();
    } catch (error) {
      this.end(error);
    }
  }

  /** What the device config of a port says changes. */
  *changeConfiguration(port: number, change: ConfigurationChange): Resume<void> {
    if (!this.awaken()) return;
    try {
      yield* this.portAt(port).changeConfiguration(change);
    } catch (error) {
      this.end(error);
    }
  }

  /** The kernel has deleted the gate of a port; the server learns of it by its deletion interrupt. */
  markGateDead(port: number): void {
    this.portAt(port).isGateDead = true;
  }

  /** Handles the deletion interrupt: frees every port whose gate is dead. */
  *handleDeletion(): Resume<void> {
    if (!this.awaken()) return;
    try {
      for (const port of this.ports) {
        if (port.isConnected && port.isGateDead) yield* port.disconnect();
      }
    } catch (error) {
      this.end(error);
    }
  }

  /** Handles create(type, arguments) at the factory gate: the number of the port given, or a negative error number. */
  *create(type: number, args: readonly FactoryArgument[], hasServerRight = true): Resume<number> {
    if (!this.awaken()) return -ENOREPLY;
    if (!hasServerRight) return -EPERM;
    if (type !== 0) return -EINVAL;
    const parsed = parseFactoryArguments(args, this.layout.revision);
    if (parsed === null) return -EINVAL;
    const port = this.ports.find((candidate) => !candidate.isConnected);
    if (port === undefined) return -ENOMEM;
    try {
      yield* port.connect(parsed.capacity, parsed.mac);
    } catch (error) {
      return this.end(error);
    }
    return port.port;
  }

  /** Handles set_status: always 0. */
  *setStatus(port: number, value: number): Resume<number> {
    if (!this.awaken()) return -ENOREPLY;
    try {
      yield* this.portAt(port).setStatus(value, VIA_IPC);
    } catch (error) {
      return this.end(error);
    }
    return 0;
  }

  /** Handles config_queue: 0, -EIO, -ERANGE or -EINVAL. */
  *configQueue(port: number, index: number): Resume<number> {
    if (!this.awaken()) return -ENOREPLY;
    try {
      return yield* this.portAt(port).configureQueue(index, VIA_IPC);
    } catch (error) {
      return this.end(error);
    }
  }

  /** Handles register_ds: 0 or a negative error number. Touches no shared memory. */
  registerDataspace(port: number, request: RegistrationRequest): number {
    if (!this.awaken()) return -ENOREPLY;
    return this.portAt(port).registerDataspace(request);
  }

  /** Revision `seed`: hands interrupts and config page over: 0, -EINVAL without the guest's interrupt, -ENOSYS in `current`. */
  registerInterface(port: number, hasInterrupt: boolean): number {
    if (!this.awaken()) return -ENOREPLY;
    const result = !this.layout.hasRegisterInterface ? -ENOSYS : hasInterrupt ? 0 : -EINVAL;
    if (result === 0) this.portAt(port).hasInterrupt = true;
    return this.called(port, OPERATION_REGISTER_INTERFACE, hasInterrupt ? 1 : 0, result);
  }

  /** Revision `current`: hands the config page (`ports[port].page`) out: 0, or -ENOSYS in `seed`. */
  deviceConfig(port: number): number {
    if (!this.awaken()) return -ENOREPLY;
    return this.called(port, OPERATION_DEVICE_CONFIG, 0, this.layout.hasRegisterInterface ? -ENOSYS : 0);
  }

  /** Hands the notification object out: 0 for index 0, -ENOSYS for others and in `seed`. */
  notificationIrq(port: number, index: number): number {
    if (!this.awaken()) return -ENOREPLY;
    const result = this.layout.hasRegisterInterface || index !== 0 ? -ENOSYS : 0;
    return this.called(port, OPERATION_NOTIFICATION_INTERRUPT, index, result);
  }

  /** Binds the client's interrupt: 0, -ERANGE for an index from 1 on, -EINVAL without a capability, -ENOSYS in `seed`. */
  bindInterrupt(port: number, index: number, hasInterrupt: boolean): number {
    if (!this.awaken()) return -ENOREPLY;
    let result = 0;
    if (this.layout.hasRegisterInterface) result = -ENOSYS;
    else if (index >= 1) result = -ERANGE;
    else if (!hasInterrupt) result = -EINVAL;
    if (result === 0) this.portAt(port).hasInterrupt = true;
    return this.called(port, CONTROLLER_CALL | CONTROLLER_BIND, index, result);
  }

  protected portAt(port: number): Port {
    const found = this.ports[port];
    if (found === undefined) throw new RangeError(`PointToPointServer: port ${port} does not exist; ports are 0 and 1`);
    return found;
  }

  protected called(port: number, operation: number, argument: number, result: number): number {
    this.context.log.record(CONTROL_CALL, port, operation, argument, -result, 0, 0);
    return result;
  }

  /** Begins a handler; false if the server is dead. */
  protected awaken(): boolean {
    this.context.descriptorReads = 0;
    return this.ended === 0;
  }

  /** Turns what ended a handler into a verdict; anything else is our own mistake and goes on. */
  protected end(error: unknown): number {
    if (error instanceof MemoryFault) {
      this.fault = error;
      this.ended = SERVER_CRASHED;
      this.context.log.record(SERVER_ENDED, SERVER_CRASHED, error.reason === 'read-only' ? ENDED_READ_ONLY : ENDED_OUTSIDE, 255, 0, 0, 0);
    } else if (error instanceof DescriptorBudgetSpent) {
      this.ended = SERVER_HUNG;
      this.context.log.record(SERVER_ENDED, SERVER_HUNG, ENDED_BUDGET, 255, 0, 0, 0);
    } else throw error;
    return -ENOREPLY;
  }

  protected *kick(): Resume<void> {
    const { deviations } = this.context;
    let turns = 0;
    do {
      yield* this.suppressKicks();
      for (let port = 0; port < PORTS; port++) this.ports[port]!.beginBatch();
      turns = deviations.Q27 ? yield* this.drainInOrder() : yield* this.drainInTurns(turns);
      for (let port = 0; port < PORTS; port++) yield* this.ports[port]!.endBatch();
      yield* this.admitKicks();
      if (turns >= FAIR_TURNS) return this.environment.triggerOwnNotification();
    } while (yield* this.hasWork());
    for (const pipe of this.pipes) {
      if (pipe.isOverlooked) this.context.meet('Q1', pipe.receive.queue.port);
    }
  }

  protected *drainInOrder(): Resume<number> {
    const [first, second] = this.pipes;
    let isStarving = false;
    for (const pipe of this.pipes) {
      while (yield* pipe.hasWork()) {
        const before = pipe.counters.frames;
        yield* pipe.copy(UNLIMITED);
        if (pipe === first && pipe.counters.frames - before > FAIR_FRAMES) isStarving = true;
      }
      if (isStarving && pipe === first && second.isWaiting) this.context.meet('Q27', 1);
    }
    return 0;
  }

  protected *drainInTurns(turnsBefore: number): Resume<number> {
    let turns = turnsBefore;
    let isBusy = true;
    while (isBusy && turns < FAIR_TURNS) {
      isBusy = false;
      for (let index = 0; index < PORTS; index++) {
        const pipe = this.pipes[index]!;
        if (!(yield* pipe.hasWork())) continue;
        yield* pipe.copy(FAIR_FRAMES);
        isBusy = true;
      }
      turns += 1;
    }
    return turns;
  }

  protected *hasWork(): Resume<boolean> {
    for (let index = 0; index < PORTS; index++) if (yield* this.pipes[index]!.hasWork()) return true;
    return false;
  }

  /** Tells the drivers of ready pipes that their kicks are not needed now. */
  protected *suppressKicks(): Resume<void> {
    for (let index = 0; index < PORTS; index++) {
      const pipe = this.pipes[index]!;
      pipe.isSuppressing = false;
      pipe.hasReceiveFailed = false;
      if (!pipe.isReady || this.keepsSuppression) continue;
      pipe.isSuppressing = true;
      yield* pipe.transmitQueue.suppressKicks(true);
      yield* pipe.receiveQueue.suppressKicks(true);
    }
  }

  /** Takes that back; a pipe that is no longer ready keeps it under Q12 and Q37. */
  protected *admitKicks(): Resume<void> {
    const { context } = this;
    for (let index = 0; index < PORTS; index++) {
      const pipe = this.pipes[index]!;
      if (pipe.isReady && !this.keepsSuppression) {
        if (this.environment.settings.isPolling) context.meet('Q11', pipe.receiveQueue.port);
        yield* pipe.transmitQueue.suppressKicks(false);
        yield* pipe.receiveQueue.suppressKicks(false);
      } else if (pipe.isSuppressing) yield* this.admitKicksLate(pipe);
    }
    if (!context.deviations.Q22) return yield* context.memory.barrier(BARRIER_FULL);
    yield* context.memory.barrier(BARRIER_WRITE);
    yield* context.memory.barrier(BARRIER_READ);
  }

  /** A pipe went down while its kicks were unwanted: the queue that is left keeps the flag or not. */
  protected *admitKicksLate(pipe: Pipe): Resume<void> {
    const { context } = this;
    const id = this.pipes.some((other) => other.hasReceiveFailed) ? 'Q12' : 'Q37';
    for (const queue of [pipe.transmit.queue, pipe.receive.queue]) {
      if (!queue.isReady) continue;
      context.meet(id, queue.port);
      if (!context.deviations[id]) yield* queue.suppressKicks(false);
    }
  }

  /** True if kicks stay unwanted because the server polls. */
  protected get keepsSuppression(): boolean {
    return this.environment.settings.isPolling && !this.context.deviations.Q11;
  }

  protected queueWentDown(port: number, queue: DeviceQueue, cause: number): void {
    const pipe = this.pipes[queue.number === TRANSMIT_QUEUE ? port : 1 - port]!;
    if (queue.number === TRANSMIT_QUEUE) pipe.senderWentDown(cause);
    else pipe.receiverWentDown(cause);
  }
}
