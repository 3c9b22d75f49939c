// What a device must do when it gives up: say so in the status, and interrupt the driver.
//
// virtio 2.1.2 and 3.2.1. The occasion is usually a driver's mistake, so this rule counts even then. In the
// older revision the bit is FAILED.
import { CAUSE_DEVICE_ERROR, CHAIN_FAILED, DEVICE_RESET, DEVICE_STATUS, INTERRUPT_RAISED, TAKEN } from '../events.js';
import { INTERRUPT_CONFIG, STATUS_DRIVER_OK } from '../transport/layout.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const SAYS_SO = 0;
const INTERRUPTS = 1;
const CONFIG_CHANGE = 2;

/** A device that gives up sets its failure bit and sends a configuration interrupt. */
export const deviceFailure: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'device-failure',
  title: 'A device that cannot go on sets DEVICE_NEEDS_RESET and, if the driver is ready, sends a configuration interrupt.',
  clauses: ['STATUS-DEV-2.1.2-3', 'STATUS-DEV-2.1.2-4', 'OPER-DEV-3.2.1-2'],
  actor: 'device',
  create: (context) => new DeviceFailureJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class DeviceFailureJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port: event of a chain failure without a status so far plus 1; event of a status without an interrupt plus 1. */
  private unsaid = new Int32Array(0);

  private unsent = new Int32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [
          CHAIN_FAILED,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if (this.unsaid[port] === 0) this.unsaid[port] = this.state.eventIndex + 1;
          },
        ],
        [DEVICE_STATUS, (words, at) => this.showed(words[at + A]!, words[at + B]!, words[at + C]!)],
        [
          DEVICE_RESET,
          (words, at) => {
            // The driver's own reset ends the matter; the device's own comes just before the status.
            if (words[at + B] !== CAUSE_DEVICE_ERROR) this.unsaid[words[at + A]!] = 0;
          },
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if (this.unsent[port] === 0 || (words[at + B]! & INTERRUPT_CONFIG) === 0) return;
            this.unsent[port] = 0;
            this.context.held(INTERRUPTS, port);
            this.context.held(CONFIG_CHANGE, port);
          },
        ],
        [
          TAKEN,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if (this.unsent[port] !== 0) this.missingInterrupt(port);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!this.state.isQuiescent) return;
            for (let port = 0; port < this.state.portCount; port++) {
              if (this.unsaid[port] !== 0) this.missing(SAYS_SO, port, 'set its failure bit in the status', this.unsaid[port]! - 1);
              if (this.unsent[port] !== 0) this.missingInterrupt(port);
            }
          },
        ],
      ],
      reset: () => {
        if (this.unsaid.length < this.state.portCount) {
          this.unsaid = new Int32Array(this.state.portCount);
          this.unsent = new Int32Array(this.state.portCount);
        }
        this.unsaid.fill(0);
        this.unsent.fill(0);
      },
    };
  }

  private missing(clause: number, port: number, what: string, since: number): void {
    this.context.violated(clause, port, 'device', {
      message: `The device gave up and did not ${what}.`,
      expected: what,
      seen: `nothing of the kind since event ${since}`,
      evidence: { since, status: this.state.portOf(port).status },
    });
  }

  private missingInterrupt(port: number): void {
    const since = this.unsent[port]! - 1;
    this.unsent[port] = 0;
    this.missing(INTERRUPTS, port, 'send a configuration interrupt', since);
    this.missing(CONFIG_CHANGE, port, 'send a configuration interrupt', since);
  }

  private showed(port: number, status: number, cause: number): void {
    if ((status & this.state.layout.deviceFailure) === 0) {
      this.unsent[port] = 0;
      return;
    }
    if (this.unsaid[port] !== 0) this.context.held(SAYS_SO, port);
    this.unsaid[port] = 0;
    const isNew = (this.state.previousStatus & this.state.layout.deviceFailure) === 0;
    const { hasInterrupt } = this.state.portOf(port);
    if (isNew && cause === CAUSE_DEVICE_ERROR && (status & STATUS_DRIVER_OK) !== 0 && hasInterrupt) this.unsent[port] = this.state.eventIndex + 1;
  }
}
