// The shape of a published descriptor chain: links, length, direction of its elements, indirect tables.
//
// virtio 2.7.3 to 2.7.5, 2.7.13.1. The snapshot is taken when the chain becomes visible, so what is judged is
// what the device may see.
import { PROBLEM_BAD_HEAD, PROBLEM_BAD_INDEX, PROBLEM_BAD_NEXT, PROBLEM_BAD_SIZE, PROBLEM_LOOP } from '../events.js';
import { DESCRIPTOR_BYTES, FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE } from '../virtqueue/layout.js';
import type { ChainSnapshot } from './chain-snapshot.js';
import { DERIVED_CHAIN, type LinkState } from './link-state.js';
import { MASK_INDIRECT_DESC } from './ring-constants.js';
import { AT_ONCE, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const KNOWN_FLAGS = FLAG_NEXT | FLAG_WRITE | FLAG_INDIRECT;
/** Elements beyond which a chain counts as excessive (MAX_SKB_FRAGS of Linux plus 2, rounded up). */
const MODEST_ELEMENTS = 64;
const MAX_CHAIN_BYTES = 4294967296;

/** Counts an occasion on which the last chain kept the clause; texts are made only for the others. */
function holdsFor(context: RuleContext, clause: number, isGood: boolean): boolean {
  if (isGood) context.held(clause, context.state.chain.port);
  return isGood;
}

/** Reports the last chain, with its head as evidence. */
function accuseChain(context: RuleContext, clause: number, message: string, expected: string, seen: string): void {
  const { chain } = context.state;
  context.violated(clause, chain.port, 'driver', {
    message,
    expected,
    seen,
    evidence: { queue: chain.queue, head: chain.head, position: chain.position, elements: chain.received },
  });
}

/** True when a table index occurs twice among the elements of one table. */
function hasRepeat(chain: ChainSnapshot, from: number, to: number): boolean {
  for (let element = from; element < to; element++) {
    for (let earlier = from; earlier < element; earlier++) if (chain.tableIndex[element] === chain.tableIndex[earlier]) return true;
  }
  return false;
}

/** True when the chain loops, in its own or in the indirect table. */
export function loops(chain: ChainSnapshot): boolean {
  return chain.problem === PROBLEM_LOOP && (hasRepeat(chain, 0, chain.directCount) || hasRepeat(chain, chain.directCount, chain.received));
}

/** Number of the first element that can be read behind one that can be written, -1 if none. */
function misplacedElement(chain: ChainSnapshot): number {
  let hasWritable = false;
  for (let element = 0; element < chain.received; element++) {
    if (element === chain.indirectAt) continue;
    if ((chain.flags[element]! & FLAG_WRITE) !== 0) hasWritable = true;
    else if (hasWritable) return element;
  }
  return -1;
}

/** Links, length and order of elements. */
export const chainShape: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'chain-shape',
  title: 'Every published chain ends, stays inside its table, is no longer than the queue and lists readable elements first.',
  clauses: ['SPLIT-DRV-2.7.4.2-1', 'SPLIT-DRV-2.7.5-1', 'SPLIT-DRV-2.7.5-2', 'SPLIT-DRV-2.7.5.2-1', 'SPLIT-DRV-2.7.5.2-2', 'SPLIT-DRV-2.7.3-2'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    const judge = (): void => {
      const { chain } = state;
      if (chain.problem === PROBLEM_BAD_HEAD || chain.problem === PROBLEM_BAD_INDEX) return;
      const { size } = state.queueOf(chain.port | (chain.queue << 8));
      const misplaced = misplacedElement(chain);
      if (!holdsFor(context, 0, misplaced < 0))
        accuseChain(
          context,
          0,
          'A chain lists a device-readable element behind a device-writable one.',
          'readable elements first',
          `element ${misplaced} is readable again`,
        );
      const isInTable = chain.problem !== PROBLEM_BAD_NEXT || chain.indirectAt >= 0;
      if (!holdsFor(context, 1, isInTable))
        accuseChain(
          context,
          1,
          'A descriptor continues at an index outside the table.',
          `next below ${size}`,
          `next ${chain.next[Math.max(0, chain.received - 1)]}`,
        );
      const isLoop = loops(chain);
      if (!holdsFor(context, 4, !isLoop))
        accuseChain(context, 4, 'A descriptor chain loops.', 'every descriptor at most once in a chain', 'a descriptor that occurs twice');
      if (!isLoop) {
        const isShort = chain.dataCount <= size && chain.problem !== PROBLEM_LOOP;
        if (!holdsFor(context, 2, isShort))
          accuseChain(context, 2, 'A chain is longer than the queue.', `at most ${size} elements`, `at least ${chain.dataCount} elements`);
      }
      if (!holdsFor(context, 3, bytesOf(chain) <= MAX_CHAIN_BYTES))
        accuseChain(context, 3, 'A chain holds more than 2^32 bytes.', 'at most 2^32 bytes', `${bytesOf(chain)} bytes`);
      let flags = 0;
      for (let element = 0; element < chain.received; element++) flags |= chain.flags[element]!;
      if (!holdsFor(context, 5, (flags & ~KNOWN_FLAGS) === 0))
        accuseChain(
          context,
          5,
          'A descriptor has flags without a meaning; fields must be little-endian.',
          'flags from 0 to 7',
          `flags 0x${flags.toString(16)}`,
        );
    };
    return { on: [[DERIVED_CHAIN, judge]] };
  },
};

