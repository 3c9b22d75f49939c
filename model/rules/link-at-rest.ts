// Nothing waits when nothing moves: lost kicks and forgotten work, and who lost them.
//
// l4re-p2p sheet §10, invariant 5; virtio 2.7.10.1, 3.1.1. Each kick tells how far both rings were published, so
// at rest a ring that is ahead of the last kick was published without one. In coarse mode used.flags cannot
// change under a driver's hands, so that alone decides; with interleaving, kick-check.ts knows what the driver saw.
import { STATUS_DRIVER_OK, STATUS_FAILURE } from '../transport/layout.js';
import { needsEvent, RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import type { QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { AT_REST, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const KICKS = 0;
const KICKS_AFTER_START = 1;
const NEVER_RESTS = 2;
const KICKS_AT_EVENT = 3;
const FLAGS_IGNORED = 4;

/** True when the driver published chains after its last kick. */
export function isAheadOfKick(queue: QueueState): boolean {
  return queue.endAvailIndex !== (queue.kickedIndex < 0 ? 0 : queue.kickedIndex);
}

/** EVENT_IDX: true when what was published after the last kick crosses the position the device named. */
export function crossesEvent(queue: QueueState, event: number): boolean {
  return needsEvent(event, queue.endAvailIndex, Math.max(0, queue.kickedIndex));
}

/** True when the queue is in use and its end is known. */
function isReady(state: LinkState, queue: QueueState): boolean {
  const { status } = state.portOf(queue.port);
  return queue.isInstalled && queue.hasEnd && (status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
}

/** Bytes of the frame that waits at the transmit queue, 0 if the trace does not tell. */
function waitingBytes(transmit: QueueState): number {
  if (transmit.inFlight === 0) return 0;
  const head = transmit.headAt[(transmit.endCursor - (transmit.endHoldsChain ? 1 : 0)) & (transmit.size - 1)]!;
  return head < 0 || transmit.headState[head] === 0 ? 0 : transmit.readableBytes[head]!;
}

/** Bytes of the posted receive buffers, or infinite if the trace does not know them all. */
function roomBytes(receive: QueueState): number {
  if (receive.availIndex !== receive.endAvailIndex) return Infinity;
  let bytes = 0;
  for (let position = receive.endCursor; position !== receive.endAvailIndex; position = (position + 1) & 0xffff) {
    const head = receive.headAt[position & (receive.size - 1)]!;
    if (head >= 0) bytes += receive.writableBytes[head]!;
  }
  return bytes;
}

/** Where the device stands in a queue, in words. */
function describe(queue: QueueState): string {
  const hold = queue.endHoldsChain ? ' with a chain in hand' : '';
  return `queue ${queue.queue} of port ${queue.port} taken up to ${queue.endCursor} of ${queue.endAvailIndex}${hold}`;
}

/** True when a frame of `sender` waits although `receiver` has posted buffers that can take it. */
export function pipeWaits(state: LinkState, sender: number, receiver: number): boolean {
  const transmit = state.queueOf(sender | (TRANSMIT_QUEUE << 8));
  const receive = state.queueOf(receiver | (RECEIVE_QUEUE << 8));
  if (!isReady(state, transmit) || !isReady(state, receive)) return false;
  const waits = transmit.endAvailIndex !== transmit.endCursor || transmit.endHoldsChain;
  return waits && receive.endAvailIndex !== receive.endCursor && roomBytes(receive) >= waitingBytes(transmit);
}

/** At rest no frame waits while the receiver has buffers, and no publication lacks its kick. */
export const linkAtRest: RuleDefinition = {
  ...AT_REST,
  id: 'link-at-rest',
  title: 'At rest no frame waits for a receiver that has buffers, and every publication was followed by a kick unless suppressed.',
  clauses: ['SPLIT-DRV-2.7.10.1-4', 'INIT-DRV-3.1.1-15', 'P2P-INV-5', 'SPLIT-DRV-2.7.10.1-6', 'SPLIT-DRV-2.7.10.1-5'],
  actor: 'link',
  create: (context) => new LinkAtRestJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class LinkAtRestJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return { on: [[DERIVED_FINISH, () => this.finished()]] };
  }

  /** True when the queue was published without a kick and nobody had asked for none. */
  private lacksKick(queue: QueueState): boolean {
    if (this.state.portOf(queue.port).usesEvents) return crossesEvent(queue, queue.endAvailEvent);
    return isAheadOfKick(queue) && !queue.wasSuppressed && (queue.endUsedFlags & SUPPRESS) === 0;
  }

  /** True when the device waits for kicks and the driver gave none since it was ready: it may not look at what was posted before. */
  private lacksStart(queue: QueueState): boolean {
    if (this.context.configuration().pollingIntervalNs > 0 || this.state.portOf(queue.port).kickCount > 0) return false;
    return !queue.wasSuppressed && (queue.endUsedFlags & SUPPRESS) === 0;
  }

  private judgeKicks(queue: QueueState): void {
    const { port } = queue;
    const portState = this.state.portOf(port);
    if (!isReady(this.state, queue) || queue.endAvailIndex === 0 || queue.endKicksPending > 0) return;
    if (!portState.hasToldIndices && portState.kickCount > 0)
      return this.context.undecidable(KICKS, port, 'the kicks of this trace do not tell what was published');
    const { usesEvents } = portState;
    const isTrap = usesEvents && (queue.endUsedFlags & SUPPRESS) !== 0;
    const clause = isTrap ? FLAGS_IGNORED : usesEvents ? KICKS_AT_EVENT : KICKS;
    if (!isAheadOfKick(queue)) return this.context.held(clause, port);
    if ((queue.wasSuppressed && !usesEvents) || portState.lostKick) return;
    // With interleaving the device may have moved avail_event meanwhile: kick-check knows what the driver saw.
    if (usesEvents && (!this.lacksKick(queue) || this.context.configuration().mode !== 'coarse')) return;
    const report = {
      message: `The driver published buffers in queue ${queue.queue} and did not notify the device.`,
      expected: usesEvents
        ? `a notification, since avail_event is ${queue.endAvailEvent}${isTrap ? ', whatever used.flags says' : ''}`
        : 'a notification, since used.flags was 0 all the time',
      seen: `avail.idx ${queue.endAvailIndex}, and ${queue.kickedIndex < 0 ? 'no notification at all' : `${queue.kickedIndex} at the last notification`}`,
      evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, kickedIndex: queue.kickedIndex, cursor: queue.endCursor },
    };
    this.context.violated(clause, port, 'driver', report);
  }

  /** The device must not rest deaf: suppression it set itself is to be taken back before it waits. */
  private judgeDeafness(queue: QueueState): void {
    if (!isReady(this.state, queue) || this.context.configuration().pollingIntervalNs > 0) return;
    if ((queue.endUsedFlags & queue.usedFlags & SUPPRESS) === 0) return;
    this.context.violated(NEVER_RESTS, queue.port, 'device', {
      message: `The device rests and still asks for no notifications of queue ${queue.queue}, so whatever is published next waits.`,
      expected: 'used.flags 0',
      seen: `used.flags ${queue.endUsedFlags}`,
      evidence: { queue: queue.queue, flags: queue.endUsedFlags },
    });
  }

  private judgeStart(port: number): void {
    const portState = this.state.portOf(port);
    const receive = this.state.queueOf(port | (RECEIVE_QUEUE << 8));
    if (!isReady(this.state, receive) || receive.endAvailIndex === 0) return;
    if (portState.kickCount > 0) return this.context.held(KICKS_AFTER_START, port);
    if (receive.wasSuppressed || (receive.endUsedFlags & SUPPRESS) !== 0 || portState.lostKick) return;
    this.context.violated(KICKS_AFTER_START, port, 'driver', {
      message: 'The driver posted receive buffers and never notified the device after DRIVER_OK.',
      expected: 'a notification after DRIVER_OK',
      seen: `${receive.endAvailIndex} buffers posted, no notification`,
      evidence: { posted: receive.endAvailIndex },
    });
  }

  private judgePipe(transmit: QueueState, receive: QueueState): void {
    if (!isReady(this.state, transmit) || !isReady(this.state, receive)) return;
    if (!pipeWaits(this.state, transmit.port, receive.port)) {
      if (transmit.endAvailIndex !== 0) this.context.held(NEVER_RESTS, receive.port);
      return;
    }
    const ports = [transmit.port, receive.port];
    if (ports.some((port) => this.state.portOf(port).lostKick)) return this.context.undecidable(NEVER_RESTS, receive.port, 'a recorded fault took a kick');
    if (ports.some((port) => !this.state.portOf(port).hasToldIndices && this.state.portOf(port).kickCount > 0)) {
      return this.context.undecidable(NEVER_RESTS, receive.port, 'the kicks of this trace do not tell what was published');
    }
    if (this.lacksKick(transmit) || this.lacksKick(receive) || this.lacksStart(transmit) || this.lacksStart(receive)) return;
    const mayBeDrivers = this.context.configuration().mode !== 'coarse' && (isAheadOfKick(transmit) || isAheadOfKick(receive));
    if (mayBeDrivers && this.context.configuration().pollingIntervalNs === 0)
      return this.context.undecidable(NEVER_RESTS, receive.port, 'a driver may have missed its kick');
    this.context.violated(NEVER_RESTS, receive.port, 'device', {
      message: 'The device rests although a frame waits and the receiver has posted buffers.',
      expected: 'the frame carried over',
      seen: `${describe(transmit)}; ${describe(receive)}`,
      evidence: {
        sender: transmit.port,
        transmitIndex: transmit.endAvailIndex,
        transmitCursor: transmit.endCursor,
        receiveIndex: receive.endAvailIndex,
        receiveCursor: receive.endCursor,
      },
    });
  }

  private finished(): void {
    if (!this.state.isQuiescent) return;
    for (let port = 0; port < this.state.portCount; port++) {
      this.judgeKicks(this.state.queueOf(port | (RECEIVE_QUEUE << 8)));
      this.judgeKicks(this.state.queueOf(port | (TRANSMIT_QUEUE << 8)));
      this.judgeDeafness(this.state.queueOf(port | (RECEIVE_QUEUE << 8)));
      this.judgeDeafness(this.state.queueOf(port | (TRANSMIT_QUEUE << 8)));
      this.judgeStart(port);
      const peer = this.state.peerOf(port);
      if (peer >= 0) this.judgePipe(this.state.queueOf(port | (TRANSMIT_QUEUE << 8)), this.state.queueOf(peer | (RECEIVE_QUEUE << 8)));
    }
  }
}
