// Whether the device can reach what a chain refers to.
//
// virtio 2.7.5 and 6.1 (device addresses only), l4virtio-transport sheet §5 (registered regions, rights).
import { PROBLEM_BAD_ADDRESS } from '../events.js';
import { FLAG_WRITE } from '../virtqueue/layout.js';
import { DERIVED_CHAIN, type LinkState } from './link-state.js';
import { AT_ONCE, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const REACHABLE = 0;
const DEVICE_ADDRESSES = 1;
const REGISTERED_FIRST = 2;
const WRITABLE = 3;
const RIGHT_WRITE = 2;

/** Chains refer to registered memory with the needed rights. */
export const chainMemory: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'chain-memory',
  title: 'Every element of a chain lies in one registered region, writable if the device is to write it.',
  clauses: ['SPLIT-DRV-2.7.5-3', 'RSVD-DRV-6.1-5', 'L4V-MEMORY-FIRST', 'L4V-MEMORY-RIGHTS'],
  actor: 'driver',
  create: (context) => new ChainMemoryJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class ChainMemoryJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return { on: [[DERIVED_CHAIN, () => this.judge()]] };
  }

  /** First writable element in a region that was registered read-only, -1 if none. */
  private readOnlyElement(): number {
    const { chain } = this.state;
    const port = this.state.portOf(chain.port);
    for (let element = 0; element < chain.received; element++) {
      if ((chain.flags[element]! & FLAG_WRITE) === 0 || element === chain.indirectAt) continue;
      const region = port.regionOf(chain.addressOf(element), chain.lengthBytes[element]!);
      if (region >= 0 && (port.regionRights[region]! & RIGHT_WRITE) === 0) return element;
    }
    return -1;
  }

  /** First element outside all regions as far as the trace tells, else the last one. */
  private lostElement(): number {
    const { chain } = this.state;
    const port = this.state.portOf(chain.port);
    for (let element = 0; element < chain.received; element++) {
      if (port.regionOf(chain.addressOf(element), chain.lengthBytes[element]!) < 0) return element;
    }
    return Math.max(0, chain.received - 1);
  }

  private judge(): void {
    const { chain } = this.state;
    const { port } = chain;
    if (chain.received === 0) return;
    if (chain.problem === PROBLEM_BAD_ADDRESS) {
      const element = this.lostElement();
      const address = chain.addressOf(element);
      const report = {
        message: 'A descriptor refers to memory that is not registered with the device.',
        expected: 'a range inside one registered region, as device address',
        seen: `${chain.lengthBytes[element]} bytes at 0x${address.toString(16)} in element ${element}`,
        evidence: {
          queue: chain.queue,
          head: chain.head,
          element,
          address,
          lengthBytes: chain.lengthBytes[element]!,
          regions: this.state.portOf(port).regionCount,
        },
      };
      for (const clause of [REACHABLE, DEVICE_ADDRESSES, REGISTERED_FIRST]) this.context.violated(clause, port, 'driver', report);
      return;
    }
    this.context.held(REACHABLE, port);
    this.context.held(DEVICE_ADDRESSES, port);
    this.context.held(REGISTERED_FIRST, port);
    if (chain.writableBytes === 0) return;
    const element = this.readOnlyElement();
    if (element < 0) return this.context.held(WRITABLE, port);
    this.context.violated(WRITABLE, port, 'driver', {
      message: 'A descriptor the device is to write refers to memory that was registered read-only.',
      expected: 'a region registered for reading and writing',
      seen: `element ${element} of chain ${chain.head}`,
      evidence: { queue: chain.queue, head: chain.head, element, address: chain.addressOf(element) },
    });
  }
}
