// The read barrier after an index: entries are read after the index that covers them.
//
// virtio 2.7.14 (driver) and 2.7.13 (device, descriptive). Decided under relaxed memory: a load of an entry that
// returns an older value than the visible one, after the index was seen, had no barrier in front of it.
import { agentOf, EVENT_LOAD } from '../../sim/trace.js';
import { elementOf, PART_AVAIL_RING, PART_DESCRIPTOR, PART_USED_RING, partOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import { A, BY_ACCESS, F, type Party, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const STALE_READS = { ...BY_ACCESS, modes: ['weak'], memories: ['relaxed'] } as const;

/** Watches loads of entries by one side. */
function watch(context: RuleContext, isServer: boolean, party: Party, isEntry: (part: number) => boolean, name: string): RuleHandlers {
  const { state } = context;
  return {
    on: [
      [
        EVENT_LOAD,
        (words, at) => {
          const where = words[at + A]!;
          if (!isEntry(partOf(where)) || (agentOf(words, at) === SERVER_AGENT) !== isServer) return;
          const queue = state.queues[queueIndexOf(where)];
          if (queue === undefined || !queue.isInstalled) return;
          const staleBy = words[at + F]!;
          if (staleBy === 0) return context.held(0, queue.port);
          context.violated(0, queue.port, party, {
            message: `${name} of queue ${queue.queue} was read as it had been before the index moved: there is no read barrier after the index.`,
            expected: 'a read barrier between the load of the index and the load of the entry',
            seen: `a value ${staleBy} stores old in entry ${elementOf(where)}`,
            evidence: { queue: queue.queue, entry: elementOf(where), staleBy },
          });
        },
      ],
    ],
  };
}

/** The driver reads used elements behind used.idx. */
export const usedReadOrder: RuleDefinition = {
  ...STALE_READS,
  id: 'used-read-order',
  title: 'The driver reads used elements only after, and ordered behind, the used.idx that covers them.',
  clauses: ['SPLIT-DRV-2.7.14-3'],
  actor: 'driver',
  create: (context) => watch(context, false, 'driver', (part) => part === PART_USED_RING, 'A used element'),
};

/** The device reads slots and descriptors behind avail.idx. */
export const availReadOrder: RuleDefinition = {
  ...STALE_READS,
  id: 'avail-read-order',
  title: 'The device reads slots and descriptors only after, and ordered behind, the avail.idx that covers them.',
  clauses: ['SPLIT-DEV-2.7.13-1'],
  actor: 'device',
  create: (context) => watch(context, true, 'device', (part) => part === PART_AVAIL_RING || part === PART_DESCRIPTOR, 'A slot or descriptor'),
};
