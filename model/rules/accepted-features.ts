// The feature set a driver accepts: within the offer, complete, and nothing unknown.
//
// virtio 2.2.1, 6.1, 6.3, 5.1.4.2. Judged when the device checks the set at FEATURES_OK.
import { FEATURES_CHECKED } from '../events.js';
import { FEATURE_VERSION_1 } from '../transport/layout.js';
import { FEATURE_BITS, featureText, featureWordText } from '../protocol-words.js';
import { FOREIGN_DEVICE_BITS, FOREIGN_TRANSPORT_BITS, firstUnsupported, MASK_BIT_30, MASK_SR_IOV, RESERVED_BITS, UNKNOWN_BITS } from './feature-tables.js';
import { MASK_MAC, MASK_VERSION_1 } from './ring-constants.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, C, D, E, F, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const OFFERED = 0;
const COMPLETE = 1;
const KNOWN = 2;
const NOT_RESERVED = 3;
const OF_TRANSPORT = 4;
const OF_DEVICE = 5;
const TAKES_VERSION_1 = 6;
const NO_SR_IOV = 7;
const NO_BIT_30 = 8;
const TAKES_MAC = 9;
const KEEPS_CLAIM = 10;
/** Words behind the specified device range; a private transport bit stands in the last one. */
const FIRST_UNSPECIFIED_WORD = 3;

/** The accepted features are offered, complete and known. */
export const acceptedFeatures: RuleDefinition = {
  ...AT_ONCE,
  id: 'accepted-features',
  title: 'The driver accepts only offered and known features, each with what it needs, and VERSION_1.',
  clauses: [
    'FEAT-DRV-2.2.1-1',
    'FEAT-DRV-2.2.1-2',
    'FEAT-DRV-2.2.1-4',
    'FEAT-DRV-2.2.1-5',
    'FEAT-DRV-2.2.1-6',
    'FEAT-DRV-2.2.1-7',
    'RSVD-DRV-6.1-1',
    'RSVD-DRV-6.1-10',
    'RSVD-DRV-6.3-2',
    'NET-DRV-5.1.4.2-2',
    'CONTRACT-CLAIM',
  ],
  actor: 'driver',
  create: (context) => new AcceptedFeaturesJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class AcceptedFeaturesJudge {
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
          FEATURES_CHECKED,
          (words, at) => {
            const port = words[at + A]!;
            const word0 = words[at + C]!;
            const word1 = words[at + D]!;
            this.judgeWords(port, [word0, word1], [words[at + E]!, words[at + F]!]);
            this.judgeHighWords(port);
            this.judgeComplete(port, word0, word1);
            this.judgeNamed(port, word0, word1, words[at + E]!, words[at + F]!);
            this.judgeClaim(port, word0, word1);
          },
        ],
      ],
    };
  }

  /** Held when no bit of `wrong` is set in the word. */
  private judge(clause: number, port: number, word: number, wrong: number, message: string, expected: string): void {
    const bits = wrong >>> 0;
    if (bits === 0) return this.context.held(clause, port);
    this.context.violated(clause, port, 'driver', { message, expected, seen: featureWordText(word, bits), evidence: { word, bits } });
  }

  private judgeWords(port: number, words: readonly [number, number], offers: readonly [number, number]): void {
    for (let word = 0; word < 2; word++) {
      const accepted = words[word]!;
      this.judge(OFFERED, port, word, accepted & ~offers[word]!, 'The driver accepted features the device does not offer.', 'a subset of the offer');
      this.judge(KNOWN, port, word, accepted & UNKNOWN_BITS[word]!, 'The driver accepted bits the specification does not know.', 'unknown bits left out');
      this.judge(NOT_RESERVED, port, word, accepted & RESERVED_BITS[word]!, 'The driver accepted reserved bits.', 'reserved bits left out');
      this.judge(
        OF_TRANSPORT,
        port,
        word,
        accepted & FOREIGN_TRANSPORT_BITS[word]!,
        'The driver accepted features this transport does not have.',
        'features of PCI left out',
      );
      this.judge(
        OF_DEVICE,
        port,
        word,
        accepted & FOREIGN_DEVICE_BITS[word]!,
        'The driver accepted bits that mean nothing for a network device.',
        'bits of other devices left out',
      );
    }
  }

  private judgeHighWords(port: number): void {
    const { accepted, offered } = this.state.portOf(port);
    for (let word = 2; word < this.state.layout.featureWords; word++) {
      const foreign = accepted[word]! & ~offered[word]!;
      if (foreign === 0) continue;
      this.judge(OFFERED, port, word, foreign, 'The driver accepted features the device does not offer.', 'a subset of the offer');
      if (word > FIRST_UNSPECIFIED_WORD) this.judge(NOT_RESERVED, port, word, foreign, 'The driver accepted reserved bits.', 'reserved bits left out');
    }
  }

  private judgeComplete(port: number, word0: number, word1: number): void {
    const lacking = firstUnsupported(word0, word1);
    if (lacking === null) return this.context.held(COMPLETE, port);
    this.context.violated(COMPLETE, port, 'driver', {
      message: `The driver accepted ${lacking.name} without a feature it needs.`,
      expected: `feature ${lacking.anyOf.join(' or ')} accepted as well`,
      seen: `${featureText(lacking.bit)} alone`,
      evidence: { feature: lacking.bit, word0, word1 },
    });
  }

  private judgeNamed(port: number, word0: number, word1: number, offer0: number, offer1: number): void {
    this.judge(NO_SR_IOV, port, 1, word1 & MASK_SR_IOV, 'The driver accepted SR_IOV on a transport that is not PCI.', 'bit 37 clear');
    this.judge(NO_BIT_30, port, 0, word0 & MASK_BIT_30, 'The driver accepted bit 30, which must stay unused.', 'bit 30 clear');
    if ((offer1 & MASK_VERSION_1) !== 0) {
      this.judge(
        TAKES_VERSION_1,
        port,
        1,
        MASK_VERSION_1 & ~word1,
        'The driver did not accept VERSION_1 although it is offered.',
        `bit ${FEATURE_VERSION_1} set`,
      );
    }
    if ((offer0 & MASK_MAC) !== 0) this.judge(TAKES_MAC, port, 0, MASK_MAC & ~word0, 'The driver did not accept MAC although it is offered.', 'bit 5 set');
  }

  /** Features beyond those claimed are worth a look: nothing about them was meant to be judged. */
  private judgeClaim(port: number, word0: number, word1: number): void {
    const { claim, subjects } = this.context.configuration();
    const features = claim?.features ?? null;
    if (features === null || subjects[port] !== true) return;
    const unclaimed = Object.entries(FEATURE_BITS).filter(([bit, name]) => {
      const word = Number(bit) < 32 ? word0 : word1;
      const isAccepted = Number(bit) < 64 && ((word >>> (Number(bit) & 31)) & 1) === 1;
      return isAccepted && Number(bit) !== FEATURE_VERSION_1 && !features.includes(name);
    });
    if (unclaimed.length === 0) return this.context.held(KEEPS_CLAIM, port);
    this.context.violated(KEEPS_CLAIM, port, 'driver', {
      message: 'The driver accepted features that it does not claim.',
      expected: `at most VERSION_1${features.map((name) => `, ${name}`).join('')}`,
      seen: unclaimed.map(([, name]) => name).join(', '),
      evidence: { word0, word1 },
    });
  }
}
