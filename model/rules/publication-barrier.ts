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
import { QUEUES_PER_PORT } from './queue-state.js';
import type { QueueState } from './queue-state.js';
import { A, BY_ACCESS, D, F, type EventHandler, type Party, type RuleContext, type RuleDefinition } from './rule.js';

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

/** Watches the stores of one side. */
function watch(context: RuleContext, side: Side): { readonly on: readonly (readonly [number, EventHandler])[]; readonly reset: () => void } {
  const { state } = context;
  /** By queue: index in program order, visible index, entry number and agent of the last visible index store. */
  let programIndex = new Int32Array(0);
  let visibleIndex = new Int32Array(0);
  let indexEntry = new Int32Array(0);
  let indexAgent = new Int32Array(0);
  /** By queue and slot modulo SLOTS: position of the last store to the slot in program order. */
  let slotPosition = new Int32Array(0);
  const SLOTS = 1024;

  const queueAt = (words: Uint32Array, at: number): QueueState | undefined => {
    const where = words[at + A]!;
    if (partOf(where) === 0 || (agentOf(words, at) === SERVER_AGENT) !== side.isServer) return undefined;
    const queue = state.queues[queueIndexOf(where)];
    return queue !== undefined && queue.isInstalled ? queue : undefined;
  };

  const issued = (words: Uint32Array, at: number, queue: QueueState): void => {
    const where = words[at + A]!;
    const index = queueIndexOf(where);
    const part = partOf(where);
    if (part === side.indexPart) programIndex[index] = words[at + D]! & 0xffff;
    else if (part === side.ringPart) {
      const slot = elementOf(where);
      slotPosition[index * SLOTS + (slot & (SLOTS - 1))] = positionOf(slot, programIndex[index]!, queue.size);
    }
  };

  const accuse = (queue: QueueState, what: string, entry: number, index: number): void => {
    context.violated(0, queue.port, side.party, {
      message: `${what} of queue ${queue.queue} became visible after the index that covers it: there is no write barrier between them.`,
      expected: 'a write barrier before the index is stored',
      seen: `store ${entry} behind store ${indexEntry[index]!}`,
      evidence: { queue: queue.queue, entry, indexEntry: indexEntry[index]! },
    });
  };

  const visible = (words: Uint32Array, at: number, queue: QueueState): void => {
    const where = words[at + A]!;
    const index = queueIndexOf(where);
    const part = partOf(where);
    const entry = words[at + F]!;
    if (part === side.indexPart) {
      visibleIndex[index] = words[at + D]! & 0xffff;
      indexEntry[index] = entry;
      indexAgent[index] = agentOf(words, at);
      return context.held(0, queue.port);
    }
    if (entry === 0 || entry > indexEntry[index]! || indexAgent[index] !== agentOf(words, at)) return;
    const element = elementOf(where);
    if (part === side.ringPart) {
      const position = slotPosition[index * SLOTS + (element & (SLOTS - 1))]!;
      const isCovered = ((visibleIndex[index]! - 1 - position) & 0xffff) < queue.size;
      if (isCovered) accuse(queue, `Slot ${element} of the ${side.ring}`, entry, index);
    } else if (part === PART_DESCRIPTOR && !side.isServer && queue.ownerOf[element] !== 0) accuse(queue, `Descriptor ${element}`, entry, index);
  };

  return {
    on: [
      [
        EVENT_BUFFERED,
        (words, at) => {
          const queue = queueAt(words, at);
          if (queue !== undefined) issued(words, at, queue);
        },
      ],
      [
        EVENT_STORE,
        (words, at) => {
          const queue = queueAt(words, at);
          if (queue === undefined) return;
          if (words[at + F] === 0) issued(words, at, queue);
          visible(words, at, queue);
        },
      ],
    ],
    reset: () => {
      const queues = state.portCount * QUEUES_PER_PORT;
      if (programIndex.length < queues) {
        programIndex = new Int32Array(queues);
        visibleIndex = new Int32Array(queues);
        indexEntry = new Int32Array(queues);
        indexAgent = new Int32Array(queues);
        slotPosition = new Int32Array(queues * SLOTS);
      }
      programIndex.fill(0);
      visibleIndex.fill(0);
      indexEntry.fill(0);
      indexAgent.fill(-1);
    },
  };
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
  create: (context) => watch(context, DRIVER_SIDE),
};

/** Used elements become visible before the used.idx that covers them. */
export const usedBarrier: RuleDefinition = {
  ...REORDERING,
  breaksRing: 'device',
  id: 'used-barrier',
  title: 'A write barrier stands between used elements and the used.idx that covers them.',
  clauses: ['SPLIT-DEV-2.7.8.2-1'],
  actor: 'device',
  create: (context) => watch(context, DEVICE_SIDE),
};
