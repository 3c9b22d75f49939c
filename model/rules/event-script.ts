// Event streams written by hand: a small language for tests of rules.
//
// Each method records what a world would record for one act of a driver or of the device. bringUp() is a correct
// initialization; everything else happens only when it is called, so a test shows the whole story.
import { EVENT_BUFFERED, EVENT_FAULT, EVENT_LOAD, EVENT_STORE, Trace } from '../../sim/trace.js';
import { CHOICE_KINDS, type ChoiceKind } from '../../sim/choice.js';
import * as events from '../events.js';
import { CONFIG_OFFSET, layoutOf, netQueueEntry, QUEUE_ENTRY, type TransportLayout } from '../transport/layout.js';
import { FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE } from '../virtqueue/layout.js';
import type { ClauseOutcome, RuleDefinition, RunConfiguration, Violation } from './rule.js';
import { RuleEngine } from './rule-engine.js';

/** Queue numbers. */
export const RX = 0;
export const TX = 1;
/** Device address at which the script registers memory, and its size. */
export const RAM_ADDRESS = 0x10000;
export const RAM_BYTES = 0x10000;
/** What the script's device offers: CSUM, GUEST_CSUM, MRG_RXBUF, INDIRECT_DESC; VERSION_1. */
export const OFFER = 0x10008003;
export const MRG_RXBUF = 1 << 15;

/** An ordinary two-port run in coarse mode with a judged driver on port 0. */
export const PLAIN_RUN: RunConfiguration = {
  mode: 'coarse',
  memory: 'sc',
  portCount: 2,
  subjects: [true, false],
  hooked: [true, true],
  profile: 'fixed',
  revision: 'current',
  pollingIntervalNs: 0,
  dropFaults: false,
};

/** One element of a scripted chain. */
export interface ScriptElement {
  readonly lengthBytes: number;
  readonly flags?: number;
  readonly address?: number;
  /** Index in its table; default: the head plus the element's number, or from 0 on in an indirect table. */
  readonly index?: number;
  readonly next?: number;
}

/** An element the device reads. */
export function readable(lengthBytes: number, change: Partial<ScriptElement> = {}): ScriptElement {
  return { lengthBytes, flags: 0, ...change };
}

/** An element the device writes. */
export function writable(lengthBytes: number, change: Partial<ScriptElement> = {}): ScriptElement {
  return { lengthBytes, flags: FLAG_WRITE, ...change };
}

/** A descriptor that refers to an indirect table; what follows it lies there. */
export function indirect(lengthBytes: number, change: Partial<ScriptElement> = {}): ScriptElement {
  return { lengthBytes, flags: FLAG_INDIRECT, ...change };
}

/** How a scripted driver initializes. */
export interface BringUp {
  readonly size?: number;
  /** Accepted feature word 0. */
  readonly features?: number;
  readonly offer?: number;
  readonly rights?: number;
}

interface Ring {
  availIndex: number;
  takeIndex: number;
  usedIndex: number;
}

/** Records a story and judges it. */
export class EventScript {
  /** The rules at work. */
  readonly engine: RuleEngine;
  private readonly trace = new Trace(false);
  private readonly configuration: RunConfiguration;
  private readonly layout: TransportLayout;
  private readonly rings = new Map<number, Ring>();

  constructor(rules: readonly RuleDefinition[], change: Partial<RunConfiguration> = {}) {
    this.configuration = { ...PLAIN_RUN, ...change };
    this.layout = layoutOf(this.configuration.revision);
    this.engine = new RuleEngine(rules);
    this.restart();
  }

  /** Begins another run with the same rules. */
  restart(): void {
    this.rings.clear();
    this.engine.reset(this.configuration);
    this.trace.reset(false, this.engine.listener);
  }

  /** Records any event. */
  record(kind: number, agent: number, ...values: readonly number[]): this {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values;
    this.trace.timeNs += 10;
    this.trace.record(kind, agent, a, b, c, d, e, f);
    return this;
  }

  // --- control plane ---------------------------------------------------------------------------------------

  /** A client is connected and has its config page and its interrupt. */
  connect(port: number, offer = OFFER, offer1 = 1, offerLast = 0): this {
    this.record(events.CONNECTED, 0, port, 4, offer, offer1, offerLast, 256);
    return this.record(events.CONTROL_CALL, 0, port, 4, 0, 0).record(events.CONTROL_CALL, 0, port, 256, 0, 0);
  }

