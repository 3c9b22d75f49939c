// The write barrier before an index moves: what the index covers must not become visible after it.
//
// virtio 2.7.13.3.1 (driver) and 2.7.8.2 (device). Decided where stores may overtake each other: each store that
// leaves a store buffer carries its number in program order, so a smaller number behind the index is a store that
// no barrier held in front of it.
import { agentOf, EVENT_BUFFERED, EVENT_STORE } from '../../sim/trace.js';
import {
  elementOf,
  PART_AVAIL_INDEX,
  PART_AVAIL_RING,
  PART_DESCRIPTOR,
  PART_USED_INDEX,
  PART_USED_RING,
  partOf,
  positionOf,
  queueIndexOf,
  SERVER_AGENT,
} from './access-words.js';
import type { LinkState } from './link-state.js';
import { QUEUES_PER_PORT, type QueueState } from './queue-state.js';
import { A, BY_ACCESS, D, F, type Party, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

/** Which parts one side fills and which index it moves. */
interface Side {
  readonly isServer: boolean;
  readonly party: Party;
  readonly ringPart: number;
  readonly indexPart: number;
  readonly ring: string;
}

const DRIVER_SIDE: Side = { isServer: false, party: 'driver', ringPart: PART_AVAIL_RING, indexPart: PART_AVAIL_INDEX, ring: 'available ring' };
const DEVICE_SIDE: Side = { isServer: true, party: 'device', ringPart: PART_USED_RING, indexPart: PART_USED_INDEX, ring: 'used ring' };

/** Agents have numbers of one byte. */
const AGENTS = 256;
/** Slots of a ring whose positions are remembered; larger rings share them. */
const SLOTS = 1024;

/** Watches the stores of one side. */
class BarrierJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  private readonly side: Side;
  /** By queue: index in program order, visible index, entry number and agent of the last visible index store. */
  private programIndex = new Int32Array(0);
  private visibleIndex = new Int32Array(0);
  private indexEntry = new Int32Array(0);
  private indexAgent = new Int32Array(0);
  /** By agent: number of the last store that went into its buffer. */
  private readonly lastEntry = new Int32Array(AGENTS);
  /** By queue and slot: position of the last store to the slot in program order. */
  private slotPosition = new Int32Array(0);

  constructor(context: RuleContext, side: Side) {
    this.context = context;
    this.state = context.state;
    this.side = side;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [
          EVENT_BUFFERED,
          (words, at) => {
            this.lastEntry[agentOf(words, at)] = words[at + F]!;
            const queue = this.queueAt(words, at);
            if (queue !== undefined) this.issued(words, at, queue);
          },
        ],
        [
          EVENT_STORE,
          (words, at) => {
            const queue = this.queueAt(words, at);
            if (queue === undefined) return;
            if (words[at + F] === 0) this.issued(words, at, queue);
            this.visible(words, at, queue);
          },
        ],
      ],
      reset: () => this.forget(),
    };
  }

  private forget(): void {
    const queues = this.state.portCount * QUEUES_PER_PORT;
    if (this.programIndex.length < queues) {
      this.programIndex = new Int32Array(queues);
      this.visibleIndex = new Int32Array(queues);
      this.indexEntry = new Int32Array(queues);
      this.indexAgent = new Int32Array(queues);
      this.slotPosition = new Int32Array(queues * SLOTS);
    }
    this.programIndex.fill(0);
    this.visibleIndex.fill(0);
    this.indexEntry.fill(0);
    this.indexAgent.fill(-1);
    this.lastEntry.fill(0);
  }

  private queueAt(words: Uint32Array, at: number): QueueState | undefined {
    const where = words[at + A]!;
    if (partOf(where) === 0 || (agentOf(words, at) === SERVER_AGENT) !== this.side.isServer) return undefined;
    const queue = this.state.queues[queueIndexOf(where)];
    return queue !== undefined && queue.isInstalled ? queue : undefined;
  }

  /** A store was issued, in program order. */
  private issued(words: Uint32Array, at: number, queue: QueueState): void {
    const where = words[at + A]!;
    const index = queueIndexOf(where);
    const part = partOf(where);
    if (part === this.side.indexPart) this.programIndex[index] = words[at + D]! & 0xffff;
    else if (part === this.side.ringPart) {
      const slot = elementOf(where);
      this.slotPosition[index * SLOTS + (slot & (SLOTS - 1))] = positionOf(slot, this.programIndex[index]!, queue.size);
    }
  }

  /** A store became visible. */
  private visible(words: Uint32Array, at: number, queue: QueueState): void {
    const where = words[at + A]!;
    const index = queueIndexOf(where);
    const part = partOf(where);
    const entry = words[at + F]!;
    if (part === this.side.indexPart) {
      this.visibleIndex[index] = words[at + D]! & 0xffff;
      // An index that did not wait overtook everything that was in the buffer by then.
      this.indexEntry[index] = entry > 0 ? entry : this.lastEntry[agentOf(words, at)]!;
      this.indexAgent[index] = agentOf(words, at);
      return this.context.held(0, queue.port);
    }
    if (entry === 0 || entry > this.indexEntry[index]! || this.indexAgent[index] !== agentOf(words, at)) return;
    const element = elementOf(where);
    if (part === this.side.ringPart) {
      const position = this.slotPosition[index * SLOTS + (element & (SLOTS - 1))]!;
      const isCovered = ((this.visibleIndex[index]! - 1 - position) & 0xffff) < queue.size;
      if (isCovered) this.accuse(queue, `Slot ${element} of the ${this.side.ring}`, entry, index);
    } else if (part === PART_DESCRIPTOR && !this.side.isServer && queue.ownerOf[element] !== 0) this.accuse(queue, `Descriptor ${element}`, entry, index);
  }

  private accuse(queue: QueueState, what: string, entry: number, index: number): void {
    this.context.violated(0, queue.port, this.side.party, {
      message: `${what} of queue ${queue.queue} became visible after the index that covers it: there is no write barrier between them.`,
      expected: 'a write barrier before the index is stored',
      seen: 'the device could see the index first and this store after it',
      evidence: { queue: queue.queue, entry, indexEntry: this.indexEntry[index]! },
    });
  }
}

const REORDERING = { ...BY_ACCESS, modes: ['weak'], memories: ['pso', 'relaxed'] } as const;

/** Descriptors and slots become visible before the avail.idx that covers them. */
export const availBarrier: RuleDefinition = {
  ...REORDERING,
  breaksRing: 'driver',
  id: 'avail-barrier',
  title: 'A write barrier stands between descriptors and slots and the avail.idx that covers them.',
  clauses: ['SPLIT-DRV-2.7.13.3.1-1'],
  actor: 'driver',
  create: (context) => new BarrierJudge(context, DRIVER_SIDE).handlers(),
};

/** Used elements become visible before the used.idx that covers them. */
export const usedBarrier: RuleDefinition = {
  ...REORDERING,
  breaksRing: 'device',
  id: 'used-barrier',
  title: 'A write barrier stands between used elements and the used.idx that covers them.',
  clauses: ['SPLIT-DEV-2.7.8.2-1'],
  actor: 'device',
  create: (context) => new BarrierJudge(context, DEVICE_SIDE).handlers(),
};
