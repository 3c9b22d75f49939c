// The net header a device puts in front of a received frame.
//
// virtio 5.1.9.3.2 and 5.1.9.4.1; l4re-p2p sheet §10, invariant 9. In a point-to-point link it is made from
// the header of the other side, so it must be translated to what this side negotiated. A checksum that was wrong, or
// asked for at a wrong place, when the sender posted the frame is the sender's fault wherever the frame goes; so is a frame
// that other chains lie over, and the receiver's what becomes of buffers that lie over each other.
import {
  CHECKSUM_NONE,
  CHECKSUM_OPEN,
  CHECKSUM_OPEN_WRONG,
  CHECKSUM_OUTSIDE,
  CHECKSUM_RIGHT,
  CHECKSUM_UNKNOWN,
  CHECKSUM_WRONG,
  FRAME_PLACED,
  PACKET_HEADER,
} from '../events.js';
import { NET_COALESCED, NET_DATA_VALID, NET_NEEDS_CHECKSUM } from '../net/header.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { HEADER_UDP_TUNNEL_CSUM, MASK_GUEST_CSUM, MASK_GUEST_GSO } from './ring-constants.js';
import { DERIVED_RETURNED, type LinkState } from './link-state.js';
import { checksumText, gsoTypeText, headerFlagsText } from '../protocol-words.js';
import { A, AT_ONCE, C, D, F, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const NO_FLAGS = 0;
const COMPLETE = 1;
const NO_GSO = 2;
const NO_TUNNEL_TYPES = 3;
const NO_TUNNEL_CSUM = 4;
const NO_COALESCING = 5;
const VALID_IS_TRUE = 6;
const OPEN_LEADS = 7;
const OPEN_SEED = 8;
const CHECKSUM_SOUND = 9;
/** Clauses of single gso_type values. */
const GSO_CLAUSES = [
  { type: 1, clause: 10, name: 'TCPV4', mask: 1 << 7 },
  { type: 3, clause: 11, name: 'UDP', mask: 1 << 10 },
  { type: 4, clause: 12, name: 'TCPV6', mask: 1 << 8 },
  { type: 5, clause: 13, name: 'UDP_L4', mask: 0 },
] as const;
const GSO_TUNNEL_BITS = 0x60;
const GSO_TYPE_MASK = 0x1f;

/** Receive headers say only what was negotiated. */
export const receivedHeader: RuleDefinition = {
  ...AT_ONCE,
  id: 'received-header',
  title: 'The header of a received frame holds only negotiated flags and types, and checksums are complete where they must be.',
  clauses: [
    'NET-DEV-5.1.9.4.1-5',
    'NET-DEV-5.1.9.4.1-6',
    'NET-DEV-5.1.9.4.1-24',
    'NET-DEV-5.1.9.4.1-11',
    'NET-DEV-5.1.9.4.1-12',
    'NET-DEV-5.1.9.4.1-28',
    'NET-DEV-5.1.9.4.1-31',
    'NET-DEV-5.1.9.4.1-20',
    'NET-DEV-5.1.9.4.1-19',
    'P2P-INV-9',
    'NET-DEV-5.1.9.4.1-7',
    'NET-DEV-5.1.9.4.1-8',
    'NET-DEV-5.1.9.4.1-9',
    'NET-DEV-5.1.9.4.1-10',
  ],
  actor: 'device',
  create: (context) => new ReceivedHeaderJudge(context).handlers(),
};

/** What can be wrong with a header, and how its value is said. */
type HeaderField = 'flags' | 'gso_type' | 'checksum';
const SAID: Readonly<Record<HeaderField, (value: number) => string>> = {
  flags: headerFlagsText,
  gso_type: gsoTypeText,
  checksum: checksumText,
};

/** Verdicts on posted frames of which a device can make a right one; one that leads out of its frame must not be passed on. */
const SOUND: ReadonlySet<number> = new Set([CHECKSUM_NONE, CHECKSUM_RIGHT, CHECKSUM_OPEN, CHECKSUM_OUTSIDE]);

/** One run after the other for the rule above. */
class ReceivedHeaderJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By port | head << 8: verdict on the checksum of a frame when it was posted. */
  private readonly posted = new Map<number, number>();
  /** By port: the verdict on the frame whose chain was returned last. */
  private readonly returned: number[] = [];
  /** By port: head of that chain. */
  private readonly heads: number[] = [];

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [PACKET_HEADER, (words, at) => this.posted.set((words[at + A]! & 0xff) | (this.state.chain.head << 8), words[at + F]!)],
        [DERIVED_RETURNED, () => this.chainReturned()],
        [FRAME_PLACED, (words, at) => this.placed(words, at)],
      ],
      reset: () => {
        this.posted.clear();
        this.returned.length = 0;
        this.heads.length = 0;
      },
    };
  }

  private chainReturned(): void {
    const { queue, id } = this.state.returned;
    if (queue.queue !== TRANSMIT_QUEUE) return;
    this.returned[queue.port] = this.posted.get(queue.port | (id << 8)) ?? CHECKSUM_UNKNOWN;
    this.heads[queue.port] = id;
  }

  /** The verdict as far as the device has to answer for it: nothing is known of a frame that its sender got wrong. */
  private answeredFor(receiver: number, verdict: number): number {
    if (verdict !== CHECKSUM_WRONG && verdict !== CHECKSUM_OPEN_WRONG) return verdict;
    const sender = this.state.peerOf(receiver);
    if (sender < 0) return verdict;
    const posted = this.returned[sender];
    if (posted !== undefined && !SOUND.has(posted)) return CHECKSUM_UNKNOWN;
    if (this.state.portOf(sender).driverBroke) return CHECKSUM_UNKNOWN;
    return this.state.posted.isSharedFrame(sender, this.heads[sender] ?? 0) ? CHECKSUM_UNKNOWN : verdict;
  }

  /** Counts an occasion on which the clause was kept; texts are made only for the others. */
  private holds(clause: number, port: number, isGood: boolean): boolean {
    if (isGood) this.context.held(clause, port);
    return isGood;
  }

  private accuse(clause: number, port: number, message: string, expected: string, name: HeaderField, value: number): void {
    if (this.state.posted.hasSharedBuffers(port)) return;
    this.context.violated(clause, port, 'device', {
      message,
      expected,
      seen: `${name} ${SAID[name](value)}`,
      evidence: { value, negotiated: this.state.portOf(port).negotiated0 },
    });
  }

  private judgeType(port: number, type: number): void {
    const portState = this.state.portOf(port);
    if (!portState.hasFeature(MASK_GUEST_GSO)) {
      if (!this.holds(NO_GSO, port, type === 0))
        this.accuse(NO_GSO, port, 'The device handed up a segmented frame without any GUEST GSO feature.', 'gso_type NONE', 'gso_type', type);
    }
    if (!this.holds(NO_TUNNEL_TYPES, port, (type & GSO_TUNNEL_BITS) === 0))
      this.accuse(NO_TUNNEL_TYPES, port, 'The device set tunnel bits without their feature.', 'bits 0x60 clear', 'gso_type', type);
    for (const entry of GSO_CLAUSES) {
      if (portState.hasFeature(entry.mask)) continue;
      if (!this.holds(entry.clause, port, (type & GSO_TYPE_MASK) !== entry.type))
        this.accuse(entry.clause, port, `The device used gso_type ${entry.name} without its feature.`, `no ${entry.name}`, 'gso_type', type);
    }
  }

  private judgeChecksum(port: number, flags: number, verdict: number): void {
    const isOpen = (flags & NET_NEEDS_CHECKSUM) !== 0;
    if (!this.state.portOf(port).hasFeature(MASK_GUEST_CSUM)) {
      if (!this.holds(NO_FLAGS, port, flags === 0))
        this.accuse(NO_FLAGS, port, 'The device set header flags for a driver without GUEST_CSUM.', 'flags 0', 'flags', flags);
      if (!this.holds(CHECKSUM_SOUND, port, !isOpen && verdict !== CHECKSUM_WRONG))
        this.accuse(
          CHECKSUM_SOUND,
          port,
          'A driver without GUEST_CSUM got a frame whose checksum is open or wrong.',
          'a complete, right checksum',
          'flags',
          flags,
        );
      if (verdict === CHECKSUM_RIGHT || verdict === CHECKSUM_WRONG) {
        if (!this.holds(COMPLETE, port, verdict === CHECKSUM_RIGHT))
          this.accuse(COMPLETE, port, 'The device handed up a wrong checksum.', 'a right checksum', 'checksum', verdict);
      }
      return;
    }
    if ((flags & NET_DATA_VALID) !== 0 && (verdict === CHECKSUM_RIGHT || verdict === CHECKSUM_WRONG)) {
      if (!this.holds(VALID_IS_TRUE, port, verdict === CHECKSUM_RIGHT))
        this.accuse(VALID_IS_TRUE, port, 'The device vouched for a wrong checksum.', 'DATA_VALID on verified frames only', 'flags', flags);
    }
    if (!isOpen || verdict === 0) return;
    if (!this.holds(OPEN_LEADS, port, verdict !== CHECKSUM_OUTSIDE))
      this.accuse(OPEN_LEADS, port, 'csum_start and csum_offset of a received frame lead out of it.', 'a field within the frame', 'checksum', verdict);
    if (verdict === CHECKSUM_OPEN || verdict === CHECKSUM_OPEN_WRONG) {
      if (!this.holds(OPEN_SEED, port, verdict === CHECKSUM_OPEN))
        this.accuse(
          OPEN_SEED,
          port,
          'The checksum field of a received frame does not hold the sum of the pseudo header.',
          'the pseudo-header sum',
          'checksum',
          verdict,
        );
    }
  }

  private placed(words: Uint32Array, at: number): void {
    const port = words[at + A]! & 0xff;
    if (!this.state.portOf(port).isNegotiated) return;
    const flags = words[at + C]! & 0xff;
    this.judgeType(port, words[at + D]! & 0xff);
    if (!this.holds(NO_COALESCING, port, (flags & NET_COALESCED) === 0))
      this.accuse(NO_COALESCING, port, 'The device set RSC_INFO without RSC_EXT.', 'the flag clear', 'flags', flags);
    if (!this.holds(NO_TUNNEL_CSUM, port, (flags & HEADER_UDP_TUNNEL_CSUM) === 0))
      this.accuse(NO_TUNNEL_CSUM, port, 'The device set UDP_TUNNEL_CSUM without its feature.', 'the flag clear', 'flags', flags);
    this.judgeChecksum(port, flags, this.answeredFor(port, words[at + F]!));
  }
}
