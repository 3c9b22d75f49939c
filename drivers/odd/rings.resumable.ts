// Odd but correct drivers: what they do with rings and features. No rule may ever accuse one.
import {
  NET_FEATURE_CHECKSUM,
  NET_FEATURE_GUEST_CHECKSUM,
  NET_FEATURE_MAC,
  NET_FEATURE_MERGEABLE_BUFFERS,
  NET_HEADER_BYTES,
} from '../../model/net/header.js';
import { DriverQueue, type Segment } from '../../model/virtqueue/driver-queue.resumable.js';
import { USED_INDEX } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Frame } from '../contract.js';
import { DeviceControl } from '../device-control.resumable.js';
import type { PatchedDriver } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { Ring } from '../ring.resumable.js';
import { SLOT_BYTES, TABLE_OFFSET, TransmitPath } from '../transmit-path.resumable.js';

/** Descriptors of a frame that is sent in three pieces. */
const SCATTERED = 3;
/** Bytes of the Ethernet header. */
const ETHERNET_HEADER_BYTES = 14;

/** Cuts the second piece of a chain of two behind the Ethernet header. */
class ScatteringQueue extends DriverQueue {
  override *add(segments: readonly Segment[]): Resume<number> {
    const [header, frame] = segments;
    if (header === undefined || frame === undefined || frame.lengthBytes <= ETHERNET_HEADER_BYTES || this.free < SCATTERED) {
      return yield* super.add(segments);
    }
    const first = { ...frame, lengthBytes: ETHERNET_HEADER_BYTES };
    const { deviceAddress, lengthBytes } = frame;
    const rest = { ...frame, deviceAddress: deviceAddress + ETHERNET_HEADER_BYTES, lengthBytes: lengthBytes - ETHERNET_HEADER_BYTES };
    return yield* super.add([header, first, rest]);
  }
}

/** Odd about rings, chains and features. */
export const ODD_RINGS: readonly PatchedDriver[] = [
  {
    id: 'odd-kicks-often',
    title: 'notifies after every look at a ring, whether something was published or not, where the device wants that',
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          yield* this.queue.publish();
          if (yield* this.queue.wantsKick()) yield* this.guest.notify();
        }
      },
    },
  },
  {
    id: 'odd-kicks-twice',
    title: 'notifies twice where once would do',
    patch: {
      Ring: class extends Ring {
        override *publish(): Resume<void> {
          if (!(yield* this.queue.publish())) return;
          if (yield* this.queue.wantsKick()) yield* this.guest.notify();
          if (yield* this.queue.wantsKick()) yield* this.guest.notify();
        }
      },
    },
  },
  {
    id: 'odd-fifo-descriptors',
    title: 'takes the descriptor that has been free longest',
    patch: {
      Queue: class extends DriverQueue {
        protected override release(head: number): void {
          const { freeHead } = this;
          const before = this.freeDescriptors;
          super.release(head);
          if (before === 0) return;
          let last = head;
          for (let position = 1; position < this.freeDescriptors - before; position++) last = this.follower[last]!;
          let tail = freeHead;
          for (let position = 1; position < before; position++) tail = this.follower[tail]!;
          this.freeHead = freeHead;
          this.follower[tail] = head;
          this.follower[last] = 0xffff;
        }
      },
    },
  },
  {
    id: 'odd-queue-of-one',
    title: 'has queues of one entry',
    patch: {
      Control: class extends DeviceControl {
        override *queueSizeLimit(queue: number): Resume<number> {
          return Math.min(1, yield* super.queueSizeLimit(queue));
        }
      },
    },
  },
  {
    id: 'odd-half-queues',
    title: 'has queues of half the size the device allows',
    patch: {
      Control: class extends DeviceControl {
        override *queueSizeLimit(queue: number): Resume<number> {
          return Math.max(1, (yield* super.queueSizeLimit(queue)) >> 1);
        }
      },
    },
  },
  {
    id: 'odd-never-suppresses',
    title: 'never suppresses interrupts',
    patch: {
      Queue: class extends DriverQueue {
        override *suppressInterrupts(): Resume<void> {}
      },
    },
  },
  {
    id: 'odd-looks-twice',
    title: 'looks for used chains twice before and twice after it enables interrupts',
    patch: {
      Queue: class extends DriverQueue {
        override *enableInterrupts(): Resume<boolean> {
          yield* this.memory.load16(this.place.used + USED_INDEX);
          const first = yield* super.enableInterrupts();
          const second = yield* super.enableInterrupts();
          return first || second;
        }
      },
    },
  },
  {
    id: 'odd-barriers-everywhere',
    title: 'puts a full barrier in front of every store to a ring',
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* this.memory.fullBarrier();
          yield* super.writeDescriptor(address, segment, flags, next);
        }

        override *publish(): Resume<boolean> {
          yield* this.memory.fullBarrier();
          return yield* super.publish();
        }
      },
    },
  },
  {
    id: 'odd-no-optional-features',
    title: 'accepts the MAC and no other optional feature',
    patch: {
      Driver: class extends FullDriver {
        protected override readonly wantedFeatures: readonly number[] = [NET_FEATURE_MAC];
      },
    },
  },
  {
    id: 'odd-merging-only',
    title: 'accepts MAC and mergeable buffers and nothing else',
    patch: {
      Driver: class extends FullDriver {
        protected override readonly wantedFeatures: readonly number[] = [NET_FEATURE_MAC, NET_FEATURE_MERGEABLE_BUFFERS];
      },
    },
  },
  {
    id: 'odd-checksum-only',
    title: 'accepts MAC and checksum offload and nothing else',
    patch: {
      Driver: class extends FullDriver {
        protected override readonly wantedFeatures: readonly number[] = [NET_FEATURE_MAC, NET_FEATURE_CHECKSUM, NET_FEATURE_GUEST_CHECKSUM];
      },
    },
  },
  {
    id: 'odd-tables-always',
    title: 'puts every frame into an indirect table if it may',
    patch: {
      Transmit: class extends TransmitPath {
        protected override *addChain(slot: number, frame: Frame): Resume<number> {
          const { queue } = this.ring;
          if (!this.isIndirect) return yield* super.addChain(slot, frame);
          const table = this.guest.memory.map(slot, SLOT_BYTES);
          const frameAddress = this.guest.memory.map(frame.address, frame.lengthBytes);
          const segments: readonly Segment[] = [
            { deviceAddress: table, lengthBytes: NET_HEADER_BYTES, isWritable: false },
            { deviceAddress: frameAddress, lengthBytes: frame.lengthBytes, isWritable: false },
          ];
          return yield* queue.addIndirect(segments, slot + TABLE_OFFSET, table + TABLE_OFFSET);
        }
      },
    },
  },
  {
    id: 'odd-copies-frames',
    title: 'copies header and frame into one buffer',
    patch: {
      Transmit: class extends TransmitPath {
        protected override get mustCopy(): boolean {
          return true;
        }
      },
    },
  },
  {
    id: 'odd-scattered',
    title: 'sends a frame in three pieces where the queue allows it',
    patch: {
      Queue: ScatteringQueue,
      Transmit: class extends TransmitPath {
        protected override get neededDescriptors(): number {
          return this.ring.queue.size < SCATTERED ? super.neededDescriptors : SCATTERED;
        }
      },
    },
  },
];
