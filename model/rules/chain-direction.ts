// Which way the elements of a chain go: transmit chains are read, receive chains are written.
//
// virtio 2.7.13.1, 5.1.2, 5.1.9.2, 5.1.9.3.1.
import { FLAG_WRITE, RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_CHAIN } from './link-state.js';
import type { ChainSnapshot } from './chain-snapshot.js';
import { AT_ONCE, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const MATCHES_QUEUE = 0;
const TRANSMIT_READABLE = 1;
const RECEIVE_WRITABLE = 2;
const NUMBERED = 3;
const NOT_EMPTY = 4;

/** Every element has the direction of its queue. */
export const chainDirection: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'chain-direction',
  title: 'Transmit chains hold only readable elements, receive chains only writable ones, and none is empty.',
  clauses: ['SPLIT-DRV-2.7.13.1-3', 'NET-DRV-5.1.9.2-1', 'NET-DRV-5.1.9.3.1-6', 'NET-DRV-5.1.2-1', 'SPLIT-DRV-2.7.13.1-2'],
  actor: 'driver',
  create: (context) => new ChainDirectionJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class ChainDirectionJudge {
  private readonly context: RuleContext;
  private readonly chain: ChainSnapshot;

  constructor(context: RuleContext) {
    this.context = context;
    this.chain = context.state.chain;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return { on: [[DERIVED_CHAIN, () => this.judge()]] };
  }

  private judge(): void {
    if (this.chain.received === 0) return;
    const { port, queue } = this.chain;
    if (queue !== RECEIVE_QUEUE && queue !== TRANSMIT_QUEUE) return;
    const isTransmit = queue === TRANSMIT_QUEUE;
    let wrong = 0;
    let bytes = 0;
    for (let element = 0; element < this.chain.received; element++) {
      if (element === this.chain.indirectAt) continue;
      bytes += this.chain.lengthBytes[element]!;
      if (((this.chain.flags[element]! & FLAG_WRITE) !== 0) === isTransmit) wrong++;
    }
    const ofQueue = isTransmit ? TRANSMIT_READABLE : RECEIVE_WRITABLE;
    if (wrong === 0 && bytes > 0) {
      this.context.held(NOT_EMPTY, port);
      this.context.held(MATCHES_QUEUE, port);
      this.context.held(ofQueue, port);
      return this.context.held(NUMBERED, port);
    }
    const evidence = { queue, head: this.chain.head, position: this.chain.position, elements: this.chain.dataCount, wrong };
    if (bytes > 0) this.context.held(NOT_EMPTY, port);
    else
      this.context.violated(NOT_EMPTY, port, 'driver', {
        message: 'The driver published a chain without any bytes.',
        expected: 'a buffer of at least one element with bytes',
        seen: 'no bytes',
        evidence,
      });
    if (wrong === 0) {
      this.context.held(MATCHES_QUEUE, port);
      this.context.held(ofQueue, port);
      return this.context.held(NUMBERED, port);
    }
    const report = {
      message: isTransmit ? 'A transmit chain holds elements the device may write.' : 'A receive chain holds elements the device may not write.',
      expected: isTransmit ? 'no WRITE flag in queue 1' : 'the WRITE flag on every element in queue 0',
      seen: `${wrong} of ${this.chain.dataCount} elements the other way`,
      evidence,
    };
    this.context.violated(MATCHES_QUEUE, port, 'driver', report);
    this.context.violated(ofQueue, port, 'driver', report);
    if (wrong === this.chain.dataCount)
      this.context.violated(NUMBERED, port, 'driver', { ...report, message: `A buffer of the other direction was published in queue ${queue}.` });
  }
}
