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
import { statusText } from '../protocol-words.js';
import { ENTRY_COUNT } from './port-state.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

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
  create: (context) => new QueueSetupJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class QueueSetupJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [QUEUE_CONFIGURED, (words, at) => this.configured(words[at + A]!, words[at + B]!, words[at + D]!)],
        [STATUS_WRITE, (words, at) => this.started(words[at + A]!, words[at + B]!)],
        [REGISTER_WRITE, (words, at) => this.wrote(words[at + A]!, words[at + B]!)],
      ],
    };
  }

  private configured(portAndQueue: number, result: number, ready: number): void {
    const port = portAndQueue & 0xff;
    const queue = portAndQueue >>> 8;
    const portState = this.state.portOf(port);
    const { status } = portState;
    if (portState.hasGivenUp) return;
    if (queue >= QUEUE_COUNT) {
      return this.context.violated(INDEX_IN_RANGE, port, 'driver', {
        message: `The driver configured queue ${queue} of a device with ${QUEUE_COUNT} queues.`,
        expected: `a queue index below ${QUEUE_COUNT}`,
        seen: `index ${queue}`,
        evidence: { queue, result },
      });
    }
    this.context.held(INDEX_IN_RANGE, port);
    const isEarly = (status & (STATUS_ACKNOWLEDGE | STATUS_DRIVER)) !== (STATUS_ACKNOWLEDGE | STATUS_DRIVER) || (status & STATUS_FAILURE) !== 0;
    this.report(
      PRECONDITION,
      port,
      queue,
      !isEarly && result !== EIO,
      'The driver configured a queue at a status that does not allow it.',
      'ACKNOWLEDGE and DRIVER set, no failure bit',
    );
    if (ready === 0) return;
    this.report(
      AFTER_FEATURES,
      port,
      queue,
      (status & STATUS_FEATURES_OK) !== 0,
      'The driver set a queue up before the features were settled.',
      'FEATURES_OK in the status',
    );
    const isLate = (portState.requested & STATUS_DRIVER_OK) !== 0;
    this.report(
      BEFORE_DRIVER_OK,
      port,
      queue,
      !isLate,
      'The driver set a queue up after DRIVER_OK.',
      'all queues set up before DRIVER_OK, none after it without a reset',
    );
  }

  private report(clause: number, port: number, queue: number, isGood: boolean, message: string, expected: string): void {
    if (isGood) return this.context.held(clause, port);
    const { status } = this.state.portOf(port);
    this.context.violated(clause, port, 'driver', {
      message,
      expected,
      seen: `status ${statusText(status)} while queue ${queue} was configured`,
      evidence: { queue, status },
    });
  }

  private started(port: number, value: number): void {
    if ((value & STATUS_DRIVER_OK) === 0 || (this.state.previousRequested & STATUS_DRIVER_OK) !== 0 || this.state.portOf(port).hasGivenUp) return;
    const hasReceive = this.state.queueOf(port | (RECEIVE_QUEUE << 8)).isInstalled;
    const hasTransmit = this.state.queueOf(port | (TRANSMIT_QUEUE << 8)).isInstalled;
    if (hasReceive && hasTransmit) return this.context.held(BEFORE_DRIVER_OK, port);
    this.context.violated(BEFORE_DRIVER_OK, port, 'driver', {
      message: 'The driver set DRIVER_OK before both queues were set up.',
      expected: 'receive and transmit queue set up first',
      seen: `receive queue ${hasReceive ? 'up' : 'missing'}, transmit queue ${hasTransmit ? 'up' : 'missing'}`,
      evidence: { receiveQueue: Number(hasReceive), transmitQueue: Number(hasTransmit) },
    });
  }

  private wrote(port: number, offset: number): void {
    const place = offset - netQueueEntry(0);
    if (place < 0 || place >= ENTRY_COUNT * QUEUE_ENTRY_BYTES) return;
    const queue = Math.floor(place / QUEUE_ENTRY_BYTES);
    const field = place % QUEUE_ENTRY_BYTES;
    const isSize = field < QUEUE_ENTRY.ready;
    const isAddress = field >= QUEUE_ENTRY.descriptors && field < QUEUE_ENTRY.deviceNotifyIndex;
    if (!isSize && !isAddress) return;
    if (!this.state.portOf(port).isReady(queue)) return this.context.held(FIELDS_WHILE_OFF, port);
    this.context.violated(FIELDS_WHILE_OFF, port, 'driver', {
      message: `The driver changed the entry of queue ${queue} while its ready field was 1.`,
      expected: 'ready written 0 before size or addresses change',
      seen: `a write at offset ${field} of the entry`,
      evidence: { queue, field },
    });
  }
}
