// The server lives, ends every message, and keeps one port's trouble from the other.
//
// l4re-p2p sheet §10, invariants 6, 7 and 10. A dead server counts whoever provoked it.
import { KICK_DONE, POLL_TICK, SERVER_CRASHED, SERVER_ENDED, USED_PUBLISHED } from '../events.js';
import { DERIVED_FINISH } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition } from './rule.js';

const REGISTERED_ONLY = 0;
const BOUNDED = 1;
const SEPARATE = 2;

/** No crash, no hang, no harm for the innocent port. */
export const serverFate: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'server-fate',
  title: 'The server neither touches foreign memory nor hangs, and what one port does wrong does not reach the other.',
  clauses: ['P2P-INV-6', 'P2P-INV-7', 'P2P-INV-10'],
  actor: 'device',
  create(context) {
    const { state } = context;

    /** The port whose driver broke the protocol, -1 if none or several did. */
    const guiltyPort = (): number => {
      let guilty = -1;
      for (let port = 0; port < state.portCount; port++) {
        if (state.ports[port]!.driverBrokeAt < 0) continue;
        if (guilty >= 0) return -1;
        guilty = port;
      }
      return guilty;
    };

    const ended = (kind: number, reason: number, portOrNone: number): void => {
      const port = portOrNone < state.portCount ? portOrNone : 0;
      const isCrash = kind === SERVER_CRASHED;
      context.violated(isCrash ? REGISTERED_ONLY : BOUNDED, port, 'device', {
        message: isCrash ? 'The server died of an access to memory that is not registered.' : 'The server did not finish a message.',
        expected: isCrash ? 'accesses to registered memory only' : 'an end within a number of steps bounded by the posted descriptors',
        seen: `reason ${reason}`,
        evidence: { reason, port: portOrNone },
      });
      const guilty = guiltyPort();
      if (guilty >= 0) harmed(guilty, 'the server ended');
    };

    const harmed = (guilty: number, what: string): void => {
      for (let port = 0; port < state.portCount; port++) {
        if (port === guilty) continue;
        context.violated(SEPARATE, port, 'device', {
          message: `A mistake of the driver on port ${guilty} reached port ${port}: ${what}.`,
          expected: 'nothing but missing frames',
          seen: what,
          evidence: { guilty, since: state.ports[guilty]!.driverBrokeAt },
        });
      }
    };

    const finished = (): void => {
      const guilty = guiltyPort();
      if (guilty < 0 || state.serverEnded !== 0) return;
      for (let port = 0; port < state.portCount; port++) {
        if (port === guilty) continue;
        const { deviceBrokeAt } = state.ports[port]!;
        if (deviceBrokeAt > state.ports[guilty]!.driverBrokeAt) harmed(guilty, 'the device broke the ring protocol there');
        else if (state.endReason >= 0) context.held(SEPARATE, port);
      }
    };

    return {
      on: [
        [SERVER_ENDED, (words, at) => ended(words[at + A]!, words[at + B]!, words[at + C]!)],
        [USED_PUBLISHED, (words, at) => context.held(REGISTERED_ONLY, words[at + A]! & 0xff)],
        [KICK_DONE, () => bounded()],
        [POLL_TICK, () => bounded()],
        [DERIVED_FINISH, finished],
      ],
    };

    function bounded(): void {
      for (let port = 0; port < state.portCount; port++) if (state.ports[port]!.isConnected) context.held(BOUNDED, port);
    }
  },
};
