// Mutants of drivers: status, features, recovery. Each is one change to the control of a reference driver.
import { NET_FEATURE_MERGEABLE_BUFFERS } from '../../model/net/header.js';
import {
  CONFIG_OFFSET,
  FEATURE_EVENT_INDEX,
  FEATURE_INDIRECT_DESCRIPTORS,
  STATUS_ACKNOWLEDGE,
  STATUS_DRIVER,
  STATUS_DRIVER_OK,
  STATUS_FAILED,
  STATUS_FEATURES_OK,
} from '../../model/transport/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { DeviceControl } from '../device-control.resumable.js';
import { DeviceUnusable } from '../device-unusable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';

/** Mutants of status and features. */
export const NEGOTIATION_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-other-revision',
    title: 'the driver asks for the config page as the older revision of the transport does',
    source: 'l4virtio-transport sheet §14',
    kills: ['revision'],
    patch: {
      Control: class extends DeviceControl {
        override *connect(hasInterrupt: boolean): Resume<void> {
          yield* this.guest.transport.registerInterface();
          yield* super.connect(hasInterrupt);
        }
      },
    },
  },
  {
    id: 'drv-status-overwritten',
    title: 'the status is written as a constant instead of being added to',
    source: 'mistake 8',
    kills: ['status-steps'],
    patch: {
      Control: class extends DeviceControl {
        protected override *raiseStatus(bit: number): Resume<number> {
          yield* this.setStatus(bit);
          return yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
        }
      },
    },
  },
  {
    id: 'drv-no-reset',
    title: 'the driver begins without a reset',
    source: 'INIT-DRV-3.1.1-1',
    kills: ['status-steps'],
    patch: {
      Control: class extends DeviceControl {
        override *reset(): Resume<void> {}
      },
    },
  },
  {
    id: 'drv-reset-value',
    title: 'the driver resets with 0x100, whose low bits alone are 0',
    source: 'L4V-STATUS-RESET, Q30',
    kills: ['status-steps'],
    patch: {
      Control: class extends DeviceControl {
        override *reset(): Resume<void> {
          yield* super.setStatus(0x100);
          yield* super.reset();
        }
      },
    },
  },
  {
    id: 'drv-no-acknowledge',
    title: 'DRIVER is set without ACKNOWLEDGE',
    source: 'mistake 8, known bug 79',
    kills: ['status-steps'],
    patch: {
      Control: class extends DeviceControl {
        protected override *raiseStatus(bit: number): Resume<number> {
          return bit === STATUS_ACKNOWLEDGE ? 0 : yield* super.raiseStatus(bit);
        }
      },
    },
  },
  {
    id: 'drv-no-features-ok',
    title: 'the driver sets DRIVER_OK without FEATURES_OK',
    source: 'mistake 7, known bug 79',
    kills: ['negotiation-steps', 'status-steps'],
    patch: {
      Control: class extends DeviceControl {
        protected override *raiseStatus(bit: number): Resume<number> {
          return bit === STATUS_FEATURES_OK ? bit : yield* super.raiseStatus(bit);
        }
      },
    },
  },
  {
    id: 'drv-verdict-not-read',
    title: 'FEATURES_OK is not read back',
    source: 'mistake 7',
    kills: ['negotiation-steps'],
    patch: {
      Control: class extends DeviceControl {
        private isBlind = false;

        protected override *raiseStatus(bit: number): Resume<number> {
          if (bit === STATUS_DRIVER_OK) this.isBlind = false;
          if (bit !== STATUS_FEATURES_OK) return this.isBlind ? bit : yield* super.raiseStatus(bit);
          const before = yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
          yield* this.setStatus(before | bit);
          return before | bit;
        }

        override *run(): Resume<void> {
          yield* this.setStatus(STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
        }
      },
    },
  },
  {
    id: 'drv-accepts-everything',
    title: 'the driver accepts bits that are not offered',
    source: 'mistake 9',
    kills: ['accepted-features'],
    patch: {
      Control: class extends DeviceControl {
        protected override *acceptWord(word: number, offered: number, mask: number): Resume<void> {
          yield* super.acceptWord(word, word === 0 ? 0xffffffff : offered, word === 0 ? 0xffffffff : mask);
        }
      },
    },
  },
  {
    id: 'drv-accepts-one-too-many',
    title: 'the driver accepts EVENT_IDX though it is not offered',
    source: 'mistake 9',
    kills: ['accepted-features'],
    patch: {
      Control: class extends DeviceControl {
        protected override *acceptWord(word: number, offered: number, mask: number): Resume<void> {
          const more = word === 0 ? (1 << FEATURE_EVENT_INDEX) >>> 0 : 0;
          yield* super.acceptWord(word, offered | more, mask | more);
        }
      },
    },
  },
  {
    id: 'drv-goes-on-when-refused',
    title: 'the driver goes on with features the device has refused',
    source: 'mistake 7',
    kills: ['negotiation-steps', 'accepted-features', 'queue-setup'],
    patch: {
      Control: class extends DeviceControl {
        protected override *acceptWord(word: number, offered: number, mask: number): Resume<void> {
          const more = word === 0 ? 1 << 30 : 0;
          yield* super.acceptWord(word, offered | more, mask | more);
        }

        override *giveUp(_sentence: string): Resume<never> {
          return undefined as never;
        }
      },
    },
  },
  {
    id: 'drv-no-version-1',
    title: 'VERSION_1 is not accepted',
    source: 'known bug 75',
    kills: ['accepted-features'],
    patch: {
      Control: class extends DeviceControl {
        protected override *acceptWord(word: number, offered: number, mask: number): Resume<void> {
          yield* super.acceptWord(word, offered, word === 1 ? 0 : mask);
        }
      },
    },
  },
  {
    id: 'drv-features-late',
    title: 'a feature is accepted after FEATURES_OK',
    source: 'known bug 83, FEAT-DRV-2.2.1-9',
    kills: ['negotiation-steps'],
    patch: {
      Control: class extends DeviceControl {
        override *negotiate(wanted: readonly number[]): Resume<void> {
          yield* super.negotiate(wanted.filter((feature) => feature !== NET_FEATURE_MERGEABLE_BUFFERS));
          const merging = 1 << NET_FEATURE_MERGEABLE_BUFFERS;
          yield* this.memory.store32(this.page + this.layout.driverFeaturesMap, this.accepted[0]! | merging);
        }
      },
    },
  },
  {
    id: 'drv-offer-not-read',
    title: 'the driver accepts what it wants without having read the offer',
    source: 'INIT-DRV-3.1.1-4, known bug 83',
    kills: ['negotiation-steps', 'accepted-features'],
    patch: {
      Control: class extends DeviceControl {
        protected override *isOffered(_feature: number): Resume<boolean> {
          return true;
        }

        protected override *offeredWord(word: number): Resume<number> {
          return word < 2 ? 0xffffffff : 0;
        }
      },
    },
  },
  {
    id: 'drv-demands-merging',
    title: 'the driver refuses devices without mergeable buffers',
    source: 'FEAT-DRV-2.2.1-8, mistake 36',
    kills: ['driver-accepts'],
    patch: {
      Control: class extends DeviceControl {
        override *negotiate(wanted: readonly number[]): Resume<void> {
          yield* super.negotiate(wanted);
          if (!this.has(NET_FEATURE_MERGEABLE_BUFFERS)) yield* this.giveUp('the device does not merge buffers');
        }
      },
    },
  },
  {
    id: 'drv-demands-indirect',
    title: 'the driver refuses devices without indirect descriptors',
    source: 'FEAT-DRV-2.2.1-8',
    kills: ['driver-accepts'],
    patch: {
      Control: class extends DeviceControl {
        override *negotiate(wanted: readonly number[]): Resume<void> {
          yield* super.negotiate(wanted);
          if (!this.has(FEATURE_INDIRECT_DESCRIPTORS)) yield* this.giveUp('the device does not take tables');
        }
      },
    },
  },
  {
    id: 'drv-goes-on-after-failed',
    title: 'after FAILED the next attempt does without a reset',
    source: 'STATUS-DRV-2.1.1-3',
    kills: ['status-steps'],
    patch: {
      Control: class extends DeviceControl {
        override *reset(): Resume<void> {
          const status = yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
          if ((status & STATUS_FAILED) === 0) yield* super.reset();
        }

        protected override *raiseStatus(bit: number): Resume<number> {
          yield* this.setStatus((yield* this.memory.load32(this.page + CONFIG_OFFSET.status)) | bit);
          return yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
        }
      },
    },
  },
  {
    id: 'drv-ends-without-failed',
    title: 'the driver ends its initialization without setting FAILED',
    source: 'INIT-DRV-3.1.1-12, FEAT-DRV-2.2.1-9',
    kills: ['negotiation-steps'],
    patch: {
      Control: class extends DeviceControl {
        override *giveUp(sentence: string): Resume<never> {
          this.hasGivenUp = true;
          throw new DeviceUnusable(sentence);
        }
      },
    },
  },
  {
    id: 'drv-gives-up-silently',
    title: 'a driver that cannot go on does not set FAILED',
    source: 'mistake 7, INIT-DRV-3.1.1-13',
    kills: ['negotiation-steps'],
    patch: {
      Control: class extends DeviceControl {
        protected override *acceptWord(word: number, offered: number, mask: number): Resume<void> {
          const more = word === 0 ? 1 << 30 : 0;
          yield* super.acceptWord(word, offered | more, mask | more);
        }

        override *giveUp(sentence: string): Resume<never> {
          yield* this.memory.load32(this.page + CONFIG_OFFSET.status);
          this.hasGivenUp = true;
          throw new DeviceUnusable(sentence);
        }
      },
    },
  },
];
