// Planted fault: this driver stores avail.idx before the ring slot.
import { withFaults } from './driver.mjs';

export const createDriver = withFaults({ indexBeforeSlot: true });
