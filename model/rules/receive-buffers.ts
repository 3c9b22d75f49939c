// How large receive buffers must be, by the negotiated features.
//
// virtio 5.1.9.3.1. Judged for chains published after the features were settled.
import { NET_HEADER_BYTES, PLAIN_RECEIVE_BUFFER_BYTES } from '../net/header.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_CHAIN } from './link-state.js';
import { MASK_GUEST_GSO, MASK_MRG_RXBUF } from './ring-constants.js';
import { AT_ONCE, type RuleDefinition } from './rule.js';

const LARGE_ENOUGH = 0;
const HOLDS_HEADER = 1;

/** Receive buffers hold a whole frame, or with MRG_RXBUF at least the header. */
export const receiveBuffers: RuleDefinition = {
  ...AT_ONCE,
  id: 'receive-buffers',
  title: 'Receive buffers hold a whole frame with its header, or at least the header with MRG_RXBUF.',
  clauses: ['NET-DRV-5.1.9.3.1-2', 'NET-DRV-5.1.9.3.1-3'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    const judge = (): void => {
      const { chain } = state;
      const port = state.portOf(chain.port);
      if (chain.queue !== RECEIVE_QUEUE || chain.received === 0 || chain.problem !== 0 || !port.isNegotiated) return;
      const isMergeable = port.hasFeature(MASK_MRG_RXBUF);
      if (!isMergeable && port.hasFeature(MASK_GUEST_GSO)) return;
      const clause = isMergeable ? HOLDS_HEADER : LARGE_ENOUGH;
      const least = isMergeable ? NET_HEADER_BYTES : PLAIN_RECEIVE_BUFFER_BYTES;
      if (chain.writableBytes >= least) return context.held(clause, chain.port);
      context.violated(clause, chain.port, 'driver', {
        message: isMergeable
          ? 'A receive buffer is too small for the net header.'
          : 'A receive buffer is too small for a whole frame, and MRG_RXBUF was not negotiated.',
        expected: `at least ${least} bytes`,
        seen: `${chain.writableBytes} bytes`,
        evidence: { head: chain.head, bytes: chain.writableBytes, least },
      });
    };
    return { on: [[DERIVED_CHAIN, judge]] };
  },
};
