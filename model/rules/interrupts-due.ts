// Interrupts for used buffers: sent when wanted, not sent when not.
//
// virtio 2.7.7.2, 2.7.14; l4re-p2p sheet §10, invariant 8. The device looks at avail.flags after it moved
// used.idx; several publications may share one interrupt. Without a bound interrupt nothing is due.
import { AVAIL_FLAGS_SEEN, INTERRUPT_RAISED, USED_EVENT_SEEN } from '../events.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH, isQueueInterrupt } from './link-state.js';
import { NONE, type QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, AT_REST, B, type RuleDefinition } from './rule.js';

const SILENT_BY_FLAGS = 0;
const SILENT_AT_EVENT = 1;
const NOTIFIES = 0;
const SUBJECT_TO_SUPPRESSION = 1;
const INTERRUPT_SOUND = 2;
const NOTIFIES_AT_EVENT = 3;

const BY_FLAGS = [NOTIFIES, SUBJECT_TO_SUPPRESSION, INTERRUPT_SOUND];
const AT_EVENT = [NOTIFIES_AT_EVENT, SUBJECT_TO_SUPPRESSION, INTERRUPT_SOUND];

/** Wanted interrupts come. */
export const interruptsDue: RuleDefinition = {
  ...AT_REST,
  id: 'interrupts-due',
  title: 'After moving used.idx the device looks at avail.flags (used_event) and interrupts unless the driver wants no interrupt.',
  clauses: ['SPLIT-DEV-2.7.7.2-3', 'SPLIT-DEV-2.7.14-1', 'P2P-INV-8', 'SPLIT-DEV-2.7.7.2-5'],
  actor: 'device',
  create(context) {
    const { state } = context;
    const clausesAt = (port: number): readonly number[] => (state.portOf(port).usesEvents ? AT_EVENT : BY_FLAGS);

    const judgeQueue = (queue: QueueState): void => {
      if (queue.checkOwedAt === NONE && queue.interruptOwedAt === NONE) return;
      const isUnchecked = queue.checkOwedAt !== NONE;
      const since = isUnchecked ? queue.checkOwedAt : queue.interruptOwedAt;
      const word = state.portOf(queue.port).usesEvents ? 'used_event' : 'avail.flags';
      const report = {
        message: isUnchecked
          ? `The device moved used.idx of queue ${queue.queue} and did not look at ${word} afterwards, so an interrupt may be missing.`
          : `The device owes an interrupt for queue ${queue.queue}: used.idx moved and the driver wants interrupts.`,
        expected: isUnchecked ? `a look at ${word} behind the store to used.idx` : 'an interrupt',
        seen: `nothing since event ${since}`,
        evidence: { queue: queue.queue, since, usedIndex: queue.usedIndex },
      };
      for (const clause of clausesAt(queue.port)) context.violated(clause, queue.port, 'device', report);
    };

    return {
      on: [
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if (!isQueueInterrupt(words[at + B]!)) return;
            if (state.queueOf(port | (RECEIVE_QUEUE << 8)).wantedLooks + state.queueOf(port | (TRANSMIT_QUEUE << 8)).wantedLooks === 0) return;
            for (const clause of clausesAt(port)) context.held(clause, port);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) {
              if (!state.ports[port]!.hasInterrupt) continue;
              judgeQueue(state.queueOf(port | (RECEIVE_QUEUE << 8)));
              judgeQueue(state.queueOf(port | (TRANSMIT_QUEUE << 8)));
            }
          },
        ],
      ],
    };
  },
};

/** Unwanted interrupts do not come. */
export const interruptSuppression: RuleDefinition = {
  ...AT_ONCE,
  id: 'interrupt-suppression',
  title: 'The device sends no interrupt for buffers returned while the driver wanted none.',
  clauses: ['SPLIT-DEV-2.7.7.2-2', 'SPLIT-DEV-2.7.7.2-6'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By port: spurious interrupts that a recorded fault explains and that were met so far. */
    let explained = new Uint32Array(0);
    return {
      on: [
        [
          AVAIL_FLAGS_SEEN,
          (words, at) => {
            if ((words[at + B]! & SUPPRESS) !== 0) context.held(SILENT_BY_FLAGS, words[at + A]! & 0xff);
          },
        ],
        [
          USED_EVENT_SEEN,
          (words, at) => {
            const queue = state.queueOf(words[at + A]!);
            if (queue.interruptOwedAt === NONE && queue.suppressedLooks > 0) context.held(SILENT_AT_EVENT, queue.port);
          },
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if (!isQueueInterrupt(words[at + B]!)) return;
            const receive = state.queueOf(port | (RECEIVE_QUEUE << 8));
            const transmit = state.queueOf(port | (TRANSMIT_QUEUE << 8));
            if (receive.wantedLooks + transmit.wantedLooks > 0 || receive.checkOwedAt !== NONE || transmit.checkOwedAt !== NONE) return;
            if (receive.suppressedLooks + transmit.suppressedLooks === 0) return;
            if (explained[port]! < state.portOf(port).spuriousInterrupts) {
              explained[port]!++;
              return;
            }
            const { usesEvents } = state.portOf(port);
            const looks = receive.suppressedLooks + transmit.suppressedLooks;
            context.violated(usesEvents ? SILENT_AT_EVENT : SILENT_BY_FLAGS, port, 'device', {
              message: 'The device interrupted although the driver wanted no interrupts when the buffers were returned.',
              expected: usesEvents ? 'no interrupt before used_event is reached' : 'no interrupt while avail.flags is 1',
              seen: `an interrupt after ${looks} looks that all found ${usesEvents ? 'used_event elsewhere' : 'avail.flags set'}`,
              evidence: { receiveLooks: receive.suppressedLooks, transmitLooks: transmit.suppressedLooks },
            });
          },
        ],
      ],
      reset: () => {
        if (explained.length < state.portCount) explained = new Uint32Array(state.portCount);
        explained.fill(0);
      },
    };
  },
};
