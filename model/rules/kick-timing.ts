// When a driver may and must notify the device, as far as kicks and flags alone tell.
//
// virtio 3.1.1 (no kick before DRIVER_OK) and 2.7.10.1 (no kick while the device asked for none). A trigger
// that goes with a command word is not a kick (l4virtio-transport sheet §8).
import { KICKED } from '../events.js';
import { STATUS_DRIVER_OK } from '../transport/layout.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { statusText } from '../protocol-words.js';
import { SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, type RuleDefinition } from './rule.js';

/** No kick before DRIVER_OK. */
export const noEarlyKick: RuleDefinition = {
  ...AT_ONCE,
  id: 'no-early-kick',
  title: 'The driver sends no notification before DRIVER_OK.',
  clauses: ['INIT-DRV-3.1.1-14'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          KICKED,
          (words, at) => {
            const port = words[at + A]!;
            const portState = state.portOf(port);
            if (portState.isCommandPending || portState.hasGivenUp) return;
            if ((portState.requested & STATUS_DRIVER_OK) !== 0) return context.held(0, port);
            // A kick may be overtaken by a later reset when notifications are not ordered.
            const { memory } = context.configuration();
            if (portState.resetCount > 1 && memory !== 'sc' && memory !== 'tso') {
              return context.undecidable(0, port, 'notifications and status writes are not ordered under this memory model');
            }
            context.violated(0, port, 'driver', {
              message: 'The driver notified the device before it had set DRIVER_OK.',
              expected: 'DRIVER_OK in the status before the first notification',
              seen: `a notification at status ${statusText(portState.requested)}`,
              evidence: { requested: portState.requested },
            });
          },
        ],
      ],
    };
  },
};

/** No kick while both queues ask for none. */
export const kickSuppression: RuleDefinition = {
  ...AT_ONCE,
  modes: ['coarse'],
  id: 'kick-suppression',
  title: 'The driver sends no notification while used.flags of all its queues asks for none.',
  clauses: ['SPLIT-DRV-2.7.10.1-3'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          KICKED,
          (words, at) => {
            const port = words[at + A]!;
            const receive = state.queueOf(port | (RECEIVE_QUEUE << 8));
            const transmit = state.queueOf(port | (TRANSMIT_QUEUE << 8));
            if (state.portOf(port).isCommandPending || !receive.isInstalled || !transmit.isInstalled) return;
            // With EVENT_IDX flags mean nothing: needless-kicks.ts.
            if (state.portOf(port).usesEvents) return;
            // One notification object serves both queues, so one queue that wants a kick justifies it.
            if ((receive.usedFlags & transmit.usedFlags & SUPPRESS) === 0) return context.held(0, port);
            context.violated(0, port, 'driver', {
              message: 'The driver notified the device although both queues ask for no notifications.',
              expected: 'no notification while used.flags is 1',
              seen: 'used.flags is 1 at both queues',
              evidence: { receiveFlags: receive.usedFlags, transmitFlags: transmit.usedFlags },
            });
          },
        ],
      ],
    };
  },
};
