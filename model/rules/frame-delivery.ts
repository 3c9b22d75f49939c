// Frames arrive unchanged, once and in order; if not, who changed them.
//
// l4re-p2p sheet §10, invariant 3; virtio 5.1.9.4, 2.7.8.3. A wrong delivery is blamed on the first place at
// which the frame was wrong: in the sender's ring, in the receiver's ring, or only when it was handed up
// (FRAME_IN_RING). Where the trace does not tell, the only judged driver of the two is blamed, else nobody.
import {
  DELIVERY_GOOD,
  DELIVERY_PARTIAL_CHECKSUM,
  DELIVERY_UNKNOWN,
  DELIVERY_WRONG_CHECKSUM,
  DELIVERY_WRONG_LENGTH,
  FRAME_ANSWERED,
  FRAME_DELIVERED,
  FRAME_IN_RING,
  FRAME_OFFERED,
} from '../events.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { MASK_GUEST_CSUM, MASK_MRG_RXBUF } from './ring-constants.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, D, E, F, type Party, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const CARRIED = 0;
const DELIVERS = 1;
const TRANSMITS = 2;
const GATHERS = 3;
const LENGTH_FROM_USED = 4;
const TAIL_IGNORED = 5;
const IDS_MAPPED = 6;
const CHECKSUM_SOUND = 7;
const NO_NUMBER = 0xffffffff;
/** Frames remembered per ring. */
const REMEMBERED = 256;

const WRONG = [
  'right',
  'changed',
  'of the wrong length',
  'not one that was sent, or sent once and delivered again',
  'with an open checksum',
  'with a wrong checksum',
];

