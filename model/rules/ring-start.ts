// What the rings hold when the device takes them over.
//
// virtio 2.7.6, 2.7.7.1, 2.7.10.1. A driver may have filled the ring before it hands it over, so avail.idx may
// be anything up to the queue size; more can only be rubbish of former use.
import { AVAIL_FLAGS_SEEN, QUEUE_AT_END, RINGS_FOUND, USED_EVENT_SEEN } from '../events.js';
import { A, AT_ONCE, B, C, D, type RuleDefinition } from './rule.js';

const STARTS_AT_ZERO = 0;
const KNOWN_FLAGS = 1;
const USED_FLAGS_CLEAR = 2;
const NO_FLAGS_WITH_EVENTS = 3;

/** Rings are initialized before they are handed over; avail.flags stays 0 or 1. */
export const ringStart: RuleDefinition = {
  ...AT_ONCE,
  id: 'ring-start',
  title: 'The driver initializes its rings before the device takes them, and keeps avail.flags to 0 or 1 (0 with EVENT_IDX).',
  clauses: ['SPLIT-DRV-2.7.6-1', 'SPLIT-DRV-2.7.7.1-1', 'SPLIT-DRV-2.7.10.1-1', 'SPLIT-DRV-2.7.7.1-3'],
  actor: 'driver',
  create(context) {
    const { state } = context;

    const judgeFlags = (portAndQueue: number, flags: number): void => {
      const port = portAndQueue & 0xff;
      if (state.portOf(port).usesEvents) {
        if (flags === 0) context.held(NO_FLAGS_WITH_EVENTS, port);
        else {
          context.violated(NO_FLAGS_WITH_EVENTS, port, 'driver', {
            message: 'avail.flags is not 0 although EVENT_IDX was negotiated.',
            expected: '0; used_event says when interrupts are wanted',
            seen: `0x${flags.toString(16)} at queue ${portAndQueue >>> 8}`,
            evidence: { queue: portAndQueue >>> 8, flags },
          });
        }
      }
      if (flags <= 1) return context.held(KNOWN_FLAGS, port);
      context.violated(KNOWN_FLAGS, port, 'driver', {
        message: 'avail.flags holds a value that has no meaning.',
        expected: '0 or 1',
        seen: `0x${flags.toString(16)} at queue ${portAndQueue >>> 8}`,
        evidence: { queue: portAndQueue >>> 8, flags },
      });
    };

    const found = (portAndQueue: number, availIndex: number, availFlags: number, usedFlags: number): void => {
      const port = portAndQueue & 0xff;
      const queue = portAndQueue >>> 8;
      const { size } = state.queueOf(portAndQueue);
      if (availIndex <= size) context.held(STARTS_AT_ZERO, port);
      else {
        context.violated(STARTS_AT_ZERO, port, 'driver', {
          message: `avail.idx of queue ${queue} did not start at 0.`,
          expected: `0, or the number of buffers filled in before (at most ${size})`,
          seen: String(availIndex),
          evidence: { queue, availIndex, size },
        });
      }
      judgeFlags(portAndQueue, availFlags);
      if (usedFlags === 0) context.held(USED_FLAGS_CLEAR, port);
      else {
        context.violated(USED_FLAGS_CLEAR, port, 'driver', {
          message: `The driver did not set used.flags of queue ${queue} to 0 before handing the ring over.`,
          expected: '0',
          seen: `0x${usedFlags.toString(16)}`,
          evidence: { queue, usedFlags },
        });
      }
    };

    return {
      on: [
        [RINGS_FOUND, (words, at) => found(words[at + A]!, words[at + B]! & 0xffff, words[at + C]! & 0xffff, words[at + C]! >>> 16)],
        [AVAIL_FLAGS_SEEN, (words, at) => judgeFlags(words[at + A]!, words[at + B]!)],
        [USED_EVENT_SEEN, (words, at) => judgeFlags(words[at + A]!, words[at + C]!)],
        [QUEUE_AT_END, (words, at) => judgeFlags(words[at + A]!, words[at + D]!)],
      ],
    };
  },
};
