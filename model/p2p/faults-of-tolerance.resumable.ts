// Mutants of the link: frames and headers with more in them than counts are not taken as they should be.
import type { Resume } from '../../sim/flow.resumable.js';
import {
  NET_CHECKSUM_OFFSET,
  NET_CHECKSUM_START,
  NET_DATA_VALID,
  NET_FLAGS,
  NET_HEADER_BYTES,
  NET_NEEDS_CHECKSUM,
} from '../net/header.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe } from './pipe.resumable.js';
import type { ServerFault } from './server-parts.resumable.js';

/** A flag of the net header that no version names. */
const UNKNOWN_FLAG = 0x80;
/** Place of the low byte of the Ethernet type behind the net header. */
const TYPE_AT = NET_HEADER_BYTES + 13;

/** Mutants that are too strict, or too trusting. */
export const TOLERANCE_FAULTS: readonly ServerFault[] = [
  {
    id: 'link-passes-unknown-flags',
    title: 'flags of a transmit header that nobody knows are passed on',
    source: 'NET-DEV-5.1.9.2.2-1',
    kills: ['transmit-tolerance'],
    patch: {
      Passage: class extends HeaderPassage {
        override *sanitize(): Resume<void> {
          const unknown = (yield* this.context.memory.load8(this.addressOf(NET_FLAGS))) & UNKNOWN_FLAG;
          yield* super.sanitize();
          if (unknown === 0) return;
          const flags = yield* this.context.memory.load8(this.addressOf(NET_FLAGS));
          this.image.set(NET_FLAGS, flags | unknown);
          yield* this.context.memory.store8(this.addressOf(NET_FLAGS), flags | unknown);
        }
      },
    },
  },
  {
    id: 'link-passes-data-valid',
    title: 'DATA_VALID of a transmit header is passed on to receivers with GUEST_CSUM',
    source: 'quirk Q24, NET-DEV-5.1.9.4.1-31',
    kills: ['transmit-tolerance'],
    patch: {
      Passage: class extends HeaderPassage {
        override *sanitize(): Resume<void> {
          const isVouchedFor = ((yield* this.context.memory.load8(this.addressOf(NET_FLAGS))) & NET_DATA_VALID) !== 0;
          yield* super.sanitize();
          if (!isVouchedFor || !this.receiver.hasGuestChecksum) return;
          this.image.set(NET_FLAGS, NET_DATA_VALID);
          yield* this.context.memory.store8(this.addressOf(NET_FLAGS), NET_DATA_VALID);
        }
      },
    },
  },
  {
    id: 'link-uses-stale-checksum',
    title: 'checksum fields are used without NEEDS_CSUM',
    source: 'NET-DEV-5.1.9.2.2-2',
    kills: ['transmit-tolerance'],
    patch: {
      Passage: class extends HeaderPassage {
        protected override beginFrom(bytes: Uint8Array, at: number): void {
          const start = bytes[at + NET_CHECKSUM_START]! | (bytes[at + NET_CHECKSUM_START + 1]! << 8);
          const isStale = start !== 0 && (bytes[at + NET_FLAGS]! & NET_NEEDS_CHECKSUM) === 0;
          if (isStale) this.checksum.begin(start, bytes[at + NET_CHECKSUM_OFFSET]!);
          else super.beginFrom(bytes, at);
        }
      },
    },
  },
  {
    id: 'link-drops-tagged',
    title: 'frames with a VLAN tag are dropped although no filter was negotiated',
    source: 'NET-DEV-5.1.9.5.3.1-1',
    kills: ['frames-carried'],
    patch: {
      Pipe: class extends Pipe {
        protected override *finishFrame(): Resume<void> {
          const { bytes, lengthBytes } = this.image;
          const isTagged = lengthBytes > TYPE_AT && bytes[TYPE_AT - 1] === 0x81 && bytes[TYPE_AT] === 0x00;
          if (isTagged) yield* this.dropFrame();
          else yield* super.finishFrame();
        }
      },
    },
  },
];
