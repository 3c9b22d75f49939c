// Which status values a driver may ask for, one after the other.
//
// virtio 2.1.1 and 3.1.1, l4virtio-transport sheet §6. Bits the device itself took back (FEATURES_OK, after a
// refusal) or set (its failure bit) are not the driver's to keep.
import { STATUS_WRITE } from '../events.js';
import { STATUS_ACKNOWLEDGE, STATUS_DRIVER, STATUS_DRIVER_OK, STATUS_FAILED, STATUS_FEATURES_OK, STATUS_RUNNING } from '../transport/layout.js';
import { statusText } from '../protocol-words.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const KEEPS_BITS = 0;
const RESETS_AFTER_FAILED = 1;
const FIRST_IS_RESET = 2;
const ACKNOWLEDGES = 3;
const SAYS_DRIVER = 4;
const STEPS_IN_ORDER = 5;
const RESETS_WITH_ZERO = 6;

/** Status values follow each other as the specification and the transport want it. */
export const statusSteps: RuleDefinition = {
  ...AT_ONCE,
  id: 'status-steps',
  title: 'The driver asks for status values that build on each other, starting with a reset.',
  clauses: ['STATUS-DRV-2.1.1-2', 'STATUS-DRV-2.1.1-3', 'INIT-DRV-3.1.1-1', 'INIT-DRV-3.1.1-2', 'INIT-DRV-3.1.1-3', 'L4V-STATUS-STEPS', 'L4V-STATUS-RESET'],
  actor: 'driver',
  create: (context) => new StatusStepsJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class StatusStepsJudge {
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
        [
          STATUS_WRITE,
          (words, at) => {
            const port = words[at + A]!;
            const value = words[at + B]!;
            if (this.state.portOf(port).requestCount === 1) {
              this.judge(FIRST_IS_RESET, port, value === 0, 'The driver began with a status other than 0.', 'status 0 first');
            }
            if (value === 0) {
              if ((this.state.previousRequested & STATUS_FAILED) !== 0) this.context.held(RESETS_AFTER_FAILED, port);
              return this.context.held(RESETS_WITH_ZERO, port);
            }
            if ((value & 0xff) === 0)
              return this.judge(
                RESETS_WITH_ZERO,
                port,
                false,
                'The driver asked for a status whose low 8 bits are 0 but that is not 0.',
                'exactly 0 for a reset',
              );
            if (this.state.portOf(port).hasGivenUp) return;
            this.judgeStep(port, value);
            this.judgeOrder(port, value);
          },
        ],
      ],
    };
  }

  /** Says held or violated about a requested value. */
  private judge(clause: number, port: number, isGood: boolean, message: string, expected: string): void {
    if (isGood) return this.context.held(clause, port);
    const value = this.state.portOf(port).requested;
    const before = this.state.previousRequested;
    this.context.violated(clause, port, 'driver', {
      message,
      expected,
      seen: `status value ${statusText(value)} after ${statusText(before)}`,
      evidence: { value, before, shown: this.state.previousStatus },
    });
  }

  private judgeOrder(port: number, value: number): void {
    const hasDriver = (value & STATUS_DRIVER) !== 0;
    const isAcknowledged = (value & STATUS_ACKNOWLEDGE) !== 0;
    const hasFeatures = (value & STATUS_FEATURES_OK) !== 0;
    const isStarting = (value & STATUS_DRIVER_OK) !== 0;
    if (hasDriver) this.judge(ACKNOWLEDGES, port, isAcknowledged, 'The driver set DRIVER without ACKNOWLEDGE.', 'ACKNOWLEDGE (1) before or with DRIVER (2)');
    if (hasFeatures) this.judge(SAYS_DRIVER, port, hasDriver, 'The driver set FEATURES_OK without DRIVER.', 'DRIVER (2) before FEATURES_OK (8)');
    const isInOrder = !(hasDriver && !isAcknowledged) && !(hasFeatures && !hasDriver) && !(isStarting && !hasFeatures);
    this.judge(
      STEPS_IN_ORDER,
      port,
      isInOrder,
      'The driver asked for a status in which a step stands without the one before it.',
      'ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK in this order',
    );
  }

  private judgeStep(port: number, value: number): void {
    const before = this.state.previousRequested;
    const { deviceFailure } = this.state.layout;
    const kept = before & this.state.previousStatus & ~deviceFailure & 0xff;
    this.judge(
      KEEPS_BITS,
      port,
      (kept & ~value) === 0,
      'The driver cleared a status bit without resetting the device.',
      `at least the bits 0x${kept.toString(16)}, or 0`,
    );
    if ((before & STATUS_FAILED) !== 0 && deviceFailure !== STATUS_FAILED) {
      const isQuiet = (value & STATUS_RUNNING & ~before) === 0;
      this.judge(
        RESETS_AFTER_FAILED,
        port,
        isQuiet,
        'The driver went on with the initialization after setting FAILED, without a reset.',
        'status 0 before any further step',
      );
    }
  }
}
