// What a driver has to bear: header fields and features it does not know, bytes behind what is reported.
//
// virtio 2.2.1, 2.7.8.3, 5.1.9.4.2. The device of such a run does one odd thing at every third frame and says so with
// ODDITY_SHOWN. A driver that bears it hands all frames up unchanged; one that does not loses or spoils just those. If
// frames are lost in another way, the rule says nothing: other rules do.
import {
  DELIVERY_GOOD,
  DELIVERY_PARTIAL_CHECKSUM,
  DEVICE_RESET,
  DRIVER_ENDED,
  DRIVER_REFUSED,
  FRAME_DELIVERED,
  FRAME_PLACED,
  ODDITY_CHECKSUM_FIELDS,
  ODDITY_FEATURES,
  ODDITY_HEADER_LENGTH,
  ODDITY_SHOWN,
  ODDITY_TAIL,
  ODDITY_UNKNOWN_FLAGS,
} from '../events.js';
import { DERIVED_FINISH } from './link-state.js';
import { NONE } from './queue-state.js';
import { A, AT_REST, B, E, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

/** Clause of each oddity, as position in the rule's list. */
const CLAUSE_OF: Readonly<Record<number, number>> = {
  [ODDITY_UNKNOWN_FLAGS]: 0,
  [ODDITY_CHECKSUM_FIELDS]: 1,
  [ODDITY_HEADER_LENGTH]: 2,
  [ODDITY_TAIL]: 3,
  [ODDITY_FEATURES]: 4,
};
const WHAT = [
  'flags of the receive header that it does not know',
  'checksum fields of a header without NEEDS_CSUM',
  'hdr_len of the receive header',
  'bytes behind what the used element reports',
  'features that it does not know',
];
const FEATURES = 4;

/** Drivers bear odd devices. */
export const oddDevice: RuleDefinition = {
  ...AT_REST,
  isAboveAll: true,
  id: 'odd-device',
  title: 'The driver ignores header fields, features and bytes that it has no business with.',
  clauses: ['NET-DRV-5.1.9.4.2-1', 'NET-DRV-5.1.9.4.2-4', 'NET-DRV-5.1.9.4.2-6', 'SPLIT-DRV-2.7.8.3-2', 'FEAT-DRV-2.2.1-10'],
  actor: 'driver',
  create: (context) => new OddDeviceJudge(context).handlers(),
};

/** Counters of a port: frames placed, handed up, handed up changed; odd things; the oddity + 1. */
const PLACED = 0;
const DELIVERED = 1;
const SPOILT = 2;
const SHOWN = 3;
const ODDITY = 4;
const WORDS = 5;

/** One run after the other for the rule above. */
class OddDeviceJudge {
  private readonly context: RuleContext;
  private counts = new Uint32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    const { state } = this.context;
    return {
      on: [
        [ODDITY_SHOWN, (words, at) => this.shown(words[at + A]!, words[at + B]!)],
        [FRAME_PLACED, (words, at) => this.count(words[at + A]! & 0xff, PLACED)],
        [
          FRAME_DELIVERED,
          (words, at) => {
            this.count(words[at + A]!, DELIVERED);
            if (words[at + E] !== DELIVERY_GOOD && words[at + E] !== DELIVERY_PARTIAL_CHECKSUM) this.count(words[at + A]!, SPOILT);
          },
        ],
        // Frames under way at a reset are lost without anybody's fault.
        [DEVICE_RESET, (words, at) => this.counts.fill(0, words[at + A]! * WORDS, words[at + A]! * WORDS + ODDITY)],
        [DRIVER_ENDED, (words, at) => this.ended(words[at + A]!, words[at + B]!)],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) this.judge(port);
          },
        ],
      ],
      reset: () => {
        if (this.counts.length < state.portCount * WORDS) this.counts = new Uint32Array(state.portCount * WORDS);
        this.counts.fill(0);
      },
    };
  }

  private count(port: number, word: number): void {
    if (port < this.context.state.portCount) this.counts[port * WORDS + word]!++;
  }

  private shown(port: number, oddity: number): void {
    const clause = CLAUSE_OF[oddity];
    if (clause === undefined) return;
    this.count(port, SHOWN);
    this.counts[port * WORDS + ODDITY] = clause + 1;
  }

  /** A driver that refuses a device with unknown features refuses it because of them: such scenarios have no other oddity. */
  private ended(port: number, reason: number): void {
    const clause = this.counts[port * WORDS + ODDITY]! - 1;
    if (clause !== FEATURES || reason !== DRIVER_REFUSED || this.context.state.portOf(port).allocationFailures > 0) return;
    this.accuse(clause, port, 'a refusal of the device');
  }

  private judge(port: number): void {
    const clause = this.counts[port * WORDS + ODDITY]! - 1;
    const portState = this.context.state.portOf(port);
    if (clause < 0 || !portState.isUp) return;
    if (clause === FEATURES) return this.context.held(clause, port);
    const [placed, delivered, spoilt, shown] = this.counts.subarray(port * WORDS, port * WORDS + ODDITY) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (shown === 0) return;
    if (delivered === placed && spoilt === 0) return this.context.held(clause, port);
    if (portState.allocationFailures > 0)
      return this.context.undecidable(clause, port, 'allocations failed, so the driver may have had to drop frames');
    if (this.context.state.ports.some(({ driverBrokeAt }) => driverBrokeAt !== NONE))
      return this.context.undecidable(clause, port, 'a driver of the link put its ring out of order, and frames with it');
    if (placed - delivered + spoilt !== shown)
      return this.context.undecidable(clause, port, 'frames were lost or changed in other ways, too');
    this.accuse(clause, port, `${shown} of ${placed} frames lost or changed, those with the oddity`);
  }

  private accuse(clause: number, port: number, seen: string): void {
    this.context.violated(clause, port, 'driver', {
      message: `The driver minds ${WHAT[clause]!}.`,
      expected: 'them ignored, and every frame handed up unchanged',
      seen,
      evidence: { port },
    });
  }
}
