// The net header a driver puts in front of a frame.
//
// virtio 5.1.9.2.1. Judged from the header as the device may see it, against the negotiated features.
import { CHECKSUM_OPEN, CHECKSUM_OPEN_WRONG, CHECKSUM_OUTSIDE, CHECKSUM_RIGHT, CHECKSUM_WRONG, PACKET_HEADER } from '../events.js';
import { NET_COALESCED, NET_DATA_VALID, NET_NEEDS_CHECKSUM } from '../net/header.js';
import { HEADER_UDP_TUNNEL_CSUM, MASK_CSUM, MASK_HOST_GSO } from './ring-constants.js';
import type { LinkState } from './link-state.js';
import { checksumText, gsoTypeText, headerFlagsText } from '../protocol-words.js';
import { A, AT_ONCE, B, C, D, E, F, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const NO_BUFFER_COUNT = 0;
const NO_FLAGS = 1;
const CHECKSUMMED = 2;
const NO_TUNNEL_CSUM = 3;
const NO_GSO = 4;
const NO_DATA_VALID = 5;
const NO_COALESCING = 6;
const OPEN_CHECKSUM_LEADS = 7;
const OPEN_CHECKSUM_SEED = 8;
const LITTLE_ENDIAN = 9;
const TUNNEL_TYPES = 10;
/** Clauses of single gso_type values. */
const GSO_CLAUSES = [
  { type: 1, clause: 11, name: 'TCPV4', mask: 1 << 11 },
  { type: 4, clause: 12, name: 'TCPV6', mask: 1 << 12 },
  { type: 3, clause: 13, name: 'UDP', mask: 1 << 14 },
  { type: 5, clause: 14, name: 'UDP_L4', mask: 0 },
] as const;
const GSO_TUNNEL_BITS = 0x60;
const GSO_TYPE_MASK = 0x1f;

/** Transmit headers say only what was negotiated. */
export const transmitHeader: RuleDefinition = {
  ...AT_ONCE,
  id: 'transmit-header',
  title: 'The header of a transmitted frame holds no buffer count, only negotiated flags and types, and true checksum fields.',
  clauses: [
    'NET-DRV-5.1.9.2.1-2',
    'NET-DRV-5.1.9.2.1-3',
    'NET-DRV-5.1.9.2.1-4',
    'NET-DRV-5.1.9.2.1-22',
    'NET-DRV-5.1.9.2.1-30',
    'NET-DRV-5.1.9.2.1-39',
    'NET-DRV-5.1.9.2.1-40',
    'NET-DRV-5.1.9.2.1-29',
    'NET-DRV-5.1.9.2.1-28',
    'NET-DRV-5.1.9-2',
    'NET-DRV-5.1.9.2.1-17',
    'NET-DRV-5.1.9.2.1-7',
    'NET-DRV-5.1.9.2.1-9',
    'NET-DRV-5.1.9.2.1-11',
    'NET-DRV-5.1.9.2.1-13',
  ],
  actor: 'driver',
  create: (context) => new TransmitHeaderJudge(context).handlers(),
};

/** What can be wrong with a header, and how its value is said. */
type HeaderField = 'flags' | 'gso_type' | 'checksum' | 'field position' | 'num_buffers';
const SAID: Readonly<Record<HeaderField, (value: number) => string>> = {
  flags: headerFlagsText,
  gso_type: gsoTypeText,
  checksum: checksumText,
  'field position': String,
  num_buffers: String,
};

/** One run after the other for the rule above. */
class TransmitHeaderJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return { on: [[PACKET_HEADER, (words, at) => this.seen(words, at)]] };
  }

  /** Counts an occasion on which the clause was kept; texts are made only for the others. */
  private holds(clause: number, port: number, isGood: boolean): boolean {
    if (isGood) this.context.held(clause, port);
    return isGood;
  }

  private accuse(clause: number, port: number, message: string, expected: string, name: HeaderField, value: number): void {
    this.context.violated(clause, port, 'driver', {
      message,
      expected,
      seen: `${name} ${SAID[name](value)}`,
      evidence: { head: this.state.chain.head, position: this.state.chain.position, value },
    });
  }

  private judgeFlags(port: number, flags: number): void {
    const portState = this.state.portOf(port);
    if (!portState.hasFeature(MASK_CSUM)) {
      if (!this.holds(NO_FLAGS, port, flags === 0)) this.accuse(NO_FLAGS, port, 'The driver set header flags without CSUM.', 'flags 0', 'flags', flags);
    }
    if (!this.holds(NO_DATA_VALID, port, (flags & NET_DATA_VALID) === 0))
      this.accuse(NO_DATA_VALID, port, 'The driver set DATA_VALID on a transmitted frame.', 'the flag clear', 'flags', flags);
    if (!this.holds(NO_COALESCING, port, (flags & NET_COALESCED) === 0))
      this.accuse(NO_COALESCING, port, 'The driver set RSC_INFO on a transmitted frame.', 'the flag clear', 'flags', flags);
    if (!this.holds(NO_TUNNEL_CSUM, port, (flags & HEADER_UDP_TUNNEL_CSUM) === 0))
      this.accuse(NO_TUNNEL_CSUM, port, 'The driver set UDP_TUNNEL_CSUM without its feature.', 'the flag clear', 'flags', flags);
  }

  private judgeType(port: number, type: number): void {
    const portState = this.state.portOf(port);
    if (!portState.hasFeature(MASK_HOST_GSO)) {
      if (!this.holds(NO_GSO, port, type === 0))
        this.accuse(NO_GSO, port, 'The driver asked for segmentation without any HOST GSO feature.', 'gso_type NONE', 'gso_type', type);
    }
    if (!this.holds(TUNNEL_TYPES, port, (type & GSO_TUNNEL_BITS) === 0))
      this.accuse(TUNNEL_TYPES, port, 'The driver set tunnel bits without their feature.', 'bits 0x60 clear', 'gso_type', type);
    for (const entry of GSO_CLAUSES) {
      if (portState.hasFeature(entry.mask)) continue;
      if (!this.holds(entry.clause, port, (type & GSO_TYPE_MASK) !== entry.type))
        this.accuse(entry.clause, port, `The driver used gso_type ${entry.name} without its feature.`, `no ${entry.name}`, 'gso_type', type);
    }
  }

  private judgeChecksum(port: number, flags: number, verdict: number, start: number, offset: number, frameBytes: number): void {
    if ((flags & NET_NEEDS_CHECKSUM) === 0) {
      const isKnown = verdict === CHECKSUM_RIGHT || verdict === CHECKSUM_WRONG;
      if (isKnown && !this.state.portOf(port).hasFeature(MASK_CSUM)) {
        if (!this.holds(CHECKSUMMED, port, verdict === CHECKSUM_RIGHT))
          this.accuse(
            CHECKSUMMED,
            port,
            'The driver sent a frame with a wrong checksum and did not ask for it to be completed.',
            'a complete checksum',
            'checksum',
            verdict,
          );
      }
      return;
    }
    const isInside = start + offset + 2 <= frameBytes && verdict !== CHECKSUM_OUTSIDE;
    if (!this.holds(OPEN_CHECKSUM_LEADS, port, isInside))
      this.accuse(
        OPEN_CHECKSUM_LEADS,
        port,
        'csum_start and csum_offset lead out of the frame.',
        `a field within ${frameBytes} bytes`,
        'field position',
        start + offset,
      );
    if (!this.holds(LITTLE_ENDIAN, port, isInside))
      this.accuse(
        LITTLE_ENDIAN,
        port,
        'The 16-bit fields of the header make no sense in little-endian order.',
        `positions within ${frameBytes} bytes`,
        'field position',
        start + offset,
      );
    if (verdict === CHECKSUM_OPEN || verdict === CHECKSUM_OPEN_WRONG) {
      if (!this.holds(OPEN_CHECKSUM_SEED, port, verdict === CHECKSUM_OPEN))
        this.accuse(
          OPEN_CHECKSUM_SEED,
          port,
          'The checksum field does not hold the sum of the pseudo header.',
          'the pseudo-header sum',
          'checksum',
          verdict,
        );
    }
  }

  private seen(words: Uint32Array, at: number): void {
    const port = words[at + A]! & 0xff;
    if (!this.state.portOf(port).isNegotiated) return;
    const flags = words[at + B]! & 0xff;
    this.judgeFlags(port, flags);
    this.judgeType(port, (words[at + B]! >>> 8) & 0xff);
    if (!this.holds(NO_BUFFER_COUNT, port, words[at + D]! >>> 16 === 0))
      this.accuse(NO_BUFFER_COUNT, port, 'num_buffers of a transmitted frame is not 0.', '0', 'num_buffers', words[at + D]! >>> 16);
    this.judgeChecksum(port, flags, words[at + F]!, words[at + C]! >>> 16, words[at + D]! & 0xffff, words[at + E]!);
  }
}
