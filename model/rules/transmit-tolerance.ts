// What the device makes of a transmit header that says more than it need: unknown flags, fields without their flag, a
// sender that vouches for its checksum.
//
// virtio 5.1.9.2.2 and 5.1.9.4.1. A frame under way is known by the chain that was taken last from its sender, since the device
// carries one frame at a time per direction. That it arrives at all is frames-carried.ts' matter.
import { CHECKSUM_RIGHT, CHECKSUM_WRONG, FRAME_PLACED, PACKET_HEADER, TAKEN } from '../events.js';
import { NET_DATA_VALID, NET_NEEDS_CHECKSUM } from '../net/header.js';
import { headerFlagsText } from '../protocol-words.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { A, AT_ONCE, B, C, D, F, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const IGNORES_FLAGS = 0;
const IGNORES_FIELDS = 1;
const VOUCHES_FOR_NOTHING = 2;

/** What is peculiar about a header, as bits. */
const HAS_UNKNOWN_FLAGS = 1;
const HAS_STALE_FIELDS = 2;
const IS_VOUCHED_FOR = 4;
/** Flags of a net header that no version of the specification names. */
const UNKNOWN_FLAGS = 0x80;

/** Transmit headers with more in them than counts. */
export const transmitTolerance: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'transmit-tolerance',
  title: 'The device ignores unknown flags and stale checksum fields of a transmit header, and vouches for no checksum on the word of its sender.',
  clauses: ['NET-DEV-5.1.9.2.2-1', 'NET-DEV-5.1.9.2.2-2', 'NET-DEV-5.1.9.4.1-31'],
  actor: 'device',
  create: (context) => new TransmitToleranceJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class TransmitToleranceJudge {
  private readonly context: RuleContext;
  /** By port and head: bits of the header published last, 0 for a plain one. */
  private readonly published = new Map<number, number>();
  /** By sender: bits of the frame under way. */
  private underWay = new Uint8Array(0);

  constructor(context: RuleContext) {
    this.context = context;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    const { state } = this.context;
    return {
      on: [
        [PACKET_HEADER, (words, at) => this.sent(words[at + A]! & 0xff, words[at + B]! & 0xff, (words[at + C]! >>> 16) | (words[at + D]! & 0xffff))],
        [
          TAKEN,
          (words, at) => {
            if (words[at + A]! >>> 8 !== TRANSMIT_QUEUE) return;
            const port = words[at + A]! & 0xff;
            this.underWay[port] = this.published.get(port | (words[at + C]! << 8)) ?? 0;
          },
        ],
        [FRAME_PLACED, (words, at) => this.placed(words[at + A]! & 0xff, words[at + C]! & 0xff, words[at + F]!)],
      ],
      reset: () => {
        if (this.underWay.length < state.portCount) this.underWay = new Uint8Array(state.portCount);
        this.underWay.fill(0);
        this.published.clear();
      },
    };
  }

  private sent(port: number, flags: number, fields: number): void {
    let bits = (flags & UNKNOWN_FLAGS) !== 0 ? HAS_UNKNOWN_FLAGS : 0;
    if ((flags & NET_NEEDS_CHECKSUM) === 0 && fields !== 0) bits |= HAS_STALE_FIELDS;
    if ((flags & NET_DATA_VALID) !== 0) bits |= IS_VOUCHED_FOR;
    const key = port | (this.context.state.chain.head << 8);
    if (bits !== 0) this.published.set(key, bits);
    else if (this.published.size > 0) this.published.delete(key);
  }

  private placed(receiver: number, flags: number, verdict: number): void {
    const sender = this.context.state.peerOf(receiver);
    const bits = sender < 0 ? 0 : this.underWay[sender]!;
    if (bits === 0) return;
    this.underWay[sender] = 0;
    if ((bits & HAS_UNKNOWN_FLAGS) !== 0)
      this.judge(IGNORES_FLAGS, receiver, (flags & UNKNOWN_FLAGS) === 0, 'The device passed on a flag of a transmit header that it does not know.', flags);
    if ((bits & HAS_STALE_FIELDS) !== 0) {
      const isOpened = (flags & NET_NEEDS_CHECKSUM) !== 0;
      if (isOpened || verdict === CHECKSUM_RIGHT || verdict === CHECKSUM_WRONG)
        this.judge(
          IGNORES_FIELDS,
          receiver,
          !isOpened && verdict === CHECKSUM_RIGHT,
          'The device used the checksum fields of a transmit header without NEEDS_CSUM.',
          flags,
        );
    }
    if ((bits & IS_VOUCHED_FOR) !== 0)
      this.judge(VOUCHES_FOR_NOTHING, receiver, (flags & NET_DATA_VALID) === 0, 'The device vouched for a checksum because the sender did.', flags);
  }

  private judge(clause: number, port: number, isGood: boolean, message: string, flags: number): void {
    if (isGood) return this.context.held(clause, port);
    // Buffers that lie over each other: what stands in the header may have come as payload.
    if (this.context.state.posted.hasSharedBuffers(port))
      return this.context.undecidable(clause, port, 'receive buffers of the driver lie over each other');
    this.context.violated(clause, port, 'device', {
      message,
      expected: 'what has no meaning ignored',
      seen: `flags ${headerFlagsText(flags)} in the header of the receiver`,
      evidence: { flags },
    });
  }
}
