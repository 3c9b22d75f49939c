// Size, alignment and place of the rings a driver hands to the device.
//
// virtio 2.7, 2.7.1; l4virtio-transport sheet §5 and §7. Addresses are what the driver wrote into the queue
// entry of the config page.
import { QUEUE_CONFIGURED } from '../events.js';
import {
  availRingBytes,
  AVAIL_ALIGNMENT,
  DESCRIPTOR_ALIGNMENT,
  descriptorTableBytes,
  isQueueSize,
  QUEUE_SIZE_LIMIT,
  USED_ALIGNMENT,
  usedRingBytes,
} from '../virtqueue/layout.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const POWER_OF_TWO = 0;
const WITHIN_LIMIT = 1;
/** Alignment clauses of the three parts. */
const ALIGNED = [2, 3, 4] as const;
const REGISTERED = 5;
const WRITABLE = 6;
const ALIGNMENTS = [DESCRIPTOR_ALIGNMENT, AVAIL_ALIGNMENT, USED_ALIGNMENT] as const;
const PART_NAMES = ['descriptor table', 'available ring', 'used ring'] as const;
const USED_PART = 2;
const RIGHT_WRITE = 2;

/** Queue size and ring parts are as the specification and the transport want them. */
export const queueLayout: RuleDefinition = {
  ...AT_ONCE,
  id: 'queue-layout',
  title: 'The driver sets queues up with a legal size and with aligned ring parts in registered memory.',
  clauses: ['SPLIT-DRV-2.7-1', 'SPLIT-DRV-2.7-2', 'SPLIT-DRV-2.7.1-1', 'SPLIT-DRV-2.7.1-2', 'SPLIT-DRV-2.7.1-3', 'L4V-MEMORY-FIRST', 'L4V-MEMORY-RIGHTS'],
  actor: 'driver',
  create: (context) => new QueueLayoutJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class QueueLayoutJudge {
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
        [
          QUEUE_CONFIGURED,
          (words, at) => {
            if (words[at + D] === 0 || this.state.queueOf(words[at + A]!).port === 255) return;
            const port = words[at + A]! & 0xff;
            const queue = words[at + A]! >>> 8;
            const size = words[at + C]!;
            this.judgeSize(port, queue, size);
            for (let part = 0; part < 3; part++) this.judgePart(port, queue, size, part, words[at + B] === 0);
          },
        ],
      ],
    };
  }

  private judgeSize(port: number, queue: number, size: number): void {
    const limit = Math.min(QUEUE_SIZE_LIMIT, this.state.portOf(port).queueSizeLimit);
    const evidence = { queue, size, limit };
    const seen = `${size} entries for queue ${queue}`;
    if (isQueueSize(size) || size > QUEUE_SIZE_LIMIT) this.context.held(POWER_OF_TWO, port);
    else
      this.context.violated(POWER_OF_TWO, port, 'driver', {
        message: 'The driver chose a queue size that is no power of two.',
        expected: 'a power of two',
        seen,
        evidence,
      });
    if (size <= limit) this.context.held(WITHIN_LIMIT, port);
    else
      this.context.violated(WITHIN_LIMIT, port, 'driver', {
        message: 'The driver chose a larger queue than the device allows.',
        expected: `at most ${limit} entries`,
        seen,
        evidence,
      });
  }

  private judgePart(port: number, queue: number, size: number, part: number, isInstalled: boolean): void {
    const portState = this.state.portOf(port);
    const address = portState.partAddress(queue, part);
    const alignment = ALIGNMENTS[part]!;
    const name = PART_NAMES[part]!;
    const seen = `address 0x${address.toString(16)}`;
    const evidence = { queue, address, size };
    if (address % alignment === 0) this.context.held(ALIGNED[part]!, port);
    else
      this.context.violated(ALIGNED[part]!, port, 'driver', {
        message: `The ${name} of queue ${queue} is not aligned.`,
        expected: `a multiple of ${alignment}`,
        seen,
        evidence,
      });
    // What the device took lies in its regions; only a refusal needs a reason.
    if (isInstalled) {
      this.context.held(REGISTERED, port);
      if (part === USED_PART) this.context.held(WRITABLE, port);
      return;
    }
    const lengthBytes = [descriptorTableBytes(size), availRingBytes(size), usedRingBytes(size)][part]!;
    const region = portState.regionOf(address, lengthBytes);
    if (region < 0) {
      this.context.violated(REGISTERED, port, 'driver', {
        message: `The ${name} of queue ${queue} does not lie in registered memory.`,
        expected: `${lengthBytes} bytes inside one registered region`,
        seen: `${seen}, ${portState.regionCount} regions registered`,
        evidence: { ...evidence, lengthBytes, regions: portState.regionCount },
      });
    } else if (part === USED_PART && (portState.regionRights[region]! & RIGHT_WRITE) === 0) {
      this.context.violated(WRITABLE, port, 'driver', {
        message: `The used ring of queue ${queue} lies in memory that was registered read-only.`,
        expected: 'a region registered for reading and writing',
        seen: `region ${region} without write permission`,
        evidence: { ...evidence, region },
      });
    }
  }
}
