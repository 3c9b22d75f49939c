// The decision to kick, with every access visible: publish avail.idx, full barrier, look at used.flags, kick.
//
// virtio 2.7.13, 2.7.13.4.1, 2.7.10.1 (driver), 2.7.10 (device re-checks after enabling). Judged at rest: only a
// publication that was never followed by a kick can have been lost, and what the driver saw in used.flags tells
// whose loss it is.
import { agentOf, EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE } from '../../sim/trace.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import { PART_AVAIL_EVENT, PART_AVAIL_INDEX, PART_USED_FLAGS, partOf, portOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { crossesEvent, isAheadOfKick, pipeWaits } from './link-at-rest.js';
import { DERIVED_FINISH, indexOf, type LinkState } from './link-state.js';
import { type QueueState, QUEUES_PER_PORT } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, BY_ACCESS, D, F, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const FULL_BARRIER = 0;
const KICKS = 1;
const CHECKS_LAST = 2;
const DEVICE_CHECKS = 3;
const NEVER_RESTS = 4;
const KICKS_AT_EVENT = 5;

/** Publications are followed by a look at used.flags that is ordered behind them, and by a kick if it is 0. */
export const kickCheck: RuleDefinition = {
  ...BY_ACCESS,
  isLiveness: true,
  id: 'kick-check',
  title: 'After publishing, the driver looks if a kick is wanted, behind a full barrier, and kicks then; the device re-checks after enabling kicks.',
  clauses: ['SPLIT-DRV-2.7.13.4.1-1', 'SPLIT-DRV-2.7.10.1-4', 'SPLIT-DRV-2.7.13-1', 'SPLIT-DEV-2.7.10-1', 'P2P-INV-5', 'SPLIT-DRV-2.7.10.1-6'],
  actor: 'driver',
  create: (context) => new KickCheckJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class KickCheckJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By queue, event numbers plus 1: avail.idx issued, visible; used.flags or avail_event loaded by the driver, and what it showed. */
  private issuedAt = new Int32Array(0);

  private visibleAt = new Int32Array(0);

  private checkedAt = new Int32Array(0);

  private shownFlags = new Int32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [EVENT_LOAD, (words, at) => this.loaded(words, at)],
        [EVENT_STORE, (words, at) => this.note(words, at, true)],
        [EVENT_BUFFERED, (words, at) => this.note(words, at, false)],
        [
          DERIVED_FINISH,
          () => {
            if (!this.state.isQuiescent) return;
            for (let index = 0; index < this.state.portCount * QUEUES_PER_PORT; index++) this.judge(this.state.queues[index]!, index);
          },
        ],
      ],
      reset: () => {
        const queues = this.state.portCount * QUEUES_PER_PORT;
        if (this.issuedAt.length < queues) {
          this.issuedAt = new Int32Array(queues);
          this.visibleAt = new Int32Array(queues);
          this.checkedAt = new Int32Array(queues);
          this.shownFlags = new Int32Array(queues);
        }
        this.issuedAt.fill(0);
        this.visibleAt.fill(0);
        this.checkedAt.fill(0);
      },
    };
  }

  private note(words: Uint32Array, at: number, isStore: boolean): void {
    const where = words[at + A]!;
    if (partOf(where) !== PART_AVAIL_INDEX || agentOf(words, at) === SERVER_AGENT) return;
    const index = queueIndexOf(where);
    if (index >= this.issuedAt.length) return;
    if (!isStore || words[at + F] === 0) this.issuedAt[index] = this.state.eventIndex + 1;
    if (isStore) this.visibleAt[index] = this.state.eventIndex + 1;
  }

  private loaded(words: Uint32Array, at: number): void {
    const where = words[at + A]!;
    const part = partOf(where);
    if ((part !== PART_USED_FLAGS && part !== PART_AVAIL_EVENT) || agentOf(words, at) === SERVER_AGENT) return;
    const index = queueIndexOf(where);
    if (index >= this.checkedAt.length || (part === PART_AVAIL_EVENT) !== this.state.portOf(portOf(where)).usesEvents) return;
    this.checkedAt[index] = this.state.eventIndex + 1;
    this.shownFlags[index] = words[at + D]! & 0xffff;
  }

  private missed(queue: QueueState, clauses: readonly number[], message: string, expected: string): void {
    const report = {
      message: `${message} Queue ${queue.queue} was left without a notification.`,
      expected,
      seen: `avail.idx ${queue.endAvailIndex}, ${Math.max(0, queue.kickedIndex)} at the last notification`,
      evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, kickedIndex: queue.kickedIndex, cursor: queue.endCursor },
    };
    for (const clause of clauses) this.context.violated(clause, queue.port, 'driver', report);
  }

  /** The driver was told not to kick: then the device must have looked again. */
  private suppressed(queue: QueueState): void {
    this.context.held(this.kicksOf(queue), queue.port);
    const peer = this.state.peerOf(queue.port);
    if (peer < 0) return;
    const sender = queue.queue === RECEIVE_QUEUE ? peer : queue.port;
    const receiver = queue.queue === RECEIVE_QUEUE ? queue.port : peer;
    if (!pipeWaits(this.state, sender, receiver)) return this.context.held(DEVICE_CHECKS, queue.port);
    const other = this.state.queueOf(peer | ((1 - queue.queue) << 8));
    if (isAheadOfKick(other) && !this.wasTold(other)) {
      return this.context.undecidable(NEVER_RESTS, receiver, 'the driver at the other end owes a notification');
    }
    const hasLooked = queue.lookedIndex === queue.endAvailIndex;
    const report = {
      message: hasLooked
        ? `The device rests although it has seen a frame that waits and buffers for it; the driver was told not to notify queue ${queue.queue}.`
        : `The device asked for notifications of queue ${queue.queue} again and did not look at what had been published while it wanted none.`,
      expected: `a full barrier and another look at avail.idx after ${this.state.portOf(queue.port).usesEvents ? 'moving avail_event' : 'clearing used.flags'}`,
      seen: `avail.idx ${queue.endAvailIndex}, ${queue.lookedIndex} at the last look`,
      evidence: { queue: queue.queue, availIndex: queue.endAvailIndex, lookedIndex: queue.lookedIndex },
    };
    if (!hasLooked) this.context.violated(DEVICE_CHECKS, queue.port, 'device', report);
    this.context.violated(NEVER_RESTS, receiver, 'device', report);
  }

  /** True when the driver looked at used.flags after its publication was visible and saw that no notification is wanted. */
  private wasTold(queue: QueueState): boolean {
    const index = indexOf(queue);
    return this.checkedAt[index]! > this.visibleAt[index]! && this.isUnwanted(queue, this.shownFlags[index]!, this.shownFlags[index]!);
  }

  /** The clause about kicks that holds for the queue. */
  private kicksOf(queue: QueueState): number {
    return this.state.portOf(queue.port).usesEvents ? KICKS_AT_EVENT : KICKS;
  }

  /** True when such a value of used.flags, or of avail_event, asks for no notification of what was published since the last one. */
  private isUnwanted(queue: QueueState, flags: number, event: number): boolean {
    return this.state.portOf(queue.port).usesEvents ? !crossesEvent(queue, event) : (flags & SUPPRESS) !== 0;
  }

  private judge(queue: QueueState, index: number): void {
    const portState = this.state.portOf(queue.port);
    if (!queue.isInstalled || !queue.hasEnd || this.visibleAt[index] === 0 || queue.endKicksPending > 0 || !portState.hasToldIndices) return;
    if (!isAheadOfKick(queue)) {
      for (const clause of [FULL_BARRIER, this.kicksOf(queue), CHECKS_LAST]) this.context.held(clause, queue.port);
      return;
    }
    if (portState.lostKick || this.isUnwanted(queue, queue.endUsedFlags, queue.endAvailEvent)) return;
    this.blame(queue, index, portState.usesEvents ? 'avail_event' : 'used.flags');
  }

  /** A publication was never followed by a notification that is wanted: whose mistake is it? `word` is what the driver had to look at. */
  private blame(queue: QueueState, index: number, word: string): void {
    const kicks = this.kicksOf(queue);
    const checked = this.checkedAt[index]!;
    const shown = this.shownFlags[index]!;
    if (checked > this.visibleAt[index]!) {
      if (this.isUnwanted(queue, shown, shown)) return this.suppressed(queue);
      const wanted = kicks === KICKS ? 'used.flags is 0' : `avail_event is ${shown}`;
      return this.missed(queue, [kicks], 'The driver saw that a notification was wanted and sent none.', `a notification when ${wanted}`);
    }
    if (checked > this.issuedAt[index]!) {
      return this.missed(
        queue,
        [FULL_BARRIER],
        `The driver looked at ${word} before its new avail.idx was visible.`,
        `a full barrier between avail.idx and ${word}`,
      );
    }
    if (checked === 0)
      return this.missed(
        queue,
        [kicks],
        'The driver published buffers and never looked whether a notification is wanted.',
        `a notification, or a look at ${word}`,
      );
    const expected = `the look at ${word} after avail.idx is stored`;
    this.missed(queue, [CHECKS_LAST, kicks], `The driver looked at ${word} before it published.`, expected);
  }
}