  /** The driver registers memory. */
  register(port: number, address = RAM_ADDRESS, sizeBytes = RAM_BYTES, rights = 3, result = 0): this {
    return this.record(events.MEMORY_REGISTERED, 0, port, result, address, 0, sizeBytes, rights);
  }

  /** The driver asks for a status and the device shows one. */
  status(port: number, requested: number, shown = requested): this {
    this.record(events.STATUS_WRITE, 0, port, requested, 0);
    if (requested === 0) this.deviceReset(port, events.CAUSE_DRIVER);
    return this.record(events.DEVICE_STATUS, 0, port, shown, events.CAUSE_DRIVER);
  }

  /** The device turned its queues off. */
  deviceReset(port: number, cause: number): this {
    this.rings.delete(port);
    this.rings.delete(port | 0x100);
    return this.record(events.DEVICE_RESET, 0, port, cause);
  }

  /** The driver reads a word of the config page. */
  read(port: number, offset: number, value = 0): this {
    return this.record(events.REGISTER_READ, 1 + port, port, offset, 4, value);
  }

  /** The driver writes to the config page. */
  write(port: number, offset: number, value: number, sizeBytes = 4): this {
    return this.record(events.REGISTER_WRITE, 1 + port, port, offset, sizeBytes, value);
  }

  /** The driver reads the offer and writes the features it accepts. */
  accept(port: number, word0: number, word1 = 1): this {
    this.read(port, this.layout.deviceFeaturesMap, OFFER);
    return this.write(port, this.layout.driverFeaturesMap, word0).write(port, this.layout.driverFeaturesMap + 4, word1);
  }

  /** FEATURES_OK: request, check, answer. */
  featuresOk(port: number, word0: number, isAccepted = true, word1 = 1, offer = OFFER): this {
    this.record(events.STATUS_WRITE, 0, port, 0x0b, 0);
    this.record(events.FEATURES_CHECKED, 0, port, isAccepted ? 1 : 0, word0, word1, offer, 1);
    return this.record(events.DEVICE_STATUS, 0, port, isAccepted ? 0x0b : 0x03, events.CAUSE_DRIVER);
  }

  /** The driver reads the status back. */
  readStatus(port: number): this {
    return this.read(port, CONFIG_OFFSET.status);
  }

  /** The driver fills a queue entry and the device takes the queue (or refuses it). */
  configure(port: number, queue: number, size: number, base = RAM_ADDRESS + 0x1000 * queue, result = 0): this {
    const entry = netQueueEntry(queue);
    const addresses = [base, base + 16 * size, base + 16 * size + ((2 * size + 9) & ~3)];
    this.write(port, entry + QUEUE_ENTRY.size, size, 2);
    [QUEUE_ENTRY.descriptors, QUEUE_ENTRY.avail, QUEUE_ENTRY.used].forEach((field, part) => {
      this.write(port, entry + field, addresses[part]!).write(port, entry + field + 4, 0);
    });
    this.write(port, entry + QUEUE_ENTRY.ready, 1, 2);
    this.record(events.QUEUE_CONFIGURED, 0, port | (queue << 8), result, size, 1, 0, result === 0 ? 1 : 0);
    return result === 0 ? this.install(port, queue, addresses) : this;
  }

  /** Parts and found contents of an installed queue. */
  install(port: number, queue: number, addresses: readonly number[], availIndex = 0, usedIndex = 0, availFlags = 0, usedFlags = 0): this {
    const at = port | (queue << 8);
    addresses.forEach((address, part) => this.record(events.QUEUE_PART, 0, at, part, address, 0, 1 + port, address));
    this.rings.set(at, { availIndex: 0, takeIndex: 0, usedIndex });
    return this.record(events.RINGS_FOUND, 0, at, availIndex | (usedIndex << 16), availFlags | (usedFlags << 16));
  }

  /** A correct initialization up to DRIVER_OK. */
  bringUp(port: number, plan: BringUp = {}): this {
    const { size = 4, features = OFFER, offer = OFFER, rights = 3 } = plan;
    return this.connect(port, offer).register(port, RAM_ADDRESS, RAM_BYTES, rights).reinitialize(port, size, features, offer);
  }

