// Mutants of the link: frames that come to harm on their way. Each is one change to a part of the corrected server.
import type { Resume } from '../../sim/flow.resumable.js';
import { NET_CHECKSUM_START, NET_DATA_VALID, NET_FLAGS, NET_GSO_TYPE, NET_HEADER_BYTES } from '../net/header.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { ChecksumContext } from './checksum.resumable.js';
import type { EndPoint } from './end-point.resumable.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe } from './pipe.resumable.js';
import type { Port } from './port.resumable.js';
import type { ServerFault } from './server-parts.resumable.js';

/** Every how many frames a fault shows. */
const PERIOD = 5;

/** A pipe that changes bytes of the receiver's buffer after each piece was copied. */
class SpoilingPipe extends Pipe {
  protected override *moveChunk(): Resume<void> {
    const { placedBytes } = this;
    const at = this.receive.position;
    yield* super.moveChunk();
    yield* this.spoil(at, this.receive.position - at, placedBytes);
  }

  /** `lengthBytes` bytes of the frame, header included, were put at `at`; `before` went before. */
  protected *spoil(_at: number, _lengthBytes: number, _before: number): Resume<void> {}

  /** Inverts a bit of the byte at position `position` of the frame if it lies in the piece. */
  protected *flip(at: number, lengthBytes: number, before: number, position: number): Resume<void> {
    if (position < before || position >= before + lengthBytes) return;
    const address = at + position - before;
    yield* this.context.memory.store8(address, (yield* this.context.memory.load8(address)) ^ 0x10);
  }
}

