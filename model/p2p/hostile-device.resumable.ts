// Devices that do what no device may do, now and then. Each is one change to a part of the corrected server.
//
// After its few misdeeds a device behaves again, so that a driver can recover by a reset or by dropping what it was given.
import type { Resume } from '../../sim/flow.resumable.js';
import {
  HOSTILITY_BUFFER_COUNT,
  HOSTILITY_INDEX,
  HOSTILITY_STATUS,
  HOSTILITY_USED_AGAIN,
  HOSTILITY_USED_ID,
  HOSTILITY_USED_LENGTH,
  ODDITY_SHOWN,
} from '../events.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import type { ConductRow } from './device-conduct.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe } from './pipe.resumable.js';
import type { ServerPatch } from './server-parts.resumable.js';

/** Completions before the first misdeed, between two, and misdeeds of a run. */
const FIRST = 2;
const PERIOD = 5;
const MISDEEDS = 2;

/** A queue that changes some of the used elements it writes. */
abstract class LyingQueue extends DeviceQueue {
  private completions = 0;
  private misdeeds = 0;
  protected lastId = 0;

  override *writeUsed(id: number, lengthBytes: number, ahead: number): Resume<void> {
    const isDue = this.isMeant && this.completions++ % PERIOD === FIRST && this.misdeeds < MISDEEDS;
    if (isDue) {
      this.misdeeds += 1;
      this.context.log.record(ODDITY_SHOWN, this.port, this.hostility, 0, 0, 0, 0);
    }
    yield* super.writeUsed(isDue ? this.wrongId(id) : id, isDue ? this.wrongLength(lengthBytes) : lengthBytes, ahead);
    this.lastId = id;
  }

  protected get isMeant(): boolean {
    return true;
  }

  protected get hostility(): number {
    return HOSTILITY_USED_ID;
  }

  protected wrongId(id: number): number {
    return id;
  }

  protected wrongLength(lengthBytes: number): number {
    return lengthBytes;
  }
}

/** A header with a wrong num_buffers now and then. */
abstract class MiscountingPassage extends HeaderPassage {
  private frames = 0;
  private misdeeds = 0;

  override *storeBufferCount(count: number): Resume<void> {
    const isDue = this.receiver.hasMergeableBuffers && this.frames++ % PERIOD === FIRST && this.misdeeds < MISDEEDS;
    if (!isDue) return yield* super.storeBufferCount(count);
    this.misdeeds += 1;
    this.context.log.record(ODDITY_SHOWN, this.receiver.port, HOSTILITY_BUFFER_COUNT, 0, 0, 0, 0);
    yield* super.storeBufferCount(this.wrongCount);
  }

  protected abstract get wrongCount(): number;
}

/** Conducts that no device may show. */
export const HOSTILE_CONDUCTS: readonly ConductRow<ServerPatch>[] = [
  {
    id: 'hostile-id-range',
    title: 'used elements name a descriptor beyond the table',
    patch: {
      Queue: class extends LyingQueue {
        protected override wrongId(): number {
          return this.size + 3;
        }
      },
    },
  },
  {
    id: 'hostile-id-huge',
    title: 'used elements have an id with all bits set',
    patch: {
      Queue: class extends LyingQueue {
        protected override wrongId(): number {
          return 0xffffffff;
        }
      },
    },
  },
  {
    id: 'hostile-id-twice',
    title: 'used elements name the chain before a second time',
    patch: {
      Queue: class extends LyingQueue {
        protected override get hostility(): number {
          return HOSTILITY_USED_AGAIN;
        }

        protected override wrongId(): number {
          return this.lastId;
        }
      },
    },
  },
  {
    id: 'hostile-length',
    title: 'used elements report more bytes than a receive buffer has',
    patch: {
      Queue: class extends LyingQueue {
        protected override get isMeant(): boolean {
          return this.number === RECEIVE_QUEUE;
        }

        protected override get hostility(): number {
          return HOSTILITY_USED_LENGTH;
        }

        protected override wrongLength(): number {
          return 0x10000;
        }
      },
    },
  },
  {
    id: 'hostile-index',
    title: 'used.idx jumps by more than the ring holds',
    patch: {
      Queue: class extends DeviceQueue {
        private publications = 0;

        override *publishUsed(count: number): Resume<void> {
          const isDue = this.publications++ === FIRST;
          if (isDue) this.context.log.record(ODDITY_SHOWN, this.port, HOSTILITY_INDEX, 0, 0, 0, 0);
          yield* super.publishUsed(isDue ? count + this.size + 1 : count);
        }
      },
    },
  },
  {
    id: 'hostile-no-buffers',
    title: 'receive headers say that a frame has no buffers',
    patch: {
      Passage: class extends MiscountingPassage {
        protected get wrongCount(): number {
          return 0;
        }
      },
    },
  },
  {
    id: 'hostile-many-buffers',
    title: 'receive headers say that a frame has more buffers than the ring',
    patch: {
      Passage: class extends MiscountingPassage {
        protected get wrongCount(): number {
          return 0xffff;
        }
      },
    },
  },
  {
    id: 'hostile-status',
    title: 'the device says that it needs a reset although nothing happened',
    patch: {
      Pipe: class extends Pipe {
        private hasFailed = false;

        override *copy(limit: number): Resume<void> {
          yield* super.copy(limit);
          if (this.hasFailed || this.counters.frames <= FIRST) return;
          this.hasFailed = true;
          this.context.log.record(ODDITY_SHOWN, this.receiver.port, HOSTILITY_STATUS, 0, 0, 0, 0);
          yield* this.receiver.fail();
        }
      },
    },
  },
];
