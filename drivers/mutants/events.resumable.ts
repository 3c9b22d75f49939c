// Mutants of drivers: notifications by position (EVENT_IDX). Each is one change to a part of the generic driver and needs the generic device.
import { AVAIL_FLAGS, AVAIL_NO_INTERRUPT, availEventOffset, USED_FLAGS, USED_INDEX, USED_NO_NOTIFY } from '../../model/virtqueue/layout.js';
import { EventDriverQueue } from '../../model/virtqueue/event-driver-queue.resumable.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant, DriverPatch } from '../driver-patch.resumable.js';
import { GENERIC_PARTS, GenericDriver } from '../generic.resumable.js';

/** A mutant of the generic driver. */
function generic(mutant: Omit<DriverMutant, 'device'>): DriverMutant {
  const patch: DriverPatch = { Driver: GenericDriver, ...GENERIC_PARTS, ...mutant.patch };
  return { ...mutant, device: 'generic', patch };
}

/** Mutants of notifications by position. */
export const EVENT_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-event-equality',
    title: 'the device is notified only if avail_event names the very last chain of a batch',
    source: 'mistake 32',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          yield* this.memory.fullBarrier();
          const event = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          return event === ((this.availIndex - 1) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-event-no-wrap',
    title: 'avail_event is compared with avail.idx as if they never wrapped',
    source: 'mistake 25, SPLIT-DRV-2.7.10.1-6',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          const oldIndex = this.decidedIndex;
          yield* super.wantsKick();
          const event = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          return event >= oldIndex && event < this.availIndex;
        }
      },
    },
  },
  {
    id: 'drv-event-one-late',
    title: 'the device is notified one chain after the one that avail_event names',
    source: 'mistake 32, SPLIT-DRV-2.7.10.1-6',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          yield* this.memory.fullBarrier();
          const event = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          return event === ((this.availIndex - 2) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-event-flags-instead',
    title: 'used.flags decides about notifications although EVENT_IDX was negotiated',
    source: 'mistake 32, SPLIT-DRV-2.7.10.1-5, SPLIT-DRV-2.7.10.1-7',
    kills: ['needless-kicks'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          yield* this.memory.fullBarrier();
          return ((yield* this.memory.load16(this.place.used + USED_FLAGS)) & USED_NO_NOTIFY) === 0;
        }
      },
    },
  },
  {
    id: 'drv-event-obeys-flags',
    title: 'the device is not notified while used.flags asks for that, although EVENT_IDX was negotiated',
    source: 'mistake 32, SPLIT-DRV-2.7.10.1-5',
    kills: ['link-at-rest'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          const isWanted = yield* super.wantsKick();
          return isWanted && ((yield* this.memory.load16(this.place.used + USED_FLAGS)) & USED_NO_NOTIFY) === 0;
        }
      },
    },
  },
  {
    id: 'drv-event-no-barrier',
    title: 'avail_event is read without a full barrier behind avail.idx',
    source: 'mistake 2, SPLIT-DRV-2.7.13.4.1-1',
    kills: ['kick-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          const event = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          const oldIndex = this.decidedIndex;
          this.decidedIndex = this.availIndex;
          return ((this.availIndex - event - 1) & 0xffff) < ((this.availIndex - oldIndex) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-event-early',
    title: 'avail_event is looked at before the chains are published',
    source: 'mistakes 2 and 5',
    kills: ['kick-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        private early = 0;

        override *publish(): Resume<boolean> {
          if (this.usesEventIndex) this.early = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          return yield* super.publish();
        }

        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          const oldIndex = this.decidedIndex;
          this.decidedIndex = this.availIndex;
          return ((this.availIndex - this.early - 1) & 0xffff) < ((this.availIndex - oldIndex) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-event-with-flags',
    title: 'interrupts are suppressed by avail.flags although EVENT_IDX was negotiated',
    source: 'mistake 32, SPLIT-DRV-2.7.7.1-3',
    kills: ['ring-start'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *suppressInterrupts(): Resume<void> {
          yield* this.memory.store16(this.place.avail + AVAIL_FLAGS, AVAIL_NO_INTERRUPT);
        }
      },
    },
  },
  {
    id: 'drv-event-never-moved',
    title: 'used_event stays where it is when interrupts are wanted again',
    source: 'known bug 13',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        protected override *setUsedEvent(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-event-one-ahead',
    title: 'used_event names the element after the next',
    source: 'mistake 32, known bug 13',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        protected override *setUsedEvent(index: number): Resume<void> {
          yield* super.setUsedEvent((index + 1) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-event-no-recheck',
    title: 'after used_event is moved nobody looks whether something came meanwhile',
    source: 'mistake 4',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          const isWaiting = yield* super.enableInterrupts();
          return this.usesEventIndex ? false : isWaiting;
        }
      },
    },
  },
  {
    id: 'drv-event-recheck-early',
    title: 'the last look for used chains comes before used_event is moved',
    source: 'mistake 4',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Queue: class extends EventDriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.enableInterrupts();
          const index = yield* this.memory.load16(this.place.used + USED_INDEX);
          yield* this.setUsedEvent(this.usedIndex);
          yield* this.memory.fullBarrier();
          return index !== this.usedIndex;
        }
      },
    },
  },
].map(generic);
