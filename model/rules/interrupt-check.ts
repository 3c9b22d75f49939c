// What a driver has seen of its used rings when everything rests.
//
// virtio 2.7.14 (re-check after enabling interrupts) and 2.3 (notifications are hints). A driver may let returned
// transmit buffers lie; returned receive buffers it has not seen are lost frames. If the device owes an interrupt,
// the driver is not to blame.
import { agentOf, EVENT_LOAD, EVENT_STORE } from '../../sim/trace.js';
import { INTERRUPT_TAKEN, USED_PUBLISHED } from '../events.js';
import { STATUS_DRIVER_OK, STATUS_FAILURE } from '../transport/layout.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import { PART_AVAIL_FLAGS, PART_USED_EVENT, PART_USED_FLAGS, PART_USED_INDEX, partOf, portOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import { NONE, QUEUES_PER_PORT, type QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, BY_ACCESS, C, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const RECHECKS = 0;
const LOOKS = 1;
const DEVICE_LOOKS_LAST = 2;

/** At rest the driver has seen all returned receive buffers. */
export const interruptCheck: RuleDefinition = {
  ...BY_ACCESS,
  isLiveness: true,
  id: 'interrupt-check',
  title: 'A driver that rests has seen every returned receive buffer: it looks after each interrupt and again after enabling interrupts.',
  clauses: ['SPLIT-DRV-2.7.14-2', 'NOTIFY-DRV-2.3-1', 'P2P-INV-8'],
  actor: 'driver',
  create: (context) => new InterruptCheckJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class InterruptCheckJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port: used.idx of the receive queue as the driver saw it last plus 1; event numbers of the last interrupt and publication. */
  private seen = new Int32Array(0);

  private interruptedAt = new Int32Array(0);

  private publishedAt = new Int32Array(0);
  /** By port: event numbers of the device's last look at avail.flags of the receive queue and of its last used.idx becoming visible. */
  private flagsAt = new Int32Array(0);

  private visibleAt = new Int32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [EVENT_LOAD, (words, at) => this.loaded(words, at)],
        [EVENT_STORE, (words, at) => this.stored(words, at)],
        [
          INTERRUPT_TAKEN,
          (words, at) => {
            this.interruptedAt[words[at + A]!] = this.state.eventIndex + 1;
          },
        ],
        [
          USED_PUBLISHED,
          (words, at) => {
            if (words[at + A]! >>> 8 === RECEIVE_QUEUE) this.publishedAt[words[at + A]! & 0xff] = this.state.eventIndex + 1;
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!this.state.isQuiescent) return;
            for (let port = 0; port < this.state.portCount; port++) this.judge(port);
          },
        ],
      ],
      reset: () => {
        if (this.seen.length < this.state.portCount) {
          this.seen = new Int32Array(this.state.portCount);
          this.interruptedAt = new Int32Array(this.state.portCount);
          this.publishedAt = new Int32Array(this.state.portCount);
          this.flagsAt = new Int32Array(this.state.portCount);
          this.visibleAt = new Int32Array(this.state.portCount);
        }
        this.seen.fill(0);
        this.interruptedAt.fill(0);
        this.publishedAt.fill(0);
        this.flagsAt.fill(0);
        this.visibleAt.fill(0);
      },
    };
  }

  private loaded(words: Uint32Array, at: number): void {
    const where = words[at + A]!;
    const part = partOf(where);
    if (queueIndexOf(where) % QUEUES_PER_PORT !== RECEIVE_QUEUE || portOf(where) >= this.seen.length) return;
    if (agentOf(words, at) === SERVER_AGENT) {
      if (part === PART_AVAIL_FLAGS || part === PART_USED_EVENT) this.flagsAt[portOf(where)] = this.state.eventIndex + 1;
      return;
    }
    if (part === PART_USED_INDEX) this.seen[portOf(where)] = (words[at + D]! & 0xffff) + 1;
    // One load of 4 bytes shows flags and index together.
    else if (part === PART_USED_FLAGS && words[at + C]! >= 4) this.seen[portOf(where)] = (words[at + D]! >>> 16) + 1;
  }

  private stored(words: Uint32Array, at: number): void {
    const where = words[at + A]!;
    if (partOf(where) !== PART_USED_INDEX || agentOf(words, at) !== SERVER_AGENT) return;
    if (queueIndexOf(where) % QUEUES_PER_PORT === RECEIVE_QUEUE) this.visibleAt[portOf(where)] = this.state.eventIndex + 1;
  }

  /** The device looked at avail.flags while nobody could see its used.idx yet: the driver could not know. */
  private deviceLookedEarly(queue: QueueState): void {
    this.context.violated(DEVICE_LOOKS_LAST, queue.port, 'device', {
      message:
        'The device looked at avail.flags before its new used.idx was visible, so a driver that enabled interrupts and looked again saw nothing.',
      expected: 'a full barrier between used.idx and avail.flags',
      seen: 'used.idx became visible after the look at avail.flags',
      evidence: { usedIndex: queue.endUsedIndex, availFlags: queue.endAvailFlags },
    });
  }

  private judge(port: number): void {
    const portState = this.state.portOf(port);
    const queue = this.state.queueOf(port | (RECEIVE_QUEUE << 8));
    const isUp = portState.endedReason === 0 && (portState.status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
    if (!isUp || !queue.isInstalled || !queue.hasEnd || queue.returnedCount === 0) return;
    if (this.seen[port] === queue.endUsedIndex + 1) {
      this.context.held(RECHECKS, port);
      this.context.held(DEVICE_LOOKS_LAST, port);
      return this.context.held(LOOKS, port);
    }
    if (portState.lostInterrupt) return this.context.undecidable(RECHECKS, port, 'a recorded fault took an interrupt');
    if (queue.interruptOwedAt !== NONE || queue.checkOwedAt !== NONE)
      return this.context.undecidable(RECHECKS, port, 'the device owes an interrupt');
    if (this.visibleAt[port]! > this.flagsAt[port]! && (queue.endAvailFlags & SUPPRESS) === 0) return this.deviceLookedEarly(queue);
    const lastSeen = Math.max(0, this.seen[port]! - 1);
    const isIgnored = this.interruptedAt[port]! > this.publishedAt[port]!;
    const isOff = (queue.endAvailFlags & SUPPRESS) !== 0;
    const reason = isIgnored
      ? 'It was interrupted after they were returned and did not look.'
      : isOff
        ? 'It rests with interrupts suppressed.'
        : 'They came while interrupts were suppressed, and it did not look again after enabling them.';
    this.context.violated(isIgnored ? LOOKS : RECHECKS, port, 'driver', {
      message: `The driver rests without having seen returned receive buffers. ${reason}`,
      expected: `used.idx ${queue.endUsedIndex} seen`,
      seen: `used.idx ${lastSeen} at its last look`,
      evidence: { usedIndex: queue.endUsedIndex, lastSeen, availFlags: queue.endAvailFlags },
    });
  }
}
