// Mutants of the server: what it does to the rings. Each is one change to a part of the corrected server.
import { BARRIER_READ, BARRIER_WRITE } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import type { DeviceContext } from '../transport/device-context.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import {
  AVAIL_INDEX,
  AVAIL_RING,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FLAGS,
  RECEIVE_QUEUE,
  TRANSMIT_QUEUE,
  USED_FLAGS,
} from '../virtqueue/layout.js';
import { Pipe } from './pipe.resumable.js';
import type { ServerFault } from './server-parts.resumable.js';
import { withoutBarrier } from './without-barrier.resumable.js';

/** Every how many publications a fault shows that does not always show. */
const PERIOD = 5;

/** Mutants of the device's side of the rings. */
export const RING_FAULTS: readonly ServerFault[] = [
  {
    id: 'dev-no-write-barrier',
    title: 'used.idx is stored without a write barrier behind the used elements',
    source: 'mistake 1 on the device side, SPLIT-DEV-2.7.8.2-1',
    kills: ['used-barrier'],
    patch: {
      Queue: class extends DeviceQueue {
        constructor(context: DeviceContext<SharedMemory>, port: number, number: number) {
          super(withoutBarrier(context, BARRIER_WRITE), port, number);
        }
      },
    },
  },
  {
    id: 'dev-no-read-barrier',
    title: 'the avail ring is read without a read barrier behind avail.idx',
    source: 'mistake 3 on the device side, SPLIT-DEV-2.7.13-1',
    kills: ['avail-read-order'],
    patch: {
      Queue: class extends DeviceQueue {
        constructor(context: DeviceContext<SharedMemory>, port: number, number: number) {
          super(withoutBarrier(context, BARRIER_READ), port, number);
        }
      },
    },
  },
  {
    id: 'dev-index-jump',
    title: 'used.idx moves by one more than was returned, now and then',
    source: 'Q4, Q33',
    kills: ['used-index-owner', 'used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;

        override *publishUsed(count: number): Resume<void> {
          yield* super.publishUsed(++this.calls % PERIOD === 0 ? count + 1 : count);
        }
      },
    },
  },
  {
    id: 'dev-returns-twice',
    title: 'a chain is returned twice, now and then',
    source: 'mistake 18 seen from the device, P2P-INV-1',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;
        private lastId = 0;

        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          this.lastId = id;
          yield* super.writeUsed(id, lengthBytes, ahead);
        }

        override *publishUsed(count: number): Resume<void> {
          yield* super.publishUsed(count);
          if (++this.calls % PERIOD !== 0) return;
          yield* super.writeUsed(this.lastId, 0, 0);
          yield* super.publishUsed(1);
        }
      },
    },
  },
  {
    id: 'dev-wrong-id',
    title: 'a used element names the neighbour of the chain, now and then',
    source: 'known bug 67, mistake 18 seen from the device',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;

        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(++this.calls % PERIOD === 0 ? id ^ 1 : id, lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-id-beyond-queue',
    title: 'a used element names a descriptor beyond the queue, now and then',
    source: 'known bug 67',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;

        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(++this.calls % PERIOD === 0 ? this.size : id, lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-transmit-length',
    title: 'the used length of a transmit chain is that of the frame, though nothing was written',
    source: 'known bug 73',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(id, this.number === TRANSMIT_QUEUE ? 60 : lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-length-beyond-buffer',
    title: 'the used length of a receive chain is larger than its buffer, now and then',
    source: 'known bug 65, mistake 17',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;

        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          const isWrong = this.number === RECEIVE_QUEUE && ++this.calls % PERIOD === 0;
          yield* super.writeUsed(id, isWrong ? 0x10000 : lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-length-without-header',
    title: 'the used length of a receive chain leaves the net header out',
    source: 'known bug 105 seen from the device, P2P-INV-4',
    kills: ['received-buffers'],
    patch: {
      Queue: class extends DeviceQueue {
        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(id, this.number === RECEIVE_QUEUE && lengthBytes > 12 ? lengthBytes - 12 : lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-returns-later',
    title: 'a transmit chain is returned one position too late, so the slot before holds what it held',
    source: 'Q5, P2P-INV-1',
    kills: ['used-elements'],
    patch: {
      Queue: class extends DeviceQueue {
        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(id, lengthBytes, this.number === TRANSMIT_QUEUE ? ahead + 1 : ahead);
        }
      },
    },
  },
  {
    id: 'dev-index-comparison',
    title: 'chains are looked for only while avail.idx is greater than the cursor, so the link stops at the wrap',
    source: 'known bug 37, mistake 25 on the device side',
    kills: ['link-at-rest', 'kick-check'],
    patch: {
      Queue: class extends DeviceQueue {
        override *hasMoved(): Resume<boolean> {
          if (!(yield* super.hasMoved())) return false;
          return (yield* this.context.memory.load16(this.avail + AVAIL_INDEX)) > this.cursor;
        }
      },
    },
  },
  {
    id: 'dev-position-survives-reset',
    title: 'the position in the avail ring survives a reset',
    source: 'known bug 87, RESET-DEV-2.4.1',
    kills: ['used-elements', 'link-at-rest', 'sound-refusal', 'kick-check'],
    patch: {
      Queue: class extends DeviceQueue {
        override install(descriptors: number, avail: number, used: number, size: number): void {
          const { cursor } = this;
          super.install(descriptors, avail, used, size);
          this.cursor = cursor;
        }
      },
    },
  },
  {
    id: 'dev-skips-a-chain',
    title: 'one chain in five is skipped and never returned',
    source: 'P2P-INV-1, P2P-INV-2',
    kills: ['used-elements', 'link-at-rest'],
    patch: {
      Queue: class extends DeviceQueue {
        private calls = 0;

        override *take(): Resume<number> {
          const head = yield* super.take();
          return head >= 0 && ++this.calls % PERIOD === 0 ? yield* super.take() : head;
        }
      },
    },
  },
  {
    id: 'dev-writes-descriptor',
    title: 'the device clears the flags of a descriptor when it returns the chain',
    source: 'SPLIT-DEV-2.7.5.1-3',
    kills: ['device-ring-writes'],
    patch: {
      Queue: class extends DeviceQueue {
        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* this.context.memory.store16(this.descriptors + DESCRIPTOR_BYTES * id + DESCRIPTOR_FLAGS, 0);
          yield* super.writeUsed(id, lengthBytes, ahead);
        }
      },
    },
  },
  {
    id: 'dev-writes-avail-ring',
    title: 'the device marks a slot of the avail ring as taken',
    source: 'SPLIT-DEV-2.7.5.1-3',
    kills: ['device-ring-writes'],
    patch: {
      Queue: class extends DeviceQueue {
        override *take(): Resume<number> {
          const slot = this.avail + AVAIL_RING + 2 * (this.cursor & (this.size - 1));
          const head = yield* super.take();
          if (head >= 0) yield* this.context.memory.store16(slot, 0xffff);
          return head;
        }
      },
    },
  },
  {
    id: 'dev-used-flags-value',
    title: 'used.flags says 2 where it means 1',
    source: 'SPLIT-DEV-2.7.10.2-1',
    kills: ['used-flags'],
    patch: {
      Queue: class extends DeviceQueue {
        override *suppressKicks(isSuppressed: boolean): Resume<void> {
          yield* super.suppressKicks(isSuppressed);
          if (this.isReady && isSuppressed) yield* this.markFlags(2);
        }

        private *markFlags(flags: number): Resume<void> {
          yield* this.context.memory.store16(this.used + USED_FLAGS, flags);
          this.recordFlags(flags);
        }
      },
    },
  },
  {
    id: 'dev-writes-transmit-buffer',
    title: 'the device marks frames it has read in their own memory',
    source: 'SPLIT-DEV-2.7.5.1-1, P2P-INV-6',
    kills: ['buffer-direction'],
    patch: {
      Pipe: class extends Pipe {
        protected override *moveChunk(): Resume<void> {
          const { memory } = this.context;
          if (this.transmit.left > 0) yield* memory.store8(this.transmit.position, yield* memory.load8(this.transmit.position));
          yield* super.moveChunk();
        }
      },
    },
  },
  {
    id: 'dev-reads-receive-buffer',
    title: 'the device looks at what a receive buffer held before',
    source: 'SPLIT-DEV-2.7.5.1-2',
    kills: ['buffer-direction'],
    patch: {
      Pipe: class extends Pipe {
        protected override *moveChunk(): Resume<void> {
          if (this.receive.left > 0) yield* this.context.memory.load8(this.receive.position);
          yield* super.moveChunk();
        }
      },
    },
  },
  {
    id: 'dev-length-rounded-up',
    title: 'the used length of a receive chain is rounded up to 64 bytes',
    source: 'SPLIT-DEV-2.7.8.2-2, mistake 16 seen from the device',
    kills: ['buffer-complete'],
    patch: {
      Queue: class extends DeviceQueue {
        override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
          yield* super.writeUsed(id, this.number === RECEIVE_QUEUE ? (lengthBytes + 63) & ~63 : lengthBytes, ahead);
        }
      },
    },
  },
];
