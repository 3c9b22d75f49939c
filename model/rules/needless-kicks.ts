// EVENT_IDX: the driver sends no notification that neither of its queues asked for.
//
// virtio 2.7.10.1. What a driver decided shows in its looks at avail_event: a look decides about everything published since the look
// before. One notification object serves all queues, so one queue that wants it justifies a kick; a driver that never looks
// is taken to decide with each kick. Needs every access, and accesses in the order of the program.
import { agentOf, EVENT_LOAD } from '../../sim/trace.js';
import { DEVICE_RESET, KICKED, QUEUE_CONFIGURED } from '../events.js';
import { needsEvent } from '../virtqueue/layout.js';
import { PART_AVAIL_EVENT, partOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { indexOf, type LinkState } from './link-state.js';
import { QUEUES_PER_PORT, type QueueState } from './queue-state.js';
import { A, BY_ACCESS, D, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

/** No kick without a reason. */
export const needlessKicks: RuleDefinition = {
  ...BY_ACCESS,
  modes: ['fine'],
  id: 'needless-kicks',
  title: 'With EVENT_IDX the driver sends no notification unless a chain that avail_event names was published.',
  clauses: ['SPLIT-DRV-2.7.10.1-7'],
  actor: 'driver',
  create: (context) => new NeedlessKicksJudge(context).handlers(),
};

/** By queue: avail.idx at the driver's last look at avail_event, and at its last kick; whether a look since that kick asked for one. */
interface Decisions {
  lookedIndex: number;
  kickedIndex: number;
  isOwed: boolean;
}

/** One run after the other for the rule above. */
class NeedlessKicksJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  private readonly decisions: Decisions[] = [];

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [EVENT_LOAD, (words, at) => this.loaded(words, at)],
        [KICKED, (words, at) => this.kicked(words[at + A]!)],
        [QUEUE_CONFIGURED, (words, at) => this.startOver(words[at + A]! & 0xff)],
        [DEVICE_RESET, (words, at) => this.startOver(words[at + A]!)],
      ],
      reset: () => {
        while (this.decisions.length < this.state.portCount * QUEUES_PER_PORT)
          this.decisions.push({ lookedIndex: 0, kickedIndex: 0, isOwed: false });
        for (let port = 0; port < this.state.portCount; port++) this.startOver(port);
      },
    };
  }

  private startOver(port: number): void {
    for (let queue = 0; queue < QUEUES_PER_PORT; queue++) {
      const decisions = this.decisions[port * QUEUES_PER_PORT + queue];
      if (decisions === undefined) return;
      decisions.lookedIndex = 0;
      decisions.kickedIndex = 0;
      decisions.isOwed = false;
    }
  }

  private loaded(words: Uint32Array, at: number): void {
    const where = words[at + A]!;
    if (partOf(where) !== PART_AVAIL_EVENT || agentOf(words, at) === SERVER_AGENT) return;
    const index = queueIndexOf(where);
    const decisions = this.decisions[index];
    const queue = this.state.queues[index];
    if (decisions === undefined || queue === undefined) return;
    const issued = Math.max(0, queue.issuedIndex);
    if (needsEvent(words[at + D]! & 0xffff, issued, decisions.lookedIndex)) decisions.isOwed = true;
    decisions.lookedIndex = issued;
  }

  /** True if the queue gave a reason for the kick that was just sent. */
  private settle(queue: QueueState): boolean {
    const decisions = this.decisions[indexOf(queue)]!;
    const now = Math.max(0, queue.kickedIndex);
    const isReason = decisions.isOwed || needsEvent(queue.availEvent, now, decisions.kickedIndex);
    decisions.isOwed = false;
    decisions.kickedIndex = now;
    return isReason;
  }

  private kicked(port: number): void {
    const portState = this.state.portOf(port);
    if (!portState.usesEvents || portState.isCommandPending || !portState.hasToldIndices) return;
    let isReason = false;
    let installed = 0;
    for (let number = 0; number < QUEUES_PER_PORT; number++) {
      const queue = this.state.queueOf(port | (number << 8));
      if (!queue.isInstalled) continue;
      installed++;
      if (this.settle(queue)) isReason = true;
    }
    if (installed === 0) return;
    if (isReason) return this.context.held(0, port);
    const [receive, transmit] = [this.state.queueOf(port), this.state.queueOf(port | 0x100)];
    this.context.violated(0, port, 'driver', {
      message: 'The driver notified the device although nothing it published reached avail_event of its queue.',
      expected: 'no notification',
      seen: `avail_event ${receive.availEvent} and ${transmit.availEvent}, avail.idx ${receive.kickedIndex} and ${transmit.kickedIndex}`,
      evidence: { receiveEvent: receive.availEvent, transmitEvent: transmit.availEvent },
    });
  }
}