/** Mutants of the link. */
export const LINK_FAULTS: readonly ServerFault[] = [
  {
    id: 'link-lose',
    title: 'one frame in five is lost',
    source: 'P2P-INV-3',
    kills: ['frames-carried'],
    patch: {
      Pipe: class extends Pipe {
        private frames = 0;

        protected override *finishFrame(): Resume<void> {
          if (++this.frames % PERIOD === 0) yield* this.dropFrame();
          else yield* super.finishFrame();
        }
      },
    },
  },
  {
    id: 'link-double',
    title: 'one frame in five arrives twice',
    source: 'P2P-INV-3',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends Pipe {
        private frames = 0;

        protected override *giveBack(end: EndPoint, port: Port, lengthBytes: number): Resume<void> {
          if (end === this.transmit && ++this.frames % PERIOD === 0) this.putTransmitBack();
          else yield* super.giveBack(end, port, lengthBytes);
        }
      },
    },
  },
  {
    id: 'link-reorder',
    title: 'now and then a frame overtakes the one before it',
    source: 'P2P-INV-3',
    kills: ['used-elements', 'frame-delivery'],
    patch: {
      Queue: class extends DeviceQueue {
        private takes = 0;
        private overtaken = -1;

        override *take(): Resume<number> {
          const position = this.cursor;
          if (this.overtaken >= 0) {
            this.cursor = this.overtaken;
            this.overtaken = -1;
            const head = yield* super.take();
            this.cursor = position;
            return head;
          }
          const head = yield* super.take();
          if (head < 0 || this.number !== TRANSMIT_QUEUE || ++this.takes % PERIOD !== 0 || !(yield* this.hasMoved())) return head;
          this.overtaken = position;
          return yield* super.take();
        }
      },
    },
  },
  {
    id: 'link-cut',
    title: 'frames arrive without their last byte',
    source: 'P2P-INV-3, P2P-INV-4',
    kills: ['received-buffers', 'frame-delivery'],
    patch: {
      Pipe: class extends Pipe {
        protected override *finishFrame(): Resume<void> {
          this.total -= 1;
          yield* super.finishFrame();
        }
      },
    },
  },
  {
    id: 'link-pad',
    title: 'frames arrive with a byte that was not sent',
    source: 'P2P-INV-3, P2P-INV-4',
    kills: ['received-buffers', 'frame-delivery'],
    patch: {
      Pipe: class extends Pipe {
        protected override *finishFrame(): Resume<void> {
          this.total += 1;
          yield* super.finishFrame();
        }
      },
    },
  },
  {
    id: 'link-flip',
    title: 'a bit of the payload is inverted',
    source: 'P2P-INV-3',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends SpoilingPipe {
        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          yield* this.flip(at, lengthBytes, before, NET_HEADER_BYTES + 20);
        }
      },
    },
  },
  {
    id: 'link-flip-far',
    title: 'a bit is inverted, in long frames only',
    source: 'P2P-INV-3',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends SpoilingPipe {
        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          yield* this.flip(at, lengthBytes, before, 1200);
        }
      },
    },
  },
  {
    id: 'link-flip-rarely',
    title: 'a bit of one frame in fifty is inverted',
    source: 'P2P-INV-3',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends SpoilingPipe {
        private pieces = 0;

        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          if (++this.pieces % 50 === 0) yield* this.flip(at, lengthBytes, before, NET_HEADER_BYTES + 1);
        }
      },
    },
  },
  {
    id: 'link-odd-tail',
    title: 'the last byte of frames of odd length is not copied',
    source: 'Q7, known bug 103',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends SpoilingPipe {
        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          if (((before + lengthBytes) & 1) !== 0) yield* this.flip(at, lengthBytes, before, before + lengthBytes - 1);
        }
      },
    },
  },
  {
    id: 'link-stale-payload',
    title: 'the payload of one frame in five is what the receive buffer held before',
    source: 'P2P-INV-3',
    kills: ['frame-delivery'],
    patch: {
      Pipe: class extends Pipe {
        private pieces = 0;

        protected override *moveChunk(): Resume<void> {
          const { position, left } = this.transmit;
          if (left > NET_HEADER_BYTES && ++this.pieces % PERIOD === 0) this.transmit.position = this.receive.position;
          yield* super.moveChunk();
          this.transmit.position = position + left - this.transmit.left;
        }
      },
    },
  },
  {
    id: 'link-early-publication',
    title: 'receive buffers are shown to the driver before the frame is in them',
    source: 'SPLIT-DEV-2.7.8.2, P2P-INV-3',
    kills: ['frame-delivery', 'used-barrier', 'used-elements'],
    patch: {
      Pipe: class extends SpoilingPipe {
        /** What the bytes will be, once the frame is published. */
        private late: { readonly address: number; readonly value: number } | null = null;

        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          if (before + lengthBytes <= NET_HEADER_BYTES + 30) return;
          const address = at + lengthBytes - 1;
          const { memory } = this.context;
          this.late = { address, value: yield* memory.load8(address) };
          yield* memory.store8(address, 0);
        }

        protected override *finishFrame(): Resume<void> {
          yield* super.finishFrame();
          if (this.late !== null) yield* this.context.memory.store8(this.late.address, this.late.value);
          this.late = null;
        }
      },
    },
  },
  {
    id: 'link-open-checksum',
    title: 'open checksums are passed on to drivers that did not accept GUEST_CSUM',
    source: 'known bug 77, Q17',
    kills: ['received-header'],
    patch: {
      Passage: class extends HeaderPassage {
        protected override beginFrom(): void {}

        override *sanitize(): Resume<void> {}
      },
    },
  },
  {
    id: 'link-forgets-checksum',
    title: 'the mark of an open checksum is taken off and the checksum is not completed',
    source: 'known bug 77',
    kills: ['received-header', 'frame-delivery'],
    patch: {
      Passage: class extends HeaderPassage {
        protected override beginFrom(): void {}
      },
    },
  },
  {
    id: 'link-wrong-checksum',
    title: 'completed checksums are off by one',
    source: 'Q6, P2P-INV-9',
    kills: ['received-header', 'frame-delivery'],
    patch: {
      Checksum: class extends ChecksumContext {
        protected override value(): number {
          return (super.value() + 1) & 0xffff;
        }
      },
    },
  },
  {
    id: 'link-checksum-carry',
    title: 'completed checksums lack the end-around carry',
    source: 'Q31, P2P-INV-9',
    kills: ['received-header', 'frame-delivery'],
    patch: {
      Checksum: class extends ChecksumContext {
        protected override value(): number {
          return ~this.sum & 0xffff;
        }
      },
    },
  },
  {
    id: 'link-data-valid',
    title: 'received frames are marked as verified though GUEST_CSUM was not accepted',
    source: 'NET-DEV-5.1.9.4.1-5, specification defect 5',
    kills: ['received-header'],
    patch: {
      Passage: class extends HeaderPassage {
        override *sanitize(): Resume<void> {
          yield* super.sanitize();
          if (this.receiver.hasGuestChecksum) return;
          this.image.set(NET_FLAGS, NET_DATA_VALID);
          yield* this.context.memory.store8(this.addressOf(NET_FLAGS), NET_DATA_VALID);
        }
      },
    },
  },
  {
    id: 'link-gso-type',
    title: 'received frames are marked as TCP segments that nobody negotiated',
    source: 'Q24, NET-DEV-5.1.9.4.1',
    kills: ['received-header'],
    patch: {
      Passage: class extends HeaderPassage {
        override *sanitize(): Resume<void> {
          yield* super.sanitize();
          this.image.set(NET_GSO_TYPE, 1);
          yield* this.context.memory.store8(this.addressOf(NET_GSO_TYPE), 1);
        }
      },
    },
  },
  {
    id: 'link-checksum-place',
    title: 'open checksums are passed on with another csum_start',
    source: 'mistake 34 on the device side',
    kills: ['received-header', 'frame-delivery'],
    patch: {
      Pipe: class extends SpoilingPipe {
        protected override *spoil(at: number, lengthBytes: number, before: number): Resume<void> {
          if (before > 0 || lengthBytes < NET_HEADER_BYTES || !this.receiver.hasGuestChecksum) return;
          const { memory } = this.context;
          if ((yield* memory.load8(at + NET_FLAGS)) === 0) return;
          yield* memory.store16(at + NET_CHECKSUM_START, (yield* memory.load16(at + NET_CHECKSUM_START)) - 1);
        }
      },
    },
  },
  {
    id: 'link-buffer-count-zero',
    title: 'num_buffers is left as the sender had it',
    source: 'NET-DEV-5.1.9.3.2-1',
    kills: ['received-buffers'],
    patch: {
      Passage: class extends HeaderPassage {
        override *storeBufferCount(_count: number): Resume<void> {
          yield* super.storeBufferCount(0);
        }
      },
      Pipe: class extends Pipe {
        protected override recordPlaced(): void {
          this.merged -= 1;
          super.recordPlaced();
          this.merged += 1;
        }
      },
    },
  },
];
