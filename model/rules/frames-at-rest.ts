// What must be true of frames and buffers when nothing moves any more.
//
// Driver contract (transmit, deliver, wake, frame memory); virtio 5.1.9.3 (keep receive buffers posted). Counts
// start over with every reset, since a reset may take frames along. Judged at rest, for drivers that are up.
import { DEPARTED, DEVICE_RESET, FRAME_ANSWERED, FRAME_DELIVERED, FRAME_PLACED, FRAME_RETURNED } from '../events.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import type { PortState } from './port-state.js';
import type { QueueState } from './queue-state.js';
import { A, AT_REST, B, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const TRANSMITS_ALL = 0;
const DELIVERS_ALL = 1;
const WAKES = 2;
const GIVES_MEMORY_BACK = 3;
const REFILLS = 4;
const STARVES_NOBODY = 5;

/** Chains the device has and did not return. */
function withDevice(queue: QueueState): number {
  return (queue.endAvailIndex - queue.endUsedIndex) & 0xffff;
}

/** At rest no frame is stuck in a driver. */
export const framesAtRest: RuleDefinition = {
  ...AT_REST,
  id: 'frames-at-rest',
  title: 'At rest every accepted frame was published, every returned frame handed up, frame memory given back, and receive buffers are posted.',
  clauses: ['CONTRACT-TRANSMIT', 'CONTRACT-DELIVER', 'CONTRACT-WAKE', 'CONTRACT-FRAME-MEMORY', 'NET-DRV-5.1.9.3-1', 'CONTRACT-REFILL'],
  actor: 'driver',
  create: (context) => new FramesAtRestJudge(context).handlers(),
};

const WORDS = 5;

/** One run after the other for the rule above. */
class FramesAtRestJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port: accepted, placed, delivered since the last reset; frames whose memory the driver has; 1 if the last answer was full. */
  private counts = new Float64Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [
          FRAME_ANSWERED,
          (words, at) => {
            const port = words[at + A]!;
            const isAccepted = words[at + D] !== 0;
            this.counts[port * WORDS + 4] = isAccepted ? 0 : 1;
            if (!isAccepted) return;
            this.count(port, 0, 1);
            this.count(port, 3, 1);
          },
        ],
        [FRAME_RETURNED, (words, at) => this.count(words[at + A]!, 3, -1)],
        [FRAME_PLACED, (words, at) => this.count(words[at + A]! & 0xff, 1, 1)],
        [
          FRAME_DELIVERED,
          (words, at) => {
            if (words[at + B]! < this.state.portCount) this.count(words[at + A]!, 2, 1);
          },
        ],
        [
          DEVICE_RESET,
          (words, at) => {
            const place = words[at + A]! * WORDS;
            this.counts.fill(0, place, place + 3);
          },
        ],
        [
          DEPARTED,
          (words, at) => {
            const place = words[at + A]! * WORDS;
            this.counts.fill(0, place, place + WORDS);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!this.state.isQuiescent) return;
            for (let port = 0; port < this.state.portCount; port++) this.judgePort(this.state.ports[port]!);
          },
        ],
      ],
      reset: () => {
        if (this.counts.length < this.state.portCount * WORDS) this.counts = new Float64Array(this.state.portCount * WORDS);
        this.counts.fill(0);
      },
    };
  }

  private judge(clause: number, port: number, isGood: boolean, message: string, expected: string, seen: string, evidence: Record<string, number>): void {
    if (isGood) return this.context.held(clause, port);
    this.context.violated(clause, port, 'driver', { message, expected, seen, evidence });
  }

  private judgeTransmit(port: number, queue: QueueState): void {
    const at = port * WORDS;
    const accepted = this.counts[at]!;
    const published = queue.publishedCount + ((queue.endAvailIndex - queue.availIndex) & 0xffff);
    // While the ring is full a driver may hold frames back in a queue of its own.
    if (withDevice(queue) > 0) return;
    if (accepted > 0) {
      const message = 'The driver accepted frames and never published them.';
      this.judge(TRANSMITS_ALL, port, published >= accepted, message, `${accepted} chains`, `${published} chains published, the transmit queue is empty`, {
        accepted,
        published,
      });
    }
    const hasSaidFull = this.counts[at + 4] === 1;
    if (accepted > 0 || hasSaidFull) {
      const message = 'The driver said full and did not accept the frame later, although the transmit queue is empty.';
      this.judge(WAKES, port, !hasSaidFull, message, 'transmitReady() once there is room, or accepting at the retry', 'a frame that was refused and waits', {
        accepted,
        size: queue.size,
      });
    }
  }

  private judgePort(portState: PortState): void {
    const { port } = portState;
    const at = port * WORDS;
    const transmit = this.state.queueOf(port | (TRANSMIT_QUEUE << 8));
    const receive = this.state.queueOf(port | (RECEIVE_QUEUE << 8));
    if (!portState.isUp || !transmit.hasEnd || !receive.hasEnd || !transmit.isInstalled || !receive.isInstalled) return;
    if (portState.lostInterrupt || portState.lostKick) {
      for (const clause of [TRANSMITS_ALL, DELIVERS_ALL, WAKES]) this.context.undecidable(clause, port, 'a recorded fault took a notification');
    } else {
      this.judgeTransmit(port, transmit);
      this.judgeDelivery(portState);
    }
    const kept = this.counts[at + 3]!;
    if (this.counts[at]! > 0) {
      const message = 'The driver keeps more frames of the stack than the transmit queue can hold.';
      this.judge(GIVES_MEMORY_BACK, port, kept <= transmit.size, message, `at most ${transmit.size} frames`, `${kept} frames`, { kept, size: transmit.size });
    }
    const posted = withDevice(receive);
    if (receive.publishedCount + posted === 0 && this.counts[at + 1] === 0) return;
    this.judge(REFILLS, port, posted > 0, 'The driver rests with an empty receive queue.', 'receive buffers posted', '0 buffers', {
      posted,
      size: receive.size,
    });
    this.judgeStarving(portState, posted);
  }

  /** A frame waits at the other end and this driver, which once posted buffers, has all of them back. */
  private judgeStarving(portState: PortState, posted: number): void {
    const { port } = portState;
    const peer = this.state.peerOf(port);
    if (peer < 0) return;
    const waiting = this.state.queueOf(peer | (TRANSMIT_QUEUE << 8));
    if (!waiting.isInstalled || !waiting.hasEnd || !this.state.portOf(peer).isUp) return;
    if (posted > 0) return this.context.held(STARVES_NOBODY, port);
    if (waiting.endAvailIndex === waiting.endCursor && !waiting.endHoldsChain) return;
    if (portState.allocationFailures > 0)
      return this.context.undecidable(STARVES_NOBODY, port, 'allocations failed, so the driver may have no buffers');
    if (portState.lostInterrupt || portState.lostKick) return this.context.undecidable(STARVES_NOBODY, port, 'a recorded fault took a notification');
    const ahead = (waiting.endAvailIndex - waiting.endCursor) & 0xffff;
    this.context.violated(STARVES_NOBODY, port, 'driver', {
      message: 'The driver rests with no receive buffer posted, although a frame waits for one at the other end.',
      expected: 'receive buffers posted again',
      seen: `all buffers used up, ${ahead + (waiting.endHoldsChain ? 1 : 0)} frames waiting at port ${peer}`,
      evidence: { posted, waiting: ahead, peer },
    });
  }

  private judgeDelivery(portState: PortState): void {
    const at = portState.port * WORDS;
    const placed = this.counts[at + 1]!;
    const delivered = this.counts[at + 2]!;
    if (placed === 0) return;
    if (placed > delivered && portState.allocationFailures > 0) {
      return this.context.undecidable(DELIVERS_ALL, portState.port, 'allocations failed, so the driver may have had to drop frames');
    }
    const peer = this.state.peerOf(portState.port);
    if (placed > delivered && peer >= 0 && this.context.configuration().scripted?.[peer] === true) {
      return this.context.undecidable(DELIVERS_ALL, portState.port, 'the sender is a scripted guest, whose frames a driver may have had to drop');
    }
    const message = 'The driver did not hand up all frames that the device returned.';
    this.judge(DELIVERS_ALL, portState.port, placed <= delivered, message, `${placed} frames`, `${delivered} frames`, { placed, delivered });
  }

  private count(port: number, word: number, by: number): void {
    this.counts[port * WORDS + word]! += by;
  }
}