/** Every delivered frame is one that was sent, unchanged, once, in order. */
export const frameDelivery: RuleDefinition = {
  ...AT_ONCE,
  id: 'frame-delivery',
  title: 'Every frame handed up is one that was sent, unchanged, once and in order.',
  clauses: [
    'P2P-INV-3',
    'CONTRACT-DELIVER',
    'CONTRACT-TRANSMIT',
    'NET-DRV-5.1.9.4-1',
    'NET-DRV-5.1.9.4-3',
    'SPLIT-DRV-2.7.8.3-1',
    'VQ-DRV-2.6-1',
    'P2P-INV-9',
  ],
  actor: 'link',
  create: (context) => new FrameDeliveryJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class FrameDeliveryJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** What the frame oracle saw, by place (2 * port + 1 for the transmit ring) and the low bits of the number: verdict plus 1, number. */
  private seenVerdict = new Uint8Array(0);

  private seenNumber = new Uint32Array(0);
  /** By place: highest number seen plus 1, and whether a lower one followed. */
  private highest = new Uint32Array(0);

  private isDisordered = new Uint8Array(0);
  /** By port: length of the frame that was offered and not yet answered, 0 if none. */
  private offered = new Uint32Array(0);
  /** By port: highest number delivered plus 1. */
  private delivered = new Uint32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [FRAME_DELIVERED, (words, at) => this.judge(words, at)],
        [FRAME_OFFERED, (words, at) => this.noteOffer(words[at + A]!, words[at + D]!)],
        [FRAME_ANSWERED, (words, at) => this.noteOffer(words[at + A]!, 0)],
        [
          FRAME_IN_RING,
          (words, at) =>
            this.sawInRing(2 * (words[at + A]! & 0xff) + (words[at + A]! >>> 8 === TRANSMIT_QUEUE ? 1 : 0), words[at + C]!, words[at + E]!),
        ],
      ],
      reset: () => {
        const places = 2 * this.state.portCount;
        if (this.highest.length < places) {
          this.seenVerdict = new Uint8Array(places * REMEMBERED);
          this.seenNumber = new Uint32Array(places * REMEMBERED);
          this.highest = new Uint32Array(places);
          this.isDisordered = new Uint8Array(places);
          this.delivered = new Uint32Array(this.state.portCount);
          this.offered = new Uint32Array(this.state.portCount);
        }
        this.seenVerdict.fill(0);
        this.highest.fill(0);
        this.isDisordered.fill(0);
        this.delivered.fill(0);
        this.offered.fill(0);
      },
    };
  }

  /** Verdict plus 1 of a frame at a place, 0 if it was not seen there. */
  private verdictAt(place: number, number: number): number {
    const at = place * REMEMBERED + (number % REMEMBERED);
    return this.seenNumber[at] === number ? this.seenVerdict[at]! : 0;
  }

  /** Who is to blame when the rings do not tell. */
  private presumed(port: number, flow: number): Party | 'sender' {
    const { judgesServer, subjects } = this.context.configuration();
    const isReceiver = subjects[port] === true;
    const isSender = subjects[flow] === true;
    if (this.state.hasMetQuirk || judgesServer === true || (!isReceiver && !isSender)) return 'device';
    if (isReceiver && isSender) return 'link';
    return isReceiver ? 'driver' : 'sender';
  }

  /** The first place at which the frame was wrong. */
  private culpritOf(port: number, flow: number, number: number): Party | 'sender' {
    const received = this.verdictAt(2 * port, number);
    const sent = this.verdictAt(2 * flow + 1, number);
    if (received === DELIVERY_GOOD + 1) return 'driver';
    if (sent > DELIVERY_GOOD + 1) return 'sender';
    if (received !== 0 && sent !== 0) return 'device';
    return this.presumed(port, flow);
  }

  /** The first place at which the order was wrong. */
  private disorderBy(port: number, flow: number): Party | 'sender' {
    if (this.isDisordered[2 * flow + 1] === 1) return 'sender';
    if (this.highest[2 * port] === 0 || this.highest[2 * flow + 1] === 0) return this.presumed(port, flow);
    return this.isDisordered[2 * port] === 1 ? 'device' : 'driver';
  }

  private blame(
    culprit: Party | 'sender',
    port: number,
    flow: number,
    clauses: readonly number[],
    onTheWay: number,
    what: string,
    evidence: Record<string, number>,
  ): void {
    const report = {
      message: `A frame handed up by the driver is ${what}.`,
      expected: 'a frame that was sent, unchanged, once, in order',
      seen: what,
      evidence,
    };
    if (culprit === 'sender') {
      return this.context.violated(TRANSMITS, flow, 'driver', {
        ...report,
        message: `A frame arrived ${what}, and its sender is the cause.`,
      });
    }
    if (culprit === 'driver') {
      for (const clause of [DELIVERS, ...clauses]) this.context.violated(clause, port, 'driver', report);
      return;
    }
    this.context.violated(onTheWay, port, culprit, { ...report, message: `A frame arrived ${what} on the way over the link.` });
  }

  private clausesOf(port: number, verdict: number): readonly number[] {
    if (verdict === DELIVERY_WRONG_LENGTH) return [LENGTH_FROM_USED];
    if (verdict === DELIVERY_UNKNOWN) return [IDS_MAPPED];
    return this.state.portOf(port).hasFeature(MASK_MRG_RXBUF) ? [GATHERS, TAIL_IGNORED] : [TAIL_IGNORED];
  }

  private good(port: number, flow: number, number: number): void {
    if (this.delivered[port]! > number && !this.mayRepeat(flow)) {
      return this.blame(this.disorderBy(port, flow), port, flow, [IDS_MAPPED], CARRIED, 'out of order', {
        number,
        before: this.delivered[port]! - 1,
      });
    }
    this.delivered[port] = Math.max(this.delivered[port]!, number + 1);
    for (const clause of [CARRIED, DELIVERS, LENGTH_FROM_USED, TAIL_IGNORED, IDS_MAPPED, CHECKSUM_SOUND]) this.context.held(clause, port);
    this.context.held(TRANSMITS, flow);
    if (this.state.portOf(port).hasFeature(MASK_MRG_RXBUF)) this.context.held(GATHERS, port);
  }

  /** What a client had under way when it left, even unanswered, may still arrive, and nobody above it knows about it. */
  private isOrphan(flow: number, lengthBytes: number): boolean {
    return this.state.portOf(flow).departureCount > 0 || this.offered[flow] === lengthBytes;
  }

  private noteOffer(port: number, lengthBytes: number): void {
    this.offered[port] = lengthBytes;
  }

  /** After a reset a sender cannot know what had arrived, so it may send frames again. */
  private mayRepeat(flow: number): boolean {
    return this.state.portOf(flow).driverOkCount > 1;
  }

  private judge(words: Uint32Array, at: number): void {
    const port = words[at + A]!;
    const flow = words[at + B]!;
    const number = words[at + C]!;
    const verdict = words[at + E]!;
    if (flow >= this.state.portCount) return;
    if (verdict === DELIVERY_GOOD) return this.good(port, flow, number);
    if (verdict === DELIVERY_UNKNOWN && (number === NO_NUMBER ? this.isOrphan(flow, words[at + D]!) : this.mayRepeat(flow))) {
      return this.context.undecidable(CARRIED, port, 'frames of a client that was reset or left cannot be told from others');
    }
    if (this.context.configuration().scripted?.[flow] === true) {
      return this.context.undecidable(CARRIED, port, 'the sender is a scripted guest, whose frames no stack knows');
    }
    const evidence = { number: number === NO_NUMBER ? -1 : number, lengthBytes: words[at + D]!, position: words[at + F]! };
    const isChecksum = verdict === DELIVERY_PARTIAL_CHECKSUM || verdict === DELIVERY_WRONG_CHECKSUM;
    const onTheWay = isChecksum && !this.state.portOf(port).hasFeature(MASK_GUEST_CSUM) ? CHECKSUM_SOUND : CARRIED;
    this.blame(
      this.culpritOf(port, flow, number),
      port,
      flow,
      this.clausesOf(port, verdict),
      onTheWay,
      WRONG[verdict] ?? 'wrong',
      evidence,
    );
  }

  private sawInRing(place: number, number: number, verdict: number): void {
    const at = place * REMEMBERED + (number % REMEMBERED);
    this.seenVerdict[at] = verdict + 1;
    this.seenNumber[at] = number;
    if (number === NO_NUMBER) return;
    if (this.highest[place]! > number) this.isDisordered[place] = 1;
    else this.highest[place] = number + 1;
  }
}
