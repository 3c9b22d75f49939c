// The link as the event stream tells it: decoded once per event, before the rules see the event.
//
// Rules read it and stay small. Besides the recorded kinds it announces three derived ones: a chain is
// complete, a chain was returned, the run is over. Only events count; nothing looks into live memory.
import { kindOf } from '../../sim/trace.js';
import * as events from '../events.js';
import { ChainSnapshot } from './chain-snapshot.js';
import { ExposedBuffers } from './exposed-buffers.js';
import { PortState } from './port-state.js';
import { PostedMemory } from './posted-memory.js';
import { DECODERS } from './link-decoders.js';
import { NONE, QueueState, QUEUES_PER_PORT } from './queue-state.js';
import type { RunConfiguration } from './rule.js';
import { INTERRUPT_VRING, layoutOf, type TransportLayout } from '../transport/layout.js';
import { SUPPRESS } from './ring-constants.js';

/** The last published chain is complete: see `chain`. */
export const DERIVED_CHAIN = 240;
/** A used element became visible: see `returned`. Once per element of a USED_PUBLISHED, before its own handlers. */
export const DERIVED_RETURNED = 241;
/** All events are in; liveness rules judge now if `isQuiescent`. */
export const DERIVED_FINISH = 242;

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

/** Decoded state of all ports and queues of a link. */
export class LinkState {
  readonly ports: PortState[] = [];
  /** Queue q of port p at p * QUEUES_PER_PORT + q. */
  readonly queues: QueueState[] = [];
  readonly chain = new ChainSnapshot();
  /** Where the chains lay that were posted lately. */
  readonly posted = new PostedMemory();
  /** Bytes the device has; followed in modes with level-2 events only. */
  readonly exposed = new ExposedBuffers();
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
  /** The last STATUS_WRITE, DEVICE_STATUS or command word: the port's state before it, for rules about steps. */
  previousStatus = 0;
  previousRequested = 0;
  previousCommandPending = false;
  /** The last DEVICE_LOOKED: avail.idx at the look before, NONE without one. */
  previousLooked = NONE;
  /** A deviation of the faithful server showed in this run. */
  hasMetQuirk = false;
  /** Where things stand in the config page. */
  layout: TransportLayout = layoutOf('current');
  /** True when the driver's feature words outlive a reset and a client (T5, Q21 of the original server). */
  keepsFeatures = false;
  /** A kick waits behind the earlier stores of its context (total store order). */
  hasOrderedKicks = false;
  /** Agents run to completion: drivers do not see what happens inside a kick handler. */
  private isCoarse = true;
  private isHandlingKick = false;
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
  reset(configuration: RunConfiguration): void {
    const { portCount } = configuration;
    this.layout = layoutOf(configuration.revision);
    this.isCoarse = configuration.mode === 'coarse';
    if (!this.isCoarse) this.exposed.reset();
    this.posted.reset();
    this.isHandlingKick = false;
    this.hasOrderedKicks = configuration.memory === 'tso';
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
    this.hasMetQuirk = false;
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

  /** The server begins or ends a kick handler. In coarse mode drivers see only the flags it leaves behind. */
  handlesKick(isHandling: boolean): void {
    this.isHandlingKick = isHandling;
    if (isHandling || !this.isCoarse) return;
    for (let index = 0; index < this.portCount * QUEUES_PER_PORT; index++) this.noteFlags(this.queues[index]!);
  }

  /** Notes that drivers may see the queue suppressed. */
  noteFlags(queue: QueueState): void {
    if ((queue.usedFlags & SUPPRESS) !== 0 && !(this.isCoarse && this.isHandlingKick)) queue.wasSuppressed = true;
  }

  /** The queue is off: what the device had of it is the driver's again. */
  removeQueue(queue: QueueState): void {
    queue.remove();
    if (!this.isCoarse) this.exposed.concealAll(indexOf(queue));
  }

  /** Announces a complete chain after taking it over. */
  chainIsComplete(words: Uint32Array, at: number): void {
    const queue = this.queueOf(this.chain.port | (this.chain.queue << 8));
    if (queue.isInstalled) {
      queue.publish(this.chain);
      if (!this.isCoarse && !this.chain.wasInFlight) this.exposed.expose(this.portOf(queue.port), indexOf(queue), this.chain);
    }
    this.posted.add(this.chain);
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
      if (returned.isFresh) {
        queue.giveBack(id);
        this.posted.returned(queue.port, queue.queue, id);
        if (!this.isCoarse) this.exposed.conceal(indexOf(queue), id);
      }
      queue.usedIsFresh[slot] = 0;
    }
  }
}

/** Number of a queue in LinkState.queues. */
export function indexOf(queue: QueueState): number {
  return queue.port * QUEUES_PER_PORT + queue.queue;
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
