// The server lives, ends every message, and keeps one port's trouble from the other.
//
// l4re-p2p sheet §10, invariants 6, 7 and 10. A dead server counts whoever provoked it.
import { KICK_DONE, POLL_TICK, SERVER_CRASHED, SERVER_ENDED, USED_PUBLISHED } from '../events.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

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
  create: (context) => new ServerFateJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class ServerFateJudge {
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
        [SERVER_ENDED, (words, at) => this.ended(words[at + A]!, words[at + B]!, words[at + C]!)],
        [USED_PUBLISHED, (words, at) => this.context.held(REGISTERED_ONLY, words[at + A]! & 0xff)],
        [KICK_DONE, () => this.bounded()],
        [POLL_TICK, () => this.bounded()],
        [DERIVED_FINISH, () => this.finished()],
      ],
    };
  }

  /** The port whose driver broke the protocol, -1 if none or several did. */
  private guiltyPort(): number {
    let guilty = -1;
    for (let port = 0; port < this.state.portCount; port++) {
      if (this.state.ports[port]!.driverBrokeAt < 0) continue;
      if (guilty >= 0) return -1;
      guilty = port;
    }
    return guilty;
  }

  private ended(kind: number, reason: number, portOrNone: number): void {
    const port = portOrNone < this.state.portCount ? portOrNone : 0;
    const isCrash = kind === SERVER_CRASHED;
    this.context.violated(isCrash ? REGISTERED_ONLY : BOUNDED, port, 'device', {
      message: isCrash ? 'The server died of an access to memory that is not registered.' : 'The server did not finish a message.',
      expected: isCrash ? 'accesses to registered memory only' : 'an end within a number of steps bounded by the posted descriptors',
      seen: `reason ${reason}`,
      evidence: { reason, port: portOrNone },
    });
    const guilty = this.guiltyPort();
    if (guilty >= 0) this.harmed(guilty, 'the server ended');
  }

  private harmed(guilty: number, what: string): void {
    for (let port = 0; port < this.state.portCount; port++) {
      if (port === guilty) continue;
      this.context.violated(SEPARATE, port, 'device', {
        message: `A mistake of the driver on port ${guilty} reached port ${port}: ${what}.`,
        expected: 'nothing but missing frames',
        seen: what,
        evidence: { guilty, since: this.state.ports[guilty]!.driverBrokeAt },
      });
    }
  }

  private finished(): void {
    const guilty = this.guiltyPort();
    if (guilty < 0 || this.state.serverEnded !== 0) return;
    for (let port = 0; port < this.state.portCount; port++) {
      if (port === guilty) continue;
      const { deviceBrokeAt } = this.state.ports[port]!;
      if (deviceBrokeAt > this.state.ports[guilty]!.driverBrokeAt) this.harmed(guilty, 'the device broke the ring protocol there');
      else if (this.state.endReason >= 0) this.context.held(SEPARATE, port);
    }
  }

  private bounded(): void {
    for (let port = 0; port < this.state.portCount; port++) if (this.state.ports[port]!.isConnected) this.context.held(BOUNDED, port);
  }
}
