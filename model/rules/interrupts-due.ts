// Interrupts for used buffers: sent when wanted, not sent when not.
//
// virtio 2.7.7.2, 2.7.14; l4re-p2p sheet §10, invariant 8. The device looks at avail.flags after it moved
// used.idx; several publications may share one interrupt. Without a bound interrupt nothing is due.
import { AVAIL_FLAGS_SEEN, INTERRUPT_RAISED } from '../events.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH, isQueueInterrupt } from './link-state.js';
import { NONE, type QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, AT_REST, B, type RuleDefinition } from './rule.js';

const NOTIFIES = 0;
const SUBJECT_TO_SUPPRESSION = 1;
const INTERRUPT_SOUND = 2;

/** Wanted interrupts come. */
export const interruptsDue: RuleDefinition = {
  ...AT_REST,
  id: 'interrupts-due',
  title: 'After moving used.idx the device looks at avail.flags and interrupts unless the driver wants no interrupt.',
  clauses: ['SPLIT-DEV-2.7.7.2-3', 'SPLIT-DEV-2.7.14-1', 'P2P-INV-8'],
  actor: 'device',
  create(context) {
    const { state } = context;
    const clauses = [NOTIFIES, SUBJECT_TO_SUPPRESSION, INTERRUPT_SOUND];

    const judgeQueue = (queue: QueueState): void => {
      if (queue.checkOwedAt === NONE && queue.interruptOwedAt === NONE) return;
      const isUnchecked = queue.checkOwedAt !== NONE;
      const since = isUnchecked ? queue.checkOwedAt : queue.interruptOwedAt;
      const report = {
        message: isUnchecked
          ? `The device moved used.idx of queue ${queue.queue} and did not look at avail.flags afterwards, so an interrupt may be missing.`
          : `The device owes an interrupt for queue ${queue.queue}: used.idx moved and the driver wants interrupts.`,
        expected: isUnchecked ? 'a look at avail.flags behind the store to used.idx' : 'an interrupt',
        seen: `nothing since event ${since}`,
        evidence: { queue: queue.queue, since, usedIndex: queue.usedIndex },
      };
      for (const clause of clauses) context.violated(clause, queue.port, 'device', report);
    };

    return {
      on: [
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if (!isQueueInterrupt(words[at + B]!)) return;
            if (state.queueOf(port | (RECEIVE_QUEUE << 8)).wantedLooks + state.queueOf(port | (TRANSMIT_QUEUE << 8)).wantedLooks === 0) return;
            for (const clause of clauses) context.held(clause, port);
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
  clauses: ['SPLIT-DEV-2.7.7.2-2'],
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
            if ((words[at + B]! & SUPPRESS) !== 0) context.held(0, words[at + A]! & 0xff);
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
            context.violated(0, port, 'device', {
              message: 'The device interrupted although the driver wanted no interrupts when the buffers were returned.',
              expected: 'no interrupt while avail.flags is 1',
              seen: `an interrupt after ${receive.suppressedLooks + transmit.suppressedLooks} looks that all found avail.flags set`,
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
