// Odd but correct drivers: when they work and what they post. No rule may ever accuse one.
import { PLAIN_RECEIVE_BUFFER_BYTES as LARGEST_BYTES } from '../../model/net/header.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Driver, Frame, Guest, TransmitResult } from '../contract.js';
import type { PatchedDriver } from '../driver-patch.resumable.js';
import type { DriverParts } from '../driver-parts.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { MinimalDriver } from '../minimal.resumable.js';
import { ReceivePath } from '../receive-path.resumable.js';
import type { ModuleStyle } from '../style.resumable.js';
import { TransmitPath } from '../transmit-path.resumable.js';

/** Smallest buffer of a driver with small buffers. */
const SMALL_BUFFER_BYTES = 96;

/** The full driver with the other way of asking again; the contract reads `retry` once. */
class RetryingDriver implements Driver<ModuleStyle> {
  readonly retry = 'poll';
  private readonly inner: FullDriver;

  constructor(guest: Guest<ModuleStyle>, parts?: DriverParts) {
    this.inner = new FullDriver(guest, parts);
  }

  get transmitChecksum(): boolean {
    return this.inner.transmitChecksum;
  }

  *start(): Resume<void> {
    yield* this.inner.start();
  }

  *transmit(frame: Frame): Resume<TransmitResult> {
    return yield* this.inner.transmit(frame);
  }

  *interrupt(): Resume<void> {
    yield* this.inner.interrupt();
  }

  *poll(budget: number): Resume<void> {
    yield* this.inner.poll(budget);
  }

  *timer(): Resume<void> {
    yield* this.inner.timer();
  }

  *release(address: number): Resume<void> {
    yield* this.inner.release(address);
  }

  *stop(): Resume<void> {
    yield* this.inner.stop();
  }
}

