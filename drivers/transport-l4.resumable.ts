// The L4virtio control plane of the driver contract: each operation is one synchronous IPC to the device gate.
//
// Follows l4virtio-transport sheet §4 and §14. Which operations exist in a revision is the server's business:
// the driver gets its answer. The config page is attached watched, so register accesses are events in all modes.
import { type AddressSpace, RIGHT_READ, RIGHT_WRITE, WATCHED } from '../sim/address-space.js';
import type { Dataspace } from '../sim/arena.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Kernel } from '../sim/kernel.js';
import { blockUntil } from '../sim/waiting.resumable.js';
import type { StoreOrder } from '../sim/store-order.js';
import { ENOSYS } from '../model/l4/errors.js';
import { createIpcRequest, type DeviceGate, type IpcOperation, type IpcRequest } from '../model/l4/ipc.js';
import type { TransportRevision } from '../model/transport/layout.js';
import { BREACH } from './contract-breach.js';
import type { L4VirtioTransport } from './contract.js';
import type { ModuleStyle } from './style.resumable.js';
import type { Turn } from './turn.js';

const WORD_SPAN = 4294967296;

/** What a transport needs of its machine. */
export interface TransportWorld {
  readonly agentId: number;
  readonly port: number;
  readonly kernel: Kernel;
  readonly space: AddressSpace;
  readonly gate: DeviceGate;
  readonly order: StoreOrder | null;
  readonly dataspaces: readonly Dataspace[];
  /** The dataspaces of this guest do not answer when they are asked for their size. */
  readonly hidesSizes: boolean;
  /** Told before a call blocks, so that the pause is known to be ours. */
  expectPause(): void;
}

/** Implements `guest.transport` for one run. */
export class L4TransportFace implements L4VirtioTransport<ModuleStyle> {
  readonly revision: TransportRevision;
  private readonly world: TransportWorld;
  private readonly turn: Turn;
  private readonly idleRequests: IpcRequest[] = [];
  private pageAddress = 0;
  private pageId = 0;

  constructor(revision: TransportRevision, world: TransportWorld, turn: Turn) {
    this.revision = revision;
    this.world = world;
    this.turn = turn;
  }

  *deviceConfig(): Resume<number> {
    this.turn.check('transport.deviceConfig');
    return yield* this.callForPage('deviceConfig');
  }

  *registerInterface(): Resume<number> {
    this.turn.check('transport.registerInterface');
    return yield* this.callForPage('registerInterface');
  }

  *setStatus(status: number): Resume<number> {
    this.turn.check('transport.setStatus');
    return yield* this.callWith('setStatus', status);
  }

  *configQueue(index: number): Resume<number> {
    this.turn.check('transport.configQueue');
    return yield* this.callWith('configQueue', index);
  }

  *notificationIrq(index: number): Resume<number> {
    this.turn.check('transport.notificationIrq');
    return yield* this.callWith('notificationIrq', index);
  }

  *bindInterrupt(index: number): Resume<number> {
    this.turn.check('transport.bindInterrupt');
    return yield* this.callWith('bindInterrupt', index);
  }

  *registerDataspace(region: number, deviceAddress: number, offsetBytes: number, sizeBytes: number, rights = 3): Resume<number> {
    this.turn.check('transport.registerDataspace');
    const dataspace = this.world.dataspaces[region];
    if (dataspace === undefined) {
      const regionCount = this.world.dataspaces.length;
      this.turn.breach(
        BREACH.wrongArgument,
        `transport.registerDataspace: there is no region ${String(region)} (the guest has ${regionCount})`,
      );
    }
    for (const value of [deviceAddress, offsetBytes, sizeBytes]) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      const rule = 'an address, offset or size must be an integer from 0 to 2^53 - 1';
      this.turn.breach(BREACH.wrongArgument, `transport.registerDataspace: ${rule}, got ${String(value)}`);
    }
    const request = this.takeRequest('registerDataspace', 0);
    request.dataspace = dataspace;
    request.rights = rights & 3;
    request.queryResult = this.world.hidesSizes ? -ENOSYS : 0;
    request.baseLow = deviceAddress % WORD_SPAN;
    request.baseHigh = Math.floor(deviceAddress / WORD_SPAN);
    request.offsetLow = offsetBytes % WORD_SPAN;
    request.offsetHigh = Math.floor(offsetBytes / WORD_SPAN);
    request.sizeLow = sizeBytes % WORD_SPAN;
    request.sizeHigh = Math.floor(sizeBytes / WORD_SPAN);
    yield* this.call(request);
    this.idleRequests.push(request);
    return request.result;
  }

  /** A call whose reply is the config page: where it is mapped, or the error. */
  private *callForPage(operation: IpcOperation): Resume<number> {
    const request = this.takeRequest(operation, 0);
    yield* this.call(request);
    this.idleRequests.push(request);
    const { page, result } = request;
    if (result < 0 || page === null) return result;
    if (page.id !== this.pageId) {
      this.pageAddress = this.world.space.attach(page, 0, page.sizeBytes, RIGHT_READ | RIGHT_WRITE | WATCHED);
      this.pageId = page.id;
    }
    return this.pageAddress;
  }

  private *callWith(operation: IpcOperation, argument: number): Resume<number> {
    const request = this.takeRequest(operation, argument >>> 0);
    yield* this.call(request);
    this.idleRequests.push(request);
    return request.result;
  }

  private *call(request: IpcRequest): Resume<void> {
    const { kernel, agentId, gate, order, port } = this.world;
    // A synchronous IPC passes through the kernel, which orders it on every machine.
    order?.drain(agentId);
    gate.call(port, request);
    this.world.expectPause();
    yield* blockUntil(kernel, agentId, () => request.isDone);
  }

  /** A clean request; more than one is under way only when an interrupt handler calls inside a window. */
  private takeRequest(operation: IpcOperation, argument: number): IpcRequest {
    const request = this.idleRequests.pop() ?? createIpcRequest();
    request.operation = operation;
    request.argument = argument;
    request.callerId = this.world.agentId;
    request.dataspace = null;
    request.isDone = false;
    request.result = 0;
    request.page = null;
    return request;
  }
}
