// Mutants of drivers: descriptor chains and the free list behind them. Each is one change to the driver's side of a queue.
import { DriverQueue, type Segment } from '../../model/virtqueue/driver-queue.resumable.js';
import { DESCRIPTOR_BYTES, FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';

/** Mutants of chains. */
export const CHAIN_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-frees-head-only',
    title: 'of a returned chain only the head is free again, so descriptors leak',
    source: 'mistake 20',
    kills: ['frames-at-rest'],
    patch: {
      Queue: class extends DriverQueue {
        protected override release(head: number): void {
          this.chainLength[head] = 1;
          super.release(head);
        }
      },
    },
  },
  {
    id: 'drv-frees-neighbours',
    title: 'the descriptors behind the head of a returned chain count as free whether they belonged to it or not',
    source: 'mistake 20',
    kills: ['avail-ring', 'ring-ownership', 'chain-shape', 'transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        protected override release(head: number): void {
          const isMistaken = this.chainLength[head] === 1 && this.size > 1;
          super.release(head);
          if (!isMistaken) return;
          const neighbour = (head + 1) & this.mask;
          this.follower[head] = neighbour;
          this.freeDescriptors += 1;
        }
      },
    },
  },
  {
    id: 'drv-chain-without-end',
    title: 'the last descriptor of a chain refers to its head',
    source: 'mistake 30',
    kills: ['chain-shape'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          const isLast = (flags & (FLAG_NEXT | FLAG_INDIRECT)) === 0;
          const own = (address - this.place.descriptors) / DESCRIPTOR_BYTES;
          yield* super.writeDescriptor(address, segment, isLast ? flags | FLAG_NEXT : flags, isLast && own < this.size ? own : next);
        }
      },
    },
  },
  {
    id: 'drv-next-beyond-table',
    title: 'the second descriptor of a chain is looked for beyond the table',
    source: 'SPLIT-DRV-2.7.5-2',
    kills: ['chain-shape'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, segment, flags, (flags & FLAG_NEXT) !== 0 ? next + this.size : next);
        }
      },
    },
  },
  {
    id: 'drv-stale-next-flag',
    title: 'NEXT stays set in a descriptor that was in the middle of a chain before and is the last one now',
    source: 'mistake 30',
    kills: ['chain-shape', 'avail-ring', 'transmit-length', 'ring-ownership', 'chain-direction'],
    patch: {
      Queue: class extends DriverQueue {
        private readonly hadNext = new Set<number>();

        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          const isStale = (flags & (FLAG_NEXT | FLAG_INDIRECT)) === 0 && this.hadNext.has(address);
          if ((flags & FLAG_NEXT) !== 0) this.hadNext.add(address);
          yield* super.writeDescriptor(address, segment, isStale ? flags | FLAG_NEXT : flags, next);
        }
      },
    },
  },
  {
    id: 'drv-no-write-flag',
    title: 'receive buffers are posted as readable',
    source: 'mistake 30',
    kills: ['chain-direction'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, segment, flags & ~FLAG_WRITE, next);
        }
      },
    },
  },
  {
    id: 'drv-stale-write-flag',
    title: 'transmit chains are posted as writable',
    source: 'mistake 30, mistake 29',
    kills: ['chain-direction'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, segment, (flags & FLAG_INDIRECT) === 0 ? flags | FLAG_WRITE : flags, next);
        }
      },
    },
  },
  {
    id: 'drv-writable-first',
    title: 'the writable element of a chain comes before the readable one',
    source: 'mistake 29',
    kills: ['chain-shape', 'chain-direction'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          return yield* super.add(
            segments.map((segment, index) => ({ ...segment, isWritable: segments.length > 1 ? index === 0 : segment.isWritable })),
          );
        }
      },
    },
  },
];
