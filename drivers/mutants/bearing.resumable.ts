// Mutants of drivers: what a driver should have ignored and does not. An odd device (model/p2p/odd-device) shows them.
import { NET_CHECKSUM_OFFSET, NET_CHECKSUM_START, NET_FLAGS, NET_HEADER_LENGTH } from '../../model/net/header.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { DeviceControl } from '../device-control.resumable.js';
import { DeviceUnusable } from '../device-unusable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { ReceivePath } from '../receive-path.resumable.js';

/** Flags of a receive header that have a meaning. */
const KNOWN_FLAGS = 0x0f;
const SPARE_BYTES = 8;

/** Mutants that mind what is none of their business. */
export const BEARING_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-drops-unknown-flags',
    title: 'frames whose header has an unknown flag are dropped',
    source: 'NET-DRV-5.1.9.4.2-1',
    kills: ['odd-device'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          const isHeader = yield* super.readHeader(buffer, lengthBytes);
          if (((yield* this.guest.memory.load8(buffer + NET_FLAGS)) & ~KNOWN_FLAGS) === 0) return isHeader;
          this.missing = 0;
          return false;
        }
      },
    },
  },
  {
    id: 'drv-uses-stale-checksum',
    title: 'the checksum fields of a header are used without NEEDS_CSUM',
    source: 'NET-DRV-5.1.9.4.2-4',
    kills: ['odd-device'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          const isHeader = yield* super.readHeader(buffer, lengthBytes);
          if (!isHeader || !this.takesChecksum) return isHeader;
          const startBytes = yield* this.guest.memory.load16(buffer + NET_CHECKSUM_START);
          const offsetBytes = yield* this.guest.memory.load16(buffer + NET_CHECKSUM_OFFSET);
          if (startBytes !== 0) this.checksum = { startBytes, offsetBytes };
          return true;
        }
      },
    },
  },
  {
    id: 'drv-trusts-header-length',
    title: 'frames shorter than hdr_len are dropped',
    source: 'NET-DRV-5.1.9.4.2-6',
    kills: ['odd-device'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *readHeader(buffer: number, lengthBytes: number): Resume<boolean> {
          const isHeader = yield* super.readHeader(buffer, lengthBytes);
          if ((yield* this.guest.memory.load16(buffer + NET_HEADER_LENGTH)) <= lengthBytes) return isHeader;
          this.missing = 0;
          return false;
        }
      },
    },
  },
  {
    id: 'drv-minds-tail',
    title: 'frames with something behind their last byte are dropped as overlong',
    source: 'SPLIT-DRV-2.7.8.3-2',
    kills: ['odd-device'],
    patch: {
      Receive: class extends ReceivePath {
        protected override *arrived(buffer: number, lengthBytes: number): Resume<boolean> {
          const { memory } = this.guest;
          const tail = buffer + lengthBytes;
          const isDirty = lengthBytes + SPARE_BYTES <= this.bufferBytes && (yield* memory.load8(tail)) === 0x3f;
          if (!isDirty || this.missing > 0) return yield* super.arrived(buffer, lengthBytes);
          yield* memory.store8(tail, 0);
          this.pool.push(buffer);
          return false;
        }
      },
    },
  },
  {
    id: 'drv-refuses-unknown-features',
    title: 'a device that offers an unknown feature is refused',
    source: 'FEAT-DRV-2.2.1-10',
    kills: ['odd-device', 'driver-accepts'],
    patch: {
      Control: class extends DeviceControl {
        override *negotiate(wanted: readonly number[]): Resume<void> {
          for (const feature of [25, 26]) if (yield* this.isOffered(feature)) throw new DeviceUnusable(`unknown feature ${feature}`);
          yield* super.negotiate(wanted);
        }
      },
    },
  },
];
