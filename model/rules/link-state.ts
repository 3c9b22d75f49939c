// The link as the event stream tells it: decoded once per event, before the rules see the event.
//
// Rules read it and stay small. Besides the recorded kinds it announces three derived ones: a chain is
// complete, a chain was returned, the run is over. Only events count; nothing looks into live memory.
import { kindOf, agentOf, EVENT_FAULT } from '../../sim/trace.js';
import { CHOICE_KINDS } from '../../sim/choice.js';
import * as events from '../events.js';
import { ChainSnapshot } from './chain-snapshot.js';
import { PortState } from './port-state.js';
import { NONE, QueueState } from './queue-state.js';
import { CONFIG_OFFSET, CONTROLLER_BIND, INTERRUPT_VRING, layoutOf, OPERATION_REGISTER_INTERFACE, STATUS_DRIVER_OK, type TransportLayout } from '../transport/layout.js';
import { SUPPRESS } from './ring-constants.js';

/** The last published chain is complete: see `chain`. */
export const DERIVED_CHAIN = 240;
/** A used element became visible: see `returned`. Once per element of a USED_PUBLISHED, before its own handlers. */
export const DERIVED_RETURNED = 241;
/** All events are in; liveness rules judge now if `isQuiescent`. */
export const DERIVED_FINISH = 242;

/** Queues followed per port. */
export const QUEUES_PER_PORT = 4;

/** Number of the bind operation in CONTROL_CALL. */
const BIND = 256 + CONTROLLER_BIND;

const LOST_NOTIFICATION = CHOICE_KINDS.indexOf('lostNotification');
const SPURIOUS_INTERRUPT = CHOICE_KINDS.indexOf('spuriousInterrupt');
const ALLOCATION_FAILURE = CHOICE_KINDS.indexOf('allocationFailure');

/** A used element that just became visible. */
export interface ReturnedElement {
  queue: QueueState;
  /** Position in the used ring, 16 bit. */
  position: number;
  id: number;
  lengthBytes: number;
  /** The slot was written since it was published last. */
  isFresh: boolean;
  /** The head was with the device (published, at least). */
  wasInFlight: boolean;
  /** The device had taken it. */
  wasTaken: boolean;
  /** Number of the element in this step, and elements of the step. */
  ordinal: number;
  stepCount: number;
}

/** Who is told of derived kinds. */
export interface DerivedSink {
  derived(kind: number, words: Uint32Array, at: number): void;
}

type Decoder = (state: LinkState, words: Uint32Array, at: number) => void;

/** Decoded state of all ports and queues of a link. */
export class LinkState {
  readonly ports: PortState[] = [];
  /** Queue q of port p at p * QUEUES_PER_PORT + q. */
  readonly queues: QueueState[] = [];
  readonly chain = new ChainSnapshot();
  readonly returned: ReturnedElement;
  /** Ports in this run. */
  portCount = 0;
  /** Number of the current event, from 0. */
  eventIndex = -1;
  /** True from HEALED on. */
  isHealed = false;
  /** END_… reason, NONE before the end. */
  endReason = NONE;
  /** SERVER_CRASHED or SERVER_HUNG, 0 while the server lives. */
  serverEnded = 0;
  /** The last TAKEN: true when the chain was published and not yet taken. */
  takenWasPublished = false;
  /** The last USED_PUBLISHED: used.idx the device should have found. */
  expectedUsedIndex = 0;
  /** The last QUEUE_CONFIGURED, REGISTER_WRITE or STATUS_WRITE: the port's state before it, for rules about steps. */
  previousStatus = 0;
  previousRequested = 0;
  previousReady = false;
  /** Where things stand in the config page. */
  layout: TransportLayout = layoutOf('current');
  /** True when the driver's feature words outlive a reset and a client (T5, Q21 of the original server). */
  keepsFeatures = false;
  /** Size of the QUEUE_CONFIGURED whose parts follow. */
  installingSize = 0;
  private readonly sink: DerivedSink;
  private readonly nowhere: QueueState;

  constructor(sink: DerivedSink) {
    this.sink = sink;
    this.nowhere = new QueueState(255, 255);
    this.returned = {
      queue: this.nowhere,
      position: 0,
      id: 0,
      lengthBytes: 0,
      isFresh: false,
      wasInFlight: false,
      wasTaken: false,
      ordinal: 0,
      stepCount: 0,
    };
  }

