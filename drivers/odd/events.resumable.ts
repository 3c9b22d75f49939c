// Odd but correct drivers: what they do with notifications by position (EVENT_IDX). No rule may ever accuse one.
import { EventDriverQueue } from '../../model/virtqueue/event-driver-queue.resumable.js';
import { availEventOffset, needsEvent } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Frame, TransmitResult } from '../contract.js';
import type { PatchedDriver } from '../driver-patch.resumable.js';
import { GENERIC_PARTS, GenericDriver, GenericRing } from '../generic.resumable.js';

/** Frames a batching driver announces together. */
const BATCH = 3;

/** Odd about notifications by position. */
export const ODD_EVENTS: readonly PatchedDriver[] = [
  {
    id: 'odd-event-batches',
    title: 'publishes and announces frames in threes, the rest in its next poll',
    patch: {
      Driver: class extends GenericDriver {
        override *transmit(frame: Frame): Resume<TransmitResult> {
          const result = yield* super.transmit(frame);
          this.guest.requestPoll();
          return result;
        }

        override *poll(budget: number): Resume<void> {
          yield* this.paths!.transmitRing.publish();
          yield* super.poll(budget);
        }
      },
      Transmit: class extends GENERIC_PARTS.Transmit {
        private held = 0;

        protected override *announce(): Resume<void> {
          if (++this.held % BATCH === 0) yield* super.announce();
        }
      },
    },
  },
  {
    id: 'odd-event-half-way',
    title: 'with EVENT_IDX wants an interrupt only when half of what is under way is used, but looks at its own pace, too',
    patch: {
      Driver: class extends GenericDriver {
        readonly pollIntervalNs = 20_000;
      },
      Queue: class extends EventDriverQueue {
        protected override *setUsedEvent(index: number): Resume<void> {
          yield* super.setUsedEvent((index + (this.inFlight >> 1)) & 0xffff);
        }
      },
    },
  },
  {
    id: 'odd-event-looks-twice',
    title: 'with EVENT_IDX looks at avail_event twice and notifies if either look says so',
    patch: {
      Queue: class extends EventDriverQueue {
        override *wantsKick(): Resume<boolean> {
          if (!this.usesEventIndex) return yield* super.wantsKick();
          const oldIndex = this.decidedIndex;
          const isWanted = yield* super.wantsKick();
          const again = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
          return isWanted || needsEvent(again, this.availIndex, oldIndex);
        }
      },
    },
  },
  {
    id: 'odd-event-behind',
    title: 'with EVENT_IDX suppresses interrupts by a used_event that lies far behind',
    patch: {
      Queue: class extends EventDriverQueue {
        override *suppressInterrupts(): Resume<void> {
          if (this.usesEventIndex) yield* this.setUsedEvent((this.usedIndex - 1 - this.size) & 0xffff);
          else yield* super.suppressInterrupts();
        }
      },
    },
  },
  {
    id: 'odd-event-deferred-kick',
    title: 'with EVENT_IDX publishes frame by frame, but decides about the notification of all of them in the next poll',
    patch: {
      Driver: class extends GenericDriver {
        override *transmit(frame: Frame): Resume<TransmitResult> {
          const result = yield* super.transmit(frame);
          this.guest.requestPoll();
          return result;
        }

        override *poll(budget: number): Resume<void> {
          yield* this.paths!.transmitRing.kick();
          yield* super.poll(budget);
        }
      },
      Transmit: class extends GENERIC_PARTS.Transmit {
        protected override *announce(): Resume<void> {
          yield* this.ring.queue.publish();
        }
      },
      Ring: class extends GenericRing {
        override *kick(): Resume<void> {
          if (yield* this.queue.wantsKick()) yield* this.guest.notify();
        }
      },
    },
  },
].map(({ id, title, patch }) => ({ id, title, device: 'generic', patch: { Driver: GenericDriver, ...GENERIC_PARTS, ...patch } }) as const);
