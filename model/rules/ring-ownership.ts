// Who may write which part of a ring while the device has it.
//
// virtio 2.7, 2.7.13, 3.3.1, 2.7.5.1. A descriptor is the device's from the avail.idx that covers its chain to
// the used.idx that returns it; a slot of the available ring until the device has taken its entry. Late drains of
// a store buffer are publication-barrier.ts' matter.
import { EVENT_STORE } from '../../sim/trace.js';
import { agentOf } from '../../sim/trace.js';
import { STATUS_DRIVER_OK } from '../transport/layout.js';
import {
  elementOf,
  PART_AVAIL_FLAGS,
  PART_AVAIL_INDEX,
  PART_AVAIL_RING,
  PART_DESCRIPTOR,
  PART_USED_FLAGS,
  PART_USED_INDEX,
  PART_USED_RING,
  partOf,
  positionOf,
  queueIndexOf,
  SERVER_AGENT,
} from './access-words.js';
import { HEAD_PUBLISHED, type QueueState } from './queue-state.js';
import { A, BY_ACCESS, D, F, type RuleDefinition } from './rule.js';

const FILLS_FIRST = 0;
const FREE_DESCRIPTORS = 1;
const LEAVES_EXPOSED = 2;
const OWN_PARTS = 3;

/** The driver writes nothing the device has. */
export const ringOwnership: RuleDefinition = {
  ...BY_ACCESS,
  breaksRing: 'driver',
  id: 'ring-ownership',
  title: 'The driver fills descriptors and slots before it moves avail.idx, and leaves them and the used ring alone afterwards.',
  clauses: ['SPLIT-DRV-2.7.13-1', 'SPLIT-DRV-2.7.13.1-1', 'CLEANUP-DRV-3.3.1-1', 'SPLIT-DRV-2.7-3'],
  actor: 'driver',
  create(context) {
    const { state } = context;

    const accuse = (clauses: readonly number[], queue: QueueState, message: string, expected: string, evidence: Record<string, number>): void => {
      const report = { message, expected, seen: `a store of ${evidence.value}`, evidence: { queue: queue.queue, ...evidence } };
      for (const clause of clauses) context.violated(clause, queue.port, 'driver', report);
    };

    const storedDescriptor = (queue: QueueState, descriptor: number, value: number): void => {
      const owner = queue.ownerOf[descriptor]! - 1;
      if (owner < 0) return;
      const isEarly = queue.headState[owner] === HEAD_PUBLISHED;
      const clauses = isEarly ? [FILLS_FIRST, FREE_DESCRIPTORS, LEAVES_EXPOSED] : [FREE_DESCRIPTORS, LEAVES_EXPOSED];
      const message = `The driver wrote descriptor ${descriptor} of queue ${queue.queue} while it belongs to chain ${owner}, which the device has.`;
      accuse(clauses, queue, message, 'descriptors written before avail.idx moves, and again only after their return', { descriptor, head: owner, value });
    };

    const storedSlot = (queue: QueueState, slot: number, value: number): void => {
      const untaken = (queue.availIndex - queue.takeIndex) & 0xffff;
      const position = positionOf(slot, queue.takeIndex, queue.size);
      const isExposed = ((position - queue.takeIndex) & 0xffff) < untaken;
      if (!isExposed || queue.headAt[slot] === (value & 0xffff)) return;
      const message = `The driver wrote slot ${slot} of the available ring of queue ${queue.queue} after avail.idx had covered it.`;
      accuse([FILLS_FIRST], queue, message, 'the slot written before avail.idx moves', { slot, position, value });
    };

    const stored = (words: Uint32Array, at: number): void => {
      const where = words[at + A]!;
      const part = partOf(where);
      if (part === 0 || agentOf(words, at) === SERVER_AGENT) return;
      const queue = state.queues[queueIndexOf(where)];
      if (queue === undefined || !queue.isInstalled) return;
      if (part === PART_AVAIL_INDEX) {
        for (const clause of [FILLS_FIRST, FREE_DESCRIPTORS, LEAVES_EXPOSED, OWN_PARTS]) context.held(clause, queue.port);
        return;
      }
      const { memory } = context.configuration();
      const mayBeLate = words[at + F] !== 0 && (memory === 'pso' || memory === 'relaxed');
      if (part === PART_DESCRIPTOR && !mayBeLate) storedDescriptor(queue, elementOf(where), words[at + D]!);
      else if (part === PART_AVAIL_RING && !mayBeLate) storedSlot(queue, elementOf(where), words[at + D]!);
      else if (part === PART_USED_FLAGS || part === PART_USED_INDEX || part === PART_USED_RING) {
        if ((state.portOf(queue.port).status & STATUS_DRIVER_OK) === 0) return;
        accuse([OWN_PARTS], queue, `The driver wrote to the used ring of queue ${queue.queue}.`, 'the used ring left to the device', {
          part,
          value: words[at + D]!,
        });
      }
    };

    return { on: [[EVENT_STORE, stored]] };
  },
};

/** The device writes nothing of the driver's. */
export const deviceRingWrites: RuleDefinition = {
  ...BY_ACCESS,
  breaksRing: 'device',
  id: 'device-ring-writes',
  title: 'The device writes neither descriptors nor the available ring.',
  clauses: ['SPLIT-DEV-2.7.5.1-3'],
  actor: 'device',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          EVENT_STORE,
          (words, at) => {
            const where = words[at + A]!;
            const part = partOf(where);
            if (part === 0 || agentOf(words, at) !== SERVER_AGENT) return;
            const queue = state.queues[queueIndexOf(where)];
            if (queue === undefined || !queue.isInstalled) return;
            if (part === PART_USED_INDEX) return context.held(0, queue.port);
            if (part !== PART_DESCRIPTOR && part !== PART_AVAIL_FLAGS && part !== PART_AVAIL_INDEX && part !== PART_AVAIL_RING) return;
            context.violated(0, queue.port, 'device', {
              message: `The device wrote to a part of queue ${queue.queue} that belongs to the driver.`,
              expected: 'writes to the used ring only',
              seen: part === PART_DESCRIPTOR ? `a store to descriptor ${elementOf(where)}` : 'a store to the available ring',
              evidence: { queue: queue.queue, part, element: elementOf(where) },
            });
          },
        ],
      ],
    };
  },
};
