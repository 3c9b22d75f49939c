// The server under replay behind one plain interface, in either twin.
//
// The resumable twin is driven to the end of each handler at once; both must then do the very same.
import { NEVER, type Gate } from '../../sim/gate.js';
import { CoarseMemory } from '../../sim/coarse-memory.js';
import { NO_OBSERVER } from '../../sim/access-observer.js';
import type { AddressSpace } from '../../sim/address-space.js';
import { ResumableMemory } from '../../sim/resumable-memory.js';
import type { MemoryFault } from '../../sim/memory-fault.js';
import type { ServerEnvironment } from './environment.js';
import type { FactoryArgument } from './factory-arguments.js';
import type { RegistrationRequest } from '../transport/regions.js';
import type { Dataspace } from '../../sim/arena.js';
import type { RegionList } from '../transport/regions.js';
import type { PipeCounters } from './pipe.plain.js';
import { PointToPointServer as PlainServer } from './server.plain.js';
import { PointToPointServer as ResumableServer } from './server.resumable.js';

/** What can be seen of a queue of either twin. */
export interface QueueState {
  readonly isReady: boolean;
  readonly cursor: number;
  readonly isKickPending: boolean;
}

/** What can be seen of a port of either twin. */
export interface PortState {
  readonly status: number;
  readonly enabledFeatures: number;
  readonly isConnected: boolean;
  readonly page: Dataspace;
  readonly regions: RegionList;
  readonly queues: readonly QueueState[];
}

/** What can be seen of a pipe of either twin. */
export interface PipeState {
  readonly transmit: { readonly head: number };
  readonly receive: { readonly head: number };
  readonly merged: number;
  readonly total: number;
  readonly counters: PipeCounters;
}

/** What can be seen of a server of either twin. */
export interface ServerState {
  readonly ended: number;
  readonly fault: MemoryFault | null;
  readonly context: { readonly descriptorReads: number };
  readonly ports: readonly PortState[];
  readonly pipes: readonly PipeState[];
}

/** A server whose handlers run to the end when called. */
export interface DirectServer {
  readonly state: ServerState;
  start(): void;
  handleKick(): void;
  handleTick(): void;
  handleDeletion(): void;
  markGateDead(port: number): void;
  create(type: number, args: readonly FactoryArgument[]): number;
  setStatus(port: number, value: number): number;
  configQueue(port: number, index: number): number;
  registerDataspace(port: number, request: RegistrationRequest): number;
  bindInterrupt(port: number, index: number, hasInterrupt: boolean): number;
}

/** Everything of an environment but the view, which the builder makes. */
export type BareEnvironment = Omit<ServerEnvironment<unknown>, 'memory' | 'space'> & { readonly space: AddressSpace };

/** Makes a server of one of the twins. */
export type ServerBuilder = (environment: BareEnvironment) => DirectServer;

/** The plain twin. */
export function buildPlainServer(environment: BareEnvironment): DirectServer {
  const memory = new CoarseMemory(environment.contextId, environment.space, NO_OBSERVER);
  const server = new PlainServer({ ...environment, memory });
  return {
    state: server,
    start: () => server.start(),
    handleKick: () => server.handleKick(),
    handleTick: () => server.handleTick(),
    handleDeletion: () => server.handleDeletion(),
    markGateDead: (port) => server.markGateDead(port),
    create: (type, args) => server.create(type, args),
    setStatus: (port, value) => server.setStatus(port, value),
    configQueue: (port, index) => server.configQueue(port, index),
    registerDataspace: (port, request) => server.registerDataspace(port, request),
    bindInterrupt: (port, index, hasInterrupt) => server.bindInterrupt(port, index, hasInterrupt),
  };
}

/** The resumable twin, driven without interruption. */
export function buildResumableServer(environment: BareEnvironment): DirectServer {
  const gate: Gate = { countdown: NEVER, interleave: () => undefined, cutOf: () => 0 };
  const memory = new ResumableMemory(new CoarseMemory(environment.contextId, environment.space, NO_OBSERVER), gate);
  const server = new ResumableServer({ ...environment, memory });
  return {
    state: server,
    start: () => drive(server.start(), gate),
    handleKick: () => drive(server.handleKick(), gate),
    handleTick: () => drive(server.handleTick(), gate),
    handleDeletion: () => drive(server.handleDeletion(), gate),
    markGateDead: (port) => server.markGateDead(port),
    create: (type, args) => drive(server.create(type, args), gate),
    setStatus: (port, value) => drive(server.setStatus(port, value), gate),
    configQueue: (port, index) => drive(server.configQueue(port, index), gate),
    registerDataspace: (port, request) => server.registerDataspace(port, request),
    bindInterrupt: (port, index, hasInterrupt) => server.bindInterrupt(port, index, hasInterrupt),
  };
}

/** Runs a generator of a resumable twin to its end with nobody in between. */
export function drive<T>(work: Generator<unknown, T, void>, gate: Gate): T {
  for (;;) {
    gate.countdown = NEVER;
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