  /** Reset and everything after it. */
  reinitialize(port: number, size = 4, features = OFFER, offer = OFFER): this {
    this.status(port, 0).status(port, 1).status(port, 3);
    this.accept(port, features).featuresOk(port, features, true, 1, offer).readStatus(port);
    return this.configure(port, RX, size).configure(port, TX, size).status(port, 0x0f);
  }

  // --- driver side of the rings ----------------------------------------------------------------------------

  /** The driver makes a chain available. */
  publish(port: number, queue: number, head: number, elements: readonly ScriptElement[], problem = 0): this {
    const at = port | (queue << 8);
    const ring = this.ringOf(at);
    const position = ring.availIndex;
    ring.availIndex = (position + 1) & 0xffff;
    const bytes = (isWritable: boolean): number =>
      elements.reduce((sum, one) => ((one.flags! & FLAG_INDIRECT) === 0 && ((one.flags! & FLAG_WRITE) !== 0) === isWritable ? sum + one.lengthBytes : sum), 0);
    this.record(events.PUBLISHED, 1 + port, at, position | (elements.length << 16), head, problem, bytes(false) >>> 0, bytes(true) >>> 0);
    let tableStart = head;
    elements.forEach((element, number) => {
      const index = element.index ?? tableStart + number;
      const isIndirect = (element.flags! & FLAG_INDIRECT) !== 0;
      const isLast = number === elements.length - 1 || isIndirect;
      const flags = element.flags! | (isLast ? 0 : FLAG_NEXT);
      const address = element.address ?? RAM_ADDRESS + 0x4000;
      this.record(events.CHAIN_ELEMENT, 1 + port, at, number | (index << 16), address, 0, element.lengthBytes, flags | ((element.next ?? index + 1) << 16));
      if (isIndirect) tableStart = -number - 1;
    });
    return this;
  }

  /** The driver notifies; the record tells how far both rings were published (default: everything). */
  kick(port: number, receiveIndex = this.ringOf(port).availIndex, transmitIndex = this.ringOf(port | 0x100).availIndex): this {
    return this.record(events.KICKED, 1 + port, port, receiveIndex | (transmitIndex << 16));
  }

  // --- device side -----------------------------------------------------------------------------------------

  /** The device looks at avail.idx. */
  look(port: number, queue: number, index = this.ringOf(port | (queue << 8)).availIndex): this {
    return this.record(events.DEVICE_LOOKED, 0, port | (queue << 8), index, this.ringOf(port | (queue << 8)).takeIndex);
  }

  /** The device takes a chain. */
  take(port: number, queue: number, head: number): this {
    const ring = this.ringOf(port | (queue << 8));
    const position = ring.takeIndex;
    ring.takeIndex = (position + 1) & 0xffff;
    return this.record(events.TAKEN, 0, port | (queue << 8), position, head);
  }

  /** The device writes a used element `ahead` slots beyond used.idx. */
  writeUsed(port: number, queue: number, id: number, lengthBytes: number, ahead = 0): this {
    return this.record(events.USED_WRITTEN, 0, port | (queue << 8), (this.ringOf(port | (queue << 8)).usedIndex + ahead) & 0xffff, id, lengthBytes);
  }

  /** The device moves used.idx. */
  publishUsed(port: number, queue: number, count = 1): this {
    const ring = this.ringOf(port | (queue << 8));
    const before = ring.usedIndex;
    ring.usedIndex = (before + count) & 0xffff;
    return this.record(events.USED_PUBLISHED, 0, port | (queue << 8), before, ring.usedIndex);
  }

  /** The device returns one chain and looks at avail.flags. */
  give(port: number, queue: number, id: number, lengthBytes = 0, availFlags = 0): this {
    return this.writeUsed(port, queue, id, lengthBytes)
      .publishUsed(port, queue)
      .record(events.AVAIL_FLAGS_SEEN, 0, port | (queue << 8), availFlags);
  }

  /** The device takes and returns a chain. */
  use(port: number, queue: number, head: number, lengthBytes = 0, availFlags = 0): this {
    return this.take(port, queue, head).give(port, queue, head, lengthBytes, availFlags);
  }

