// Mutants of the generic device: changes of the device config. Each is one change to a part of the device.
import type { Resume } from '../../sim/flow.resumable.js';
import type { ServerFault } from '../p2p/server-parts.resumable.js';
import { GenericPort } from './port.resumable.js';

/** Mutants of changes of the config. */
export const CONFIG_FAULTS: readonly ServerFault[] = [
  {
    id: 'dev-config-no-generation',
    title: 'the device changes its config and leaves the generation as it was',
    source: 'CFG-DEV-2.5-2',
    kills: ['config-announced'],
    patch: {
      Port: class extends GenericPort {
        protected override *showConfiguration(): Resume<void> {
          yield* super.showConfiguration(0);
        }
      },
    },
  },
  {
    id: 'dev-config-silent',
    title: 'the device changes its config and sends no interrupt',
    source: 'OPER-DEV-3.2.1-1',
    kills: ['config-announced'],
    patch: {
      Port: class extends GenericPort {
        protected override *announceConfiguration(): Resume<void> {}
      },
    },
  },
];
