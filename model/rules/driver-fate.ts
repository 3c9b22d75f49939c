// A driver keeps to its memory, throws nothing, returns, and does not refuse a good device.
//
// Driver contract; virtio 2.2.1 (fall back). Counts whatever the device did, except that a driver may refuse a
// device that misbehaves.
import {
  ALLOCATED,
  CONTRACT_BROKEN,
  DEVICE_STATUS,
  DRIVER_ENDED,
  DRIVER_FAULTED,
  DRIVER_HUNG,
  DRIVER_REFUSED,
  DRIVER_THREW,
  FRAME_DELIVERED,
  FRAME_SPOILED,
} from '../events.js';
import { breachText, statusText } from '../protocol-words.js';
import { STATUS_DRIVER_OK } from '../transport/layout.js';
import { A, AT_ONCE, B, C, D, type RuleDefinition } from './rule.js';

const OWN_MEMORY = 0;
const NO_EXCEPTION = 1;
const RETURNS = 2;
const KEEPS_TURN = 3;
const IS_DRIVER = 4;
/** BREACH.wrongDriver of drivers/contract-breach.ts: createDriver returned no driver. */
const NO_DRIVER = 9;

/** Rules about how a driver ended: what the driver said then belongs to their violations. */
export const FATE_RULES: ReadonlySet<string> = new Set(['driver-fate', 'driver-accepts']);

/** The driver does not end by its own fault. */
export const driverFate: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'driver-fate',
  title: 'The driver touches only its memory, lets no exception out, returns from every method and takes its turn.',
  clauses: ['CONTRACT-MEMORY', 'CONTRACT-EXCEPTION', 'CONTRACT-TERMINATES', 'CONTRACT-TURN', 'CONTRACT-DRIVER'],
  actor: 'driver',
  create(context) {
    const { state } = context;

    const ended = (port: number, reason: number): void => {
      if (reason !== DRIVER_THREW && reason !== DRIVER_HUNG) return;
      const isHung = reason === DRIVER_HUNG;
      context.violated(isHung ? RETURNS : NO_EXCEPTION, port, 'driver', {
        message: isHung ? 'The driver did not return from a method while nobody else had work.' : 'An exception left a method of the driver.',
        expected: isHung ? 'a return' : 'no exception',
        seen: isHung ? 'the step budget used up' : 'an exception',
        evidence: { reason },
      });
    };

    return {
      on: [
        [
          DRIVER_FAULTED,
          (words, at) => {
            const isStore = words[at + D] === 1;
            context.violated(OWN_MEMORY, words[at + A]!, 'driver', {
              message: `The driver ${isStore ? 'stored to' : 'loaded from'} memory it does not own.`,
              expected: 'accesses to its own memory only',
              seen: `${words[at + C]!} bytes at 0x${words[at + B]!.toString(16)}`,
              evidence: { address: words[at + B]!, sizeBytes: words[at + C]! },
            });
          },
        ],
        [DRIVER_ENDED, (words, at) => ended(words[at + A]!, words[at + B]!)],
        [
          CONTRACT_BROKEN,
          (words, at) => {
            const breach = words[at + B]!;
            const wasDriver = breach !== NO_DRIVER;
            context.violated(wasDriver ? KEEPS_TURN : IS_DRIVER, words[at + A]!, 'driver', {
              message: wasDriver ? 'The driver broke the driver contract.' : 'The module exports a createDriver that returns no driver.',
              expected: wasDriver ? 'every operation of the guest in its turn, as the contract gives it' : "an object with the driver's methods",
              seen: breachText(breach),
              evidence: { breach },
            });
          },
        ],
        [ALLOCATED, (words, at) => context.held(OWN_MEMORY, words[at + A]!)],
        [
          DEVICE_STATUS,
          (words, at) => {
            if ((words[at + B]! & ~state.previousStatus & STATUS_DRIVER_OK) === 0) return;
            for (const clause of [NO_EXCEPTION, RETURNS, KEEPS_TURN, IS_DRIVER]) context.held(clause, words[at + A]!);
          },
        ],
      ],
    };
  },
};

/** The driver works with every correct device. */
export const driverAccepts: RuleDefinition = {
  ...AT_ONCE,
  id: 'driver-accepts',
  title: 'The driver works with every device that behaves correctly, also when optional features are missing.',
  clauses: ['CONTRACT-ACCEPTS', 'FEAT-DRV-2.2.1-8'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          DRIVER_ENDED,
          (words, at) => {
            const port = words[at + A]!;
            // An unusable device is refused rightly.
            if (words[at + B] !== DRIVER_REFUSED || context.configuration().conduct === 'unusable') return;
            if (state.portOf(port).allocationFailures > 0) return context.undecidable(0, port, 'allocations failed during start');
            const report = {
              message: 'The driver refused to work with the device.',
              expected: 'a device that can be used, with the features it offers',
              seen: `start() gave up at status ${statusText(state.portOf(port).status)}`,
              evidence: { offered0: state.portOf(port).offered[0]!, offered1: state.portOf(port).offered[1]!, status: state.portOf(port).status },
            };
            context.violated(0, port, 'driver', report);
            context.violated(1, port, 'driver', report);
          },
        ],
        [
          DEVICE_STATUS,
          (words, at) => {
            if ((words[at + B]! & ~state.previousStatus & STATUS_DRIVER_OK) === 0) return;
            context.held(0, words[at + A]!);
            context.held(1, words[at + A]!);
          },
        ],
      ],
    };
  },
};

/** A frame lent to the stack stays as it is. */
export const lentFrames: RuleDefinition = {
  ...AT_ONCE,
  id: 'lent-frames',
  title: 'The driver leaves a frame it lent to the stack unchanged until the stack gives it back.',
  clauses: ['CONTRACT-LENT'],
  actor: 'driver',
  create(context) {
    return {
      on: [
        [
          FRAME_SPOILED,
          (words, at) => {
            context.violated(0, words[at + A]!, 'driver', {
              message: 'A frame lent to the stack changed before the stack gave it back: its buffer was posted or written again.',
              expected: 'the bytes as they were handed up',
              seen: 'other bytes',
              evidence: { flow: words[at + B]!, number: words[at + C]! },
            });
          },
        ],
        [FRAME_DELIVERED, (words, at) => context.held(0, words[at + A]!)],
      ],
    };
  },
};
