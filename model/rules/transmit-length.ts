// The length of a transmit chain: header, then exactly the frame the stack gave.
//
// virtio 5.1.9, 5.1.9.2, 5.1.9.3.1 (12 header bytes whenever VERSION_1 and none of the longer headers are
// negotiated). Frames are published in the order in which they were offered; a driver may drop some on the way
// (other rules notice), so a chain is compared with every frame that is still owed.
import { DEVICE_RESET, FRAME_ANSWERED, FRAME_OFFERED, PROBLEM_BAD_HEAD, PROBLEM_BAD_INDEX } from '../events.js';
import { ETHERNET_FRAME_BYTES, NET_HEADER_BYTES } from '../net/header.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { DERIVED_CHAIN, DERIVED_RETURNED, type LinkState } from './link-state.js';
import { FrameQueue } from './frame-queue.js';
import { MASK_HOST_GSO } from './ring-constants.js';
import { A, AT_ONCE, C, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const HAS_HEADER = 0;
const SAME_HEADER = 1;
const HEADER_RULE = 2;
const NOT_TOO_LONG = 3;
const HEADER_PLACE = 4;
const ABOUT_HEADER = [HAS_HEADER, SAME_HEADER, HEADER_RULE] as const;
const ETHERNET_HEADER_BYTES = 14;
/** A VLAN tag may come on top. */
const VLAN_BYTES = 4;

/** A transmit chain is the net header and one frame. */
export const transmitLength: RuleDefinition = {
  ...AT_ONCE,
  id: 'transmit-length',
  title: 'A transmit chain holds the 12-byte net header and exactly one frame of the stack, at most 1514 bytes without GSO.',
  clauses: ['NET-DRV-5.1.9-1', 'NET-DRV-5.1.9.2.1-1', 'NET-DRV-5.1.9.3.1-4', 'NET-DRV-5.1.9.2-2', 'L4V-HEADER-PLACE'],
  actor: 'driver',
  create: (context) => new TransmitLengthJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class TransmitLengthJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  private readonly owed: FrameQueue[] = [];

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [FRAME_OFFERED, (words, at) => this.owed[words[at + A]!]?.push(words[at + C]!, words[at + D]!)],
        [
          FRAME_ANSWERED,
          (words, at) => {
            if (words[at + D] === 0) this.owed[words[at + A]!]?.remove(words[at + C]!);
          },
        ],
        [DERIVED_CHAIN, () => this.judge()],
        [
          DERIVED_RETURNED,
          () => {
            if (this.state.returned.queue.queue === TRANSMIT_QUEUE) this.owed[this.state.returned.queue.port]?.settle();
          },
        ],
        // A driver may send again what a reset took from the ring.
        [DEVICE_RESET, (words, at) => this.owed[words[at + A]!]?.rewind()],
      ],
      reset: () => {
        while (this.owed.length < this.state.portCount) this.owed.push(new FrameQueue());
        for (const frames of this.owed) frames.clear();
      },
    };
  }

  private judge(): void {
    const { chain } = this.state;
    const { port } = chain;
    if (chain.queue !== TRANSMIT_QUEUE || chain.problem === PROBLEM_BAD_HEAD || chain.problem === PROBLEM_BAD_INDEX) return;
    const frames = this.owed[port];
    if (frames === undefined) return;
    const frameBytes = chain.readableBytes - NET_HEADER_BYTES;
    this.judgeLimit(port, frameBytes, frames);
    this.judgePlace(port, frameBytes);
    if (frames.isEmpty && frameBytes >= ETHERNET_HEADER_BYTES) return;
    if (frames.takeLength(frameBytes)) {
      for (const clause of ABOUT_HEADER) this.context.held(clause, port);
      return;
    }
    const expectedBytes = frames.firstLength;
    const report = {
      message: 'A transmit chain is not one net header of 12 bytes and one frame of the stack.',
      expected: `${NET_HEADER_BYTES} + ${expectedBytes} bytes`,
      seen: `${chain.readableBytes} readable bytes`,
      evidence: { ...this.evidence(frameBytes), expectedBytes },
    };
    this.context.violated(HAS_HEADER, port, 'driver', report);
    if (expectedBytes <= 0 || Math.abs(frameBytes - expectedBytes) > NET_HEADER_BYTES) return;
    this.context.violated(SAME_HEADER, port, 'driver', report);
    this.context.violated(HEADER_RULE, port, 'driver', report);
  }

  private evidence(frameBytes: number): Record<string, number> {
    const { chain } = this.state;
    return { head: chain.head, position: chain.position, chainBytes: chain.readableBytes, frameBytes };
  }

  /** This server looks for the header in the first descriptor only. */
  private judgePlace(port: number, frameBytes: number): void {
    const { chain } = this.state;
    const first = chain.indirectAt === 0 ? 1 : 0;
    if (first >= chain.received || chain.readableBytes < NET_HEADER_BYTES) return;
    const firstBytes = chain.lengthBytes[first]!;
    if (firstBytes >= NET_HEADER_BYTES) return this.context.held(HEADER_PLACE, port);
    this.context.violated(HEADER_PLACE, port, 'driver', {
      message: 'The net header is split over descriptors; the original server drops such frames without a word.',
      expected: `at least ${NET_HEADER_BYTES} bytes in the first descriptor`,
      seen: `${firstBytes} bytes`,
      evidence: { ...this.evidence(frameBytes), firstBytes },
    });
  }

  private judgeLimit(port: number, frameBytes: number, frames: FrameQueue): void {
    const portState = this.state.portOf(port);
    // Longer frames are the stack's doing where it offers them.
    if (!portState.isNegotiated || portState.hasFeature(MASK_HOST_GSO) || frames.hasLonger(ETHERNET_FRAME_BYTES + VLAN_BYTES)) return;
    if (frameBytes <= ETHERNET_FRAME_BYTES + VLAN_BYTES) return this.context.held(NOT_TOO_LONG, port);
    this.context.violated(NOT_TOO_LONG, port, 'driver', {
      message: 'A frame without segmentation offload is longer than the link carries.',
      expected: `at most ${ETHERNET_FRAME_BYTES} bytes (${VLAN_BYTES} more with a VLAN tag)`,
      seen: `${frameBytes} bytes`,
      evidence: this.evidence(frameBytes),
    });
  }
}
