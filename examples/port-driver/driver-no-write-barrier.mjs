// Planted fault: this driver has no write barrier before avail.idx.
import { withFaults } from './driver.mjs';

export const createDriver = withFaults({ noWriteBarrier: true });
