// When queues may be set up, and what a driver may write into a queue entry.
//
// virtio 3.1.1 steps 7 and 8, l4virtio-transport sheet §3, §4, §7.
import { QUEUE_CONFIGURED, REGISTER_WRITE, STATUS_WRITE } from '../events.js';
import { EIO } from '../l4/errors.js';
import {
  netQueueEntry,
  QUEUE_ENTRY,
  QUEUE_ENTRY_BYTES,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FAILURE,
  STATUS_FEATURES_OK,
} from '../transport/layout.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { ENTRY_COUNT } from './port-state.js';
import { A, AT_ONCE, B, D, type RuleDefinition } from './rule.js';

const AFTER_FEATURES = 0;
const BEFORE_DRIVER_OK = 1;
const INDEX_IN_RANGE = 2;
const FIELDS_WHILE_OFF = 3;
const PRECONDITION = 4;
/** Queues of a port of this link. */
const QUEUE_COUNT = 2;

/** Queues are set up between FEATURES_OK and DRIVER_OK, and their entries change only while they are off. */
export const queueSetup: RuleDefinition = {
  ...AT_ONCE,
  id: 'queue-setup',
  title: 'The driver sets its queues up after FEATURES_OK and before DRIVER_OK and changes entries only while ready is 0.',
  clauses: ['INIT-DRV-3.1.1-10', 'INIT-DRV-3.1.1-11', 'VQ-DRV-2.6-2', 'L4V-QUEUE-FIELDS', 'L4V-QUEUE-PRECONDITION'],
  actor: 'driver',
  create(context) {
    const { state } = context;

    const configured = (portAndQueue: number, result: number, ready: number): void => {
      const port = portAndQueue & 0xff;
      const queue = portAndQueue >>> 8;
      const portState = state.portOf(port);
      const { status } = portState;
      if (portState.hasGivenUp) return;
      if (queue >= QUEUE_COUNT) {
        return context.violated(INDEX_IN_RANGE, port, 'driver', {
          message: `The driver configured queue ${queue} of a device with ${QUEUE_COUNT} queues.`,
          expected: `a queue index below ${QUEUE_COUNT}`,
          seen: `index ${queue}`,
          evidence: { queue, result },
        });
      }
      context.held(INDEX_IN_RANGE, port);
      const isEarly = (status & (STATUS_ACKNOWLEDGE | STATUS_DRIVER)) !== (STATUS_ACKNOWLEDGE | STATUS_DRIVER) || (status & STATUS_FAILURE) !== 0;
      report(
        PRECONDITION,
        port,
        queue,
        !isEarly && result !== EIO,
        'The driver configured a queue at a status that does not allow it.',
        'ACKNOWLEDGE and DRIVER set, no failure bit',
      );
      if (ready === 0) return;
      report(
        AFTER_FEATURES,
        port,
        queue,
        (status & STATUS_FEATURES_OK) !== 0,
        'The driver set a queue up before the features were settled.',
        'FEATURES_OK in the status',
      );
      const isLate = (portState.requested & STATUS_DRIVER_OK) !== 0;
      report(
        BEFORE_DRIVER_OK,
        port,
        queue,
        !isLate,
        'The driver set a queue up after DRIVER_OK.',
        'all queues set up before DRIVER_OK, none after it without a reset',
      );
    };

    const report = (clause: number, port: number, queue: number, isGood: boolean, message: string, expected: string): void => {
      if (isGood) return context.held(clause, port);
      const { status } = state.portOf(port);
      context.violated(clause, port, 'driver', {
        message,
        expected,
        seen: `status 0x${status.toString(16)} while queue ${queue} was configured`,
        evidence: { queue, status },
      });
    };

    const started = (port: number, value: number): void => {
      if ((value & STATUS_DRIVER_OK) === 0 || (state.previousRequested & STATUS_DRIVER_OK) !== 0 || state.portOf(port).hasGivenUp) return;
      const hasReceive = state.queueOf(port | (RECEIVE_QUEUE << 8)).isInstalled;
      const hasTransmit = state.queueOf(port | (TRANSMIT_QUEUE << 8)).isInstalled;
      if (hasReceive && hasTransmit) return context.held(BEFORE_DRIVER_OK, port);
      context.violated(BEFORE_DRIVER_OK, port, 'driver', {
        message: 'The driver set DRIVER_OK before both queues were set up.',
        expected: 'receive and transmit queue set up first',
        seen: `receive queue ${hasReceive ? 'up' : 'missing'}, transmit queue ${hasTransmit ? 'up' : 'missing'}`,
        evidence: { receiveQueue: Number(hasReceive), transmitQueue: Number(hasTransmit) },
      });
    };

    const wrote = (port: number, offset: number): void => {
      const place = offset - netQueueEntry(0);
      if (place < 0 || place >= ENTRY_COUNT * QUEUE_ENTRY_BYTES) return;
      const queue = Math.floor(place / QUEUE_ENTRY_BYTES);
      const field = place % QUEUE_ENTRY_BYTES;
      const isSize = field < QUEUE_ENTRY.ready;
      const isAddress = field >= QUEUE_ENTRY.descriptors && field < QUEUE_ENTRY.deviceNotifyIndex;
      if (!isSize && !isAddress) return;
      if (!state.portOf(port).isReady(queue)) return context.held(FIELDS_WHILE_OFF, port);
      context.violated(FIELDS_WHILE_OFF, port, 'driver', {
        message: `The driver changed the entry of queue ${queue} while its ready field was 1.`,
        expected: 'ready written 0 before size or addresses change',
        seen: `a write at offset ${field} of the entry`,
        evidence: { queue, field },
      });
    };

    return {
      on: [
        [QUEUE_CONFIGURED, (words, at) => configured(words[at + A]!, words[at + B]!, words[at + D]!)],
        [STATUS_WRITE, (words, at) => started(words[at + A]!, words[at + B]!)],
        [REGISTER_WRITE, (words, at) => wrote(words[at + A]!, words[at + B]!)],
      ],
    };
  },
};
