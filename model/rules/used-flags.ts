// Values a device may store to used.flags.
//
// virtio 2.7.10.2. Bits the driver left there when it handed the ring over are the driver's mistake.
import { AVAIL_EVENT_SET, USED_FLAGS } from '../events.js';
import { SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, B, type RuleDefinition } from './rule.js';

const ZERO_WITH_EVENTS = 1;

/** used.flags is 0 or 1. */
export const usedFlags: RuleDefinition = {
  ...AT_ONCE,
  id: 'used-flags',
  title: 'The device stores only 0 or 1 to used.flags, and only 0 with EVENT_IDX.',
  clauses: ['SPLIT-DEV-2.7.10.2-1', 'SPLIT-DEV-2.7.10.2-3'],
  actor: 'device',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          AVAIL_EVENT_SET,
          (words, at) => {
            if (state.queueOf(words[at + A]!).usedFlags === 0) context.held(ZERO_WITH_EVENTS, words[at + A]! & 0xff);
          },
        ],
        [
          USED_FLAGS,
          (words, at) => {
            const queue = state.queueOf(words[at + A]!);
            const flags = words[at + B]!;
            const port = words[at + A]! & 0xff;
            if (state.portOf(port).usesEvents && flags !== 0) {
              context.violated(ZERO_WITH_EVENTS, port, 'device', {
                message: `The device stored to used.flags of queue ${queue.queue} although EVENT_IDX was negotiated.`,
                expected: '0; avail_event says when notifications are wanted',
                seen: `0x${flags.toString(16)}`,
                evidence: { queue: queue.queue, flags },
              });
            }
            if ((flags & ~SUPPRESS & ~queue.foundUsedFlags) === 0) return context.held(0, port);
            context.violated(0, port, 'device', {
              message: `The device stored a value without a meaning to used.flags of queue ${queue.queue}.`,
              expected: '0 or 1',
              seen: `0x${flags.toString(16)}`,
              evidence: { queue: queue.queue, flags },
            });
          },
        ],
      ],
    };
  },
};
