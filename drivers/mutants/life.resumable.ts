// Mutants of drivers: what breaks the contract, from start to stop. Each is one change to the full driver.
import type { Resume } from '../../sim/flow.resumable.js';
import { DeviceControl } from '../device-control.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';

/** Mutants of the life of a driver. */
export const LIFE_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-throws-in-interrupt',
    title: 'an exception leaves the interrupt handler',
    source: 'CONTRACT-EXCEPTION',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          throw new Error('not now');
        }
      },
    },
  },
  {
    id: 'drv-hangs-in-start',
    title: 'start waits for a frame that never comes',
    source: 'CONTRACT-TERMINATES',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *start(): Resume<void> {
          yield* super.start();
          for (;;) yield* this.guest.relax();
        }
      },
    },
  },
  {
    id: 'drv-foreign-memory',
    title: 'the driver reads beyond its memory',
    source: 'CONTRACT-MEMORY',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *start(): Resume<void> {
          yield* super.start();
          const { address, sizeBytes } = this.guest.memory.regions[0]!;
          yield* this.guest.memory.load32(address + sizeBytes);
        }
      },
    },
  },
  {
    id: 'drv-unbalanced-enable',
    title: 'interrupts are enabled more often than disabled',
    source: 'CONTRACT-TURN',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *interrupt(): Resume<void> {
          this.guest.interrupts.enable();
          this.guest.interrupts.enable();
          yield* super.interrupt();
        }
      },
    },
  },
  {
    id: 'drv-frees-twice',
    title: 'stop frees the rings twice',
    source: 'CONTRACT-TURN, mistake 11',
    kills: ['driver-fate'],
    patch: {
      Driver: class extends FullDriver {
        override *stop(): Resume<void> {
          yield* super.stop();
          this.paths!.receiveRing.free();
        }
      },
    },
  },
  {
    id: 'drv-registers-again',
    title: 'the driver cannot start twice: memory that is registered already is an error',
    source: 'CONTRACT-ACCEPTS',
    kills: ['driver-accepts'],
    patch: {
      Control: class extends DeviceControl {
        override *registerMemory(): Resume<void> {
          for (const { index, deviceAddress, sizeBytes } of this.memory.regions) {
            const result = yield* this.guest.transport.registerDataspace(index, deviceAddress + 0x1000, 0x1000, sizeBytes - 0x1000);
            this.demand('register_ds', result);
          }
          yield* super.registerMemory();
        }
      },
    },
  },
];