  /** Starts a run. */
  reset(configuration: { readonly portCount: number; readonly profile: 'fixed' | 'faithful'; readonly revision: 'seed' | 'current' }): void {
    const { portCount } = configuration;
    this.layout = layoutOf(configuration.revision);
    this.keepsFeatures = configuration.profile === 'faithful';
    while (this.ports.length < portCount) {
      const port = this.ports.length;
      this.ports.push(new PortState(port));
      for (let queue = 0; queue < QUEUES_PER_PORT; queue++) this.queues.push(new QueueState(port, queue));
    }
    this.portCount = portCount;
    for (let port = 0; port < portCount; port++) this.ports[port]!.reset();
    for (let index = 0; index < portCount * QUEUES_PER_PORT; index++) this.queues[index]!.reset();
    this.eventIndex = -1;
    this.isHealed = false;
    this.endReason = NONE;
    this.serverEnded = 0;
  }

  /** True when the run ended at rest, so that liveness can be judged. */
  get isQuiescent(): boolean {
    return this.endReason === events.END_QUIESCENT && this.serverEnded === 0;
  }

  /** The queue a "pq" argument names; a queue that is never installed for numbers out of range. */
  queueOf(portAndQueue: number): QueueState {
    const port = portAndQueue & 0xff;
    const queue = portAndQueue >>> 8;
    if (queue >= QUEUES_PER_PORT || port >= this.portCount) return this.nowhere;
    return this.queues[port * QUEUES_PER_PORT + queue]!;
  }

  /** The port of that number; port 0 for numbers out of range. */
  portOf(port: number): PortState {
    return this.ports[port < this.portCount ? port : 0]!;
  }

  /** The other end of a link of two ports, NONE on links with more. */
  peerOf(port: number): number {
    return this.portCount === 2 ? 1 - port : NONE;
  }

  /** Decodes a record. */
  update(words: Uint32Array, at: number): void {
    this.eventIndex++;
    const decoder = DECODERS[kindOf(words, at)];
    if (decoder !== undefined) decoder(this, words, at);
  }

  /** All events are in. */
  finish(words: Uint32Array): void {
    this.sink.derived(DERIVED_FINISH, words, 0);
  }

  /** Announces a complete chain after taking it over. */
  chainIsComplete(words: Uint32Array, at: number): void {
    const queue = this.queueOf(this.chain.port | (this.chain.queue << 8));
    if (queue.isInstalled) queue.publish(this.chain);
    this.sink.derived(DERIVED_CHAIN, words, at);
  }

  /** Walks the elements a USED_PUBLISHED made visible. */
  elementsReturned(queue: QueueState, oldIndex: number, newIndex: number, words: Uint32Array, at: number): void {
    const returned = this.returned;
    const step = Math.min((newIndex - oldIndex) & 0xffff, queue.size);
    returned.queue = queue;
    returned.stepCount = step;
    for (let ordinal = 0; ordinal < step; ordinal++) {
      const position = (oldIndex + ordinal) & 0xffff;
      const slot = position & (queue.size - 1);
      const id = queue.usedId[slot]!;
      returned.ordinal = ordinal;
      returned.position = position;
      returned.isFresh = queue.usedIsFresh[slot] !== 0;
      returned.id = id;
      returned.lengthBytes = queue.usedBytes[slot]!;
      returned.wasInFlight = id < queue.size && queue.headState[id] !== 0;
      returned.wasTaken = id < queue.size && queue.headState[id] === 2;
      this.sink.derived(DERIVED_RETURNED, words, at);
      if (returned.isFresh) queue.giveBack(id);
      queue.usedIsFresh[slot] = 0;
    }
  }
}

/** Decoders by kind: each brings one kind of record into the state. */
const DECODERS: (Decoder | undefined)[] = [];
DECODERS.length = 256;

DECODERS[EVENT_FAULT] = (state, words, at) => {
  const agent = agentOf(words, at);
  const fault = words[at + 2]!;
  for (let port = 0; port < state.portCount; port++) {
    // Agent 0 is the server, 1 + p the main context of port p; a further context may belong to any port.
    const isOf = agent > state.portCount || agent === port + 1;
    const portState = state.ports[port]!;
    if (fault === LOST_NOTIFICATION) {
      if (isOf) portState.lostKick = true;
      if (isOf || agent === 0) portState.lostInterrupt = true;
    } else if (fault === SPURIOUS_INTERRUPT && (isOf || agent === 0)) portState.spuriousInterrupts++;
    else if (fault === ALLOCATION_FAILURE && isOf) portState.allocationFailures++;
  }
};