  /** The device tells how it placed a frame. */
  place(port: number, count: number, totalBytes: number, flags = 0, gsoType = 0, checksum = 0): this {
    return this.record(events.FRAME_PLACED, 0, port, count, flags, gsoType, totalBytes, checksum);
  }

  /** The device interrupts. */
  interrupt(port: number, bits = 1): this {
    return this.record(events.INTERRUPT_RAISED, 0, port, bits);
  }

  // --- stack, accesses, end --------------------------------------------------------------------------------

  /** The stack offers a frame and the driver answers. */
  send(port: number, number: number, lengthBytes: number, isAccepted = true): this {
    this.record(events.FRAME_OFFERED, 1 + port, port, port, number, lengthBytes, 0);
    return this.record(events.FRAME_ANSWERED, 1 + port, port, port, number, isAccepted ? 1 : 0);
  }

  /** The driver of `port` hands up a frame of the other port. */
  deliver(port: number, number: number, lengthBytes: number, verdict = events.DELIVERY_GOOD): this {
    return this.record(events.FRAME_DELIVERED, 1 + port, port, 1 - port, number, lengthBytes, verdict);
  }

  /** An access of level 2; agent 0 is the server. */
  access(
    kind: 'load' | 'store' | 'buffered',
    agent: number,
    port: number,
    queue: number,
    part: number,
    index: number,
    value: number,
    last = 0,
    sizeBytes = 2,
  ): this {
    const code = kind === 'load' ? EVENT_LOAD : kind === 'store' ? EVENT_STORE : EVENT_BUFFERED;
    const where = (1 + port) | ((part | (queue << 4) | (port << 5)) << 8) | (index << 16);
    return this.record(code, agent, where, 0, sizeBytes, value, 0, last);
  }

  /** A fault took effect. */
  fault(agent: number, kind: ChoiceKind): this {
    return this.record(EVENT_FAULT, agent, CHOICE_KINDS.indexOf(kind), 1);
  }

  /** Raw state of a queue at the end; by default as the script left it. */
  queueAtEnd(
    port: number,
    queue: number,
    change: Partial<{
      availIndex: number;
      usedIndex: number;
      cursor: number;
      usedFlags: number;
      availFlags: number;
      holdsChain: number;
      kicksPending: number;
    }> = {},
  ): this {
    const ring = this.ringOf(port | (queue << 8));
    const { availIndex = ring.availIndex, usedIndex = ring.usedIndex, cursor = ring.takeIndex } = change;
    const { usedFlags = 0, availFlags = 0, holdsChain = 0, kicksPending = 0 } = change;
    return this.record(
      events.QUEUE_AT_END,
      0,
      port | (queue << 8),
      availIndex | (usedIndex << 16),
      cursor | (usedFlags << 16),
      availFlags,
      holdsChain,
      kicksPending,
    );
  }

  /** The run ends; queues that were not told are told as the script left them. */
  end(reason = events.END_QUIESCENT): this {
    this.record(events.ENDED, 0, reason);
    this.engine.finish();
    return this;
  }

  /** The run ends at rest, with all queues told. */
  rest(): this {
    for (const at of this.rings.keys()) this.queueAtEnd(at & 0xff, at >>> 8);
    return this.end();
  }

  // --- answers ---------------------------------------------------------------------------------------------

  /** Outcome of a clause at a port. Throws an Error when no rule of the script decides it. */
  outcome(clauseId: string, port = 0): ClauseOutcome {
    const outcome = this.engine.outcomes().find((one) => one.clauseId === clauseId && one.port === port);
    if (outcome === undefined) throw new Error(`EventScript.outcome: no rule of this script decides ${clauseId} at port ${port}`);
    return outcome;
  }

  /** All violations. */
  violations(): Violation[] {
    return this.engine.violations();
  }

  /** The violated clauses as "clause@port party", sorted. */
  verdict(): string[] {
    return this.violations()
      .flatMap((one) => one.clauseIds.map((id) => `${id}@${one.port} ${one.party}`))
      .sort();
  }

  private ringOf(at: number): Ring {
    let ring = this.rings.get(at);
    if (ring === undefined) {
      ring = { availIndex: 0, takeIndex: 0, usedIndex: 0 };
      this.rings.set(at, ring);
    }
    return ring;
  }
}
