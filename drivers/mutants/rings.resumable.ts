// Mutants of drivers: how chains are published and taken back. Each is one change to the driver's side of a queue.
import {
  DriverQueue,
  NOTHING_USED,
  type QueueMemory,
  type QueuePlace,
  type Segment,
} from '../../model/virtqueue/driver-queue.resumable.js';
import {
  AVAIL_INDEX,
  AVAIL_RING,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FLAGS,
  DESCRIPTOR_LENGTH,
  descriptorTableBytes,
  USED_INDEX,
} from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { withoutBarrier } from './without-barrier.resumable.js';

/** Every how many chains a mistake shows that does not always show. */
const PERIOD = 5;

/** Mutants of publication and completion. */
export const RING_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-no-write-barrier',
    title: 'avail.idx is stored without a write barrier behind slot and descriptors',
    source: 'known bug 1, mistake 1',
    kills: ['avail-barrier'],
    patch: {
      Queue: class extends DriverQueue {
        constructor(memory: QueueMemory, size: number, place: QueuePlace) {
          super(withoutBarrier(memory, 'write'), size, place);
        }
      },
    },
  },
  {
    id: 'drv-no-full-barrier',
    title: 'used.flags is read without a full barrier behind avail.idx',
    source: 'mistake 2, R1',
    kills: ['kick-check'],
    patch: {
      Queue: class extends DriverQueue {
        constructor(memory: QueueMemory, size: number, place: QueuePlace) {
          super(withoutBarrier(memory, 'full'), size, place);
        }
      },
    },
  },
  {
    id: 'drv-no-read-barrier',
    title: 'used elements are read without a read barrier behind used.idx',
    source: 'known bug 5, mistake 3, R2',
    kills: ['used-read-order'],
    patch: {
      Queue: class extends DriverQueue {
        constructor(memory: QueueMemory, size: number, place: QueuePlace) {
          super(withoutBarrier(memory, 'read'), size, place);
        }
      },
    },
  },
  {
    id: 'drv-index-before-slot',
    title: 'avail.idx is stored before the slot it covers',
    source: 'known bug 1, mistake 5',
    kills: ['avail-ring', 'ring-ownership'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
          const next = (this.availIndex + this.unpublished + 1) & 0xffff;
          yield* this.memory.store16(this.place.avail + AVAIL_INDEX, next);
          yield* super.offer(head, descriptors, writableBytes);
        }
      },
    },
  },
  {
    id: 'drv-late-descriptor',
    title: 'the length of a descriptor is written after the chain was published',
    source: 'mistake 5',
    kills: ['ring-ownership', 'chain-direction', 'receive-buffers', 'transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        private late: { readonly address: number; readonly lengthBytes: number }[] = [];

        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, { ...segment, lengthBytes: 0 }, flags, next);
          this.late.push({ address, lengthBytes: segment.lengthBytes });
        }

        override *publish(): Resume<boolean> {
          const isPublished = yield* super.publish();
          for (const { address, lengthBytes } of this.late) yield* this.memory.store32(address + DESCRIPTOR_LENGTH, lengthBytes);
          this.late = [];
          return isPublished;
        }
      },
    },
  },
  {
    id: 'drv-edits-published-descriptor',
    title: 'the descriptor of a chain that was just published is written once more',
    source: 'mistake 21',
    kills: ['ring-ownership'],
    patch: {
      Queue: class extends DriverQueue {
        private last = 0;

        protected override *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
          this.last = head;
          yield* super.offer(head, descriptors, writableBytes);
        }

        override *publish(): Resume<boolean> {
          const isPublished = yield* super.publish();
          const address = this.place.descriptors + DESCRIPTOR_BYTES * this.last + DESCRIPTOR_FLAGS;
          if (isPublished) yield* this.memory.store16(address, yield* this.memory.load16(address));
          return isPublished;
        }
      },
    },
  },
  {
    id: 'drv-clears-used-index',
    title: 'the driver sets used.idx back to 0 when it has taken everything',
    source: 'SPLIT-DRV-2.7-3',
    kills: ['used-index-owner'],
    patch: {
      Queue: class extends DriverQueue {
        override *takeUsed(): Resume<number> {
          const head = yield* super.takeUsed();
          if (head !== NOTHING_USED || this.usedIndex === 0) return head;
          this.usedIndex = this.usedSeen = 0;
          yield* this.memory.store16(this.place.used + USED_INDEX, 0);
          return head;
        }
      },
    },
  },
  {
    id: 'drv-rings-not-zeroed',
    title: 'only the indices of a ring are initialised, not its flags',
    source: 'mistake 28, R3',
    kills: ['ring-start'],
    patch: {
      Queue: class extends DriverQueue {
        override *initialise(): Resume<void> {
          const { memory, place, size } = this;
          const used = yield* memory.load16(place.used);
          const avail = yield* memory.load16(place.avail);
          yield* super.initialise();
          yield* memory.store16(place.used, used);
          yield* memory.store16(place.avail, avail);
          this.freeDescriptors = size;
        }
      },
    },
  },
  {
    id: 'drv-rings-not-reinitialised',
    title: 'the rings are initialised once and not again after a reset',
    source: 'mistake 28',
    kills: ['ring-start', 'avail-ring', 'link-at-rest', 'used-elements'],
    patch: {
      Queue: class extends DriverQueue {
        private isClean = false;

        override *initialise(): Resume<void> {
          const { descriptors, avail, used } = this.place;
          const parts = [yield* this.memory.load16(avail + AVAIL_INDEX), yield* this.memory.load16(used + USED_INDEX)];
          yield* super.initialise();
          if (this.isClean) {
            yield* this.memory.store16(avail + AVAIL_INDEX, parts[0]!);
            yield* this.memory.store16(used + USED_INDEX, parts[1]!);
            yield* this.memory.fill(descriptors, 0, descriptorTableBytes(this.size));
          }
          this.isClean = true;
        }
      },
    },
  },
  {
    id: 'drv-index-modulo',
    title: 'avail.idx is kept modulo the queue size',
    source: 'known bug 25, mistake 25',
    kills: ['avail-ring'],
    patch: {
      Queue: class extends DriverQueue {
        override *publish(): Resume<boolean> {
          if (this.unpublished === 0) return false;
          this.availIndex = (this.availIndex + this.unpublished) & this.mask;
          this.unpublished = 0;
          yield* this.memory.writeBarrier();
          yield* this.memory.store16(this.place.avail + AVAIL_INDEX, this.availIndex);
          return true;
        }
      },
    },
  },
  {
    id: 'drv-index-steps-by-two',
    title: 'avail.idx moves by one too many now and then',
    source: 'SPLIT-DRV-2.7.13.3-1',
    kills: ['avail-ring', 'used-tracking'],
    patch: {
      Queue: class extends DriverQueue {
        private publications = 0;

        override *publish(): Resume<boolean> {
          if (this.unpublished > 0 && ++this.publications % PERIOD === 0) this.unpublished += 1;
          return yield* super.publish();
        }
      },
    },
  },
  {
    id: 'drv-index-goes-back',
    title: 'avail.idx is taken back to revoke a chain',
    source: 'SPLIT-DRV-2.7.6.1-1',
    kills: ['avail-ring'],
    patch: {
      Queue: class extends DriverQueue {
        private publications = 0;

        override *publish(): Resume<boolean> {
          const isPublished = yield* super.publish();
          if (!isPublished || ++this.publications % PERIOD !== 0) return isPublished;
          yield* this.memory.store16(this.place.avail + AVAIL_INDEX, (this.availIndex - 1) & 0xffff);
          return true;
        }
      },
    },
  },
  {
    id: 'drv-used-index-comparison',
    title: 'used chains are looked for only while used.idx is greater than the last one seen, so completion stops at the wrap',
    source: 'known bugs 37 and 45, mistake 25',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *look(): Resume<boolean> {
          const index = yield* this.memory.load16(this.place.used + USED_INDEX);
          return index > this.usedIndex && (yield* super.look());
        }

        override *enableInterrupts(): Resume<boolean> {
          yield* super.enableInterrupts();
          return (yield* this.memory.load16(this.place.used + USED_INDEX)) > this.usedIndex;
        }
      },
    },
  },
  {
    id: 'drv-wide-index',
    title: 'the driver counts used chains in more than 16 bits',
    source: 'known bug 45, mistake 25',
    kills: ['frames-at-rest', 'interrupt-check', 'driver-fate', 'driver-accepts'],
    patch: {
      Queue: class extends DriverQueue {
        private high = 0;

        override *takeUsed(): Resume<number> {
          const before = this.usedIndex;
          const head = yield* super.takeUsed();
          if (this.usedIndex < before) this.high += 0x10000;
          return this.high > 0 ? NOTHING_USED : head;
        }
      },
    },
  },
  {
    id: 'drv-head-beyond-queue',
    title: 'a head is published that lies beyond the queue, now and then',
    source: 'SPLIT-DRV-2.7.6-3',
    kills: ['avail-ring'],
    patch: {
      Queue: class extends DriverQueue {
        private chainsMade = 0;

        protected override *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
          const slot = (this.availIndex + this.unpublished) & this.mask;
          yield* super.offer(head, descriptors, writableBytes);
          if (++this.chainsMade % PERIOD === 0) yield* this.memory.store16(this.place.avail + AVAIL_RING + 2 * slot, head + this.size);
        }
      },
    },
  },
  {
    id: 'drv-publishes-twice',
    title: 'a chain is published twice, now and then',
    source: 'mistake 20',
    kills: ['avail-ring'],
    patch: {
      Queue: class extends DriverQueue {
        private chainsMade = 0;

        protected override *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
          yield* super.offer(head, descriptors, writableBytes);
          if (++this.chainsMade % PERIOD !== 0) return;
          const slot = (this.availIndex + this.unpublished) & this.mask;
          this.unpublished += 1;
          yield* this.memory.store16(this.place.avail + AVAIL_RING + 2 * slot, head);
        }
      },
    },
  },
];
