// Planted fault: this driver samples used.flags before it publishes avail.idx.
import { withFaults } from './driver.mjs';

export const createDriver = withFaults({ earlyFlags: true });
