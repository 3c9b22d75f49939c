// The device fails a port for malformed chains only: not for one that lies whole in registered memory.
//
// l4virtio-transport sheet T2, T9. Where a region begins or ends off a page border, what counts is what was asked
// for and granted, not the pages the device made of it. An empty piece lies where it begins; an indirect table is part
// of its chain.
import { CHAIN_FAILED, CONNECTED, MEMORY_REGISTERED, PROBLEM_BAD_ADDRESS, PROBLEM_BAD_SIZE, PROBLEM_NONE } from '../events.js';
import { DERIVED_CHAIN, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, D, E, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const WORD_SPAN = 4294967296;

/** Chains without fault are not refused. */
export const soundRefusal: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'sound-refusal',
  title: 'The device fails a port for malformed chains only.',
  clauses: ['P2P-FAILS-BAD-ONLY'],
  actor: 'device',
  create: (context) => new SoundRefusalJudge(context).handlers(),
};

interface Granted {
  readonly base: number;
  readonly end: number;
}

/** One run after the other for the rule above. */
class SoundRefusalJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port: regions exactly as they were asked for. */
  private readonly granted: Granted[][] = [];
  /** port | queue << 8 | head << 16 of chains that look badly placed but lie whole in what was granted. */
  private readonly wrongly = new Set<number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [CONNECTED, (words, at) => (this.granted[words[at + A]!] = [])],
        [
          MEMORY_REGISTERED,
          (words, at) => {
            const base = words[at + D]! * WORD_SPAN + words[at + C]!;
            if (words[at + B] === 0) this.granted[words[at + A]!]?.push({ base, end: base + (words[at + E]! === 0 ? WORD_SPAN : words[at + E]!) });
          },
        ],
        [DERIVED_CHAIN, () => this.published()],
        [CHAIN_FAILED, (words, at) => this.failed(words[at + A]!, words[at + B]!, words[at + C]!)],
      ],
      reset: () => {
        this.granted.length = 0;
        // Clearing makes a new table even of an empty set.
        if (this.wrongly.size > 0) this.wrongly.clear();
      },
    };
  }

  private published(): void {
    const { chain } = this.state;
    const key = (chain.port | (chain.queue << 8) | (chain.head << 16)) >>> 0;
    if (chain.problem !== PROBLEM_BAD_ADDRESS || !this.liesInGranted()) this.wrongly.delete(key);
    else this.wrongly.add(key);
  }

  private liesInGranted(): boolean {
    const { chain } = this.state;
    for (let element = 0; element < chain.received; element++) {
      const start = chain.addressOf(element);
      const end = start + chain.lengthBytes[element]!;
      const isInside = (region: Granted): boolean => start >= region.base && start < region.end && end <= region.end;
      if (this.granted[chain.port]?.some(isInside) !== true) return false;
    }
    return chain.received > 0;
  }

  private failed(portAndQueue: number, problem: number, head: number): void {
    const queue = this.state.queueOf(portAndQueue);
    if (head >= queue.size) return;
    // A driver that reuses descriptors of a chain the device has may have changed it since it was told.
    const isWhole = !this.state.portOf(queue.port).driverBroke && problem === PROBLEM_BAD_SIZE && queue.problemOf[head] === PROBLEM_NONE;
    const isPlaced = problem === PROBLEM_BAD_ADDRESS && this.wrongly.has((portAndQueue | (head << 16)) >>> 0);
    if (!isWhole && !isPlaced) return this.context.held(0, queue.port);
    this.context.violated(0, queue.port, 'device', {
      message: `The device failed the port for a chain of queue ${queue.queue} that is without fault.`,
      expected: 'the chain processed',
      seen: isWhole ? `head ${head} refused for the size of its indirect table` : `head ${head} refused for an address in registered memory`,
      evidence: { queue: queue.queue, head, problem },
    });
  }
}
