// The classes the reference drivers are put together from.
//
// A mutant (drivers/mutants) is a reference driver with some of them replaced by subclasses; so nothing in the reference
// drivers knows of mutants.
import { DriverQueue } from '../model/virtqueue/driver-queue.resumable.js';
import { DeviceControl } from './device-control.resumable.js';
import { ReceivePath } from './receive-path.resumable.js';
import { Ring, type RingParts } from './ring.resumable.js';
import { TransmitPath } from './transmit-path.resumable.js';

/** Parts of a driver; the minimal one has no paths. */
export interface DriverParts extends RingParts {
  readonly Control: typeof DeviceControl;
  readonly Receive: typeof ReceivePath;
  readonly Transmit: typeof TransmitPath;
}

/** The parts as they are meant. */
export const REFERENCE_PARTS: DriverParts = {
  Control: DeviceControl,
  Receive: ReceivePath,
  Transmit: TransmitPath,
  Ring,
  Queue: DriverQueue,
};
