// The server lives, ends every message, and keeps one port's trouble from the other.
//
// l4re-p2p sheet §10, invariants 6, 7 and 10, and 8 for a port that failed. Counts whoever provoked it: a dead server, a
// head from behind the descriptor table that was processed, a queue interrupt after the device gave the port up.
import { INTERRUPT_RAISED, KICK_DONE, POLL_TICK, SERVER_CRASHED, SERVER_ENDED, USED_PUBLISHED, USED_WRITTEN } from '../events.js';
import { hex, serverEndText } from '../protocol-words.js';
import { DERIVED_FINISH, isQueueInterrupt, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const REGISTERED_ONLY = 0;
const BOUNDED = 1;
const SEPARATE = 2;
const SILENT_WHEN_FAILED = 3;

/** No crash, no hang, no harm for the innocent port. */
export const serverFate: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'server-fate',
  title: 'The server neither touches foreign memory nor hangs, and what one port does wrong does not reach the other.',
  clauses: ['P2P-INV-6', 'P2P-INV-7', 'P2P-INV-10', 'P2P-INV-8'],
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
        [USED_WRITTEN, (words, at) => this.written(words[at + A]!, words[at + C]!)],
        [INTERRUPT_RAISED, (words, at) => this.interrupted(words[at + A]!, words[at + B]!)],
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
      seen: serverEndText(reason),
      evidence: { reason, port: portOrNone },
    });
    const guilty = this.guiltyPort();
    if (guilty >= 0) this.harmed(guilty, 'the server ended');
  }

  /** An element about to be returned: its head must lie in the table. */
  private written(portAndQueue: number, id: number): void {
    const queue = this.state.queueOf(portAndQueue);
    if (!queue.isInstalled || id < queue.size) return;
    this.context.violated(REGISTERED_ONLY, queue.port, 'device', {
      message: `The device processed head ${id} of queue ${queue.queue}, which lies outside the descriptor table.`,
      expected: `heads below ${queue.size} only`,
      seen: `head ${id}`,
      evidence: { queue: queue.queue, id, size: queue.size },
    });
  }

  private interrupted(port: number, bits: number): void {
    if (!isQueueInterrupt(bits) || !this.state.portOf(port).hasGivenUp) return;
    this.context.violated(SILENT_WHEN_FAILED, port, 'device', {
      message: 'The device interrupted for queues that it had turned off itself.',
      expected: 'the configuration interrupt and nothing more until the driver resets the device',
      seen: `an interrupt with irq_status ${hex(bits)}`,
      evidence: { bits },
    });
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
