// Interrupts that announce nothing: a driver must bear them.
//
// virtio 2.7.7.1. An interrupt is spurious for a driver when the used rings of its port moved nowhere since the one
// before. It was borne when the driver comes back from its handler; a driver that breaks off in there did not bear it.
import { agentOf, EVENT_RETURN } from '../../sim/trace.js';
import { DRIVER_ENDED, INTERRUPT_TAKEN } from '../events.js';
import { DERIVED_RETURNED } from './link-state.js';
import { A, AT_ONCE, B, type RuleDefinition } from './rule.js';

/** Spurious interrupts do no harm. */
export const spuriousInterrupts: RuleDefinition = {
  ...AT_ONCE,
  id: 'spurious-interrupts',
  title: 'The driver bears interrupts that announce nothing.',
  clauses: ['SPLIT-DRV-2.7.7.1-5'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    /** By port: elements returned since the last interrupt; agent + 1 that handles a spurious one, 0 if none does. */
    let news = new Uint32Array(0);
    let handler = new Uint16Array(0);
    return {
      on: [
        [DERIVED_RETURNED, () => void news[state.returned.queue.port]!++],
        [
          INTERRUPT_TAKEN,
          (words, at) => {
            const port = words[at + A]!;
            if (port >= state.portCount) return;
            handler[port] = news[port] === 0 ? agentOf(words, at) + 1 : 0;
            news[port] = 0;
          },
        ],
        [
          EVENT_RETURN,
          (words, at) => {
            for (let port = 0; port < state.portCount; port++) {
              if (handler[port] !== agentOf(words, at) + 1) continue;
              handler[port] = 0;
              context.held(0, port);
            }
          },
        ],
        [
          DRIVER_ENDED,
          (words, at) => {
            const port = words[at + A]!;
            if (port >= state.portCount || handler[port] === 0) return;
            handler[port] = 0;
            context.violated(0, port, 'driver', {
              message: 'The driver broke off in the handler of an interrupt that announced nothing.',
              expected: 'a return from the handler',
              seen: 'no return',
              evidence: { reason: words[at + B]! },
            });
          },
        ],
      ],
      reset: () => {
        if (news.length < state.portCount) {
          news = new Uint32Array(state.portCount);
          handler = new Uint16Array(state.portCount);
        }
        news.fill(0);
        handler.fill(0);
      },
    };
  },
};
