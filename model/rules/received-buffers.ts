// How a device spreads a frame over receive buffers.
//
// virtio 5.1.9.3.2, 5.1.9.4.1 (num_buffers, MRG_RXBUF); l4re-p2p sheet §10, invariant 4. FRAME_PLACED tells the
// count, the used.idx step that follows tells the buffers.
import { DEPARTED, DEVICE_RESET, FRAME_PLACED, TAKEN, UNTAKEN, USED_PUBLISHED } from '../events.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { FrameQueue } from './frame-queue.js';
import { DERIVED_RETURNED, type LinkState } from './link-state.js';
import { MASK_MRG_RXBUF } from './ring-constants.js';
import { A, AT_ONCE, B, C, E, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const COUNT_IS_TRUE = 0;
const ONE_BUFFER = 1;
const COUNT_IS_ONE = 2;
const MERGED_COUNT = 3;
const FILLED = 4;
const TOGETHER = 5;
const SUM = 6;
const HEADER_FIRST = 7;
const NO_MERGING = 8;

/** A frame's buffers are counted, filled, returned together and add up. */
export const receivedBuffers: RuleDefinition = {
  ...AT_ONCE,
  id: 'received-buffers',
  title: 'num_buffers is the number of buffers returned for a frame, all but the last are full, and their lengths add up to the sent chain.',
  clauses: [
    'NET-DEV-5.1.9.3.2-1',
    'NET-DEV-5.1.9.3.2-2',
    'NET-DEV-5.1.9.4.1-1',
    'NET-DEV-5.1.9.4.1-2',
    'NET-DEV-5.1.9.4.1-3',
    'NET-DEV-5.1.9.4.1-4',
    'P2P-INV-4',
    'NET-DEV-5.1.9.4-1',
    'P2P-INV-3',
  ],
  actor: 'device',
  create: (context) => new ReceivedBuffersJudge(context).handlers(),
};

const WORDS = 4;

/** One run after the other for the rule above. */
class ReceivedBuffersJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** Frames taken from each port and not yet placed at the other. */
  private readonly underWay: FrameQueue[] = [];
  /** By port: buffers announced since used.idx moved, frames among them, announced bytes, returned bytes. */
  private announced = new Float64Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [TAKEN, (words, at) => this.taken(words[at + A]!, words[at + C]!)],
        [
          UNTAKEN,
          (words, at) => {
            if (words[at + A]! >>> 8 === TRANSMIT_QUEUE) this.underWay[words[at + A]! & 0xff]?.dropLast(words[at + C]!);
          },
        ],
        [FRAME_PLACED, (words, at) => this.placed(words[at + A]! & 0xff, words[at + B]!, words[at + E]!)],
        [DERIVED_RETURNED, () => this.returned()],
        [USED_PUBLISHED, (words, at) => this.published(words[at + A]!, ((words[at + C]! & 0xffff) - (words[at + B]! & 0xffff)) & 0xffff)],
        [DEVICE_RESET, (words, at) => this.forget(words[at + A]!)],
        [DEPARTED, (words, at) => this.forget(words[at + A]!)],
      ],
      reset: () => {
        while (this.underWay.length < this.state.portCount) this.underWay.push(new FrameQueue());
        if (this.announced.length < this.state.portCount * WORDS) this.announced = new Float64Array(this.state.portCount * WORDS);
        for (let port = 0; port < this.underWay.length; port++) this.forget(port);
      },
    };
  }

  /** Counts an occasion on which the clause was kept; texts are made only for the others. */
  private holds(clause: number, port: number, isGood: boolean): boolean {
    if (isGood) this.context.held(clause, port);
    return isGood;
  }

  private accuse(clause: number, port: number, message: string, expected: string, seen: string, evidence: Record<string, number>): void {
    this.context.violated(clause, port, 'device', { message, expected, seen, evidence });
  }

  private placed(port: number, count: number, bytes: number): void {
    const at = port * WORDS;
    this.announced[at]! += count;
    this.announced[at + 1]! += 1;
    this.announced[at + 2]! += bytes;
    const portState = this.state.portOf(port);
    if (portState.isNegotiated && portState.hasFeature(MASK_MRG_RXBUF)) {
      if (!this.holds(MERGED_COUNT, port, count >= 1))
        this.accuse(MERGED_COUNT, port, 'num_buffers of a frame is 0.', 'at least 1', String(count), { count, bytes });
    } else if (portState.isNegotiated) {
      if (!this.holds(ONE_BUFFER, port, count === 1)) {
        for (const clause of [ONE_BUFFER, NO_MERGING])
          this.accuse(clause, port, 'The device spread a frame over several buffers without MRG_RXBUF.', 'one buffer', `${count} buffers`, { count, bytes });
      }
      if (!this.holds(COUNT_IS_ONE, port, count === 1))
        this.accuse(COUNT_IS_ONE, port, 'num_buffers is not 1 although MRG_RXBUF was not negotiated.', '1', String(count), { count, bytes });
    }
    const peer = this.state.peerOf(port);
    const frames = this.underWay[peer];
    if (frames === undefined) return;
    const expectedBytes = frames.firstLength;
    const isSent = frames.takeLength(bytes);
    frames.settle();
    if (this.holds(SUM, port, isSent)) return;
    if (this.state.portOf(peer).driverBroke) return this.context.undecidable(SUM, port, 'the sender broke its ring, so the trace does not tell what it sent');
    const message = 'The lengths of a received frame do not add up to a chain that was sent.';
    this.accuse(SUM, port, message, `${expectedBytes} bytes`, `${bytes} bytes`, { count, bytes, expectedBytes });
  }

  private returned(): void {
    const { queue, ordinal, stepCount, id, lengthBytes, wasTaken } = this.state.returned;
    const at = queue.port * WORDS;
    if (queue.queue !== RECEIVE_QUEUE || this.announced[at + 1] === 0) return;
    this.announced[at + 3]! += lengthBytes;
    const isSingleFrame = this.announced[at + 1] === 1 && this.announced[at] === stepCount;
    if (!isSingleFrame || !wasTaken) return;
    if (ordinal === 0) {
      const message = 'The first buffer of a frame is shorter than the net header.';
      if (!this.holds(HEADER_FIRST, queue.port, lengthBytes >= NET_HEADER_BYTES))
        this.accuse(HEADER_FIRST, queue.port, message, `at least ${NET_HEADER_BYTES} bytes`, `${lengthBytes} bytes`, { id, ordinal, stepCount, lengthBytes });
    }
    if (ordinal === stepCount - 1) return;
    const room = queue.writableBytes[id]!;
    if (!this.holds(FILLED, queue.port, lengthBytes === room))
      this.accuse(FILLED, queue.port, 'A buffer of a frame was left partly empty though the frame goes on.', `${room} bytes`, `${lengthBytes} bytes`, {
        id,
        ordinal,
        stepCount,
        lengthBytes,
      });
  }

  private published(portAndQueue: number, step: number): void {
    if (portAndQueue >>> 8 !== RECEIVE_QUEUE) return;
    const port = portAndQueue & 0xff;
    const at = port * WORDS;
    const count = this.announced[at]!;
    const frames = this.announced[at + 1]!;
    const isWhole = this.announced[at + 2] === this.announced[at + 3];
    const bytes = this.announced[at + 3]!;
    this.announced.fill(0, at, at + WORDS);
    if (frames === 0) return;
    if (!this.holds(COUNT_IS_TRUE, port, count === step))
      this.accuse(COUNT_IS_TRUE, port, 'num_buffers is not the number of buffers returned for the frame.', `${count} used elements`, `${step} used elements`, {
        count,
        step,
        frames,
        bytes,
      });
    if (this.state.portOf(port).hasFeature(MASK_MRG_RXBUF)) {
      if (!this.holds(TOGETHER, port, step >= count))
        this.accuse(TOGETHER, port, 'The buffers of a frame were not returned together.', `${count} used elements at once`, `${step} used elements`, {
          count,
          step,
          frames,
          bytes,
        });
    }
    if (!this.holds(SUM, port, isWhole))
      this.accuse(SUM, port, 'The used lengths of a frame do not add up to its length.', 'the same sum', `${bytes} bytes in used elements`, {
        count,
        step,
        frames,
        bytes,
      });
  }

  private taken(portAndQueue: number, head: number): void {
    const queue = this.state.queueOf(portAndQueue);
    const frames = this.underWay[queue.port];
    if (queue.queue !== TRANSMIT_QUEUE || frames === undefined || !queue.isInstalled) return;
    // A chain that cannot be sent (too short, malformed) holds its place so that chains can be put back.
    const isGood = head < queue.size && queue.problemOf[head] === 0 && this.state.takenWasPublished;
    frames.push(head, isGood && queue.readableBytes[head]! >= NET_HEADER_BYTES ? queue.readableBytes[head]! : -1);
  }

  private forget(port: number): void {
    this.underWay[port]?.clear();
    this.announced.fill(0, port * WORDS, port * WORDS + WORDS);
  }
}
