// However a driver cuts its messages into descriptors, the device takes them.
//
// virtio 2.7.4.1 and 2.7.5.3.2. A chain without fault that comes back unfailed holds the clause for the way it was
// cut: header and packet not in descriptors of their own; a WRITE flag on the descriptor of an indirect table; direct
// descriptors in front of it. What else may be wrong with a chain is sound-refusal.ts' matter.
import { CHAIN_FAILED, PROBLEM_NONE } from '../events.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import { FLAG_WRITE } from '../virtqueue/layout.js';
import type { ChainSnapshot } from './chain-snapshot.js';
import { DERIVED_CHAIN, DERIVED_RETURNED, indexOf } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition } from './rule.js';

const ANY_SPLIT = 0;
const IGNORES_WRITE = 1;
const DIRECT_FIRST = 2;
const CLAUSE_NAMES = [
  'cut into descriptors in its own way',
  'with a WRITE flag on its indirect table',
  'with direct descriptors in front of its indirect table',
];

/** Bit of each clause that the chain exercises. */
function shapeOf(chain: ChainSnapshot): number {
  const firstData = chain.indirectAt === 0 ? 1 : 0;
  const isUsual = chain.dataCount === 2 && chain.lengthBytes[firstData] === NET_HEADER_BYTES;
  let shape = isUsual ? 0 : 1 << ANY_SPLIT;
  if (chain.indirectAt >= 0 && (chain.flags[chain.indirectAt]! & FLAG_WRITE) !== 0) shape |= 1 << IGNORES_WRITE;
  if (chain.indirectAt > 0) shape |= 1 << DIRECT_FIRST;
  return shape;
}

/** The device does not care how messages are cut. */
export const messageFraming: RuleDefinition = {
  ...AT_ONCE,
  id: 'message-framing',
  title: 'The device takes messages however they are cut into direct and indirect descriptors.',
  clauses: ['SPLIT-DEV-2.7.4.1-1', 'SPLIT-DEV-2.7.5.3.2-1', 'SPLIT-DEV-2.7.5.3.2-2'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By queue and head: shape bits of the chain published last. */
    const shapes: Uint8Array[] = [];
    return {
      on: [
        [
          DERIVED_CHAIN,
          () => {
            const { chain } = state;
            const queue = state.queueOf(chain.port | (chain.queue << 8));
            if (!queue.isInstalled || chain.head >= queue.size) return;
            let heads = shapes[indexOf(queue)];
            if (heads === undefined || heads.length < queue.size) heads = shapes[indexOf(queue)] = new Uint8Array(queue.size);
            heads[chain.head] = chain.problem === PROBLEM_NONE && !chain.wasInFlight ? shapeOf(chain) : 0;
          },
        ],
        [
          DERIVED_RETURNED,
          () => {
            const { queue, id, wasTaken } = state.returned;
            const shape = wasTaken ? shapes[indexOf(queue)]![id]! : 0;
            if (shape === 0) return;
            for (let clause = ANY_SPLIT; clause <= DIRECT_FIRST; clause++)
              if ((shape & (1 << clause)) !== 0) context.held(clause, queue.port);
          },
        ],
        [
          CHAIN_FAILED,
          (words, at) => {
            const queue = state.queueOf(words[at + A]!);
            const head = words[at + C]!;
            const shape = queue.isInstalled && head < queue.size ? (shapes[indexOf(queue)]?.[head] ?? 0) : 0;
            for (let clause = ANY_SPLIT; clause <= DIRECT_FIRST; clause++) {
              if ((shape & (1 << clause)) === 0) continue;
              context.violated(clause, queue.port, 'device', {
                message: `The device failed for a message of queue ${queue.queue} ${CLAUSE_NAMES[clause]!}.`,
                expected: 'the message taken however it is cut',
                seen: `chain ${head} refused with problem ${words[at + B]!}`,
                evidence: { queue: queue.queue, head, problem: words[at + B]! },
              });
            }
          },
        ],
      ],
      reset: () => {
        for (const heads of shapes) heads?.fill(0);
      },
    };
  },
};