/** Number of elements kept modest. */
export const chainLength: RuleDefinition = {
  ...AT_ONCE,
  id: 'chain-length',
  title: 'The driver does without excessive numbers of descriptors per buffer.',
  clauses: ['SPLIT-DRV-2.7.4.2-2'],
  actor: 'driver',
  create(context) {
    const { chain } = context.state;
    const judge = (): void => {
      if (chain.received === 0) return;
      if (!holdsFor(context, 0, chain.received <= MODEST_ELEMENTS))
        accuseChain(context, 0, 'A chain has very many elements.', `at most ${MODEST_ELEMENTS}`, `${chain.received} elements`);
    };
    return { on: [[DERIVED_CHAIN, judge]] };
  },
};

/** Bytes of all data elements. */
function bytesOf(chain: ChainSnapshot): number {
  let bytes = 0;
  for (let element = 0; element < chain.received; element++) if (element !== chain.indirectAt) bytes += chain.lengthBytes[element]!;
  return bytes;
}

/** Indirect tables. */
export const chainIndirect: RuleDefinition = {
  ...AT_ONCE,
  breaksRing: 'driver',
  id: 'chain-indirect',
  title: 'Indirect tables are used only when negotiated, not nested, not combined with NEXT, whole, and no longer than the queue.',
  clauses: ['SPLIT-DRV-2.7.5.3-1', 'SPLIT-DRV-2.7.5.3-2', 'SPLIT-DRV-2.7.5.3.1-1', 'SPLIT-DRV-2.7.5.3.1-2', 'SPLIT-DRV-2.7.5.3.1-3', 'SPLIT-DRV-2.7.5.3.1-4'],
  actor: 'driver',
  create: (context) => new ChainIndirectJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class ChainIndirectJudge {
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

  private judge(): void {
    const { chain } = this.state;
    const at = chain.indirectAt;
    const port = this.state.portOf(chain.port);
    if (at < 0) {
      if (chain.received > 0 && port.isNegotiated && !port.hasFeature(MASK_INDIRECT_DESC)) this.context.held(2, chain.port);
      return;
    }
    const { size } = this.state.queueOf(chain.port | (chain.queue << 8));
    const length = chain.lengthBytes[at]!;
    const isWhole = length > 0 && length % DESCRIPTOR_BYTES === 0 && chain.problem !== PROBLEM_BAD_SIZE;
    if (!holdsFor(this.context, 0, isWhole))
      accuseChain(this.context, 0, 'The length of an indirect table is no whole number of descriptors.', 'a positive multiple of 16 bytes', `${length} bytes`);
    const last = Math.max(0, chain.received - 1);
    if (!holdsFor(this.context, 1, chain.problem !== PROBLEM_BAD_NEXT && !loops(chain)))
      accuseChain(this.context, 1, 'A chain leaves or loops in its indirect table.', 'next inside the table, each entry once', `next ${chain.next[last]}`);
    if (port.isNegotiated) {
      if (!holdsFor(this.context, 2, port.hasFeature(MASK_INDIRECT_DESC)))
        accuseChain(
          this.context,
          2,
          'The driver used an indirect descriptor without INDIRECT_DESC.',
          'the feature negotiated',
          'a descriptor with the INDIRECT flag',
        );
    }
    let nested = -1;
    for (let element = at + 1; element < chain.received; element++) if ((chain.flags[element]! & FLAG_INDIRECT) !== 0) nested = element;
    if (!holdsFor(this.context, 3, nested < 0))
      accuseChain(this.context, 3, 'An indirect table holds an indirect descriptor.', 'no INDIRECT flag inside a table', `element ${nested}`);
    if (!holdsFor(this.context, 4, chain.dataCount <= size))
      accuseChain(this.context, 4, 'A chain with an indirect table is longer than the queue.', `at most ${size} elements`, `${chain.dataCount} elements`);
    if (!holdsFor(this.context, 5, (chain.flags[at]! & FLAG_NEXT) === 0))
      accuseChain(this.context, 5, 'A descriptor has both INDIRECT and NEXT.', 'one of the two flags', `flags 0x${chain.flags[at]!.toString(16)}`);
  }
}
