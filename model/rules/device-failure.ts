// What a device must do when it gives up: say so in the status, and interrupt the driver.
//
// virtio 2.1.2 and 3.2.1. The occasion is usually a driver's mistake, so this rule counts even then. In the
// older revision the bit is FAILED.
import { CAUSE_DEVICE_ERROR, CHAIN_FAILED, DEVICE_RESET, DEVICE_STATUS, INTERRUPT_RAISED, TAKEN } from '../events.js';
import { INTERRUPT_CONFIG, STATUS_DRIVER_OK } from '../transport/layout.js';
import { DERIVED_FINISH } from './link-state.js';
import { A, AT_ONCE, B, C, type RuleDefinition } from './rule.js';

const SAYS_SO = 0;
const INTERRUPTS = 1;
const CONFIG_CHANGE = 2;

/** A device that gives up sets its failure bit and sends a configuration interrupt. */
export const deviceFailure: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'device-failure',
  title: 'A device that cannot go on sets DEVICE_NEEDS_RESET and, if the driver is ready, sends a configuration interrupt.',
  clauses: ['STATUS-DEV-2.1.2-3', 'STATUS-DEV-2.1.2-4', 'OPER-DEV-3.2.1-2'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By port: event of a chain failure without a status so far plus 1; event of a status without an interrupt plus 1. */
    let unsaid = new Int32Array(0);
    let unsent = new Int32Array(0);

    const missing = (clause: number, port: number, what: string, since: number): void => {
      context.violated(clause, port, 'device', {
        message: `The device gave up and did not ${what}.`,
        expected: what,
        seen: `nothing of the kind since event ${since}`,
        evidence: { since, status: state.portOf(port).status },
      });
    };

    const missingInterrupt = (port: number): void => {
      const since = unsent[port]! - 1;
      unsent[port] = 0;
      missing(INTERRUPTS, port, 'send a configuration interrupt', since);
      missing(CONFIG_CHANGE, port, 'send a configuration interrupt', since);
    };

    const showed = (port: number, status: number, cause: number): void => {
      if ((status & state.layout.deviceFailure) === 0) {
        unsent[port] = 0;
        return;
      }
      if (unsaid[port] !== 0) context.held(SAYS_SO, port);
      unsaid[port] = 0;
      const isNew = (state.previousStatus & state.layout.deviceFailure) === 0;
      const { hasInterrupt } = state.portOf(port);
      if (isNew && cause === CAUSE_DEVICE_ERROR && (status & STATUS_DRIVER_OK) !== 0 && hasInterrupt) unsent[port] = state.eventIndex + 1;
    };

    return {
      on: [
        [
          CHAIN_FAILED,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if (unsaid[port] === 0) unsaid[port] = state.eventIndex + 1;
          },
        ],
        [DEVICE_STATUS, (words, at) => showed(words[at + A]!, words[at + B]!, words[at + C]!)],
        [
          DEVICE_RESET,
          (words, at) => {
            // The driver's own reset ends the matter; the device's own comes just before the status.
            if (words[at + B] !== CAUSE_DEVICE_ERROR) unsaid[words[at + A]!] = 0;
          },
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if (unsent[port] === 0 || (words[at + B]! & INTERRUPT_CONFIG) === 0) return;
            unsent[port] = 0;
            context.held(INTERRUPTS, port);
            context.held(CONFIG_CHANGE, port);
          },
        ],
        [
          TAKEN,
          (words, at) => {
            const port = words[at + A]! & 0xff;
            if (unsent[port] !== 0) missingInterrupt(port);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) {
              if (unsaid[port] !== 0) missing(SAYS_SO, port, 'set its failure bit in the status', unsaid[port]! - 1);
              if (unsent[port] !== 0) missingInterrupt(port);
            }
          },
        ],
      ],
      reset: () => {
        if (unsaid.length < state.portCount) {
          unsaid = new Int32Array(state.portCount);
          unsent = new Int32Array(state.portCount);
        }
        unsaid.fill(0);
        unsent.fill(0);
      },
    };
  },
};
