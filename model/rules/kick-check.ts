// The decision to kick, with every access visible: publish avail.idx, full barrier, look at used.flags, kick.
//
// virtio 2.7.13, 2.7.13.4.1, 2.7.10.1 (driver), 2.7.10 (device re-checks after enabling). Judged at rest: only a
// publication that was never followed by a kick can have been lost, and what the driver saw in used.flags tells
// whose loss it is.
import { agentOf, EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE } from '../../sim/trace.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import { PART_AVAIL_INDEX, PART_USED_FLAGS, partOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { isAheadOfKick, pipeWaits } from './link-at-rest.js';
import { DERIVED_FINISH } from './link-state.js';
import { type QueueState, QUEUES_PER_PORT } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, BY_ACCESS, D, F, type RuleDefinition } from './rule.js';

const FULL_BARRIER = 0;
const KICKS = 1;
const CHECKS_LAST = 2;
const DEVICE_CHECKS = 3;
const NEVER_RESTS = 4;

/** Publications are followed by a look at used.flags that is ordered behind them, and by a kick if it is 0. */
export const kickCheck: RuleDefinition = {
  ...BY_ACCESS,
  isLiveness: true,
  id: 'kick-check',
  title: 'After publishing, the driver looks at used.flags behind a full barrier and kicks unless suppressed; the device re-checks after enabling kicks.',
  clauses: ['SPLIT-DRV-2.7.13.4.1-1', 'SPLIT-DRV-2.7.10.1-4', 'SPLIT-DRV-2.7.13-1', 'SPLIT-DEV-2.7.10-1', 'P2P-INV-5'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    /** By queue, event numbers plus 1: avail.idx issued, visible; used.flags loaded by the driver, and what it showed. */
    let issuedAt = new Int32Array(0);
    let visibleAt = new Int32Array(0);
    let checkedAt = new Int32Array(0);
    let shownFlags = new Int32Array(0);

    const note = (words: Uint32Array, at: number, isStore: boolean): void => {
      const where = words[at + A]!;
      if (partOf(where) !== PART_AVAIL_INDEX || agentOf(words, at) === SERVER_AGENT) return;
      const index = queueIndexOf(where);
      if (index >= issuedAt.length) return;
      if (!isStore || words[at + F] === 0) issuedAt[index] = state.eventIndex + 1;
      if (isStore) visibleAt[index] = state.eventIndex + 1;
    };

    const loaded = (words: Uint32Array, at: number): void => {
      const where = words[at + A]!;
      if (partOf(where) !== PART_USED_FLAGS || agentOf(words, at) === SERVER_AGENT) return;
      const index = queueIndexOf(where);
      if (index >= checkedAt.length) return;
      checkedAt[index] = state.eventIndex + 1;
      shownFlags[index] = words[at + D]! & 0xffff;
    };

    const missed = (queue: QueueState, clauses: readonly number[], message: string, expected: string): void => {
      const report = {
        message: `${message} Queue ${queue.queue} was left without a notification.`,
        expected,
        seen: `avail.idx ${queue.endAvailIndex}, ${Math.max(0, queue.kickedIndex)} at the last notification`,
        evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, kickedIndex: queue.kickedIndex, cursor: queue.endCursor },
      };
      for (const clause of clauses) context.violated(clause, queue.port, 'driver', report);
    };

    /** The driver was told not to kick: then the device must have looked again. */
    const suppressed = (queue: QueueState): void => {
      context.held(KICKS, queue.port);
      const peer = state.peerOf(queue.port);
      if (peer < 0) return;
      const sender = queue.queue === RECEIVE_QUEUE ? peer : queue.port;
      const receiver = queue.queue === RECEIVE_QUEUE ? queue.port : peer;
      if (!pipeWaits(state, sender, receiver)) return context.held(DEVICE_CHECKS, queue.port);
      const report = {
        message: `The device asked for notifications of queue ${queue.queue} again and did not look at what had been published while it wanted none.`,
        expected: 'a full barrier and another look at avail.idx after clearing used.flags',
        seen: `avail.idx ${queue.endAvailIndex}, ${queue.lookedIndex} at the last look`,
        evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, lookedIndex: queue.lookedIndex },
      };
      context.violated(DEVICE_CHECKS, queue.port, 'device', report);
      context.violated(NEVER_RESTS, receiver, 'device', report);
    };

    const judge = (queue: QueueState, index: number): void => {
      const portState = state.portOf(queue.port);
      if (!queue.isInstalled || !queue.hasEnd || visibleAt[index] === 0 || queue.endKicksPending > 0 || !portState.hasToldIndices) return;
      if (!isAheadOfKick(queue)) {
        for (const clause of [FULL_BARRIER, KICKS, CHECKS_LAST]) context.held(clause, queue.port);
        return;
      }
      if (portState.lostKick || (queue.endUsedFlags & SUPPRESS) !== 0) return;
      const checked = checkedAt[index]!;
      if (checked > visibleAt[index]!) {
        if ((shownFlags[index]! & SUPPRESS) !== 0) return suppressed(queue);
        return missed(queue, [KICKS], 'The driver saw that a notification was wanted and sent none.', 'a notification when used.flags is 0');
      }
      if (checked > issuedAt[index]!) {
        return missed(
          queue,
          [FULL_BARRIER],
          'The driver looked at used.flags before its new avail.idx was visible.',
          'a full barrier between avail.idx and used.flags',
        );
      }
      if (checked === 0)
        return missed(
          queue,
          [KICKS],
          'The driver published buffers and never looked whether a notification is wanted.',
          'a notification, or a look at used.flags',
        );
      missed(queue, [CHECKS_LAST, KICKS], 'The driver looked at used.flags before it published.', 'the look at used.flags after avail.idx is stored');
    };

    return {
      on: [
        [EVENT_LOAD, loaded],
        [EVENT_STORE, (words, at) => note(words, at, true)],
        [EVENT_BUFFERED, (words, at) => note(words, at, false)],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let index = 0; index < state.portCount * QUEUES_PER_PORT; index++) judge(state.queues[index]!, index);
          },
        ],
      ],
      reset: () => {
        const queues = state.portCount * QUEUES_PER_PORT;
        if (issuedAt.length < queues) {
          issuedAt = new Int32Array(queues);
          visibleAt = new Int32Array(queues);
          checkedAt = new Int32Array(queues);
          shownFlags = new Int32Array(queues);
        }
        issuedAt.fill(0);
        visibleAt.fill(0);
        checkedAt.fill(0);
      },
    };
  },
};
