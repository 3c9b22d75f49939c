// What must be true of frames and buffers when nothing moves any more.
//
// Driver contract (transmit, deliver, wake, frame memory); virtio 5.1.9.3 (keep receive buffers posted). Counts
// start over with every reset, since a reset may take frames along. Judged at rest, for drivers that are up.
import { DEPARTED, DEVICE_RESET, FRAME_ANSWERED, FRAME_DELIVERED, FRAME_PLACED, FRAME_RETURNED } from '../events.js';
import { STATUS_DRIVER_OK, STATUS_FAILURE } from '../transport/layout.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH } from './link-state.js';
import type { PortState } from './port-state.js';
import type { QueueState } from './queue-state.js';
import { A, AT_REST, B, D, type RuleDefinition } from './rule.js';

const TRANSMITS_ALL = 0;
const DELIVERS_ALL = 1;
const WAKES = 2;
const GIVES_MEMORY_BACK = 3;
const REFILLS = 4;

/** Chains the device has and did not return. */
function withDevice(queue: QueueState): number {
  return (queue.endAvailIndex - queue.endUsedIndex) & 0xffff;
}

/** True when the driver of the port works and nothing took notifications away. */
function isUp(port: PortState): boolean {
  return port.isConnected && port.endedReason === 0 && (port.status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
}

/** At rest no frame is stuck in a driver. */
export const framesAtRest: RuleDefinition = {
  ...AT_REST,
  id: 'frames-at-rest',
  title: 'At rest every accepted frame was published, every returned frame handed up, frame memory given back, and receive buffers are posted.',
  clauses: ['CONTRACT-TRANSMIT', 'CONTRACT-DELIVER', 'CONTRACT-WAKE', 'CONTRACT-FRAME-MEMORY', 'NET-DRV-5.1.9.3-1'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    /** By port: accepted, placed, delivered since the last reset; frames whose memory the driver has; 1 if the last answer was full. */
    let counts = new Float64Array(0);
    const WORDS = 5;

    const judge = (clause: number, port: number, isGood: boolean, message: string, expected: string, seen: string, evidence: Record<string, number>): void => {
      if (isGood) return context.held(clause, port);
      context.violated(clause, port, 'driver', { message, expected, seen, evidence });
    };

    const judgeTransmit = (port: number, queue: QueueState): void => {
      const at = port * WORDS;
      const accepted = counts[at]!;
      const published = queue.publishedCount + ((queue.endAvailIndex - queue.availIndex) & 0xffff);
      // While the ring is full a driver may hold frames back in a queue of its own.
      if (withDevice(queue) > 0) return;
      if (accepted > 0) {
        const message = 'The driver accepted frames and never published them.';
        judge(TRANSMITS_ALL, port, published >= accepted, message, `${accepted} chains`, `${published} chains published, the transmit queue is empty`, {
          accepted,
          published,
        });
      }
      const hasSaidFull = counts[at + 4] === 1;
      if (accepted > 0 || hasSaidFull) {
        const message = 'The driver said full and did not accept the frame later, although the transmit queue is empty.';
        judge(WAKES, port, !hasSaidFull, message, 'transmitReady() once there is room, or accepting at the retry', 'a frame that was refused and waits', {
          accepted,
          size: queue.size,
        });
      }
    };

    const judgePort = (portState: PortState): void => {
      const { port } = portState;
      const at = port * WORDS;
      const transmit = state.queueOf(port | (TRANSMIT_QUEUE << 8));
      const receive = state.queueOf(port | (RECEIVE_QUEUE << 8));
      if (!isUp(portState) || !transmit.hasEnd || !receive.hasEnd || !transmit.isInstalled || !receive.isInstalled) return;
      if (portState.lostInterrupt || portState.lostKick) {
        for (const clause of [TRANSMITS_ALL, DELIVERS_ALL, WAKES]) context.undecidable(clause, port, 'a recorded fault took a notification');
      } else {
        judgeTransmit(port, transmit);
        judgeDelivery(portState);
      }
      const kept = counts[at + 3]!;
      if (counts[at]! > 0) {
        const message = 'The driver keeps more frames of the stack than the transmit queue can hold.';
        judge(GIVES_MEMORY_BACK, port, kept <= transmit.size, message, `at most ${transmit.size} frames`, `${kept} frames`, { kept, size: transmit.size });
      }
      const posted = withDevice(receive);
      if (receive.publishedCount + posted === 0 && counts[at + 1] === 0) return;
      judge(REFILLS, port, posted > 0, 'The driver rests with an empty receive queue.', 'receive buffers posted', '0 buffers', { posted, size: receive.size });
    };

    const judgeDelivery = (portState: PortState): void => {
      const at = portState.port * WORDS;
      const placed = counts[at + 1]!;
      const delivered = counts[at + 2]!;
      if (placed === 0) return;
      if (placed > delivered && portState.allocationFailures > 0) {
        return context.undecidable(DELIVERS_ALL, portState.port, 'allocations failed, so the driver may have had to drop frames');
      }
      const message = 'The driver did not hand up all frames that the device returned.';
      judge(DELIVERS_ALL, portState.port, placed <= delivered, message, `${placed} frames`, `${delivered} frames`, { placed, delivered });
    };

    const count = (port: number, word: number, by: number): void => {
      counts[port * WORDS + word]! += by;
    };

    return {
      on: [
        [
          FRAME_ANSWERED,
          (words, at) => {
            const port = words[at + A]!;
            const isAccepted = words[at + D] !== 0;
            counts[port * WORDS + 4] = isAccepted ? 0 : 1;
            if (!isAccepted) return;
            count(port, 0, 1);
            count(port, 3, 1);
          },
        ],
        [FRAME_RETURNED, (words, at) => count(words[at + A]!, 3, -1)],
        [FRAME_PLACED, (words, at) => count(words[at + A]! & 0xff, 1, 1)],
        [
          FRAME_DELIVERED,
          (words, at) => {
            if (words[at + B]! < state.portCount) count(words[at + A]!, 2, 1);
          },
        ],
        [
          DEVICE_RESET,
          (words, at) => {
            const place = words[at + A]! * WORDS;
            counts.fill(0, place, place + 3);
          },
        ],
        [
          DEPARTED,
          (words, at) => {
            const place = words[at + A]! * WORDS;
            counts.fill(0, place, place + WORDS);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) judgePort(state.ports[port]!);
          },
        ],
      ],
      reset: () => {
        if (counts.length < state.portCount * WORDS) counts = new Float64Array(state.portCount * WORDS);
        counts.fill(0);
      },
    };
  },
};
