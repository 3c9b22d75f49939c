// What a device returns: heads it was given, each once, in order, with a true length.
//
// virtio 2.6, 2.7.8; l4re-p2p sheet §10, invariants 1 and 2. Judged when used.idx moves, slot by slot, because
// elements written ahead of it may still change.
import { USED_PUBLISHED } from '../events.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_RETURNED, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const SLOT_WRITTEN = 0;
const HEAD_WAS_GIVEN = 1;
const LENGTH_IS_TRUE = 2;
const TRANSMIT_ONCE = 3;
const RECEIVE_ONCE = 4;

/** Used elements name chains in flight, once each and in order, with lengths the chains can hold. */
export const usedElements: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'device',
  id: 'used-elements',
  title: 'The device returns each chain once and in order, in freshly written slots, with a length that fits.',
  clauses: ['SPLIT-DEV-2.7.8-1', 'SPLIT-DEV-2.7.8-2', 'VQ-DEV-2.6-1', 'P2P-INV-1', 'P2P-INV-2'],
  actor: 'device',
  create: (context) => new UsedElementsJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class UsedElementsJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return { on: [[DERIVED_RETURNED, () => this.judge()]] };
  }

  private judge(): void {
    const { returned } = this.state;
    const { queue, id, position } = returned;
    const { port } = queue;
    const once = queue.queue === TRANSMIT_QUEUE ? TRANSMIT_ONCE : RECEIVE_ONCE;
    if (!returned.isFresh) {
      const report = {
        message: `The device moved used.idx of queue ${queue.queue} over a slot it had not written.`,
        expected: 'every slot written before used.idx covers it',
        seen: `slot ${position & (queue.size - 1)} as it was before`,
        evidence: { queue: queue.queue, position, id, lengthBytes: returned.lengthBytes },
      };
      this.context.violated(SLOT_WRITTEN, port, 'device', report);
      return this.context.violated(once, port, 'device', report);
    }
    this.context.held(SLOT_WRITTEN, port);
    if (!returned.wasTaken) {
      const report = {
        message: `The device returned head ${id} of queue ${queue.queue}, which it did not have.`,
        expected: 'the head of a chain that was taken and not yet returned',
        seen: returned.wasInFlight ? `head ${id}, published but not taken` : `head ${id}, owned by the driver`,
        evidence: { queue: queue.queue, position, id, lengthBytes: returned.lengthBytes },
      };
      this.context.violated(HEAD_WAS_GIVEN, port, 'device', report);
      return this.context.violated(once, port, 'device', report);
    }
    this.context.held(HEAD_WAS_GIVEN, port);
    this.judgeOrder(once);
    this.judgeLength();
  }

  private judgeOrder(clause: number): void {
    const { queue, id, position } = this.state.returned;
    const expected = queue.returnedCount & 0xffff;
    const given = queue.positionOf[id]!;
    if (given === expected) return this.context.held(clause, queue.port);
    this.context.violated(clause, queue.port, 'device', {
      message: `The device returned chains of queue ${queue.queue} out of order.`,
      expected: `the chain from available position ${expected}`,
      seen: `head ${id} from available position ${given}`,
      evidence: { queue: queue.queue, position, id, given, expected },
    });
  }

  private judgeLength(): void {
    const { queue, id, lengthBytes, position } = this.state.returned;
    const limit = queue.writableBytes[id]!;
    if (lengthBytes <= limit) return this.context.held(LENGTH_IS_TRUE, queue.port);
    this.context.violated(LENGTH_IS_TRUE, queue.port, 'device', {
      message: `The device says it wrote ${lengthBytes} bytes into a chain of queue ${queue.queue} that has room for ${limit}.`,
      expected: `a length of at most ${limit}`,
      seen: String(lengthBytes),
      evidence: { queue: queue.queue, position, id, lengthBytes, limit },
    });
  }
}

/** Nobody but the device moves used.idx. */
export const usedIndexOwner: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'used-index-owner',
  title: 'The driver leaves used.idx alone once the device has the ring, and the device moves it by what it returns.',
  clauses: ['SPLIT-DRV-2.7-3', 'SPLIT-DEV-2.7.8-1'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          USED_PUBLISHED,
          (words, at) => {
            const queue = state.queueOf(words[at + A]!);
            if (!queue.isInstalled) return;
            const found = words[at + B]! & 0xffff;
            const step = ((words[at + C]! & 0xffff) - found) & 0xffff;
            if (step > queue.size) {
              context.violated(1, queue.port, 'device', {
                message: `The device moved used.idx of queue ${queue.queue} by more than the ring holds.`,
                expected: `a step of at most ${queue.size}`,
                seen: `a step of ${step}`,
                evidence: { queue: queue.queue, found, step, size: queue.size },
              });
            }
            if (found === state.expectedUsedIndex) return context.held(0, queue.port);
            context.violated(0, queue.port, 'driver', {
              message: `used.idx of queue ${queue.queue} is not what the device left there: the driver wrote to the used ring.`,
              expected: String(state.expectedUsedIndex),
              seen: String(found),
              evidence: { queue: queue.queue, found, expected: state.expectedUsedIndex },
            });
          },
        ],
      ],
    };
  },
};
