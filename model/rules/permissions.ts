// Things drivers and devices may do: never violated, only exercised or not.
//
// The MAY clauses that can be seen in events. Each counts the occasions; other rules make sure that nothing
// else breaks because of them.
import { AVAIL_FLAGS_SEEN, DEVICE_LOOKED, FEATURES_CHECKED, FRAME_PLACED, KICKED, PACKET_HEADER, REGISTER_READ, USED_FLAGS } from '../events.js';
import { NET_DATA_VALID, NET_NEEDS_CHECKSUM } from '../net/header.js';
import { CONFIG_OFFSET, netQueueEntry } from '../transport/layout.js';
import { MASK_CSUM, MASK_GUEST_CSUM, SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, B, C, type RuleDefinition } from './rule.js';

const NO_INTERRUPT = 0;
const DISABLES_WHILE_PROCESSING = 1;
const BATCHES = 2;
const BATCHES_BEFORE_INDEX = 3;
const READS_CONFIG = 4;
const OPEN_CHECKSUM = 5;

/** What a driver may do. */
export const driverPermissions: RuleDefinition = {
  ...AT_ONCE,
  id: 'driver-permissions',
  title: 'What a driver may do: suppress interrupts, batch, read the config early, leave checksums open.',
  clauses: ['SPLIT-DRV-2.7.7.1-2', 'SPLIT-DRV-2.7.14-1', 'SPLIT-DRV-2.7.13-2', 'SPLIT-DRV-2.7.13.2-2', 'INIT-DRV-3.1.1-5', 'NET-DRV-5.1.9.2.1-26'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          AVAIL_FLAGS_SEEN,
          (words, at) => {
            if ((words[at + B]! & SUPPRESS) === 0) return;
            context.held(NO_INTERRUPT, words[at + A]! & 0xff);
            context.held(DISABLES_WHILE_PROCESSING, words[at + A]! & 0xff);
          },
        ],
        [
          DEVICE_LOOKED,
          (words, at) => {
            if (((words[at + B]! - words[at + C]!) & 0xffff) < 2) return;
            context.held(BATCHES, words[at + A]! & 0xff);
            context.held(BATCHES_BEFORE_INDEX, words[at + A]! & 0xff);
          },
        ],
        [
          REGISTER_READ,
          (words, at) => {
            const offset = words[at + B]!;
            const isConfig = offset >= CONFIG_OFFSET.deviceConfig && offset < netQueueEntry(0);
            if (isConfig && state.portOf(words[at + A]!).verdict < 0) context.held(READS_CONFIG, words[at + A]!);
          },
        ],
        [
          PACKET_HEADER,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if ((words[at + B]! & NET_NEEDS_CHECKSUM) !== 0 && state.portOf(port).hasFeature(MASK_CSUM)) context.held(OPEN_CHECKSUM, port);
          },
        ],
      ],
    };
  },
};

const SUPPRESSES = 0;
const ADVISES = 1;
const REFUSES = 2;
const HANDS_OPEN = 3;
const VOUCHES = 4;
const TOLERATES = 5;

/** What a device may do. */
export const devicePermissions: RuleDefinition = {
  ...AT_ONCE,
  id: 'device-permissions',
  title: 'What a device may do (ask for no kicks, refuse drivers without VERSION_1, hand up open or verified checksums) and must bear (spurious kicks).',
  clauses: ['SPLIT-DEV-2.7.13.4-1', 'SPLIT-DEV-2.7.10.2-2', 'RSVD-DEV-6.2-2', 'NET-DEV-5.1.9.4.1-17', 'NET-DEV-5.1.9.4.1-30', 'SPLIT-DEV-2.7.10.2-5'],
  actor: 'device',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          USED_FLAGS,
          (words, at) => {
            if ((words[at + B]! & SUPPRESS) === 0) return;
            context.held(SUPPRESSES, words[at + A]! & 0xff);
            context.held(ADVISES, words[at + A]! & 0xff);
          },
        ],
        [
          FEATURES_CHECKED,
          (words, at) => {
            if (words[at + B] === 0 && (words[at + 5]! & 1) === 0) context.held(REFUSES, words[at + A]!);
          },
        ],
        [
          FRAME_PLACED,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if (!state.portOf(port).hasFeature(MASK_GUEST_CSUM)) return;
            if ((words[at + C]! & NET_NEEDS_CHECKSUM) !== 0) context.held(HANDS_OPEN, port);
            if ((words[at + C]! & NET_DATA_VALID) !== 0) context.held(VOUCHES, port);
          },
        ],
        // A kick that brings nothing new: the link must go on as before, which all other rules watch.
        [
          KICKED,
          (words, at) => {
            const port = words[at + A]!;
            const receive = state.queueOf(port);
            const transmit = state.queueOf(port | 0x100);
            if (receive.isInstalled && receive.lookedIndex === receive.kickedIndex && transmit.lookedIndex === transmit.kickedIndex)
              context.held(TOLERATES, port);
          },
        ],
      ],
    };
  },
};
