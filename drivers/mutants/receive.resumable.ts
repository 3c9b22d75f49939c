// Mutants of drivers: received frames and their buffers. Each is one change to the receive path of the full driver.
import { NET_HEADER_BYTES } from '../../model/net/header.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { ReceivePath } from '../receive-path.resumable.js';

/** Every how many frames a mistake shows that does not always show. */
const PERIOD = 5;

/** Mutants of the receive side. */
export const RECEIVE_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-one-buffer-per-frame',
    title: 'merged buffers are accepted and num_buffers is ignored: each buffer is taken for a frame',
    source: 'mistake 14',
    kills: ['frame-delivery', 'frames-at-rest'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          const hasHeader = yield* super.readHeader(buffer, lengthBytes);
          this.isBroken = false;
          if (hasHeader) this.missing = 1;
          return hasHeader;
        }

        // Frames must need several buffers for it to show.
        protected override get bufferBytes(): number {
          return 256;
        }
      },
    },
  },
  {
    id: 'drv-never-reposts',
    title: 'receive buffers are posted once and never again',
    source: 'mistake 24',
    kills: ['frames-at-rest'],
    patch: {
      Receive: class extends ReceivePath {
        private hasPosted = false;

        override *refill(): Resume<boolean> {
          if (this.hasPosted) return false;
          this.hasPosted = true;
          return yield* super.refill();
        }

        override end(): void {
          this.hasPosted = false;
          super.end();
        }
      },
    },
  },
  {
    id: 'drv-never-posts',
    title: 'no receive buffer is ever posted',
    source: 'mistake 24, NET-DRV-5.1.5-1',
    kills: ['receive-start'],
    patch: {
      Receive: class extends ReceivePath {
        override *refill(): Resume<boolean> {
          return false;
        }
      },
    },
  },
  {
    id: 'drv-reposts-lent-buffer',
    title: 'a buffer is posted again while the stack still reads it',
    source: 'mistake 21',
    kills: ['lent-frames'],
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          const buffers = this.pieces.map(({ buffer }) => buffer);
          const isDelivered = super.deliver();
          for (const buffer of buffers) if ([...this.lent.values()].includes(buffer)) this.pool.push(buffer);
          this.lent.clear();
          return isDelivered;
        }
      },
    },
  },
  {
    id: 'drv-length-from-buffer',
    title: 'the length of a received frame is taken from the size of its buffer',
    source: 'mistake 16',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *arrived(buffer: number, _lengthBytes: number): Resume<boolean> {
          return yield* super.arrived(buffer, this.bufferBytes);
        }
      },
    },
  },
  {
    id: 'drv-header-delivered',
    title: 'the net header is delivered as part of the frame',
    source: 'known bug 105, mistake 12',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *arrived(buffer: number, lengthBytes: number): Resume<boolean> {
          return yield* super.arrived(buffer - NET_HEADER_BYTES, lengthBytes + NET_HEADER_BYTES);
        }

        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          return yield* super.readHeader(buffer + NET_HEADER_BYTES, lengthBytes);
        }
      },
    },
  },
  {
    id: 'drv-receive-header-of-10',
    title: 'the net header of received frames counts as 10 bytes',
    source: 'mistake 12',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          const [first] = this.pieces;
          if (first !== undefined) this.pieces[0] = { ...first, address: first.address - 2, lengthBytes: first.lengthBytes + 2 };
          return super.deliver();
        }
      },
    },
  },
  {
    id: 'drv-short-buffers',
    title: 'receive buffers are smaller than a frame though the device may not merge',
    source: 'mistake 36, known bug 99',
    kills: ['receive-buffers'],
    patch: {
      Receive: class extends ReceivePath {
        protected override get bufferBytes(): number {
          return 1000;
        }
      },
    },
  },
  {
    id: 'drv-tiny-buffers',
    title: 'receive buffers are smaller than the net header',
    source: 'mistake 36, NET-DRV-5.1.9.3.1-3',
    kills: ['receive-buffers'],
    patch: {
      Receive: class extends ReceivePath {
        protected override get bufferBytes(): number {
          return 8;
        }
      },
    },
  },
  {
    id: 'drv-delivers-backwards',
    title: 'received frames are handed up last one first',
    source: 'mistake 19',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        private waiting: (() => void)[] = [];

        protected override deliver(): boolean {
          const { pieces, checksum } = this;
          this.waiting.push(() => {
            this.pieces = pieces;
            this.checksum = checksum;
            super.deliver();
          });
          this.pieces = [];
          return true;
        }

        override *drain(budget: number): Resume<number> {
          const frames = yield* super.drain(budget);
          for (const deliver of this.waiting.splice(0).reverse()) deliver();
          return frames;
        }
      },
    },
  },
  {
    id: 'drv-delivers-twice',
    title: 'one frame in five is handed up twice',
    source: 'CONTRACT-DELIVER',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        private frames = 0;

        protected override deliver(): boolean {
          const piece = this.pieces[0];
          const isDoubled = piece !== undefined && piece.lengthBytes > 0 && ++this.frames % PERIOD === 0;
          if (isDoubled) this.guest.deliver(piece.address, piece.lengthBytes);
          return super.deliver();
        }
      },
    },
  },
  {
    id: 'drv-drops-received',
    title: 'one received frame in five is not handed up',
    source: 'CONTRACT-DELIVER',
    kills: ['frames-at-rest'],
    patch: {
      Receive: class extends ReceivePath {
        private frames = 0;

        protected override deliver(): boolean {
          if (++this.frames % PERIOD !== 0) return super.deliver();
          this.dropPieces();
          return true;
        }
      },
    },
  },
  {
    id: 'drv-open-checksum-dropped',
    title: 'frames with an open checksum count as broken',
    source: 'mistake 34',
    kills: ['frames-at-rest'],
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          if (this.checksum === null) return super.deliver();
          this.dropPieces();
          return true;
        }
      },
    },
  },
  {
    id: 'drv-open-checksum-forgotten',
    title: 'open checksums are handed up as complete ones',
    source: 'mistake 34',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          this.checksum = null;
          return super.deliver();
        }
      },
    },
  },
  {
    id: 'drv-checksum-place-from-header',
    title: 'where an open checksum goes is counted from the net header',
    source: 'mistake 34',
    kills: ['frame-delivery'],
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          if (this.checksum !== null) this.checksum = { ...this.checksum, startBytes: this.checksum.startBytes + NET_HEADER_BYTES };
          return super.deliver();
        }
      },
    },
  },
  {
    id: 'drv-posts-two-of-one',
    title: 'one buffer is posted under two heads',
    source: 'mistake 21',
    kills: ['frame-delivery', 'frames-at-rest', 'driver-fate', 'lent-frames'],
    patch: {
      Receive: class extends ReceivePath {
        protected override takeBuffer(): number {
          const buffer = super.takeBuffer();
          if (buffer !== 0 && this.posted.size === 0) this.pool.push(buffer);
          return buffer;
        }
      },
    },
  },
  {
    id: 'drv-memory-pressure-ignored',
    title: 'the driver posts whatever the allocator answers',
    source: 'mistake 24',
    kills: ['driver-fate', 'chain-memory'],
    patch: {
      Receive: class extends ReceivePath {
        protected override takeBuffer(): number {
          const pooled = this.pool.pop();
          return pooled ?? this.guest.memory.alloc(this.bufferBytes) + 0;
        }

        override *refill(): Resume<boolean> {
          while (this.ring.queue.free > 0 && this.posted.size < this.target) {
            const buffer = this.takeBuffer();
            const head = yield* this.ring.queue.add([
              { deviceAddress: this.guest.memory.map(buffer, this.bufferBytes), lengthBytes: this.bufferBytes, isWritable: true },
            ]);
            this.posted.set(head, buffer);
          }
          return false;
        }
      },
    },
  },
  {
    id: 'drv-memory-pressure-forgotten',
    title: 'buffers that could not be allocated are never asked for again',
    source: 'mistake 24',
    kills: ['frames-at-rest'],
    patch: {
      Driver: class extends FullDriver {
        override *timer(): Resume<void> {}

        protected override *refill(): Resume<void> {
          if (!this.paths!.receive.isLow) yield* super.refill();
        }
      },
    },
  },
];
