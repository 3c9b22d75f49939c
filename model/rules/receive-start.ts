// A network driver that is up posts receive buffers.
//
// virtio 5.1.5 (descriptive). Judged at rest, so that a driver may take its time, and only when a frame waits for it at
// the other end; a driver that could not get memory is left alone, and so is one whose device failed.
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH } from './link-state.js';
import { AT_REST, type RuleDefinition } from './rule.js';

/** Receive queues are filled. */
export const receiveStart: RuleDefinition = {
  ...AT_REST,
  id: 'receive-start',
  title: 'A driver that is up has filled its receive queue.',
  clauses: ['NET-DRV-5.1.5-1'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    const judge = (port: number): void => {
      const queue = state.queueOf(port | (RECEIVE_QUEUE << 8));
      const portState = state.portOf(port);
      if (!portState.isUp || !queue.isInstalled || !queue.hasEnd) return;
      if (queue.endAvailIndex !== 0 || queue.publishedCount > 0) return context.held(0, port);
      const peer = state.peerOf(port);
      const waiting = state.queueOf(Math.max(0, peer) | (TRANSMIT_QUEUE << 8));
      if (peer < 0 || !waiting.isInstalled || !waiting.hasEnd || (waiting.endAvailIndex === waiting.endCursor && !waiting.endHoldsChain))
        return;
      if (portState.allocationFailures > 0)
        return context.undecidable(0, port, 'allocations failed, so the driver may have had no buffers');
      context.violated(0, port, 'driver', {
        message: 'The driver set DRIVER_OK and never posted a receive buffer, although a frame waits for it at the other end.',
        expected: 'receive buffers posted before traffic is expected',
        seen: 'avail.idx of the receive queue 0 to the end',
        evidence: { size: queue.size },
      });
    };
    return {
      on: [
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) judge(port);
          },
        ],
      ],
    };
  },
};