/** Odd about when they work. */
export const ODD_WORKERS: readonly PatchedDriver[] = [
  {
    id: 'odd-lazy-reclaim',
    title: 'takes sent frames back only when it needs the room',
    patch: {
      Driver: class extends FullDriver {
        override *poll(budget: number): Resume<void> {
          if (yield* this.control.isFailing()) return yield* this.bringUp();
          const { receive, transmit } = this.paths!;
          if (this.isStopped) yield* transmit.reclaim();
          const received = yield* receive.drain(budget);
          if (receive.isBroken || transmit.isBroken) return yield* this.bringUp();
          yield* this.refill();
          this.wake();
          if (received < budget && !(yield* this.enable())) return;
          yield* this.suppress();
          this.guest.requestPoll();
        }

        /** Interrupts of the transmit queue are wanted only while the stack waits for room. */
        protected override *enable(): Resume<boolean> {
          const isReceiveWaiting = yield* this.paths!.receiveRing.queue.enableInterrupts();
          if (!this.isStopped) return isReceiveWaiting;
          return (yield* this.paths!.transmitRing.queue.enableInterrupts()) || isReceiveWaiting;
        }

        override *transmit(frame: Frame): Resume<TransmitResult> {
          const result = yield* super.transmit(frame);
          if (result === 'full') this.guest.requestPoll();
          return result;
        }
      },
    },
  },
  {
    id: 'odd-polls-only',
    title: 'polls at a fixed period and wants no interrupts',
    patch: {
      Driver: class extends FullDriver {
        readonly pollIntervalNs = 20_000;

        override *poll(budget: number): Resume<void> {
          if (yield* this.control.isFailing()) return yield* this.bringUp();
          const { receive, transmit } = this.paths!;
          yield* this.suppress();
          yield* transmit.reclaim();
          yield* receive.drain(budget);
          if (receive.isBroken || transmit.isBroken) return yield* this.bringUp();
          yield* this.refill();
          this.wake();
        }

        override *interrupt(): Resume<void> {}
      },
    },
  },
  {
    id: 'odd-works-in-interrupt',
    title: 'does all its work in the interrupt handler',
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          if (yield* this.control.isFailing()) return yield* this.bringUp();
          const { receive, transmit } = this.paths!;
          do {
            yield* this.suppress();
            yield* transmit.reclaim();
            yield* receive.drain(Infinity);
            if (receive.isBroken || transmit.isBroken) return yield* this.bringUp();
            yield* this.refill();
            this.wake();
          } while (yield* this.enable());
        }

        override *poll(_budget: number): Resume<void> {
          yield* this.interrupt();
        }
      },
    },
  },
  {
    id: 'odd-waits-after-interrupt',
    title: 'waits a while after an interrupt before it works',
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          yield* this.suppress();
          this.guest.armTimer(3_000);
        }

        override *timer(): Resume<void> {
          yield* super.timer();
          this.guest.requestPoll();
        }
      },
    },
  },
  {
    id: 'odd-late-receive',
    title: 'posts receive buffers only some time after DRIVER_OK',
    patch: {
      Receive: class extends ReceivePath {
        private hasStarted = false;

        override begin(isMergeable: boolean, takesChecksum: boolean): void {
          super.begin(isMergeable, takesChecksum);
          this.hasStarted = false;
        }

        override *refill(): Resume<boolean> {
          if (this.hasStarted) return yield* super.refill();
          this.hasStarted = true;
          return true;
        }
      },
    },
  },
  {
    id: 'odd-one-buffer-at-a-time',
    title: 'has one receive buffer posted at a time',
    patch: {
      Receive: class extends ReceivePath {
        protected override get wantedBuffers(): number {
          return 1;
        }
      },
    },
  },
  {
    id: 'odd-huge-buffer',
    title: 'posts one receive buffer of 16 KiB',
    patch: {
      Receive: class extends ReceivePath {
        protected override get bufferBytes(): number {
          return 0x4000;
        }

        protected override get wantedBuffers(): number {
          return 1;
        }
      },
    },
  },
  {
    id: 'odd-small-buffers',
    title: 'posts receive buffers that are just large enough together, where they may be merged',
    patch: {
      Receive: class extends ReceivePath {
        protected override get bufferBytes(): number {
          return this.isMergeable ? Math.max(SMALL_BUFFER_BYTES, Math.ceil(LARGEST_BYTES / this.ring.queue.size)) : super.bufferBytes;
        }
      },
    },
  },
  {
    id: 'odd-publishes-singly',
    title: 'publishes and announces every receive buffer by itself',
    patch: {
      Receive: class extends ReceivePath {
        override *refill(): Resume<boolean> {
          const { queue } = this.ring;
          while (queue.free > 0 && this.posted.size < this.target) {
            const buffer = this.takeBuffer();
            if (buffer === 0) return this.isLow && this.lent.size === 0;
            const deviceAddress = this.guest.memory.map(buffer, this.bufferBytes);
            const head = yield* queue.add([{ deviceAddress, lengthBytes: this.bufferBytes, isWritable: true }]);
            this.posted.set(head, buffer);
            if (this.isKnown) yield* this.ring.publish();
          }
          return false;
        }

        private isKnown = false;

        override begin(isMergeable: boolean, takesChecksum: boolean): void {
          super.begin(isMergeable, takesChecksum);
          this.isKnown = false;
        }

        override *drain(budget: number): Resume<number> {
          this.isKnown = true;
          return yield* super.drain(budget);
        }
      },
    },
  },
  {
    id: 'odd-batches',
    title: 'publishes sent frames in batches, from poll',
    patch: {
      Transmit: class extends TransmitPath {
        override *send(frame: Frame): Resume<boolean> {
          const isSent = yield* super.send(frame);
          if (isSent) this.guest.requestPoll();
          return isSent;
        }

        protected override *announce(): Resume<void> {}

        override *reclaim(): Resume<number> {
          yield* this.ring.publish();
          return yield* super.reclaim();
        }
      },
    },
  },
  {
    id: 'odd-resets-itself',
    title: 'resets its device now and then, for no reason',
    patch: {
      Driver: class extends FullDriver {
        private polls = 0;

        override *poll(budget: number): Resume<void> {
          if (++this.polls % 16 === 0) return yield* this.bringUp();
          yield* super.poll(budget);
        }
      },
    },
  },
  {
    id: 'odd-drains-twice',
    title: 'works through both queues twice before it enables interrupts',
    patch: {
      Driver: class extends FullDriver {
        override *poll(budget: number): Resume<void> {
          const { transmit, receive } = this.paths!;
          yield* transmit.reclaim();
          if (!receive.isBroken) yield* receive.drain(Math.max(1, budget >> 1));
          yield* super.poll(budget);
        }
      },
    },
  },
  {
    id: 'odd-one-frame-per-poll',
    title: 'handles one frame per poll and asks for the next',
    patch: {
      Driver: class extends FullDriver {
        override *poll(_budget: number): Resume<void> {
          yield* super.poll(1);
        }
      },
    },
  },
  {
    id: 'odd-window',
    title: 'lets interrupts in while it polls',
    patch: {
      Driver: class extends FullDriver {
        override *poll(budget: number): Resume<void> {
          yield* super.poll(budget);
          this.guest.interrupts.enable();
          yield* this.guest.memory.fullBarrier();
          this.guest.interrupts.disable();
        }
      },
    },
  },
  {
    id: 'odd-stack-retries',
    title: 'lets the stack try again by itself when it was full',
    patch: {
      Driver: RetryingDriver,
    },
  },
  {
    id: 'odd-reads-everything',
    title: 'reads the whole config page whenever it is interrupted',
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          yield* this.control.isFailing();
          yield* this.control.queueSizeLimit(0);
          yield* this.control.queueSizeLimit(1);
          yield* super.interrupt();
        }
      },
    },
  },
  {
    id: 'odd-minimal-batch',
    title: 'is the minimal driver with a long period',
    patch: {
      Driver: class extends MinimalDriver {
        override readonly pollIntervalNs: number = 150_000;
      },
    },
  },
];
