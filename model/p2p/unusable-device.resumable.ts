// Devices that a correct driver cannot use, for good or until a reset. Each is one change to a part of the corrected server.
//
// No driver is asked to come up with one; what is judged is how it ends its initialisation, and how it tries again.
import type { Resume } from '../../sim/flow.resumable.js';
import { FEATURE_VERSION_1 } from '../transport/layout.js';
import type { ConductRow } from './device-conduct.js';
import { Port } from './port.resumable.js';
import type { ServerPatch } from './server-parts.resumable.js';

const VERSION_WORD = FEATURE_VERSION_1 >>> 5;
const VERSION_BIT = 1 << (FEATURE_VERSION_1 & 31);
/** Resets by the driver after which a device can be used. */
const RESETS_BEFORE_OFFER = 2;

/** Conducts that leave a driver nothing to work with. */
export const UNUSABLE_CONDUCTS: readonly ConductRow<ServerPatch>[] = [
  {
    id: 'unusable-refuses',
    title: 'the device takes no feature set at all',
    patch: {
      Port: class extends Port {
        protected override isAcceptable(_first: number, _second: number): boolean {
          return false;
        }
      },
    },
  },
  {
    id: 'unusable-at-first',
    title: 'the device takes no feature set before its second reset',
    patch: {
      Port: class extends Port {
        private resets = 0;

        protected override *resetByDriver(): Resume<void> {
          this.resets += 1;
          yield* super.resetByDriver();
        }

        protected override isAcceptable(first: number, second: number): boolean {
          return this.resets >= RESETS_BEFORE_OFFER && super.isAcceptable(first, second);
        }
      },
    },
  },
  {
    id: 'unusable-older',
    title: 'the device offers VERSION_1 only after its second reset',
    patch: {
      Port: class extends Port {
        private resets = 0;

        override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
          this.offered[VERSION_WORD]! &= ~VERSION_BIT;
          yield* super.connect(capacity, mac);
          yield* this.initializePage();
        }

        protected override *resetByDriver(): Resume<void> {
          this.resets += 1;
          if (this.resets >= RESETS_BEFORE_OFFER) this.offered[VERSION_WORD]! |= VERSION_BIT;
          yield* super.resetByDriver();
        }
      },
    },
  },
];
