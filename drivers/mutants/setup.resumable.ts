// Mutants of drivers: queues, memory and the config page. Each is one change to the control of a reference driver.
import {
  COMMAND_SET_STATUS,
  CONFIG_OFFSET,
  QUEUE_ENTRY,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FEATURES_OK,
} from '../../model/transport/layout.js';
import { RECEIVE_QUEUE } from '../../model/virtqueue/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { DeviceControl, type QueueAddresses } from '../device-control.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';

/** Mutants of queue and memory set-up. */
export const SETUP_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-queue-size-fixed',
    title: 'queues have 256 entries whatever the device allows',
    source: 'mistake 26',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *queueSizeLimit(_queue: number): Resume<number> {
          return 256;
        }
      },
    },
  },
  {
    id: 'drv-queue-size-odd',
    title: 'the size of a queue is no power of two',
    source: 'mistake 26',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, place.size > 2 ? { ...place, size: place.size - 1 } : place);
        }
      },
    },
  },
  {
    id: 'drv-descriptors-misaligned',
    title: 'the descriptor table is not aligned to 16 bytes',
    source: 'mistake 27',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, { ...place, descriptors: place.descriptors + 8 });
        }
      },
    },
  },
  {
    id: 'drv-avail-misaligned',
    title: 'the avail ring is not aligned to 2 bytes',
    source: 'mistake 27',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, { ...place, avail: place.avail + 1 });
        }
      },
    },
  },
  {
    id: 'drv-used-misaligned',
    title: 'the used ring is not aligned to 4 bytes',
    source: 'mistake 27, known bug 85',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, { ...place, used: place.used + 2 });
        }
      },
    },
  },
  {
    id: 'drv-used-address',
    title: 'the used ring is told 64 bytes behind its place',
    source: 'known bug 85',
    kills: ['used-index-owner', 'frames-at-rest', 'interrupt-check', 'queue-layout', 'ring-start', 'link-at-rest'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, { ...place, used: place.used + 64 });
        }
      },
    },
  },
  {
    id: 'drv-queue-local-address',
    title: 'queues are told by local addresses',
    source: 'mistake 33',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          const { address, deviceAddress } = this.memory.regions[0]!;
          const offset = deviceAddress - address;
          const [descriptors, avail, used] = [place.descriptors - offset, place.avail - offset, place.used - offset];
          yield* super.configureQueue(queue, { ...place, descriptors, avail, used });
        }
      },
    },
  },
  {
    id: 'drv-memory-not-registered',
    title: 'memory is not registered',
    source: 'L4V-MEMORY-FIRST, mistake 27',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *registerMemory(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-memory-read-only',
    title: 'memory is registered without the right to write',
    source: 'L4V-MEMORY-RIGHTS',
    kills: ['queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *registerMemory(): Resume<void> {
          for (const { index, deviceAddress, sizeBytes } of this.memory.regions) {
            yield* this.guest.transport.registerDataspace(index, deviceAddress, 0, sizeBytes, 1);
          }
        }
      },
    },
  },
  {
    id: 'drv-memory-in-part',
    title: 'only the first pages of memory are registered',
    source: 'mistake 33',
    kills: ['chain-memory', 'queue-layout'],
    patch: {
      Control: class extends DeviceControl {
        override *registerMemory(): Resume<void> {
          for (const { index, deviceAddress } of this.memory.regions) {
            yield* this.guest.transport.registerDataspace(index, deviceAddress, 0, 0x4000);
          }
        }
      },
    },
  },
  {
    id: 'drv-too-many-regions',
    title: 'memory is registered page by page',
    source: 'L4V-REGIONS',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        override *registerMemory(): Resume<void> {
          for (const { index, deviceAddress, sizeBytes } of this.memory.regions) {
            for (let offset = 0; offset < sizeBytes; offset += 0x1000) {
              yield* this.guest.transport.registerDataspace(index, deviceAddress + offset, offset, 0x1000);
            }
          }
        }
      },
    },
  },
  {
    id: 'drv-queues-before-features',
    title: 'queues are set up before FEATURES_OK',
    source: 'R4, INIT-DRV-3.1.1-10',
    kills: ['queue-setup'],
    patch: {
      Control: class extends DeviceControl {
        private isLate = false;

        protected override *raiseStatus(bit: number): Resume<number> {
          this.isLate = bit === STATUS_FEATURES_OK;
          return this.isLate ? bit : yield* super.raiseStatus(bit);
        }

        override *run(): Resume<void> {
          yield* super.raiseStatus(STATUS_FEATURES_OK);
          yield* super.run();
        }
      },
    },
  },
  {
    id: 'drv-queues-after-ready',
    title: 'queues are set up after DRIVER_OK',
    source: 'INIT-DRV-3.1.1-11',
    kills: ['queue-setup'],
    patch: {
      Control: class extends DeviceControl {
        private readonly later: (readonly [number, QueueAddresses])[] = [];

        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          this.later.push([queue, place]);
        }

        override *run(): Resume<void> {
          yield* this.setStatus(STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
          for (const [queue, place] of this.later.splice(0)) yield* super.configureQueue(queue, place);
        }
      },
    },
  },
  {
    id: 'drv-one-queue-only',
    title: 'the transmit queue is not set up',
    source: 'VQ-DRV-2.6-2, mistake 6',
    kills: ['queue-setup', 'status-steps', 'driver-accepts'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          if (queue === RECEIVE_QUEUE) yield* super.configureQueue(queue, place);
        }
      },
    },
  },
  {
    id: 'drv-edits-ready-entry',
    title: 'an entry of the page is written while its queue is ready',
    source: 'L4V-QUEUE-FIELDS, known bug 93',
    kills: ['queue-setup'],
    patch: {
      Control: class extends DeviceControl {
        override *configureQueue(queue: number, place: QueueAddresses): Resume<void> {
          yield* super.configureQueue(queue, place);
          yield* this.memory.store64(this.entry(queue) + QUEUE_ENTRY.used, place.used);
        }
      },
    },
  },
  {
    id: 'drv-writes-status-field',
    title: 'the status is written to the page, not asked for',
    source: 'L4V-PAGE-OWNER',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        protected override *setStatus(status: number): Resume<void> {
          yield* this.memory.store32(this.page + CONFIG_OFFSET.status, status);
          yield* super.setStatus(status);
        }
      },
    },
  },
  {
    id: 'drv-writes-mac',
    title: 'the driver writes its MAC into the device config',
    source: 'mistake 37, NET-DRV-5.1.4.2-1',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        override *run(): Resume<void> {
          yield* this.memory.store32(this.page + CONFIG_OFFSET.deviceConfig, 0x02);
          yield* super.run();
        }
      },
    },
  },
  {
    id: 'drv-reads-absent-field',
    title: 'the MTU is read though the device has none',
    source: 'mistake 37',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        override *run(): Resume<void> {
          yield* this.memory.load16(this.page + CONFIG_OFFSET.deviceConfig + 10);
          yield* super.run();
        }
      },
    },
  },
  {
    id: 'drv-command-not-awaited',
    title: 'a command is written before the one before it was taken',
    source: 'L4V-CMD-WORD',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        protected override *command(word: number): Resume<void> {
          yield* this.memory.store32(this.page + CONFIG_OFFSET.command, COMMAND_SET_STATUS);
          yield* super.command(word);
        }
      },
    },
  },
  {
    id: 'drv-command-not-offered',
    title: 'commands are used though the device does not offer them',
    source: 'L4V-CMD-OFFERED',
    kills: ['page-writes'],
    patch: {
      Control: class extends DeviceControl {
        override *connect(hasInterrupt: boolean): Resume<void> {
          yield* super.connect(hasInterrupt);
          this.usesCommands = true;
        }
      },
    },
  },
  {
    id: 'drv-early-kick',
    title: 'the device is notified before DRIVER_OK',
    source: 'mistake 6, known bug 81',
    kills: ['no-early-kick'],
    patch: {
      Control: class extends DeviceControl {
        override *run(): Resume<void> {
          yield* this.guest.notify();
          yield* super.run();
        }
      },
    },
  },
  {
    id: 'drv-no-driver-ok',
    title: 'the driver never sets DRIVER_OK',
    source: 'mistake 6, known bug 81',
    kills: ['no-early-kick'],
    patch: {
      Control: class extends DeviceControl {
        override *run(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-interrupt-not-bound',
    title: 'the driver binds no interrupt and waits for it',
    source: 'mistake 39',
    kills: ['frames-at-rest', 'interrupt-check'],
    patch: {
      Control: class extends DeviceControl {
        override *connect(_hasInterrupt: boolean): Resume<void> {
          yield* super.connect(false);
        }
      },
    },
  },
];
