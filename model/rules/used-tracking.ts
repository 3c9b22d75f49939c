// How the driver follows the used ring: it frees what `id` names, and counts in 16 bits, past the wrap.
//
// virtio 2.7.8 (descriptive: the layout leaves no other way). A chain published again while the device has it, after
// others came back, was freed by something else than its id. After used.idx went from 65535 to 0 a driver that
// compares for "larger" sees nothing any more: its receive queue runs dry and nothing is ever posted again.
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_CHAIN, DERIVED_FINISH, DERIVED_RETURNED, indexOf } from './link-state.js';
import { QUEUES_PER_PORT } from './queue-state.js';
import { AT_ONCE, type RuleDefinition } from './rule.js';

const COUNTS = 0;
const FREES_BY_ID = 1;

/** Nothing of the queue wrapped yet; used.idx wrapped; a chain was published after that. */
const NO_WRAP = 0;
const WRAPPED = 1;
const GOES_ON = 2;

/** The driver reads the used ring as it is meant. */
export const usedTracking: RuleDefinition = {
  ...AT_ONCE,
  id: 'used-tracking',
  title: 'The driver reuses exactly the chains that came back, and goes on when used.idx wraps.',
  clauses: ['SPLIT-DRV-2.7.8-1', 'SPLIT-DRV-2.7.8-2'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    /** By queue: NO_WRAP, WRAPPED or GOES_ON. */
    let wraps = new Uint8Array(0);

    const published = (): void => {
      const { chain } = state;
      const queue = state.queueOf(chain.port | (chain.queue << 8));
      if (!queue.isInstalled || chain.head >= queue.size || queue.returnedCount === 0) return;
      if (wraps[indexOf(queue)] === WRAPPED) {
        wraps[indexOf(queue)] = GOES_ON;
        context.held(COUNTS, chain.port);
      }
      if (!chain.wasInFlight && chain.conflict < 0) return context.held(FREES_BY_ID, chain.port);
      const what = chain.wasInFlight ? `head ${chain.head}` : `descriptor ${chain.conflict}`;
      context.violated(FREES_BY_ID, chain.port, 'driver', {
        message: `The driver used ${what} of queue ${chain.queue} again although the used ring did not name its chain.`,
        expected: 'descriptors of chains that came back by their id',
        seen: `${what}, still with the device`,
        evidence: { queue: chain.queue, head: chain.head, inFlight: queue.inFlight },
      });
    };

    const judge = (port: number): void => {
      const queue = state.queueOf(port | (RECEIVE_QUEUE << 8));
      if (!queue.isInstalled || !queue.hasEnd || !state.portOf(port).isUp || wraps[indexOf(queue)] !== WRAPPED) return;
      if (queue.endAvailIndex !== queue.endUsedIndex) return;
      context.violated(COUNTS, port, 'driver', {
        message: 'The driver posted no receive buffer any more after used.idx had gone from 65535 to 0.',
        expected: 'used.idx compared for inequality, in 16 bits',
        seen: `an empty receive queue, used.idx ${queue.endUsedIndex}`,
        evidence: { usedIndex: queue.endUsedIndex, availIndex: queue.endAvailIndex },
      });
    };

    return {
      on: [
        [DERIVED_CHAIN, published],
        [
          DERIVED_RETURNED,
          () => {
            const { queue, position } = state.returned;
            if (position === 0xffff) wraps[indexOf(queue)] = WRAPPED;
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) judge(port);
          },
        ],
      ],
      reset: () => {
        if (wraps.length < state.portCount * QUEUES_PER_PORT) wraps = new Uint8Array(state.portCount * QUEUES_PER_PORT);
        wraps.fill(NO_WRAP);
      },
    };
  },
};
