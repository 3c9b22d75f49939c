// What was negotiated stays: the device checks features once, and again only after a reset.
//
// virtio 2.2. A later write to the driver's feature words, or another FEATURES_OK, changes nothing before the reset.
import { CONNECTED, DEVICE_RESET, FEATURES_CHECKED, STATUS_WRITE } from '../events.js';
import { A, AT_ONCE, B, C, D, type RuleDefinition } from './rule.js';

/** Negotiation happens once per reset. */
export const fixedFeatures: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'fixed-features',
  title: 'The device takes features once, and anew only after a reset.',
  clauses: ['FEAT-DEV-2.2-1'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By port: 1 since the device took features. */
    let isTaken = new Uint8Array(0);
    let word0 = new Uint32Array(0);
    let word1 = new Uint32Array(0);
    return {
      on: [
        [CONNECTED, (words, at) => void (isTaken[words[at + A]!] = 0)],
        [DEVICE_RESET, (words, at) => void (isTaken[words[at + A]!] = 0)],
        [
          STATUS_WRITE,
          (words, at) => {
            if (isTaken[words[at + A]!] === 1 && words[at + B] !== 0) context.held(0, words[at + A]!);
          },
        ],
        [
          FEATURES_CHECKED,
          (words, at) => {
            const port = words[at + A]!;
            if (port >= state.portCount || words[at + B] === 0) return;
            const isOther = word0[port] !== words[at + C] || word1[port] !== words[at + D];
            if (isTaken[port] === 1 && isOther) {
              context.violated(0, port, 'device', {
                message: 'The device took other features although it had taken some since the last reset.',
                expected: `0x${word1[port]!.toString(16)}:${word0[port]!.toString(16)} until the next reset`,
                seen: `0x${words[at + D]!.toString(16)}:${words[at + C]!.toString(16)}`,
                evidence: { before: word0[port]!, after: words[at + C]! },
              });
            }
            isTaken[port] = 1;
            word0[port] = words[at + C]!;
            word1[port] = words[at + D]!;
          },
        ],
      ],
      reset: () => {
        if (isTaken.length < state.portCount) {
          isTaken = new Uint8Array(state.portCount);
          word0 = new Uint32Array(state.portCount);
          word1 = new Uint32Array(state.portCount);
        }
        isTaken.fill(0);
      },
    };
  },
};
