// Odd but correct drivers: what they do with the device config. No rule may ever accuse one.
import { NET_CONFIG_MAC, NET_FEATURE_STATUS } from '../../model/net/config.js';
import { NET_FEATURE_MAC } from '../../model/net/header.js';
import { CONFIG_OFFSET } from '../../model/transport/layout.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { PatchedDriver } from '../driver-patch.resumable.js';
import { GENERIC_PARTS, GenericControl, GenericDriver } from '../generic.resumable.js';

/** Odd about the device config. */
export const ODD_CONFIGS: readonly PatchedDriver[] = [
  {
    id: 'odd-config-always',
    title: 'reads the device config at every poll, byte by byte, and tells its stack each time',
    patch: {
      Control: class extends GenericControl {
        override *hasNews(): Resume<boolean> {
          yield* super.hasNews();
          return true;
        }

        protected override *readFields(): Resume<void> {
          yield* super.readFields();
          if (!this.has(NET_FEATURE_MAC)) return;
          const bytes: string[] = [];
          for (let at = 0; at < 6; at++) {
            const byte = yield* this.memory.load8(this.page + CONFIG_OFFSET.deviceConfig + NET_CONFIG_MAC + at);
            bytes.push(byte.toString(16).padStart(2, '0'));
          }
          this.mac = bytes.join(':');
        }
      },
    },
  },
  {
    id: 'odd-config-untold',
    title: 'reads the link status only, without the generation, and tells its stack of the link alone',
    patch: {
      Control: class extends GenericControl {
        override *hasNews(): Resume<boolean> {
          yield* super.hasNews();
          return true;
        }

        override *readConfiguration(): Resume<void> {
          const config = this.page + CONFIG_OFFSET.deviceConfig;
          this.isLinkUp = !this.has(NET_FEATURE_STATUS) || (yield* this.readStatus(config)) !== 0;
        }
      },
      Driver: class extends GenericDriver {
        protected override *report(control: GenericControl): Resume<void> {
          yield* control.readConfiguration();
          this.guest.linkChanged(control.isLinkUp);
        }
      },
    },
  },
].map(({ id, title, patch }) => ({ id, title, device: 'generic', patch: { Driver: GenericDriver, ...GENERIC_PARTS, ...patch } }) as const);
