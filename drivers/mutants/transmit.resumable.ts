// Mutants of drivers: sent frames, their headers and chains. Each is one change to the transmit path of the full driver.
import { NET_BUFFER_COUNT, NET_DATA_VALID, NET_FLAGS, NET_GSO_TYPE, NET_HEADER_BYTES } from '../../model/net/header.js';
import { DriverQueue, type Segment } from '../../model/virtqueue/driver-queue.resumable.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Frame, TransmitResult } from '../contract.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { type Sending, TransmitPath } from '../transmit-path.resumable.js';

/** Every how many frames a mistake shows that does not always show. */
const PERIOD = 5;

function cut(lengthBytes: number): number {
  return lengthBytes === NET_HEADER_BYTES ? lengthBytes : lengthBytes - 1;
}

function padded(lengthBytes: number): number {
  return lengthBytes === NET_HEADER_BYTES ? lengthBytes : lengthBytes + 2;
}

/** Mutants of the transmit side. */
export const TRANSMIT_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-transmit-header-of-10',
    title: 'the net header of sent frames has 10 bytes',
    source: 'mistake 12',
    kills: ['transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          return yield* super.add(
            segments.map((segment) => (segment.lengthBytes === NET_HEADER_BYTES ? { ...segment, lengthBytes: 10 } : segment)),
          );
        }
      },
    },
  },
  {
    id: 'drv-no-header',
    title: 'frames are sent without a net header',
    source: 'mistake 12',
    kills: ['transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          return yield* super.add(segments.filter(({ lengthBytes }) => lengthBytes !== NET_HEADER_BYTES));
        }
      },
    },
  },
  {
    id: 'drv-stale-header',
    title: 'the net header is written for open checksums only',
    source: 'mistake 13',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          if (frame.checksum !== null) yield* super.writeHeader(address, frame);
        }
      },
    },
  },
  {
    id: 'drv-stale-checksum-fields',
    title: 'csum_start and csum_offset keep what the slot held before',
    source: 'mistake 13',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          if (frame.checksum !== null) return yield* super.writeHeader(address, frame);
          yield* this.guest.memory.store32(address, 0);
        }
      },
    },
  },
  {
    id: 'drv-buffer-count-set',
    title: 'num_buffers is 1 in sent frames',
    source: 'mistake 13',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          yield* super.writeHeader(address, frame);
          yield* this.guest.memory.store16(address + NET_BUFFER_COUNT, 1);
        }
      },
    },
  },
  {
    id: 'drv-data-valid',
    title: 'sent frames are marked as verified',
    source: 'mistake 13',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          yield* super.writeHeader(address, frame);
          yield* this.guest.memory.store8(address + NET_FLAGS, NET_DATA_VALID);
        }
      },
    },
  },
  {
    id: 'drv-segments-unasked',
    title: 'frames are marked as TCP segments though HOST_TSO4 was not negotiated',
    source: 'mistake 13',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          yield* super.writeHeader(address, frame);
          yield* this.guest.memory.store8(address + NET_GSO_TYPE, 1);
        }
      },
    },
  },
  {
    id: 'drv-checksum-unasked',
    title: 'checksums are left open though CSUM was not negotiated',
    source: 'mistake 34',
    kills: ['transmit-header'],
    patch: {
      Driver: class extends FullDriver {
        protected override *bringUp(): Resume<void> {
          yield* super.bringUp();
          this.transmitChecksum = true;
        }
      },
    },
  },
  {
    id: 'drv-checksum-start',
    title: 'csum_start counts the net header',
    source: 'mistake 34',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          const { checksum } = frame;
          const moved = checksum === null ? null : { ...checksum, startBytes: checksum.startBytes + NET_HEADER_BYTES };
          yield* super.writeHeader(address, { ...frame, checksum: moved });
        }
      },
    },
  },
  {
    id: 'drv-checksum-offset',
    title: 'csum_offset is counted from the start of the frame',
    source: 'mistake 34',
    kills: ['transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          const { checksum } = frame;
          const moved = checksum === null ? null : { ...checksum, offsetBytes: checksum.startBytes + checksum.offsetBytes };
          yield* super.writeHeader(address, { ...frame, checksum: moved });
        }
      },
    },
  },
  {
    id: 'drv-no-checksum-mark',
    title: 'frames with an open checksum are not marked',
    source: 'mistake 34',
    kills: ['transmit-header', 'frame-delivery'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *writeHeader(address: number, frame: Frame): Resume<void> {
          yield* super.writeHeader(address, { ...frame, checksum: null });
        }
      },
    },
  },
  {
    id: 'drv-cuts-frames',
    title: 'frames are sent without their last byte',
    source: 'known bug 105',
    kills: ['transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          return yield* super.add(
            segments.map((segment) => (segment.isWritable ? segment : { ...segment, lengthBytes: cut(segment.lengthBytes) })),
          );
        }
      },
    },
  },
  {
    id: 'drv-pads-frames',
    title: 'frames are sent with two bytes behind them',
    source: 'known bug 105',
    kills: ['transmit-length'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          return yield* super.add(
            segments.map((segment) => (segment.isWritable ? segment : { ...segment, lengthBytes: padded(segment.lengthBytes) })),
          );
        }
      },
    },
  },
  {
    id: 'drv-accepts-and-drops',
    title: 'one accepted frame in five is never published',
    source: 'CONTRACT-TRANSMIT',
    kills: ['frames-at-rest'],
    patch: {
      Transmit: class extends TransmitPath {
        private frames = 0;

        override *send(frame: Frame): Resume<boolean> {
          if (++this.frames % PERIOD !== 0) return yield* super.send(frame);
          this.guest.transmitted(frame);
          return true;
        }
      },
    },
  },
  {
    id: 'drv-sends-twice',
    title: 'one frame in five is sent twice',
    source: 'CONTRACT-TRANSMIT',
    kills: ['frame-delivery', 'driver-fate'],
    patch: {
      Transmit: class extends TransmitPath {
        private frames = 0;

        override *send(frame: Frame): Resume<boolean> {
          if (!(yield* super.send(frame))) return false;
          if (++this.frames % PERIOD === 0 && this.hasRoom) yield* this.addChain(this.freeSlots.at(-1)!, frame);
          return true;
        }
      },
    },
  },
  {
    id: 'drv-frees-in-flight',
    title: 'the memory of a frame goes back before the device has read it',
    source: 'mistake 21',
    kills: ['frame-delivery', 'exposed-contents', 'driver-fate', 'transmit-header'],
    patch: {
      Transmit: class extends TransmitPath {
        private readonly early = new Set<Frame>();

        override *send(frame: Frame): Resume<boolean> {
          const isSent = yield* super.send(frame);
          if (isSent) this.guest.transmitted(frame);
          if (isSent) this.early.add(frame);
          return isSent;
        }

        protected override finish(sending: Sending): void {
          const { copy, slot } = sending;
          if (copy !== 0) this.guest.memory.free(copy);
          this.freeSlots.push(slot);
        }
      },
    },
  },
  {
    id: 'drv-shared-header',
    title: 'all frames share one net header',
    source: 'mistake 21',
    kills: ['exposed-contents', 'transmit-header', 'frame-delivery'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *addChain(_slot: number, frame: Frame): Resume<number> {
          return yield* super.addChain(this.slots, frame);
        }

        protected override *writeHeader(_address: number, frame: Frame): Resume<void> {
          yield* super.writeHeader(this.slots, frame);
        }
      },
    },
  },
  {
    id: 'drv-keeps-frames',
    title: 'the memory of sent frames is never given back',
    source: 'CONTRACT-FRAME-MEMORY',
    kills: ['frames-at-rest'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override finish({ copy, slot }: Sending): void {
          if (copy !== 0) this.guest.memory.free(copy);
          this.freeSlots.push(slot);
        }
      },
    },
  },
  {
    id: 'drv-returns-frames-twice',
    title: 'the memory of a frame is given back twice',
    source: 'CONTRACT-TURN, mistake 20',
    kills: ['driver-fate'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override finish(sending: Sending): void {
          super.finish(sending);
          this.guest.transmitted(sending.frame);
        }
      },
    },
  },
  {
    id: 'drv-full-is-lost',
    title: 'a frame for which there is no room counts as accepted and is lost',
    source: 'mistake 22',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        override *transmit(frame: Frame): Resume<TransmitResult> {
          if ((yield* super.transmit(frame)) === 'full') this.guest.transmitted(frame);
          return 'accepted';
        }
      },
    },
  },
  {
    id: 'drv-never-wakes',
    title: 'after full the stack is never told that there is room',
    source: 'mistake 23',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        protected override wake(): void {}
      },
    },
  },
  {
    id: 'drv-panics-when-full',
    title: 'a full queue is an error',
    source: 'mistake 22',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *transmit(frame: Frame): Resume<TransmitResult> {
          if ((yield* super.transmit(frame)) === 'full') throw new Error('the transmit queue is full');
          return 'accepted';
        }
      },
    },
  },
];
