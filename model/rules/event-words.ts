// The words behind the rings mean nothing without EVENT_IDX.
//
// virtio 2.7.7.2 (device, used_event) and 2.7.10.1 (driver, avail_event). Only an effect can be seen: a notification
// that is missing at rest although the flags asked for it, from a side that had looked at the other side's word.
import { agentOf, EVENT_LOAD } from '../../sim/trace.js';
import { INTERRUPT_RAISED, KICKED } from '../events.js';
import { PART_AVAIL_EVENT, PART_USED_EVENT, partOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { isAheadOfKick } from './link-at-rest.js';
import { DERIVED_FINISH, indexOf } from './link-state.js';
import { NONE, QUEUES_PER_PORT, type QueueState } from './queue-state.js';
import { MASK_EVENT_INDEX, SUPPRESS } from './ring-constants.js';
import { A, BY_ACCESS, type RuleDefinition } from './rule.js';

/** The device decides by avail.flags alone. */
export const usedEventIgnored: RuleDefinition = {
  ...BY_ACCESS,
  isLiveness: true,
  id: 'used-event-ignored',
  title: 'Without EVENT_IDX the device decides about interrupts by avail.flags alone.',
  clauses: ['SPLIT-DEV-2.7.7.2-1'],
  actor: 'device',
  create(context) {
    const { state } = context;
    let hasLooked = new Uint8Array(0);
    const judge = (queue: QueueState): void => {
      if (state.portOf(queue.port).usesEvents) return;
      if (queue.interruptOwedAt === NONE || hasLooked[indexOf(queue)] === 0 || !state.portOf(queue.port).hasInterrupt) return;
      context.violated(0, queue.port, 'device', {
        message: `The device looked at used_event of queue ${queue.queue} and sent no interrupt that avail.flags asks for, without EVENT_IDX.`,
        expected: 'an interrupt',
        seen: `none since event ${queue.interruptOwedAt}`,
        evidence: { queue: queue.queue, since: queue.interruptOwedAt },
      });
    };
    return {
      on: [
        [
          EVENT_LOAD,
          (words, at) => {
            const where = words[at + A]!;
            if (partOf(where) === PART_USED_EVENT && agentOf(words, at) === SERVER_AGENT) hasLooked[queueIndexOf(where)] = 1;
          },
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            for (let queue = 0; queue < QUEUES_PER_PORT; queue++) {
              const one = state.queueOf(port | (queue << 8));
              if (one.isInstalled && one.wantedLooks > 0 && !state.portOf(port).hasFeature(MASK_EVENT_INDEX)) context.held(0, port);
            }
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let index = 0; index < state.portCount * QUEUES_PER_PORT; index++)
              if (state.queues[index]!.isInstalled) judge(state.queues[index]!);
          },
        ],
      ],
      reset: () => {
        if (hasLooked.length < state.portCount * QUEUES_PER_PORT) hasLooked = new Uint8Array(state.portCount * QUEUES_PER_PORT);
        hasLooked.fill(0);
      },
    };
  },
};

/** The driver decides by used.flags alone. */
export const availEventIgnored: RuleDefinition = {
  ...BY_ACCESS,
  isLiveness: true,
  id: 'avail-event-ignored',
  title: 'Without EVENT_IDX the driver decides about notifications by used.flags alone.',
  clauses: ['SPLIT-DRV-2.7.10.1-2'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    let hasLooked = new Uint8Array(0);
    const judge = (queue: QueueState): void => {
      const portState = state.portOf(queue.port);
      if (hasLooked[indexOf(queue)] === 0 || portState.hasFeature(MASK_EVENT_INDEX) || portState.lostKick || !portState.hasToldIndices)
        return;
      if (
        !queue.hasEnd ||
        queue.endKicksPending > 0 ||
        (queue.endUsedFlags & SUPPRESS) !== 0 ||
        queue.wasSuppressed ||
        !isAheadOfKick(queue)
      )
        return;
      context.violated(0, queue.port, 'driver', {
        message: `The driver looked at avail_event of queue ${queue.queue} and did not notify as used.flags asks for, without EVENT_IDX.`,
        expected: 'a notification',
        seen: `avail.idx ${queue.endAvailIndex}, ${Math.max(0, queue.kickedIndex)} at the last notification`,
        evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, kickedIndex: queue.kickedIndex },
      });
    };
    return {
      on: [
        [
          EVENT_LOAD,
          (words, at) => {
            const where = words[at + A]!;
            if (partOf(where) === PART_AVAIL_EVENT && agentOf(words, at) !== SERVER_AGENT) hasLooked[queueIndexOf(where)] = 1;
          },
        ],
        [
          KICKED,
          (words, at) => {
            const portState = state.portOf(words[at + A]!);
            if (portState.isNegotiated && !portState.usesEvents) context.held(0, portState.port);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let index = 0; index < state.portCount * QUEUES_PER_PORT; index++)
              if (state.queues[index]!.isInstalled) judge(state.queues[index]!);
          },
        ],
      ],
      reset: () => {
        if (hasLooked.length < state.portCount * QUEUES_PER_PORT) hasLooked = new Uint8Array(state.portCount * QUEUES_PER_PORT);
        hasLooked.fill(0);
      },
    };
  },
};
