// Devices that are odd in ways a driver has to bear. Each is one change to a part of the corrected server.
//
// The oddities show at every third frame, so that a driver which cannot bear one loses just those.
import type { Resume } from '../../sim/flow.resumable.js';
import {
  ODDITY_CHECKSUM_FIELDS,
  ODDITY_FEATURES,
  ODDITY_HEADER_LENGTH,
  ODDITY_SHOWN,
  ODDITY_TAIL,
  ODDITY_UNKNOWN_FLAGS,
} from '../events.js';
import { NET_CHECKSUM_OFFSET, NET_CHECKSUM_START, NET_FLAGS, NET_HEADER_LENGTH, NET_NEEDS_CHECKSUM } from '../net/header.js';
import type { ConductRow } from './device-conduct.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe } from './pipe.resumable.js';
import { Port } from './port.resumable.js';
import type { ServerPatch } from './server-parts.resumable.js';

/** Every how many frames an oddity shows. */
const PERIOD = 3;
/** Flags of a receive header that no specification names. */
const UNKNOWN_FLAGS = 0x50;
/** Bytes written behind what is reported. */
const TAIL_BYTES = 16;
/** Features of word 0 that mean nothing to network drivers of today. */
const UNKNOWN_FEATURES = (1 << 25) | (1 << 26);
const GARBAGE = 0x3f3f;

/** A header with something more in it. */
abstract class OddPassage extends HeaderPassage {
  private frames = 0;

  override *storeBufferCount(count: number): Resume<void> {
    yield* super.storeBufferCount(count);
    if (++this.frames % PERIOD !== 0 || !(yield* this.spoil())) return;
    this.context.log.record(ODDITY_SHOWN, this.receiver.port, this.oddity, 0, 0, 0, 0);
  }

  /** Number of the oddity. */
  protected abstract get oddity(): number;

  /** Changes the header; false if this one does not allow it. */
  protected abstract spoil(): Resume<boolean>;

  /** True if the receiver's header asks for a checksum. */
  protected *needsChecksum(): Resume<boolean> {
    return ((yield* this.context.memory.load8(this.addressOf(NET_FLAGS))) & NET_NEEDS_CHECKSUM) !== 0;
  }

  /** Stores a byte of the header. */
  protected *put(index: number, value: number): Resume<void> {
    this.image.set(index, value);
    yield* this.context.memory.store8(this.addressOf(index), value);
  }
}

/** Conducts a driver has to bear. */
export const ODD_CONDUCTS: readonly ConductRow<ServerPatch>[] = [
  {
    id: 'odd-unknown-flags',
    title: 'receive headers carry flags that no driver of today knows',
    patch: {
      Passage: class extends OddPassage {
        protected get oddity(): number {
          return ODDITY_UNKNOWN_FLAGS;
        }

        protected *spoil(): Resume<boolean> {
          const flags = yield* this.context.memory.load8(this.addressOf(NET_FLAGS));
          yield* this.put(NET_FLAGS, flags | UNKNOWN_FLAGS);
          return true;
        }
      },
    },
  },
  {
    id: 'odd-checksum-fields',
    title: 'receive headers have checksum fields filled although no checksum is open',
    patch: {
      Passage: class extends OddPassage {
        protected get oddity(): number {
          return ODDITY_CHECKSUM_FIELDS;
        }

        protected *spoil(): Resume<boolean> {
          if (yield* this.needsChecksum()) return false;
          yield* this.put(NET_CHECKSUM_START, 14);
          yield* this.put(NET_CHECKSUM_OFFSET, 2);
          return true;
        }
      },
    },
  },
  {
    id: 'odd-header-length',
    title: 'receive headers have a wrong hdr_len',
    patch: {
      Passage: class extends OddPassage {
        protected get oddity(): number {
          return ODDITY_HEADER_LENGTH;
        }

        protected *spoil(): Resume<boolean> {
          yield* this.put(NET_HEADER_LENGTH, GARBAGE & 0xff);
          yield* this.put(NET_HEADER_LENGTH + 1, GARBAGE >>> 8);
          return true;
        }
      },
    },
  },
  {
    id: 'odd-tail',
    title: 'receive buffers are written to behind what the used element reports',
    patch: {
      Pipe: class extends Pipe {
        private count = 0;

        protected override *finishFrame(): Resume<void> {
          const { memory, log } = this.context;
          const room = Math.min(TAIL_BYTES, this.receive.left);
          if (++this.count % PERIOD === 0 && room > 0) {
            for (let index = 0; index < room; index++) yield* memory.store8(this.receive.position + index, GARBAGE & 0xff);
            log.record(ODDITY_SHOWN, this.receiver.port, ODDITY_TAIL, 0, 0, 0, 0);
          }
          yield* super.finishFrame();
        }
      },
    },
  },
  {
    id: 'odd-features',
    title: 'the device offers features that no driver of today knows',
    patch: {
      Port: class extends Port {
        override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
          this.offered[0]! |= UNKNOWN_FEATURES;
          yield* super.connect(capacity, mac);
          this.context.log.record(ODDITY_SHOWN, this.port, ODDITY_FEATURES, 0, 0, 0, 0);
        }
      },
    },
  },
];
