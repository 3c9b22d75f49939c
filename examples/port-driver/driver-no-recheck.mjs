// Planted fault: this driver does not look again after it enabled interrupts.
import { withFaults } from './driver.mjs';

export const createDriver = withFaults({ noRecheck: true });