DECODERS[events.CONNECTED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.disconnect();
  if (!state.keepsFeatures) port.accepted.fill(0);
  port.isConnected = true;
  port.regionLimit = words[at + 3]!;
  port.offered[0] = words[at + 4]!;
  port.offered[1] = words[at + 5]!;
  port.offered[5] = words[at + 6]!;
  port.queueSizeLimit = words[at + 7]!;
};

DECODERS[events.DEPARTED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.disconnect();
  removeQueues(state, port.port);
};

DECODERS[events.DEVICE_RESET] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.resetCount++;
  port.startOver();
  if (!state.keepsFeatures && words[at + 3] === events.CAUSE_DRIVER) port.accepted.fill(0);
  removeQueues(state, port.port);
};

function removeQueues(state: LinkState, port: number): void {
  for (let queue = 0; queue < QUEUES_PER_PORT; queue++) state.queues[port * QUEUES_PER_PORT + queue]!.remove();
}

DECODERS[events.REGISTER_READ] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const offset = words[at + 3]!;
  const size = words[at + 4]!;
  const offer = state.layout.deviceFeaturesMap;
  if (offset + size > offer && offset < offer + 4 * state.layout.featureWords) port.hasReadOffer = true;
  if (offset <= CONFIG_OFFSET.status && offset + size > CONFIG_OFFSET.status && port.verdict >= 0) port.hasReadVerdict = true;
};

DECODERS[events.REGISTER_WRITE] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const offset = words[at + 3]!;
  if (offset === CONFIG_OFFSET.command) port.isCommandPending = words[at + 5] !== 0;
  port.storeToPage(state.layout, offset, words[at + 4]!, words[at + 5]!);
};

DECODERS[events.COMMAND_TAKEN] = (state, words, at) => {
  state.portOf(words[at + 2]!).isCommandPending = false;
};

DECODERS[events.STATUS_WRITE] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  state.previousRequested = port.requested;
  state.previousStatus = port.status;
  port.requested = words[at + 3]!;
  port.requestCount++;
};

DECODERS[events.DEVICE_STATUS] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const status = words[at + 3]!;
  state.previousStatus = port.status;
  port.status = status;
  if ((status & STATUS_DRIVER_OK) === 0 || (state.previousStatus & STATUS_DRIVER_OK) !== 0) return;
  port.driverOkCount++;
  port.kickCount = 0;
  if (port.isNegotiated) return;
  port.isNegotiated = true;
  port.negotiated0 = port.accepted[0]!;
  port.negotiated1 = port.accepted[1]!;
};

DECODERS[events.FEATURES_CHECKED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const isAccepted = words[at + 3] !== 0;
  port.verdict = isAccepted ? 1 : 0;
  port.hasReadVerdict = false;
  port.isNegotiated = isAccepted;
  port.negotiated0 = isAccepted ? words[at + 4]! : 0;
  port.negotiated1 = isAccepted ? words[at + 5]! : 0;
};

DECODERS[events.QUEUE_CONFIGURED] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  // Installed is what QUEUE_PARTs follow; without them a running queue was merely confirmed or kept.
  state.installingSize = words[at + 4]!;
  if (words[at + 7] === 0) queue.remove();
};

DECODERS[events.QUEUE_PART] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  const part = words[at + 3]!;
  if (part > 2) return;
  if (part === 0) queue.install(state.installingSize);
  queue.partDataspace[part] = words[at + 6]!;
  queue.partOffset[part] = words[at + 7]!;
};

DECODERS[events.RINGS_FOUND] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.usedIndex = words[at + 3]! >>> 16;
};

DECODERS[events.MEMORY_REGISTERED] = (state, words, at) => {
  if (words[at + 3] !== 0) return;
  const sizeBytes = words[at + 6]!;
  const base = words[at + 5]! * 4294967296 + words[at + 4]!;
  // The record has the low word only; 0 can only be a multiple of 4 GiB.
  state.portOf(words[at + 2]!).addRegion(base, sizeBytes === 0 ? 4294967296 : sizeBytes, words[at + 7]! & 0xff);
};

DECODERS[events.PUBLISHED] = (state, words, at) => {
  state.chain.begin(words, at);
  if (state.chain.isComplete) state.chainIsComplete(words, at);
};

