// The feature set a device offers, and how it answers what a driver accepts.
//
// virtio 2.2.2, 6.2, 5.1.3.1.
import { CONNECTED, FEATURES_CHECKED } from '../events.js';
import { featuresText } from '../protocol-words.js';
import { FOREIGN_DEVICE_BITS, FOREIGN_TRANSPORT_BITS, firstUnsupported, MASK_SR_IOV, RESERVED_BITS, UNKNOWN_BITS } from './feature-tables.js';
import { MASK_VERSION_1 } from './ring-constants.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, D, E, F, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const COMPLETE = 0;
const NET_COMPLETE = 1;
const HONEST = 2;
const OFFERS_VERSION_1 = 3;
const NO_SR_IOV = 4;
const ACCEPTS_SUBSET = 5;
const REFUSES_OTHERS = 6;
const REMEMBERS = 7;

/** The device offers a complete, honest set and answers each choice rightly. */
export const offeredFeatures: RuleDefinition = {
  ...AT_ONCE,
  id: 'offered-features',
  title: 'The device offers a complete set of features it has, accepts valid subsets and refuses all others.',
  clauses: [
    'FEAT-DEV-2.2.2-1',
    'NET-DEV-5.1.3.1-1',
    'FEAT-DEV-2.2.2-4',
    'RSVD-DEV-6.2-1',
    'RSVD-DEV-6.2-10',
    'FEAT-DEV-2.2.2-2',
    'FEAT-DEV-2.2.2-3',
    'FEAT-DEV-2.2.2-5',
  ],
  actor: 'device',
  create: (context) => new OfferedFeaturesJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class OfferedFeaturesJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** The set each port was accepted with last: words 0 and 1, and whether there was one. */
  private taken = new Uint32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [
          CONNECTED,
          (words, at) => {
            this.taken[words[at + A]! * 3 + 2] = 0;
            this.offered(words[at + A]!, words[at + C]!, words[at + D]!);
          },
        ],
        [FEATURES_CHECKED, (words, at) => this.checked(words[at + A]!, words[at + B] !== 0, words[at + C]!, words[at + D]!, words[at + E]!, words[at + F]!)],
      ],
      reset: () => {
        if (this.taken.length < 3 * this.state.portCount) this.taken = new Uint32Array(3 * this.state.portCount);
        this.taken.fill(0);
      },
    };
  }

  private judge(clause: number, port: number, isGood: boolean, message: string, expected: string, word0: number, word1: number): void {
    if (isGood) return this.context.held(clause, port);
    this.context.violated(clause, port, 'device', {
      message,
      expected,
      seen: featuresText(word0, word1),
      evidence: { word0, word1 },
    });
  }

  private offered(port: number, word0: number, word1: number): void {
    const lacking = firstUnsupported(word0, word1);
    const message = `The device offers ${lacking?.name ?? ''} without a feature it needs.`;
    this.judge(COMPLETE, port, lacking === null, message, 'every prerequisite offered too', word0, word1);
    this.judge(NET_COMPLETE, port, lacking === null, message, 'every prerequisite offered too', word0, word1);
    const foreign0 = word0 & (UNKNOWN_BITS[0]! | RESERVED_BITS[0]! | FOREIGN_TRANSPORT_BITS[0]! | FOREIGN_DEVICE_BITS[0]!);
    const foreign1 = word1 & (UNKNOWN_BITS[1]! | RESERVED_BITS[1]! | FOREIGN_TRANSPORT_BITS[1]! | FOREIGN_DEVICE_BITS[1]!);
    this.judge(
      HONEST,
      port,
      (foreign0 | foreign1) === 0,
      'The device offers bits it cannot honour.',
      'only features of a network device on this transport',
      foreign0,
      foreign1,
    );
    this.judge(OFFERS_VERSION_1, port, (word1 & MASK_VERSION_1) !== 0, 'The device does not offer VERSION_1.', 'bit 32 offered', word0, word1);
    this.judge(NO_SR_IOV, port, (word1 & MASK_SR_IOV) === 0, 'The device offers SR_IOV without PCI.', 'bit 37 clear', word0, word1);
  }

  private checked(port: number, isAccepted: boolean, word0: number, word1: number, offer0: number, offer1: number): void {
    const isSubset = ((word0 & ~offer0) | (word1 & ~offer1)) === 0 && this.isWithinHighWords(port);
    const isValid = isSubset && (word1 & MASK_VERSION_1) !== 0 && firstUnsupported(word0, word1) === null;
    if (isValid) this.judge(ACCEPTS_SUBSET, port, isAccepted, 'The device refused a valid subset of its offer.', 'FEATURES_OK left set', word0, word1);
    if (!isSubset) this.judge(REFUSES_OTHERS, port, !isAccepted, 'The device accepted features it does not offer.', 'FEATURES_OK left clear', word0, word1);
    const at = port * 3;
    if (this.taken[at + 2] === 1 && this.taken[at] === word0 && this.taken[at + 1] === word1) {
      this.judge(REMEMBERS, port, isAccepted, 'The device refused a feature set that it accepted before.', 'the same answer after a reset', word0, word1);
    }
    if (!isAccepted) return;
    this.taken[at] = word0;
    this.taken[at + 1] = word1;
    this.taken[at + 2] = 1;
  }

  private isWithinHighWords(port: number): boolean {
    const portState = this.state.portOf(port);
    for (let word = 2; word < this.state.layout.featureWords; word++) if ((portState.accepted[word]! & ~portState.offered[word]!) !== 0) return false;
    return true;
  }
}
