// Devices that do what no device may do, now and then. Each is one change to a part of the corrected server.
//
// After its few misdeeds a device behaves again, so that a driver can recover by a reset or by dropping what it was given.
import type { Resume } from '../../sim/flow.resumable.js';
import {
  HOSTILITY_BUFFER_COUNT,
  HOSTILITY_CONFIG,
  HOSTILITY_FEATURES,
  HOSTILITY_INDEX,
  HOSTILITY_INTERRUPT,
  HOSTILITY_RESET,
  HOSTILITY_STATUS,
  HOSTILITY_USED_AGAIN,
  HOSTILITY_USED_ID,
  HOSTILITY_USED_LENGTH,
  ODDITY_SHOWN,
} from '../events.js';
import { ConfigPage } from '../transport/config-page.resumable.js';
import { INTERRUPT_CONFIG, INTERRUPT_VRING } from '../transport/layout.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { RECEIVE_QUEUE } from '../virtqueue/layout.js';
import type { ConductRow } from './device-conduct.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe } from './pipe.resumable.js';
import { Port } from './port.resumable.js';
import type { ServerPatch } from './server-parts.resumable.js';

/** Completions before the first misdeed, between two, and misdeeds of a run. */
const FIRST = 2;
const PERIOD = 5;
const MISDEEDS = 2;
/** Publications at which a restless port misbehaves. */
const RESTLESS_TURNS = 6;
/** Bytes a completion during a reset reports. */
const LATE_BYTES = 72;

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

/** A port that does something more at every publication from the third on, up to a limit. */
abstract class RestlessPort extends Port {
  private publications = 0;

  override *announce(queue: DeviceQueue): Resume<void> {
    yield* super.announce(queue);
    this.publications += 1;
    if (this.publications <= FIRST || this.publications > FIRST + RESTLESS_TURNS) return;
    this.context.log.record(ODDITY_SHOWN, this.port, this.hostility, 0, 0, 0, 0);
    yield* this.misbehave();
  }

  protected abstract get hostility(): number;

  protected abstract misbehave(): Resume<void>;
}

/** A page whose words can be turned round. */
class TwistedPage extends ConfigPage {
  private turns = 0;

  /** Offers everything and nothing in turn, and does the same with what the driver accepted. */
  *twistFeatures(): Resume<void> {
    const word = this.turns++ % 2 === 0 ? 0xffffffff : 0;
    for (const map of [this.layout.deviceFeaturesMap, this.layout.driverFeaturesMap]) yield* this.store(map, word);
  }

  /** Another address, in two stores between which the generation does not move. */
  *twistConfig(): Resume<void> {
    const turn = this.turns++ & 0xff;
    yield* this.writeDeviceConfig(Uint8Array.of(2, turn, turn, turn, turn, turn));
    yield* this.incrementGeneration();
  }
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
  {
    id: 'hostile-config',
    title: 'the configuration and its generation change while the driver is up',
    patch: {
      Page: TwistedPage,
      Port: class extends RestlessPort {
        declare protected readonly config: TwistedPage;

        protected override get hostility(): number {
          return HOSTILITY_CONFIG;
        }

        protected override *misbehave(): Resume<void> {
          yield* this.config.twistConfig();
          yield* this.raiseInterrupt(INTERRUPT_CONFIG);
        }
      },
    },
  },
  {
    id: 'hostile-features',
    title: 'offered and accepted features change after they were agreed on',
    patch: {
      Page: TwistedPage,
      Port: class extends RestlessPort {
        declare protected readonly config: TwistedPage;

        protected override get hostility(): number {
          return HOSTILITY_FEATURES;
        }

        protected override *misbehave(): Resume<void> {
          yield* this.config.twistFeatures();
        }
      },
    },
  },
  {
    id: 'hostile-interrupt',
    title: 'interrupts come without cause and in crowds, whatever avail.flags says',
    patch: {
      Port: class extends RestlessPort {
        protected override get hostility(): number {
          return HOSTILITY_INTERRUPT;
        }

        protected override *misbehave(): Resume<void> {
          for (const bits of [0, INTERRUPT_VRING, INTERRUPT_CONFIG]) yield* this.raiseInterrupt(bits);
        }
      },
    },
  },
  {
    id: 'hostile-reset',
    title: 'chains are completed while the device is being reset',
    patch: {
      Port: class extends Port {
        protected override *takeQueuesDown(cause: number): Resume<void> {
          for (const queue of this.queues) if (queue.isReady) yield* this.completeLate(queue);
          yield* super.takeQueuesDown(cause);
        }

        private *completeLate(queue: DeviceQueue): Resume<void> {
          const head = yield* queue.take();
          if (head < 0) return;
          this.context.log.record(ODDITY_SHOWN, this.port, HOSTILITY_RESET, 0, 0, 0, 0);
          yield* queue.writeUsed(head, LATE_BYTES, 0);
          yield* queue.publishUsed(1);
        }
      },
    },
  },
];
