// What a device must not do before the driver is ready, and after a reset.
//
// virtio 2.1.2, 2.4.1; l4re-p2p sheet §10, invariant 8 (second half) and 6 (reset queues).
import { DEVICE_STATUS, INTERRUPT_RAISED, STATUS_WRITE, TAKEN, USED_PUBLISHED } from '../events.js';
import { STATUS_DRIVER_OK } from '../transport/layout.js';
import { statusText } from '../protocol-words.js';
import { isQueueInterrupt, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, type RuleDefinition, type RuleContext, type RuleHandlers, type ViolationReport } from './rule.js';

const CONSUMES_LATER = 0;
const INTERRUPTS_LATER = 1;
const SILENT_AFTER_RESET = 2;
const IDLE_AFTER_RESET = 3;
const INTERRUPT_SOUND = 4;
const STATUS_ZERO = 5;
const STATUS_STARTS_ZERO = 6;

/** Before DRIVER_OK the device neither uses queues nor interrupts for them; a reset silences it. */
export const beforeDriverOk: RuleDefinition = {
  ...AT_ONCE,
  id: 'before-driver-ok',
  title: 'Before DRIVER_OK and after a reset the device leaves queues alone and sends no queue interrupts; a reset makes the status 0.',
  clauses: ['STATUS-DEV-2.1.2-1', 'STATUS-DEV-2.1.2-2', 'RESET-DEV-2.4.1-2', 'RESET-DEV-2.4.1-3', 'P2P-INV-8', 'RESET-DEV-2.4.1-1', 'STATUS-DEV-2.1-1'],
  actor: 'device',
  create: (context) => new BeforeDriverOkJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class BeforeDriverOkJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port: 1 while a reset was asked for and the status is not yet 0. */
  private isResetting = new Uint8Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [TAKEN, (words, at) => this.used(words[at + A]!)],
        [USED_PUBLISHED, (words, at) => this.used(words[at + A]!)],
        [INTERRUPT_RAISED, (words, at) => this.interrupted(words[at + A]!, words[at + B]!)],
        [
          STATUS_WRITE,
          (words, at) => {
            if (words[at + B] === 0) this.isResetting[words[at + A]!] = 1;
          },
        ],
        [DEVICE_STATUS, (words, at) => this.showed(words[at + A]!, words[at + B]!)],
      ],
      reset: () => {
        if (this.isResetting.length < this.state.portCount) this.isResetting = new Uint8Array(this.state.portCount);
        this.isResetting.fill(0);
      },
    };
  }

  private used(portAndQueue: number): void {
    const port = portAndQueue & 0xff;
    const { status, resetCount } = this.state.portOf(port);
    if ((status & STATUS_DRIVER_OK) !== 0) {
      this.context.held(CONSUMES_LATER, port);
      if (resetCount > 0) this.context.held(IDLE_AFTER_RESET, port);
      return;
    }
    const report = {
      message: `The device used queue ${portAndQueue >>> 8} while the driver was not ready.`,
      expected: 'no use of any queue without DRIVER_OK',
      seen: `status ${statusText(status)}`,
      evidence: { queue: portAndQueue >>> 8, status },
    };
    this.context.violated(CONSUMES_LATER, port, 'device', report);
    if (status === 0 && resetCount > 0) this.context.violated(IDLE_AFTER_RESET, port, 'device', report);
  }

  private interrupted(port: number, bits: number): void {
    const { status, resetCount } = this.state.portOf(port);
    if (status === 0 && resetCount > 0) this.context.violated(SILENT_AFTER_RESET, port, 'device', tooEarly(bits, status));
    else if (resetCount > 0) this.context.held(SILENT_AFTER_RESET, port);
    if (!isQueueInterrupt(bits)) return;
    if ((status & STATUS_DRIVER_OK) !== 0) {
      this.context.held(INTERRUPTS_LATER, port);
      return this.context.held(INTERRUPT_SOUND, port);
    }
    this.context.violated(INTERRUPTS_LATER, port, 'device', tooEarly(bits, status));
    this.context.violated(INTERRUPT_SOUND, port, 'device', tooEarly(bits, status));
  }

  private showed(port: number, status: number): void {
    if (this.isResetting[port] === 0) return;
    this.isResetting[port] = 0;
    if (status === 0) {
      this.context.held(STATUS_ZERO, port);
      return this.context.held(STATUS_STARTS_ZERO, port);
    }
    const report = {
      message: 'The device did not show status 0 after a reset.',
      expected: 'status 0',
      seen: `status ${statusText(status)}`,
      evidence: { status },
    };
    this.context.violated(STATUS_ZERO, port, 'device', report);
    this.context.violated(STATUS_STARTS_ZERO, port, 'device', report);
  }
}

/** What is said of an interrupt at the wrong time. */
function tooEarly(bits: number, status: number): ViolationReport {
  return {
    message: 'The device interrupted a driver that was not ready.',
    expected: 'no interrupt for used buffers without DRIVER_OK, none at all after a reset',
    seen: `an interrupt with bits ${bits} at status ${statusText(status)}`,
    evidence: { bits, status },
  };
}
