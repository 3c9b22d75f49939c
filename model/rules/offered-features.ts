// The feature set a device offers, and how it answers what a driver accepts.
//
// virtio 2.2.2, 6.2, 5.1.3.1.
import { CONNECTED, FEATURES_CHECKED } from '../events.js';
import { FOREIGN_DEVICE_BITS, FOREIGN_TRANSPORT_BITS, firstUnsupported, MASK_SR_IOV, RESERVED_BITS, UNKNOWN_BITS } from './feature-tables.js';
import { MASK_VERSION_1 } from './ring-constants.js';
import { A, AT_ONCE, B, C, D, E, F, type RuleDefinition } from './rule.js';

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
  create(context) {
    const { state } = context;
    /** The set each port was accepted with last: words 0 and 1, and whether there was one. */
    let taken = new Uint32Array(0);

    const judge = (clause: number, port: number, isGood: boolean, message: string, expected: string, word0: number, word1: number): void => {
      if (isGood) return context.held(clause, port);
      context.violated(clause, port, 'device', {
        message,
        expected,
        seen: `feature words 0x${word0.toString(16)} 0x${word1.toString(16)}`,
        evidence: { word0, word1 },
      });
    };

    const offered = (port: number, word0: number, word1: number): void => {
      const lacking = firstUnsupported(word0, word1);
      const message = `The device offers ${lacking?.name ?? ''} without a feature it needs.`;
      judge(COMPLETE, port, lacking === null, message, 'every prerequisite offered too', word0, word1);
      judge(NET_COMPLETE, port, lacking === null, message, 'every prerequisite offered too', word0, word1);
      const foreign0 = word0 & (UNKNOWN_BITS[0]! | RESERVED_BITS[0]! | FOREIGN_TRANSPORT_BITS[0]! | FOREIGN_DEVICE_BITS[0]!);
      const foreign1 = word1 & (UNKNOWN_BITS[1]! | RESERVED_BITS[1]! | FOREIGN_TRANSPORT_BITS[1]! | FOREIGN_DEVICE_BITS[1]!);
      judge(
        HONEST,
        port,
        (foreign0 | foreign1) === 0,
        'The device offers bits it cannot honour.',
        'only features of a network device on this transport',
        foreign0,
        foreign1,
      );
      judge(OFFERS_VERSION_1, port, (word1 & MASK_VERSION_1) !== 0, 'The device does not offer VERSION_1.', 'bit 32 offered', word0, word1);
      judge(NO_SR_IOV, port, (word1 & MASK_SR_IOV) === 0, 'The device offers SR_IOV without PCI.', 'bit 37 clear', word0, word1);
    };

    const checked = (port: number, isAccepted: boolean, word0: number, word1: number, offer0: number, offer1: number): void => {
      const isSubset = ((word0 & ~offer0) | (word1 & ~offer1)) === 0 && isWithinHighWords(port);
      const isValid = isSubset && (word1 & MASK_VERSION_1) !== 0 && firstUnsupported(word0, word1) === null;
      if (isValid) judge(ACCEPTS_SUBSET, port, isAccepted, 'The device refused a valid subset of its offer.', 'FEATURES_OK left set', word0, word1);
      if (!isSubset) judge(REFUSES_OTHERS, port, !isAccepted, 'The device accepted features it does not offer.', 'FEATURES_OK left clear', word0, word1);
      const at = port * 3;
      if (taken[at + 2] === 1 && taken[at] === word0 && taken[at + 1] === word1) {
        judge(REMEMBERS, port, isAccepted, 'The device refused a feature set that it accepted before.', 'the same answer after a reset', word0, word1);
      }
      if (!isAccepted) return;
      taken[at] = word0;
      taken[at + 1] = word1;
      taken[at + 2] = 1;
    };

    const isWithinHighWords = (port: number): boolean => {
      const portState = state.portOf(port);
      for (let word = 2; word < state.layout.featureWords; word++) if ((portState.accepted[word]! & ~portState.offered[word]!) !== 0) return false;
      return true;
    };

    return {
      on: [
        [
          CONNECTED,
          (words, at) => {
            taken[words[at + A]! * 3 + 2] = 0;
            offered(words[at + A]!, words[at + C]!, words[at + D]!);
          },
        ],
        [FEATURES_CHECKED, (words, at) => checked(words[at + A]!, words[at + B] !== 0, words[at + C]!, words[at + D]!, words[at + E]!, words[at + F]!)],
      ],
      reset: () => {
        if (taken.length < 3 * state.portCount) taken = new Uint32Array(3 * state.portCount);
        taken.fill(0);
      },
    };
  },
};
