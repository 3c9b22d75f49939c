// The device loses no frame: a transmit chain it returns was put into receive buffers.
//
// l4re-p2p sheet §10, invariant 3; virtio 5.1.9.5.3.1 for frames with a VLAN tag, which nobody may filter unless asked to: their chains
// are known by their length. What a corrected server drops on purpose is excused: frames shorter than their header,
// with a checksum outside the frame, or too long for the receiver's buffers. Frames under way at a reset of either side
// may be gone; a chain is judged when the next one is taken, or at rest. A sender that reuses descriptors the device has
// may change a frame after it was told; from there on nothing is known about its frames. Nor is it when other chains of
// the sender lie over the frame.
import {
  CHECKSUM_OUTSIDE,
  DEPARTED,
  DEVICE_RESET,
  FRAME_OFFERED,
  FRAME_PLACED,
  PACKET_HEADER,
  PROBLEM_NONE,
  TAKEN,
} from '../events.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_FINISH, DERIVED_RETURNED, type LinkState } from './link-state.js';
import { HEAD_FREE, type QueueState } from './queue-state.js';
import { MASK_MRG_RXBUF } from './ring-constants.js';
import { A, AT_ONCE, D, E, F, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const CARRIES_ALL = 0;
const CARRIES_TAGGED = 1;

/** Every returned transmit chain was carried. */
export const framesCarried: RuleDefinition = {
  ...AT_ONCE,
  id: 'frames-carried',
  title: 'The device returns a transmit chain only when its frame has been put into receive buffers.',
  clauses: ['P2P-INV-3', 'NET-DEV-5.1.9.5.3.1-1'],
  actor: 'device',
  create: (context) => new FramesCarriedJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class FramesCarriedJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By sender: chains returned for which no frame was placed yet, and the bytes of the last of them. */
  private owed = new Int32Array(0);
  private bytes = new Float64Array(0);
  /** By sender: head of the last of them. */
  private heads = new Float64Array(0);
  /** By sender and head: 1 when the frame's checksum lies outside of it. */
  private readonly isOutside = new Set<number>();
  /** Lengths of tagged frames offered so far, and by sender and head the chains that hold one. */
  private readonly taggedLengths = new Set<number>();
  private readonly isTagged = new Set<number>();
  /** By sender: 1 when the last chain returned without its frame placed held a tagged one. */
  private owesTagged = new Uint8Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [
          FRAME_OFFERED,
          (words, at) => {
            if (words[at + F] === 1) this.taggedLengths.add(words[at + D]!);
          },
        ],
        [PACKET_HEADER, (words, at) => this.sent(words[at + A]! & 0xff, words[at + E]!, words[at + F]!)],
        [DERIVED_RETURNED, () => this.returned()],
        [FRAME_PLACED, (words, at) => this.placed(words[at + A]! & 0xff)],
        [
          TAKEN,
          (words, at) => {
            if (words[at + A]! >>> 8 === TRANSMIT_QUEUE) this.judge(words[at + A]! & 0xff);
          },
        ],
        [DEVICE_RESET, () => this.owed.fill(0)],
        [DEPARTED, () => this.owed.fill(0)],
        [
          DERIVED_FINISH,
          () => {
            if (this.state.isQuiescent) for (let port = 0; port < this.state.portCount; port++) this.judge(port);
          },
        ],
      ],
      reset: () => {
        if (this.owed.length < this.state.portCount) {
          this.owed = new Int32Array(this.state.portCount);
          this.bytes = new Float64Array(this.state.portCount);
          this.heads = new Float64Array(this.state.portCount);
          this.owesTagged = new Uint8Array(this.state.portCount);
        }
        this.owed.fill(0);
        // Clearing makes a new table even of an empty map or set.
        if (this.isOutside.size > 0) this.isOutside.clear();
        if (this.taggedLengths.size > 0) this.taggedLengths.clear();
        if (this.isTagged.size > 0) this.isTagged.clear();
        this.owesTagged.fill(0);
      },
    };
  }

  private sent(port: number, lengthBytes: number, verdict: number): void {
    const key = port | (this.state.chain.head << 8);
    if (this.taggedLengths.has(lengthBytes)) this.isTagged.add(key);
    else this.isTagged.delete(key);
    if (verdict === CHECKSUM_OUTSIDE) this.isOutside.add(key);
    else this.isOutside.delete(key);
  }

  private returned(): void {
    const { queue, id, wasTaken, isFresh } = this.state.returned;
    if (queue.queue !== TRANSMIT_QUEUE || !isFresh || !wasTaken || queue.problemOf[id] !== PROBLEM_NONE) return;
    const bytes = queue.readableBytes[id]!;
    if (bytes < NET_HEADER_BYTES || this.isOutside.has(queue.port | (id << 8)) || !this.fits(bytes, this.state.peerOf(queue.port))) return;
    this.owed[queue.port]!++;
    this.bytes[queue.port] = bytes;
    this.heads[queue.port] = id;
    this.owesTagged[queue.port] = this.isTagged.has(queue.port | (id << 8)) ? 1 : 0;
  }

  /** True when the receiver has buffers that take so many bytes: one of them, or all together if they may be merged. */
  private fits(bytes: number, receiver: number): boolean {
    if (receiver < 0) return false;
    const queue = this.state.queueOf(receiver | (RECEIVE_QUEUE << 8));
    if (!queue.isInstalled || queue.inFlight === 0) return false;
    return bytes <= (this.state.portOf(receiver).hasFeature(MASK_MRG_RXBUF) ? sumOf(queue) : smallestOf(queue));
  }

  private placed(receiver: number): void {
    const sender = this.state.peerOf(receiver);
    if (sender < 0 || this.owed[sender] === 0) return;
    this.owed[sender]!--;
    this.context.held(CARRIES_ALL, receiver);
    if (this.owesTagged[sender] === 1) this.context.held(CARRIES_TAGGED, receiver);
  }

  private judge(sender: number): void {
    if (this.owed[sender] === 0) return;
    this.owed[sender] = 0;
    if (this.state.portOf(sender).driverBroke || this.state.posted.isSharedFrame(sender, this.heads[sender]!)) return;
    const receiver = this.state.peerOf(sender);
    const report = {
      message: 'The device returned a transmit chain whose frame it never put into a receive buffer: the frame is lost.',
      expected: 'the frame in the buffers of the receiver',
      seen: `a chain of ${this.bytes[sender]!} bytes returned and no frame placed`,
      evidence: { sender, bytes: this.bytes[sender]! },
    };
    this.context.violated(CARRIES_ALL, receiver, 'device', report);
    if (this.owesTagged[sender] === 0) return;
    const message = 'The device dropped a frame with a VLAN tag although nobody negotiated a filter.';
    this.context.violated(CARRIES_TAGGED, receiver, 'device', { ...report, message });
  }
}

function smallestOf(queue: QueueState): number {
  let smallest = Infinity;
  for (let head = 0; head < queue.size; head++)
    if (queue.headState[head] !== HEAD_FREE) smallest = Math.min(smallest, queue.writableBytes[head]!);
  return smallest;
}

function sumOf(queue: QueueState): number {
  let sum = 0;
  for (let head = 0; head < queue.size; head++) if (queue.headState[head] !== HEAD_FREE) sum += queue.writableBytes[head]!;
  return sum;
}