DECODERS[events.CHAIN_ELEMENT] = (state, words, at) => {
  const chain = state.chain;
  if (chain.isComplete) return;
  chain.add(words, at);
  if (chain.isComplete) state.chainIsComplete(words, at);
};

DECODERS[events.DEVICE_LOOKED] = (state, words, at) => {
  state.queueOf(words[at + 2]!).lookedIndex = words[at + 3]! & 0xffff;
};

DECODERS[events.TAKEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  state.takenWasPublished = queue.isInstalled && queue.take(words[at + 3]! & 0xffff, words[at + 4]!);
};

DECODERS[events.UNTAKEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (queue.isInstalled) queue.untake(words[at + 3]! & 0xffff, words[at + 4]!);
};

DECODERS[events.USED_WRITTEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (!queue.isInstalled) return;
  const slot = words[at + 3]! & (queue.size - 1);
  queue.usedId[slot] = words[at + 4]!;
  queue.usedBytes[slot] = words[at + 5]!;
  queue.usedIsFresh[slot] = 1;
};

DECODERS[events.USED_PUBLISHED] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (!queue.isInstalled) return;
  const oldIndex = words[at + 3]! & 0xffff;
  const newIndex = words[at + 4]! & 0xffff;
  state.expectedUsedIndex = queue.usedIndex;
  state.elementsReturned(queue, oldIndex, newIndex, words, at);
  queue.usedIndex = newIndex;
  if (queue.checkOwedAt < 0) queue.checkOwedAt = state.eventIndex;
};

DECODERS[events.USED_FLAGS] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.usedFlags = words[at + 3]!;
  if ((queue.usedFlags & SUPPRESS) !== 0) queue.wasSuppressed = true;
};

DECODERS[events.AVAIL_FLAGS_SEEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (queue.checkOwedAt < 0) return;
  queue.checkOwedAt = NONE;
  if ((words[at + 3]! & SUPPRESS) !== 0) queue.suppressedLooks++;
  else {
    queue.wantedLooks++;
    if (queue.interruptOwedAt < 0) queue.interruptOwedAt = state.eventIndex;
  }
};

DECODERS[events.KICKED] = (state, words, at) => {
  const port = words[at + 2]!;
  state.portOf(port).kickCount++;
  state.queueOf(port).kickedIndex = words[at + 3]! & 0xffff;
  state.queueOf(port | 0x100).kickedIndex = words[at + 3]! >>> 16;
};

DECODERS[events.CONTROL_CALL] = (state, words, at) => {
  const opcode = words[at + 3]!;
  if (words[at + 5] !== 0) return;
  if (opcode === BIND || (opcode === OPERATION_REGISTER_INTERFACE && state.layout.hasRegisterInterface)) state.portOf(words[at + 2]!).hasInterrupt = true;
};

DECODERS[events.SERVER_ENDED] = (state, words, at) => {
  state.serverEnded = words[at + 2]!;
};

DECODERS[events.DRIVER_ENDED] = (state, words, at) => {
  state.portOf(words[at + 2]!).endedReason = words[at + 3]!;
};

DECODERS[events.HEALED] = (state) => {
  state.isHealed = true;
};

DECODERS[events.ENDED] = (state, words, at) => {
  state.endReason = words[at + 2]!;
};

DECODERS[events.QUEUE_AT_END] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.hasEnd = true;
  queue.endAvailIndex = words[at + 3]! & 0xffff;
  queue.endUsedIndex = words[at + 3]! >>> 16;
  queue.endCursor = words[at + 4]! & 0xffff;
  queue.endUsedFlags = words[at + 4]! >>> 16;
  queue.endAvailFlags = words[at + 5]!;
  queue.endHoldsChain = words[at + 6] !== 0;
  queue.endKicksPending = words[at + 7]!;
};

/** True when the state shows that the driver may use the device's queues. */
export function isDriverOk(status: number): boolean {
  return (status & STATUS_DRIVER_OK) !== 0;
}

/** Clears what an interrupt with the VRING bit settles at all queues of a port. */
export function settleInterrupts(state: LinkState, port: number): void {
  for (let index = 0; index < QUEUES_PER_PORT; index++) {
    const queue = state.queueOf(port | (index << 8));
    queue.checkOwedAt = NONE;
    queue.interruptOwedAt = NONE;
    queue.suppressedLooks = 0;
    queue.wantedLooks = 0;
  }
}

/** True when the interrupt announces used buffers. */
export function isQueueInterrupt(bits: number): boolean {
  return (bits & INTERRUPT_VRING) !== 0;
}
