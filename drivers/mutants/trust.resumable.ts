// Mutants of drivers: what they believe of a device without a look. They show against hostile devices only.
import { DriverQueue } from '../../model/virtqueue/driver-queue.resumable.js';
import { USED_INDEX } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { ReceivePath } from '../receive-path.resumable.js';

/** Mutants that trust their device. */
export const TRUST_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-trusts-id',
    title: 'the id of a used element is not checked',
    source: 'known bug 67, mistake 18',
    kills: ['hostile-device'],
    isForHostile: true,
    patch: {
      Queue: class extends DriverQueue {
        override isInFlight(_head: number): boolean {
          return true;
        }
      },
    },
  },
  {
    id: 'drv-trusts-length',
    title: 'the length of a used element is not checked',
    source: 'known bug 65, mistake 17',
    kills: ['hostile-device'],
    isForHostile: true,
    patch: {
      Queue: class extends DriverQueue {
        protected override *offer(head: number, descriptors: number, _writableBytes: number): Resume<void> {
          yield* super.offer(head, descriptors, Infinity);
        }
      },
    },
  },
  {
    id: 'drv-trusts-index',
    title: 'used.idx may jump as it likes',
    source: 'mistake 25, known bug 25',
    kills: ['hostile-device'],
    isForHostile: true,
    patch: {
      Queue: class extends DriverQueue {
        protected override *look(): Resume<boolean> {
          const index = yield* this.memory.load16(this.place.used + USED_INDEX);
          if (index === this.usedIndex) return false;
          this.usedSeen = index;
          yield* this.memory.readBarrier();
          return true;
        }

        override isInFlight(head: number): boolean {
          return head < this.size;
        }
      },
    },
  },
  {
    id: 'drv-trusts-order',
    title: 'chains are taken back in the order in which they were posted, whatever the used element says',
    source: 'known bug 69, mistake 19',
    kills: ['hostile-device'],
    isForHostile: true,
    patch: {
      Queue: class extends DriverQueue {
        private posted: number[] = [];

        protected override *offer(head: number, descriptors: number, writableBytes: number): Resume<void> {
          this.posted.push(head);
          yield* super.offer(head, descriptors, writableBytes);
        }

        override *initialise(): Resume<void> {
          this.posted = [];
          yield* super.initialise();
        }

        override *takeUsed(): Resume<number> {
          if (this.usedIndex === this.usedSeen && !(yield* this.look())) return -1;
          const head = this.posted.shift() ?? 0;
          const element = this.place.used + 8 + 8 * (this.usedIndex & this.mask);
          this.usedLengthBytes = yield* this.memory.load32(element);
          this.usedIndex = (this.usedIndex + 1) & 0xffff;
          this.release(head);
          return head;
        }
      },
    },
  },
  {
    id: 'drv-trusts-buffer-count',
    title: 'num_buffers is believed, and its buffers are taken without waiting for them',
    source: 'mistake 15',
    kills: ['hostile-device'],
    isForHostile: true,
    patch: {
      Receive: class extends ReceivePath {
        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          if (yield* super.readHeader(buffer, lengthBytes)) return true;
          if (!this.isBroken) return false;
          this.isBroken = false;
          for (const other of this.posted.values()) this.pieces.push({ buffer: other, address: other, lengthBytes: this.bufferBytes });
          this.missing = 1;
          return true;
        }
      },
    },
  },
];
