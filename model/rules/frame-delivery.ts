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
  FRAME_DELIVERED,
  FRAME_IN_RING,
} from '../events.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { MASK_GUEST_CSUM, MASK_MRG_RXBUF } from './ring-constants.js';
import { A, AT_ONCE, B, C, D, E, F, type Party, type RuleDefinition } from './rule.js';

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
  clauses: ['P2P-INV-3', 'CONTRACT-DELIVER', 'CONTRACT-TRANSMIT', 'NET-DRV-5.1.9.4-1', 'NET-DRV-5.1.9.4-3', 'SPLIT-DRV-2.7.8.3-1', 'VQ-DRV-2.6-1', 'P2P-INV-9'],
  actor: 'link',
  create(context) {
    const { state } = context;
    /** What the frame oracle saw, by place (2 * port + 1 for the transmit ring) and the low bits of the number: verdict plus 1, number. */
    let seenVerdict = new Uint8Array(0);
    let seenNumber = new Uint32Array(0);
    /** By place: highest number seen plus 1, and whether a lower one followed. */
    let highest = new Uint32Array(0);
    let isDisordered = new Uint8Array(0);
    /** By port: highest number delivered plus 1. */
    let delivered = new Uint32Array(0);

    /** Verdict plus 1 of a frame at a place, 0 if it was not seen there. */
    const verdictAt = (place: number, number: number): number => {
      const at = place * REMEMBERED + (number % REMEMBERED);
      return seenNumber[at] === number ? seenVerdict[at]! : 0;
    };

    /** Who is to blame when the rings do not tell. */
    const presumed = (port: number, flow: number): Party | 'sender' => {
      const { subjects } = context.configuration();
      const isReceiver = subjects[port] === true;
      const isSender = subjects[flow] === true;
      if (state.hasMetQuirk || (!isReceiver && !isSender)) return 'device';
      if (isReceiver && isSender) return 'link';
      return isReceiver ? 'driver' : 'sender';
    };

    /** The first place at which the frame was wrong. */
    const culpritOf = (port: number, flow: number, number: number): Party | 'sender' => {
      const received = verdictAt(2 * port, number);
      const sent = verdictAt(2 * flow + 1, number);
      if (received === DELIVERY_GOOD + 1) return 'driver';
      if (sent > DELIVERY_GOOD + 1) return 'sender';
      if (received !== 0 && sent !== 0) return 'device';
      return presumed(port, flow);
    };

    /** The first place at which the order was wrong. */
    const disorderBy = (port: number, flow: number): Party | 'sender' => {
      if (isDisordered[2 * flow + 1] === 1) return 'sender';
      if (highest[2 * port] === 0 || highest[2 * flow + 1] === 0) return presumed(port, flow);
      return isDisordered[2 * port] === 1 ? 'device' : 'driver';
    };

    const blame = (
      culprit: Party | 'sender',
      port: number,
      flow: number,
      clauses: readonly number[],
      onTheWay: number,
      what: string,
      evidence: Record<string, number>,
    ): void => {
      const report = {
        message: `A frame handed up by the driver is ${what}.`,
        expected: 'a frame that was sent, unchanged, once, in order',
        seen: what,
        evidence,
      };
      if (culprit === 'sender') {
        return context.violated(TRANSMITS, flow, 'driver', { ...report, message: `A frame arrived ${what}, and its sender is the cause.` });
      }
      if (culprit === 'driver') {
        for (const clause of [DELIVERS, ...clauses]) context.violated(clause, port, 'driver', report);
        return;
      }
      context.violated(onTheWay, port, culprit, { ...report, message: `A frame arrived ${what} on the way over the link.` });
    };

    const clausesOf = (port: number, verdict: number): readonly number[] => {
      if (verdict === DELIVERY_WRONG_LENGTH) return [LENGTH_FROM_USED];
      if (verdict === DELIVERY_UNKNOWN) return [IDS_MAPPED];
      return state.portOf(port).hasFeature(MASK_MRG_RXBUF) ? [GATHERS, TAIL_IGNORED] : [TAIL_IGNORED];
    };

    const good = (port: number, flow: number, number: number): void => {
      if (delivered[port]! > number && !mayRepeat(flow)) {
        return blame(disorderBy(port, flow), port, flow, [IDS_MAPPED], CARRIED, 'out of order', { number, before: delivered[port]! - 1 });
      }
      delivered[port] = Math.max(delivered[port]!, number + 1);
      for (const clause of [CARRIED, DELIVERS, LENGTH_FROM_USED, TAIL_IGNORED, IDS_MAPPED, CHECKSUM_SOUND]) context.held(clause, port);
      context.held(TRANSMITS, flow);
      if (state.portOf(port).hasFeature(MASK_MRG_RXBUF)) context.held(GATHERS, port);
    };

    /** After a reset a sender cannot know what had arrived, so it may send frames again. */
    const mayRepeat = (flow: number): boolean => state.portOf(flow).driverOkCount > 1;

    const judge = (words: Uint32Array, at: number): void => {
      const port = words[at + A]!;
      const flow = words[at + B]!;
      const number = words[at + C]!;
      const verdict = words[at + E]!;
      if (flow >= state.portCount) return;
      if (verdict === DELIVERY_GOOD) return good(port, flow, number);
      if (verdict === DELIVERY_UNKNOWN && number !== NO_NUMBER && mayRepeat(flow)) return;
      const evidence = { number: number === NO_NUMBER ? -1 : number, lengthBytes: words[at + D]!, position: words[at + F]! };
      const isChecksum = verdict === DELIVERY_PARTIAL_CHECKSUM || verdict === DELIVERY_WRONG_CHECKSUM;
      const onTheWay = isChecksum && !state.portOf(port).hasFeature(MASK_GUEST_CSUM) ? CHECKSUM_SOUND : CARRIED;
      blame(culpritOf(port, flow, number), port, flow, clausesOf(port, verdict), onTheWay, WRONG[verdict] ?? 'wrong', evidence);
    };

    const sawInRing = (place: number, number: number, verdict: number): void => {
      const at = place * REMEMBERED + (number % REMEMBERED);
      seenVerdict[at] = verdict + 1;
      seenNumber[at] = number;
      if (number === NO_NUMBER) return;
      if (highest[place]! > number) isDisordered[place] = 1;
      else highest[place] = number + 1;
    };

    return {
      on: [
        [FRAME_DELIVERED, judge],
        [
          FRAME_IN_RING,
          (words, at) => sawInRing(2 * (words[at + A]! & 0xff) + (words[at + A]! >>> 8 === TRANSMIT_QUEUE ? 1 : 0), words[at + C]!, words[at + E]!),
        ],
      ],
      reset: () => {
        const places = 2 * state.portCount;
        if (highest.length < places) {
          seenVerdict = new Uint8Array(places * REMEMBERED);
          seenNumber = new Uint32Array(places * REMEMBERED);
          highest = new Uint32Array(places);
          isDisordered = new Uint8Array(places);
          delivered = new Uint32Array(state.portCount);
        }
        seenVerdict.fill(0);
        highest.fill(0);
        isDisordered.fill(0);
        delivered.fill(0);
      },
    };
  },
};
