// The generic device, odd in ways a driver has to bear. Each is one change to a part of it.
import type { Resume } from '../../sim/flow.resumable.js';
import { ODDITY_FLAGS_WITH_EVENTS, ODDITY_SHOWN, ODDITY_STATUS_BITS } from '../events.js';
import type { ConductRow } from '../p2p/device-conduct.js';
import type { ServerPatch } from '../p2p/server-parts.resumable.js';
import { EventDeviceQueue } from '../virtqueue/event-device-queue.resumable.js';
import { USED_FLAGS, USED_NO_NOTIFY } from '../virtqueue/layout.js';
import { GenericPort } from './port.resumable.js';

/** A bit of the status field without a meaning. */
const UNKNOWN_STATUS_BIT = 0x8000;

/** Conducts a driver has to bear. */
export const ODD_GENERIC_CONDUCTS: readonly ConductRow<ServerPatch>[] = [
  {
    id: 'odd-flags-with-events',
    title: 'sets bit 0 of used.flags although EVENT_IDX was negotiated',
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override *wantKicks(): Resume<void> {
          // No event of its own: that is for flags that mean something.
          yield* this.context.memory.store16(this.used + USED_FLAGS, USED_NO_NOTIFY);
          this.context.log.record(ODDITY_SHOWN, this.port, ODDITY_FLAGS_WITH_EVENTS, 0, 0, 0, 0);
          yield* super.wantKicks();
        }
      },
    },
  },
  {
    id: 'odd-status-bits',
    title: 'sets a bit of the status field that means nothing',
    patch: {
      Port: class extends GenericPort {
        protected override get statusWord(): number {
          return super.statusWord | UNKNOWN_STATUS_BIT;
        }

        protected override *showConfiguration(generations: number): Resume<void> {
          yield* super.showConfiguration(generations);
          this.context.log.record(ODDITY_SHOWN, this.port, ODDITY_STATUS_BITS, 0, 0, 0, 0);
        }
      },
    },
  },
];
