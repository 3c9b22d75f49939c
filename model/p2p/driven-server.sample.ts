// The resumable twin of the server for tests written against the plain one: every handler is driven to its end.
import type { CoarseMemory } from '../../sim/coarse-memory.js';
import { type Gate, NEVER } from '../../sim/gate.js';
import { ResumableMemory } from '../../sim/resumable-memory.js';
import type { PointToPointServer } from './server.plain.js';
import { PointToPointServer as ResumableServer } from './server.resumable.js';
import { drive } from './vector-server.js';

/** The server as tests see it, whichever twin it is. */
export type SampleServer = Pick<
  PointToPointServer,
  | ('ports' | 'pipes' | 'context' | 'ended' | 'fault' | 'start' | 'handleKick' | 'handleTick' | 'handleDeletion' | 'markGateDead' | 'create')
  | ('setStatus' | 'configQueue' | 'registerDataspace' | 'registerInterface' | 'deviceConfig' | 'notificationIrq' | 'bindInterrupt')
>;

/** The resumable twin behind the surface of the plain one. */
export function driveServer(environment: Omit<ConstructorParameters<typeof ResumableServer>[0], 'memory'>, view: CoarseMemory): SampleServer {
  const gate: Gate = { countdown: NEVER, interleave: () => undefined, cutOf: () => 0 };
  const inner = new ResumableServer({ ...environment, memory: new ResumableMemory(view, gate) });
  const seen = inner as unknown as PointToPointServer; // same fields; only the methods driven below differ
  return {
    ports: seen.ports,
    pipes: seen.pipes,
    context: seen.context,
    get ended() {
      return inner.ended;
    },
    get fault() {
      return inner.fault;
    },
    start: () => drive(inner.start(), gate),
    handleKick: () => drive(inner.handleKick(), gate),
    handleTick: () => drive(inner.handleTick(), gate),
    handleDeletion: () => drive(inner.handleDeletion(), gate),
    markGateDead: (port) => inner.markGateDead(port),
    create: (type, args, hasServerRight) => drive(inner.create(type, args, hasServerRight), gate),
    setStatus: (port, value) => drive(inner.setStatus(port, value), gate),
    configQueue: (port, index) => drive(inner.configQueue(port, index), gate),
    registerDataspace: (port, request) => inner.registerDataspace(port, request),
    registerInterface: (port, hasInterrupt) => inner.registerInterface(port, hasInterrupt),
    deviceConfig: (port) => inner.deviceConfig(port),
    notificationIrq: (port, index) => inner.notificationIrq(port, index),
    bindInterrupt: (port, index, hasInterrupt) => inner.bindInterrupt(port, index, hasInterrupt),
  };
}
