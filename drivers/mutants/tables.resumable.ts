// Mutants of drivers: indirect tables and addresses. Each is one change to a part of the full driver.
import { NET_HEADER_BYTES } from '../../model/net/header.js';
import { DriverQueue, type Segment } from '../../model/virtqueue/driver-queue.resumable.js';
import { DESCRIPTOR_BYTES, DESCRIPTOR_FLAGS, FLAG_INDIRECT, FLAG_NEXT } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { Frame } from '../contract.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { TransmitPath } from '../transmit-path.resumable.js';

/** Mutants of tables and addresses. */
export const TABLE_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-tables-unasked',
    title: 'indirect tables are used though INDIRECT_DESC was not negotiated',
    source: 'mistake 31',
    kills: ['chain-indirect'],
    patch: {
      Transmit: class extends TransmitPath {
        override begin(_isIndirect: boolean): void {
          super.begin(true);
        }
      },
    },
  },
  {
    id: 'drv-table-with-next',
    title: 'a descriptor has INDIRECT and NEXT',
    source: 'mistake 31',
    kills: ['chain-indirect'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, segment, (flags & FLAG_INDIRECT) !== 0 ? flags | FLAG_NEXT : flags, next);
        }
      },
    },
  },
  {
    id: 'drv-table-in-table',
    title: 'an indirect table holds an indirect descriptor',
    source: 'mistake 31',
    kills: ['chain-indirect'],
    patch: {
      Queue: class extends DriverQueue {
        override *addIndirect(segments: readonly Segment[], table: number, tableDeviceAddress: number): Resume<number> {
          const head = yield* super.addIndirect(segments, table, tableDeviceAddress);
          yield* this.memory.store16(table + DESCRIPTOR_FLAGS, FLAG_INDIRECT | FLAG_NEXT);
          return head;
        }
      },
    },
  },
  {
    id: 'drv-table-length',
    title: 'the length of an indirect table is its number of entries',
    source: 'mistake 31',
    kills: ['chain-indirect'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          const isTable = (flags & FLAG_INDIRECT) !== 0;
          yield* super.writeDescriptor(
            address,
            isTable ? { ...segment, lengthBytes: segment.lengthBytes / DESCRIPTOR_BYTES } : segment,
            flags,
            next,
          );
        }
      },
    },
  },
  {
    id: 'drv-byte-order',
    title: 'lengths are written in big-endian order',
    source: 'mistake 38',
    kills: ['chain-memory', 'receive-buffers'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          const { lengthBytes } = segment;
          const swapped = ((lengthBytes & 0xff) << 24) | ((lengthBytes & 0xff00) << 8);
          yield* super.writeDescriptor(address, { ...segment, lengthBytes: swapped >>> 0 }, flags, next);
        }
      },
    },
  },
  {
    id: 'drv-local-addresses',
    title: 'descriptors hold local addresses',
    source: 'mistake 33',
    kills: ['chain-memory'],
    patch: {
      Transmit: class extends TransmitPath {
        protected override *addChain(slot: number, frame: Frame): Resume<number> {
          const segments: readonly Segment[] = [
            { deviceAddress: slot, lengthBytes: NET_HEADER_BYTES, isWritable: false },
            { deviceAddress: frame.address, lengthBytes: frame.lengthBytes, isWritable: false },
          ];
          return yield* this.ring.queue.add(segments);
        }
      },
    },
  },
  {
    id: 'drv-address-high-word',
    title: 'addresses are cut to 32 bits',
    source: 'mistake 33, known bug 113',
    kills: ['chain-memory', 'queue-layout'],
    patch: {
      Queue: class extends DriverQueue {
        protected override *writeDescriptor(address: number, segment: Segment, flags: number, next: number): Resume<void> {
          yield* super.writeDescriptor(address, { ...segment, deviceAddress: segment.deviceAddress % 4294967296 }, flags, next);
        }
      },
    },
  },
  {
    id: 'drv-one-piece-per-kilobyte',
    title: 'frames are cut into more descriptors than anybody needs',
    source: 'SPLIT-DRV-2.7.4.2-2',
    kills: ['chain-length'],
    patch: {
      Queue: class extends DriverQueue {
        override *add(segments: readonly Segment[]): Resume<number> {
          const last = segments.at(-1)!;
          const count = Math.min(this.free - segments.length, Math.max(0, last.lengthBytes - 1));
          if (last.isWritable || segments.length < 2 || count < 1) return yield* super.add(segments);
          const pieces: Segment[] = segments.slice(0, -1);
          for (let at = 0; at < count; at++) pieces.push({ ...last, deviceAddress: last.deviceAddress + at, lengthBytes: 1 });
          pieces.push({ ...last, deviceAddress: last.deviceAddress + count, lengthBytes: last.lengthBytes - count });
          return yield* super.add(pieces);
        }
      },
    },
  },
];
