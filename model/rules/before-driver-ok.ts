// What a device must not do before the driver is ready, and after a reset.
//
// virtio 2.1.2, 2.4.1; l4re-p2p sheet §10, invariant 8 (second half) and 6 (reset queues).
import { DEVICE_STATUS, INTERRUPT_RAISED, STATUS_WRITE, TAKEN, USED_PUBLISHED } from '../events.js';
import { STATUS_DRIVER_OK } from '../transport/layout.js';
import { isQueueInterrupt } from './link-state.js';
import { A, AT_ONCE, B, type RuleDefinition } from './rule.js';

const CONSUMES_LATER = 0;
const INTERRUPTS_LATER = 1;
const SILENT_AFTER_RESET = 2;
const IDLE_AFTER_RESET = 3;
const INTERRUPT_SOUND = 4;
const STATUS_ZERO = 5;
const STATUS_STARTS_ZERO = 6;

/** Before DRIVER_OK the device neither uses queues nor interrupts for them; a reset silences it. */
export const beforeDriverOk: RuleDefinition = {
  ...AT_ONCE,
  id: 'before-driver-ok',
  title: 'Before DRIVER_OK and after a reset the device leaves queues alone and sends no queue interrupts; a reset makes the status 0.',
  clauses: ['STATUS-DEV-2.1.2-1', 'STATUS-DEV-2.1.2-2', 'RESET-DEV-2.4.1-2', 'RESET-DEV-2.4.1-3', 'P2P-INV-8', 'RESET-DEV-2.4.1-1', 'STATUS-DEV-2.1-1'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By port: 1 while a reset was asked for and the status is not yet 0. */
    let isResetting = new Uint8Array(0);

    const used = (portAndQueue: number): void => {
      const port = portAndQueue & 0xff;
      const { status, resetCount } = state.portOf(port);
      if ((status & STATUS_DRIVER_OK) !== 0) {
        context.held(CONSUMES_LATER, port);
        if (resetCount > 0) context.held(IDLE_AFTER_RESET, port);
        return;
      }
      const report = {
        message: `The device used queue ${portAndQueue >>> 8} while the driver was not ready.`,
        expected: 'no use of any queue without DRIVER_OK',
        seen: `status 0x${status.toString(16)}`,
        evidence: { queue: portAndQueue >>> 8, status },
      };
      context.violated(CONSUMES_LATER, port, 'device', report);
      if (status === 0 && resetCount > 0) context.violated(IDLE_AFTER_RESET, port, 'device', report);
    };

    const interrupted = (port: number, bits: number): void => {
      const { status, resetCount } = state.portOf(port);
      const report = {
        message: 'The device interrupted a driver that was not ready.',
        expected: 'no interrupt for used buffers without DRIVER_OK, none at all after a reset',
        seen: `an interrupt with bits ${bits} at status 0x${status.toString(16)}`,
        evidence: { bits, status },
      };
      if (status === 0 && resetCount > 0) context.violated(SILENT_AFTER_RESET, port, 'device', report);
      else if (resetCount > 0) context.held(SILENT_AFTER_RESET, port);
      if (!isQueueInterrupt(bits)) return;
      if ((status & STATUS_DRIVER_OK) !== 0) {
        context.held(INTERRUPTS_LATER, port);
        return context.held(INTERRUPT_SOUND, port);
      }
      context.violated(INTERRUPTS_LATER, port, 'device', report);
      context.violated(INTERRUPT_SOUND, port, 'device', report);
    };

    const showed = (port: number, status: number): void => {
      if (isResetting[port] === 0) return;
      isResetting[port] = 0;
      if (status === 0) {
        context.held(STATUS_ZERO, port);
        return context.held(STATUS_STARTS_ZERO, port);
      }
      const report = {
        message: 'The device did not show status 0 after a reset.',
        expected: 'status 0',
        seen: `status 0x${status.toString(16)}`,
        evidence: { status },
      };
      context.violated(STATUS_ZERO, port, 'device', report);
      context.violated(STATUS_STARTS_ZERO, port, 'device', report);
    };

    return {
      on: [
        [TAKEN, (words, at) => used(words[at + A]!)],
        [USED_PUBLISHED, (words, at) => used(words[at + A]!)],
        [INTERRUPT_RAISED, (words, at) => interrupted(words[at + A]!, words[at + B]!)],
        [
          STATUS_WRITE,
          (words, at) => {
            if (words[at + B] === 0) isResetting[words[at + A]!] = 1;
          },
        ],
        [DEVICE_STATUS, (words, at) => showed(words[at + A]!, words[at + B]!)],
      ],
      reset: () => {
        if (isResetting.length < state.portCount) isResetting = new Uint8Array(state.portCount);
        isResetting.fill(0);
      },
    };
  },
};
