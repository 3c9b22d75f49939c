// Drivers that do nothing useful. None of them may ever be called conforming.
import type { Resume } from '../../sim/flow.resumable.js';
import type { Driver, Frame, Guest, TransmitResult } from '../contract.js';
import type { PatchedDriver } from '../driver-patch.resumable.js';
import { FullDriver } from '../full.resumable.js';
import { ReceivePath } from '../receive-path.resumable.js';
import type { ModuleStyle } from '../style.resumable.js';
import { TransmitPath } from '../transmit-path.resumable.js';

/** Drivers that prove nothing. */
export const VACUOUS_DRIVERS: readonly PatchedDriver[] = [
  {
    id: 'vacuous-idle',
    title: 'does nothing at all',
    patch: {
      Driver: class implements Driver<ModuleStyle> {
        constructor(_guest: Guest<ModuleStyle>) {}

        start(): void {}

        transmit(): TransmitResult {
          return 'full';
        }
      },
    },
  },
  {
    id: 'vacuous-always-full',
    title: 'comes up and accepts no frame',
    patch: {
      Driver: class extends FullDriver {
        override *transmit(_frame: Frame): Resume<TransmitResult> {
          return 'full';
        }
      },
    },
  },
  {
    id: 'vacuous-drops-everything',
    title: 'accepts every frame and sends none',
    patch: {
      Transmit: class extends TransmitPath {
        override *send(frame: Frame): Resume<boolean> {
          this.guest.transmitted(frame);
          return true;
        }
      },
    },
  },
  {
    id: 'vacuous-drops-every-second',
    title: 'sends every second frame it accepts',
    patch: {
      Transmit: class extends TransmitPath {
        private frames = 0;

        override *send(frame: Frame): Resume<boolean> {
          if (++this.frames % 2 === 1) return yield* super.send(frame);
          this.guest.transmitted(frame);
          return true;
        }
      },
    },
  },
  {
    id: 'vacuous-never-receives',
    title: 'never posts a receive buffer',
    patch: {
      Receive: class extends ReceivePath {
        override *refill(): Resume<boolean> {
          return false;
        }
      },
    },
  },
  {
    id: 'vacuous-never-delivers',
    title: 'takes received frames back and hands none up',
    patch: {
      Receive: class extends ReceivePath {
        protected override deliver(): boolean {
          this.dropPieces();
          return true;
        }
      },
    },
  },
];
