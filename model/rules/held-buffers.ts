// Receive buffers are not kept for a frame that can never be whole.
//
// l4re-p2p sheet §10, invariants 2 and 10 (Q14). A frame that waits for more buffers may hold what it has filled; the
// chain of a sender that loops never ends, so what it holds is lost to an innocent receiver. A device that has not come
// round the loop once, since the buffers were full before, cannot know yet.
import { PROBLEM_LOOP } from '../events.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH } from './link-state.js';
import { HEAD_TAKEN, type QueueState } from './queue-state.js';
import { AT_REST, type RuleDefinition } from './rule.js';

/** Bytes of the chains the device has taken and not returned. */
function heldBytesOf(queue: QueueState): number {
  let bytes = 0;
  for (let head = 0; head < queue.size; head++) if (queue.headState[head] === HEAD_TAKEN) bytes += queue.writableBytes[head]!;
  return bytes;
}

/** No buffer is lost to a chain without end. */
export const heldBuffers: RuleDefinition = {
  ...AT_REST,
  id: 'held-buffers',
  title: 'At rest no receive buffer is held for a transmit chain that never ends.',
  clauses: ['P2P-INV-2', 'P2P-INV-10'],
  actor: 'device',
  create(context) {
    const { state } = context;
    const judge = (sender: number): void => {
      const transmit = state.queueOf(sender | (TRANSMIT_QUEUE << 8));
      const receive = state.queueOf(state.peerOf(sender) | (RECEIVE_QUEUE << 8));
      if (!transmit.isInstalled || !transmit.hasEnd || !transmit.endHoldsChain || !receive.isInstalled) return;
      const head = transmit.headAt[(transmit.endCursor - 1) & (transmit.size - 1)]!;
      const held = receive.takenCount - receive.returnedCount;
      if (head < 0 || transmit.problemOf[head] !== PROBLEM_LOOP || held <= 0) return;
      if (heldBytesOf(receive) < transmit.readableBytes[head]!) return;
      const report = {
        message: `The device holds receive buffers of port ${receive.port} for a transmit chain of port ${sender} that never ends.`,
        expected: 'the chain refused and the buffers returned or left available',
        seen: `${held} buffers taken and not returned`,
        evidence: { sender, head, held },
      };
      for (const clause of [0, 1]) context.violated(clause, receive.port, 'device', report);
    };
    return {
      on: [
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) if (state.peerOf(port) >= 0) judge(port);
          },
        ],
      ],
    };
  },
};
