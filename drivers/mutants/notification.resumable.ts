// Mutants of drivers: interrupts and kicks. Each is one change to a part of a reference driver.
import { DriverQueue } from '../../model/virtqueue/driver-queue.resumable.js';
import { AVAIL_FLAGS, USED_ELEMENT_BYTES, USED_INDEX, USED_RING } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Frame, TransmitResult } from '../contract.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { Ring } from '../ring.resumable.js';

/** Mutants of notification. */
export const NOTIFICATION_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-no-recheck',
    title: 'after interrupts are enabled again nobody looks whether something came meanwhile',
    source: 'known bug 9, mistake 4',
    kills: ['interrupt-check', 'frames-at-rest'],
    patch: {
      Queue: class extends DriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          yield* super.enableInterrupts();
          return false;
        }
      },
    },
  },
  {
    id: 'drv-recheck-before-enabling',
    title: 'the last look for used chains comes before interrupts are enabled',
    source: 'mistake 4',
    kills: ['interrupt-check', 'frames-at-rest'],
    patch: {
      Queue: class extends DriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          const index = yield* this.memory.load16(this.place.used + USED_INDEX);
          yield* super.enableInterrupts();
          return index !== this.usedIndex;
        }
      },
    },
  },
  {
    id: 'drv-enable-disables',
    title: 'what enables interrupts disables them',
    source: 'known bug 15',
    kills: ['interrupt-check', 'frames-at-rest'],
    patch: {
      Queue: class extends DriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          const isWaiting = yield* super.enableInterrupts();
          yield* this.suppressInterrupts();
          return isWaiting;
        }
      },
    },
  },
  {
    id: 'drv-flag-value',
    title: 'interrupts are suppressed with the value 2',
    source: 'SPLIT-DRV-2.7.7.1-1',
    kills: ['ring-start'],
    patch: {
      Queue: class extends DriverQueue {
        override *suppressInterrupts(): Resume<void> {
          yield* this.memory.store16(this.place.avail + AVAIL_FLAGS, 2);
        }
      },
    },
  },
  {
    id: 'drv-never-enables-transmit',
    title: 'interrupts of the transmit queue are never enabled again',
    source: 'known bug 17, mistake 23',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        protected override *enable(): Resume<boolean> {
          return yield* this.paths!.receiveRing.queue.enableInterrupts();
        }
      },
    },
  },
  {
    id: 'drv-never-enables-receive',
    title: 'interrupts of the receive queue are never enabled again',
    source: 'known bug 27, mistake 23',
    kills: ['interrupt-check', 'frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        protected override *enable(): Resume<boolean> {
          return yield* this.paths!.transmitRing.queue.enableInterrupts();
        }
      },
    },
  },
  {
    id: 'drv-one-per-interrupt',
    title: 'one frame is handled per interrupt',
    source: 'mistake 39',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        override *poll(_budget: number): Resume<void> {
          const { receive, transmit } = this.paths!;
          if (yield* this.control.isFailing()) return yield* this.bringUp();
          yield* transmit.reclaim();
          yield* receive.drain(1);
          yield* this.refill();
          this.wake();
          yield* this.enable();
        }
      },
    },
  },
  {
    id: 'drv-looks-at-receive-only',
    title: 'an interrupt is taken for one about the receive queue',
    source: 'mistake 39',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        override *poll(budget: number): Resume<void> {
          if (yield* this.control.isFailing()) return yield* this.bringUp();
          const received = yield* this.paths!.receive.drain(budget);
          yield* this.refill();
          if (received < budget && !(yield* this.paths!.receiveRing.queue.enableInterrupts())) return;
          this.guest.requestPoll();
        }

        override *transmit(frame: Frame): Resume<TransmitResult> {
          return (yield* this.paths!.transmit.send(frame)) ? 'accepted' : this.full();
        }

        private full(): TransmitResult {
          this.isStopped = true;
          return 'full';
        }
      },
    },
  },
  {
    id: 'drv-ignores-interrupts',
    title: 'interrupts are not handled',
    source: 'NOTIFY-DRV-2.3-1',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-no-kick',
    title: 'the device is never notified of what is published',
    source: 'SPLIT-DRV-2.7.10.1-4',
    kills: ['link-at-rest'],
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          yield* this.queue.publish();
        }
      },
    },
  },
  {
    id: 'drv-kicks-when-not-wanted',
    title: 'used.flags is understood the wrong way round',
    source: 'mistake 32',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends DriverQueue {
        override *wantsKick(): Resume<boolean> {
          return !(yield* super.wantsKick());
        }
      },
    },
  },
  {
    id: 'drv-no-kick-after-start',
    title: 'receive buffers are not announced after DRIVER_OK',
    source: 'mistake 6',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Ring: class extends Ring {
        override *kick(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-refills-silently',
    title: 'the device is not told of refilled receive buffers',
    source: 'mistake 24',
    kills: ['link-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        protected override *refill(): Resume<void> {
          yield* this.paths!.receive.refill();
          yield* this.paths!.receiveRing.queue.publish();
        }
      },
    },
  },
  {
    id: 'drv-kick-before-publication',
    title: 'the device is notified before the chains are published',
    source: 'mistake 5',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          if (yield* this.queue.wantsKick()) yield* this.guest.notify();
          yield* this.queue.publish();
        }
      },
    },
  },
  {
    id: 'drv-early-flags',
    title: 'used.flags is looked at before the chains are published',
    source: 'mistake 2',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          const isWanted = yield* this.queue.wantsKick();
          if ((yield* this.queue.publish()) && isWanted) yield* this.guest.notify();
        }
      },
    },
  },
  {
    id: 'drv-flags-of-first-look',
    title: 'used.flags is looked at once and remembered',
    source: 'mistake 32',
    kills: ['kick-check', 'link-at-rest', 'kick-suppression'],
    patch: {
      Queue: class extends DriverQueue {
        private remembered: boolean | null = null;

        override *wantsKick(): Resume<boolean> {
          this.remembered ??= yield* super.wantsKick();
          return this.remembered;
        }

        override *initialise(): Resume<void> {
          this.remembered = null;
          yield* super.initialise();
        }
      },
    },
  },
  {
    id: 'drv-kicks-always',
    title: 'the device is notified whether it wants that or not',
    source: 'SPLIT-DRV-2.7.10.1-3',
    kills: ['kick-suppression'],
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          if (yield* this.queue.publish()) yield* this.guest.notify();
        }
      },
    },
  },
  {
    id: 'drv-kicks-first-only',
    title: 'the device is notified of the first chain only',
    source: 'mistake 2',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Ring: class extends Ring {
        private hasKicked = false;

        override *publish(): Resume<void> {
          if (!(yield* this.queue.publish()) || this.hasKicked) return;
          this.hasKicked = true;
          yield* this.guest.notify();
        }
      },
    },
  },
  {
    id: 'drv-follows-avail-event',
    title: 'the driver decides about kicks by avail_event though EVENT_IDX was not negotiated',
    source: 'mistake 32, known bug 13',
    kills: ['avail-event-ignored'],
    patch: {
      Queue: class extends DriverQueue {
        override *wantsKick(): Resume<boolean> {
          yield* this.memory.fullBarrier();
          const event = yield* this.memory.load16(this.place.used + USED_RING + USED_ELEMENT_BYTES * this.size);
          return event === ((this.availIndex - 1) & 0xffff);
        }
      },
    },
  },
  {
    id: 'drv-expects-news',
    title: 'an interrupt that announces nothing is an error',
    source: 'mistake 39, known bug 21',
    kills: ['spurious-interrupts'],
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          const { receiveRing, transmitRing } = this.paths!;
          const isFailing = yield* this.control.isFailing();
          const isIdle = !(yield* receiveRing.queue.enableInterrupts()) && !(yield* transmitRing.queue.enableInterrupts());
          if (isIdle && !isFailing) throw new Error('an interrupt and nothing used');
          yield* super.interrupt();
        }
      },
    },
  },
];
