// Mutants of the server: interrupts and the suppression of kicks. Each is one change to a part of the corrected server.
import { BARRIER_FULL } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import { AVAIL_FLAGS_SEEN } from '../events.js';
import type { DeviceContext } from '../transport/device-context.js';
import { INTERRUPT_CONFIG, INTERRUPT_VRING } from '../transport/layout.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { AVAIL_RING, RECEIVE_QUEUE, TRANSMIT_QUEUE, USED_INDEX } from '../virtqueue/layout.js';
import { Pipe } from './pipe.resumable.js';
import { Port } from './port.resumable.js';
import { PointToPointServer } from './server.resumable.js';
import type { ServerFault } from './server-parts.resumable.js';
import { withoutBarrier } from './without-barrier.resumable.js';

/** Every how many interrupts one is lost. */
const PERIOD = 5;

/** Mutants of notification. */
export const NOTIFICATION_FAULTS: readonly ServerFault[] = [
  {
    id: 'M1',
    title: 'The device reads avail.flags before it publishes used.idx',
    source: 'known bug 3',
    kills: ['interrupts-due'],
    patch: {
      Queue: class extends DeviceQueue {
        private earlyFlags = 0;

        override *publishUsed(count: number): Resume<void> {
          this.earlyFlags = yield* this.context.memory.load16(this.avail);
          this.context.log.record(AVAIL_FLAGS_SEEN, this.eventAddress, this.earlyFlags, 0, 0, 0, 0);
          yield* super.publishUsed(count);
        }

        override *isInterruptSuppressed(): Resume<boolean> {
          return (this.earlyFlags & 1) !== 0;
        }
      },
    },
  },
  {
    id: 'dev-no-full-barrier',
    title: 'avail.flags is read without a full barrier behind used.idx',
    source: 'known bug 3',
    kills: ['interrupts-due', 'interrupt-check'],
    patch: {
      Queue: class extends DeviceQueue {
        constructor(context: DeviceContext<SharedMemory>, port: number, number: number) {
          super(withoutBarrier(context, BARRIER_FULL), port, number);
        }
      },
    },
  },
  {
    id: 'dev-one-pending-flag',
    title: 'the flag of the transmit queue decides about the interrupts of both queues',
    source: 'known bug 7',
    kills: ['interrupts-due'],
    patch: {
      Port: class extends Port {
        override *endBatch(): Resume<void> {
          if (!this.queues[TRANSMIT_QUEUE]!.isKickPending) this.queues[RECEIVE_QUEUE]!.isKickPending = false;
          yield* super.endBatch();
        }
      },
    },
  },
  {
    id: 'dev-no-transmit-interrupt',
    title: 'no interrupt is sent for returned transmit chains',
    source: 'known bug 11, mistake 23 on the device side',
    kills: ['interrupts-due'],
    patch: {
      Port: class extends Port {
        override *announce(queue: DeviceQueue): Resume<void> {
          if (queue.number === TRANSMIT_QUEUE) {
            yield* queue.isInterruptSuppressed();
            return;
          }
          yield* super.announce(queue);
        }
      },
    },
  },
  {
    id: 'dev-ignores-suppression',
    title: 'interrupts are sent whether the driver wants them or not',
    source: 'known bug 19',
    kills: ['interrupt-suppression'],
    patch: {
      Queue: class extends DeviceQueue {
        override *isInterruptSuppressed(): Resume<boolean> {
          yield* super.isInterruptSuppressed();
          return false;
        }
      },
    },
  },
  {
    id: 'dev-suppression-inverted',
    title: 'avail.flags is understood the wrong way round',
    source: 'known bug 15 on the device side',
    kills: ['interrupts-due', 'interrupt-suppression'],
    patch: {
      Queue: class extends DeviceQueue {
        override *isInterruptSuppressed(): Resume<boolean> {
          return !(yield* super.isInterruptSuppressed());
        }
      },
    },
  },
  {
    id: 'dev-flags-not-read',
    title: 'avail.flags is not looked at: the device interrupts only for the first buffers',
    source: 'P2P-INV-8',
    kills: ['interrupts-due'],
    patch: {
      Port: class extends Port {
        private hasAnnounced = false;

        override *announce(queue: DeviceQueue): Resume<void> {
          if (this.hasAnnounced) return;
          this.hasAnnounced = true;
          yield* super.announce(queue);
        }
      },
    },
  },
  {
    id: 'dev-lost-interrupt',
    title: 'one interrupt in five is not sent',
    source: 'P2P-INV-8',
    kills: ['interrupts-due'],
    patch: {
      Port: class extends Port {
        private calls = 0;

        override *raiseInterrupt(bits: number): Resume<void> {
          if (++this.calls % PERIOD !== 0 || bits !== INTERRUPT_VRING) yield* super.raiseInterrupt(bits);
        }
      },
    },
  },
  {
    id: 'dev-wrong-interrupt-bit',
    title: 'interrupts for used buffers show up as configuration changes in irq_status',
    source: 'known bug 109',
    kills: ['interrupts-due'],
    patch: {
      Port: class extends Port {
        override *raiseInterrupt(bits: number): Resume<void> {
          yield* super.raiseInterrupt(bits === INTERRUPT_VRING ? INTERRUPT_CONFIG : bits);
        }
      },
    },
  },
  {
    id: 'dev-deaf-after-batch',
    title: 'kicks stay suppressed after a batch',
    source: 'Q12, Q37',
    kills: ['link-at-rest'],
    patch: {
      Queue: class extends DeviceQueue {
        override *suppressKicks(isSuppressed: boolean): Resume<void> {
          if (isSuppressed) yield* super.suppressKicks(true);
        }
      },
    },
  },
  {
    id: 'dev-no-recheck',
    title: 'after kicks are admitted again nobody looks whether something was published meanwhile',
    source: 'SPLIT-DEV-2.7.10-1, mistake 4 on the device side',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Server: class extends PointToPointServer {
        protected override *hasWork(): Resume<boolean> {
          return false;
        }
      },
    },
  },
  {
    id: 'dev-recheck-too-early',
    title: 'the last look for new chains comes before kicks are admitted again',
    source: 'known bug 3, mistake 4 on the device side',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Server: class extends PointToPointServer {
        private wasBusy = false;

        protected override *admitKicks(): Resume<void> {
          this.wasBusy = yield* super.hasWork();
          yield* super.admitKicks();
        }

        protected override *hasWork(): Resume<boolean> {
          return this.wasBusy;
        }
      },
    },
  },
  {
    id: 'dev-recheck-one-direction',
    title: 'only one direction is looked at again after kicks are admitted',
    source: 'SPLIT-DEV-2.7.10-1',
    kills: ['kick-check', 'link-at-rest'],
    patch: {
      Server: class extends PointToPointServer {
        protected override *hasWork(): Resume<boolean> {
          return yield* this.pipes[0].hasWork();
        }
      },
    },
  },
  {
    id: 'dev-admits-transmit-only',
    title: 'after a batch kicks are admitted again for transmit queues only',
    source: 'Q37',
    kills: ['link-at-rest'],
    patch: {
      Queue: class extends DeviceQueue {
        override *suppressKicks(isSuppressed: boolean): Resume<void> {
          if (isSuppressed || this.number === TRANSMIT_QUEUE) yield* super.suppressKicks(isSuppressed);
        }
      },
    },
  },
  {
    id: 'dev-unfair',
    title: 'a direction is drained completely before the other one is served',
    source: 'Q27',
    kills: ['fair-turns'],
    patch: {
      Pipe: class extends Pipe {
        override *copy(_limit: number): Resume<void> {
          yield* super.copy(Number.MAX_SAFE_INTEGER);
        }
      },
    },
  },
  {
    id: 'dev-polls-loudly',
    title: 'a polling device asks for notifications',
    source: 'Q11',
    kills: ['whole-ticks'],
    patch: {
      Port: class extends Port {
        protected override *queueConfigured(queue: DeviceQueue): Resume<void> {
          yield* queue.suppressKicks(false);
        }
      },
    },
  },
  {
    id: 'dev-half-ticks',
    title: 'a tick of a polling device moves one frame of each direction',
    source: 'Q25',
    kills: ['whole-ticks'],
    patch: {
      Pipe: class extends Pipe {
        override *copy(_limit: number): Resume<void> {
          yield* super.copy(1);
        }
      },
    },
  },
  {
    id: 'dev-follows-used-event',
    title: 'the device decides about interrupts by used_event though EVENT_IDX was not negotiated',
    source: 'known bug 13 seen from the device, SPLIT-DEV-2.7.7.2-1',
    kills: ['used-event-ignored'],
    patch: {
      Queue: class extends DeviceQueue {
        override *isInterruptSuppressed(): Resume<boolean> {
          if (yield* super.isInterruptSuppressed()) return true;
          const { memory } = this.context;
          const event = yield* memory.load16(this.avail + AVAIL_RING + 2 * this.size);
          return event !== (((yield* memory.load16(this.used + USED_INDEX)) - 1) & 0xffff);
        }
      },
    },
  },
];
