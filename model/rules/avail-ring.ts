// The available ring: which heads stand in it, and how avail.idx moves.
//
// virtio 2.7.6, 2.7.13.1 and 2.7.13.3. A head is free again from the moment the device publishes the used.idx
// that covers it. Indices are compared modulo 2^16.
import { DEVICE_LOOKED, PROBLEM_BAD_HEAD, PROBLEM_BAD_INDEX, PROBLEM_NONE } from '../events.js';
import { DERIVED_CHAIN, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const HEAD_IS_FREE = 0;
const DESCRIPTORS_FREE = 1;
const WITHIN_RING = 2;
const NEVER_BACK = 3;
const STEP_IS_COUNT = 4;
const SLOT_OF_POSITION = 5;
const ABOUT_HEADS = [HEAD_IS_FREE, SLOT_OF_POSITION, DESCRIPTORS_FREE] as const;

/** Heads are free and in range; avail.idx moves on by what was added. */
export const availRing: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'avail-ring',
  title: 'Each available entry is a free head below the queue size, and avail.idx only moves on, by what was added.',
  clauses: ['SPLIT-DRV-2.7.6-3', 'SPLIT-DRV-2.7.13.1-1', 'SPLIT-DRV-2.7.6-4', 'SPLIT-DRV-2.7.6.1-1', 'SPLIT-DRV-2.7.13.3-1', 'SPLIT-DRV-2.7.6-2'],
  actor: 'driver',
  create: (context) => new AvailRingJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class AvailRingJudge {
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
        [DERIVED_CHAIN, () => this.judgeHead()],
        [DEVICE_LOOKED, (words, at) => this.looked(words[at + A]!, words[at + B]! & 0xffff, words[at + C]! & 0xffff)],
      ],
    };
  }

  private judgeHead(): void {
    const { chain } = this.state;
    const { port, queue, head } = chain;
    const queueState = this.state.queueOf(port | (queue << 8));
    if (!queueState.isInstalled) return;
    if (chain.problem === PROBLEM_NONE && !chain.wasInFlight && chain.conflict < 0) {
      for (const clause of ABOUT_HEADS) this.context.held(clause, port);
      return;
    }
    const { size } = queueState;
    const evidence = { queue, head, position: chain.position, size, inFlight: queueState.inFlight };
    if (chain.problem === PROBLEM_BAD_INDEX) {
      return this.context.violated(WITHIN_RING, port, 'driver', {
        message: `avail.idx of queue ${queue} moved by more than the ring holds.`,
        expected: `a step of at most ${size}`,
        seen: `a larger step from position ${chain.position}`,
        evidence,
      });
    }
    if (chain.problem === PROBLEM_BAD_HEAD || chain.wasInFlight) {
      const isKnown = chain.problem !== PROBLEM_BAD_HEAD;
      const report = {
        message: isKnown
          ? `The driver published head ${head} of queue ${queue} again while the device still has it.`
          : `The driver published head ${head} in a queue of ${size}.`,
        expected: `a free head below ${size}`,
        seen: isKnown ? `head ${head}, in flight` : `head ${head}`,
        evidence,
      };
      this.context.violated(HEAD_IS_FREE, port, 'driver', report);
      // A slot that was not written before avail.idx moved shows what it held one lap ago.
      if (isKnown) this.context.violated(SLOT_OF_POSITION, port, 'driver', report);
      return;
    }
    this.context.held(HEAD_IS_FREE, port);
    this.context.held(SLOT_OF_POSITION, port);
    if (chain.conflict < 0) this.context.held(DESCRIPTORS_FREE, port);
    else {
      this.context.violated(DESCRIPTORS_FREE, port, 'driver', {
        message: `The driver used descriptor ${chain.conflict} of queue ${queue} in two chains at once.`,
        expected: 'descriptors from the free set',
        seen: `descriptor ${chain.conflict} in chain ${head} and in a chain the device still has`,
        evidence: { ...evidence, descriptor: chain.conflict },
      });
    }
  }

  private looked(portAndQueue: number, index: number, cursor: number): void {
    const queue = this.state.queueOf(portAndQueue);
    if (!queue.isInstalled) return;
    const port = queue.port;
    const ahead = (index - cursor) & 0xffff;
    if (ahead <= queue.size) {
      this.context.held(WITHIN_RING, port);
      this.context.held(NEVER_BACK, port);
      return this.context.held(STEP_IS_COUNT, port);
    }
    const before = this.state.previousLooked;
    const isBack = before >= 0 && ((before - index) & 0xffff) <= queue.size;
    const report = {
      message: isBack ? `avail.idx of queue ${queue.queue} moved back.` : `avail.idx of queue ${queue.queue} is further ahead than the ring is long.`,
      expected: `at most ${queue.size} entries beyond position ${cursor}, modulo 65536`,
      seen: `avail.idx ${index}${before >= 0 ? ` after ${before}` : ''}`,
      evidence: { queue: queue.queue, index, cursor, before, size: queue.size },
    };
    this.context.violated(isBack ? NEVER_BACK : WITHIN_RING, port, 'driver', report);
    this.context.violated(STEP_IS_COUNT, port, 'driver', report);
  }
}
