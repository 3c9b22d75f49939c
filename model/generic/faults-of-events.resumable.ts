// Mutants of the generic device: notifications by position (EVENT_IDX). Each is one change to a part of the device.
import type { Resume } from '../../sim/flow.resumable.js';
import { BARRIER_FULL } from '../../sim/barrier.js';
import type { ServerFault } from '../p2p/server-parts.resumable.js';
import { EventDeviceQueue } from '../virtqueue/event-device-queue.resumable.js';
import { USED_INDEX, usedEventOffset } from '../virtqueue/layout.js';
import { USED_EVENT_SEEN } from '../events.js';

/** Mutants of notifications by position. */
export const EVENT_FAULTS: readonly ServerFault[] = [
  {
    id: 'dev-event-no-wrap',
    title: 'the device compares used_event with used.idx as if they never wrapped',
    source: 'mistake 25, SPLIT-DEV-2.7.7.2-5',
    kills: ['interrupts-due'],
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override isWanted(event: number, newIndex: number, oldIndex: number): boolean {
          return event >= oldIndex && event < newIndex;
        }
      },
    },
  },
  {
    id: 'dev-event-one-late',
    title: 'the device interrupts one element after the one that used_event names',
    source: 'SPLIT-DEV-2.7.7.2-5',
    kills: ['interrupts-due'],
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override isWanted(event: number, newIndex: number, oldIndex: number): boolean {
          return super.isWanted((event + 1) & 0xffff, newIndex, oldIndex);
        }
      },
    },
  },
  {
    id: 'dev-event-always',
    title: 'the device interrupts for every element, wherever used_event is',
    source: 'SPLIT-DEV-2.7.7.2-6',
    kills: ['interrupt-suppression'],
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override isWanted(): boolean {
          return true;
        }
      },
    },
  },
  {
    id: 'dev-event-early',
    title: 'the device reads used_event before it publishes used.idx',
    source: 'known bug 3',
    kills: ['interrupts-due'],
    patch: {
      Queue: class extends EventDeviceQueue {
        private early = 0;

        override *publishUsed(count: number): Resume<void> {
          if (this.usesEventIndex) {
            this.early = yield* this.context.memory.load16(this.avail + usedEventOffset(this.size));
            this.context.log.record(USED_EVENT_SEEN, this.eventAddress, this.early, 0, 0, 0, 0);
          }
          yield* super.publishUsed(count);
        }

        override *isInterruptSuppressed(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.isInterruptSuppressed();
          const index = yield* this.context.memory.load16(this.used + USED_INDEX);
          const isWanted = this.isWanted(this.early, index, this.decidedIndex);
          this.decidedIndex = index;
          return !isWanted;
        }
      },
    },
  },
  {
    id: 'dev-event-with-flags',
    title: 'the device suppresses kicks by used.flags although EVENT_IDX was negotiated',
    source: 'SPLIT-DEV-2.7.10.2-3',
    kills: ['used-flags'],
    patch: {
      Queue: class extends EventDeviceQueue {
        override *suppressKicks(isSuppressed: boolean): Resume<void> {
          yield* super.suppressKicks(isSuppressed);
          if (!this.usesEventIndex) return;
          this.usesEventIndex = false;
          yield* super.suppressKicks(isSuppressed);
          this.usesEventIndex = true;
        }
      },
    },
  },
  {
    id: 'dev-event-never-moved',
    title: 'the device leaves avail_event where it is and so rests deaf',
    source: 'mistake 32, SPLIT-DEV-2.7.10-1',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override *setAvailEvent(): Resume<void> {}
      },
    },
  },
  {
    id: 'dev-event-no-recheck',
    title: 'the device moves avail_event to where it looked last and does not look again',
    source: 'SPLIT-DEV-2.7.10-1',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends EventDeviceQueue {
        protected override *wantKicks(): Resume<void> {
          yield* this.setAvailEvent((this.lastLooked - 1) & 0xffff);
          yield* this.context.memory.barrier(BARRIER_FULL);
        }
      },
    },
  },
];
