// Mutants of drivers: the device config when it changes. Each is one change to a part of the generic driver and needs the generic device.
import { NET_CONFIG_STATUS, NET_FEATURE_STATUS, NET_STATUS_LINK_UP } from '../../model/net/config.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { DriverMutant } from '../driver-patch.resumable.js';
import { GENERIC_PARTS, GenericControl, GenericDriver } from '../generic.resumable.js';

/** A mutant of the control side of the generic driver. */
function generic({ id, title, source, kills, patch }: Omit<DriverMutant, 'device'>): DriverMutant {
  return { id, title, source, kills, device: 'generic', patch: { Driver: GenericDriver, ...GENERIC_PARTS, ...patch } };
}

/** Mutants of the device config. */
export const CONFIG_MUTANTS: readonly DriverMutant[] = [
  {
    id: 'drv-config-no-generation',
    title: 'the config is read without a look at the generation',
    source: 'mistake 37, CFG-DRV-2.5.1-3',
    kills: ['config-read'],
    patch: {
      Control: class extends GenericControl {
        override *readConfiguration(): Resume<void> {
          yield* this.readFields();
        }
      },
    },
  },
  {
    id: 'drv-config-no-retry',
    title: 'the generation is read before and after the config, and what differs is used all the same',
    source: 'mistake 37, CFG-DRV-2.5.1-3',
    kills: ['config-read'],
    patch: {
      Control: class extends GenericControl {
        override *readConfiguration(): Resume<void> {
          yield* this.readGeneration();
          yield* this.readFields();
          this.generation = yield* this.readGeneration();
        }
      },
    },
  },
  {
    id: 'drv-config-once',
    title: 'the config is read at the start and never again',
    source: 'OPER-DRV-3.2.1-1',
    kills: ['config-reread'],
    patch: {
      Control: class extends GenericControl {
        override *hasNews(): Resume<boolean> {
          yield* super.hasNews();
          return false;
        }
      },
    },
  },
  {
    id: 'drv-config-wrong-way',
    title: 'the link bit of status is understood the wrong way round',
    source: 'NET-DRV-5.1.4.2-6',
    kills: ['config-read'],
    patch: {
      Control: class extends GenericControl {
        protected override *readStatus(config: number): Resume<number> {
          const bit = yield* super.readStatus(config);
          return bit === 0 ? 1 : 0;
        }
      },
    },
  },
  {
    id: 'drv-config-whole-status',
    title: 'the link is taken for up only if nothing but bit 0 of status is set',
    source: 'NET-DRV-5.1.4.2-6',
    kills: ['config-read'],
    patch: {
      Control: class extends GenericControl {
        protected override *readStatus(config: number): Resume<number> {
          return (yield* this.memory.load16(config + NET_CONFIG_STATUS)) === NET_STATUS_LINK_UP ? 1 : 0;
        }
      },
    },
  },
  {
    id: 'drv-config-down-without-status',
    title: 'a device that tells no link state is taken for one without a link',
    source: 'NET-DRV-5.1.4.2-5',
    kills: ['config-read'],
    patch: {
      Control: class extends GenericControl {
        protected override *readFields(): Resume<void> {
          yield* super.readFields();
          if (!this.has(NET_FEATURE_STATUS)) this.isLinkUp = false;
        }
      },
    },
  },
].map(generic);
