// Reading the offer, writing the features, FEATURES_OK, reading the answer back: in this order.
//
// virtio 3.1.1 steps 4 to 6. A device that turned its queues off by itself in between excuses everything up to
// the next reset.
import { DEVICE_STATUS, FEATURES_CHECKED, QUEUE_CONFIGURED, REGISTER_WRITE, STATUS_WRITE } from '../events.js';
import { STATUS_DRIVER, STATUS_DRIVER_OK, STATUS_FAILED, STATUS_FEATURES_OK } from '../transport/layout.js';
import { featureWordText, statusText } from '../protocol-words.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import { A, AT_ONCE, B, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const WRITES_SUBSET = 0;
const SETS_FEATURES_OK = 1;
const ADDS_NOTHING = 2;
const READS_BACK = 3;
const STOPS = 4;
const SAYS_FAILED = 5;
const FAILS_OR_FALLS_BACK = 6;
const STEP_BEFORE_EFFECT = 7;
const WORDS = 8;

/** The feature negotiation follows its steps. */
export const negotiationSteps: RuleDefinition = {
  ...AT_ONCE,
  id: 'negotiation-steps',
  title: 'The driver reads the offer, writes a subset after DRIVER, sets FEATURES_OK, reads the answer and accepts it.',
  clauses: [
    'INIT-DRV-3.1.1-4',
    'INIT-DRV-3.1.1-7',
    'INIT-DRV-3.1.1-8',
    'INIT-DRV-3.1.1-9',
    'INIT-DRV-3.1.1-13',
    'INIT-DRV-3.1.1-12',
    'FEAT-DRV-2.2.1-9',
    'STATUS-DRV-2.1.1-1',
  ],
  actor: 'driver',
  create: (context) => new NegotiationStepsJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class NegotiationStepsJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** Feature words of each port when they were checked. */
  private settled = new Uint32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [REGISTER_WRITE, (words, at) => this.wrote(words[at + A]!, words[at + B]!)],
        [STATUS_WRITE, (words, at) => this.requested(words[at + A]!, words[at + B]!)],
        [
          QUEUE_CONFIGURED,
          (words, at) => {
            if (words[at + D] !== 0) this.goesOn(words[at + A]! & 0xff, 'configuring a queue');
          },
        ],
        [
          FEATURES_CHECKED,
          (words, at) => {
            const port = words[at + A]!;
            this.settled.set(this.state.portOf(port).accepted, port * WORDS);
          },
        ],
        [
          DEVICE_STATUS,
          (words, at) => {
            const isUp = (words[at + B]! & ~this.state.previousStatus & STATUS_DRIVER_OK) !== 0;
            if (isUp && this.state.portOf(words[at + A]!).verdict === 1) this.context.held(ADDS_NOTHING, words[at + A]!);
          },
        ],
        [DERIVED_FINISH, () => this.finished()],
      ],
      reset: () => {
        if (this.settled.length < this.state.portCount * WORDS) this.settled = new Uint32Array(this.state.portCount * WORDS);
      },
    };
  }

  private wrote(port: number, offset: number): void {
    const { driverFeaturesMap, featureWords } = this.state.layout;
    if (offset < driverFeaturesMap || offset >= driverFeaturesMap + 4 * featureWords) return;
    const portState = this.state.portOf(port);
    if (portState.hasGivenUp) return;
    const word = (offset - driverFeaturesMap) >> 2;
    const accepted = portState.accepted[word]!;
    if (portState.verdict === 1) {
      const added = (accepted & ~this.settled[port * WORDS + word]!) >>> 0;
      if (added === 0) return;
      return this.context.violated(ADDS_NOTHING, port, 'driver', {
        message: 'The driver accepted more features after FEATURES_OK.',
        expected: 'no new feature bit until the next reset',
        seen: `new: ${featureWordText(word, added)}`,
        evidence: { word, added },
      });
    }
    const hasDriver = (portState.requested & STATUS_DRIVER) !== 0;
    if (hasDriver && portState.hasReadOffer) {
      this.context.held(STEP_BEFORE_EFFECT, port);
      return this.context.held(WRITES_SUBSET, port);
    }
    const seen = hasDriver
      ? 'a feature word written before any offered word was read'
      : `a feature word written at status ${statusText(portState.requested)}`;
    const report = {
      message: 'The driver wrote features before the step in which it may.',
      expected: 'DRIVER set and the offer read first',
      seen,
      evidence: { word, value: accepted },
    };
    this.context.violated(WRITES_SUBSET, port, 'driver', report);
    if (!hasDriver) this.context.violated(STEP_BEFORE_EFFECT, port, 'driver', report);
  }

  /** The driver goes on to queues or DRIVER_OK. */
  private goesOn(port: number, what: string): void {
    const portState = this.state.portOf(port);
    if (portState.hasGivenUp) return;
    if (portState.verdict === 0) {
      return this.context.violated(STOPS, port, 'driver', {
        message: `The device refused the features and the driver went on to ${what}.`,
        expected: 'FAILED, or a reset and another try',
        seen: what,
        evidence: { status: portState.status },
      });
    }
    if (portState.verdict !== 1) return;
    if (portState.hasReadVerdict) return this.context.held(READS_BACK, port);
    this.context.violated(READS_BACK, port, 'driver', {
      message: `The driver went on to ${what} without reading the status back after FEATURES_OK.`,
      expected: 'a read of the status that shows FEATURES_OK',
      seen: 'no read of the status since FEATURES_OK was set',
      evidence: { status: portState.status },
    });
  }

  private requested(port: number, value: number): void {
    const portState = this.state.portOf(port);
    if (portState.verdict === 0 && (value === 0 || (value & STATUS_FAILED) !== 0)) this.context.held(STOPS, port);
    if ((value & STATUS_DRIVER_OK) === 0 || (this.state.previousRequested & STATUS_DRIVER_OK) !== 0) return;
    if ((value & STATUS_FEATURES_OK) === 0) {
      return this.context.violated(SETS_FEATURES_OK, port, 'driver', {
        message: 'The driver set DRIVER_OK without ever setting FEATURES_OK.',
        expected: 'FEATURES_OK (8) after the features were written',
        seen: `status value ${statusText(value)}`,
        evidence: { value },
      });
    }
    this.context.held(SETS_FEATURES_OK, port);
    if ((this.state.previousRequested & STATUS_FEATURES_OK) !== 0) return this.goesOn(port, 'DRIVER_OK');
    if (portState.hasGivenUp) return;
    this.context.violated(READS_BACK, port, 'driver', {
      message: 'The driver set FEATURES_OK and DRIVER_OK in one step, so it cannot know whether the features were accepted.',
      expected: 'FEATURES_OK alone, then a read of the status',
      seen: `status value ${statusText(value)} after ${statusText(this.state.previousRequested)}`,
      evidence: { value, before: this.state.previousRequested },
    });
  }

  private finished(): void {
    for (let port = 0; port < this.state.portCount; port++) {
      const portState = this.state.ports[port]!;
      if (portState.verdict !== 0 || !portState.isConnected) continue;
      if ((portState.requested & STATUS_FAILED) !== 0) {
        this.context.held(SAYS_FAILED, port);
        this.context.held(FAILS_OR_FALLS_BACK, port);
        continue;
      }
      const report = {
        message: 'The device refused the features, and the driver neither said FAILED nor tried again.',
        expected: 'FAILED (0x80) in the status, or a reset',
        seen: `status request ${statusText(portState.requested)} as the last one`,
        evidence: { requested: portState.requested, status: portState.status },
      };
      this.context.violated(SAYS_FAILED, port, 'driver', report);
      this.context.violated(FAILS_OR_FALLS_BACK, port, 'driver', report);
    }
  }
}
