// The frames one driver was asked to send, and the judgement of what the other side hands up.
//
// Links keep order, so the frame behind the last one that arrived is tried first; then the others that are missing.
// A delivery that matches none is compared with what it resembles, so that the verdict says what is wrong with it.
import {
  DELIVERY_GOOD,
  DELIVERY_PARTIAL_CHECKSUM,
  DELIVERY_UNKNOWN,
  DELIVERY_WRONG_BYTES,
  DELIVERY_WRONG_CHECKSUM,
  DELIVERY_WRONG_LENGTH,
} from '../model/events.js';
import { UDP_CHECKSUM_OFFSET, UDP_START, hasChecksum, openChecksum, writeFrame } from './payload.js';

/** Longest frame a stack assembles from pieces. */
export const FRAME_LIMIT_BYTES = 1 << 17;
/** Number of a delivered frame that nobody sent. */
export const NUMBER_UNKNOWN = 0xffffffff;
/** Missing frames a delivery is compared with at most; more are missing only when something is badly wrong already. */
const COMPARE_LIMIT = 512;
const CHECKSUM_AT = UDP_START + UDP_CHECKSUM_OFFSET;

/** A frame of a stack. */
export interface SentFrame {
  readonly number: number;
  readonly lengthBytes: number;
  /** Its bytes if it comes from a capture; generated ones follow from port and number. */
  readonly captured: Uint8Array | null;
  hasOpenChecksum: boolean;
  isDelivered: boolean;
}

/** What a delivery is. */
export interface Judgement {
  readonly number: number;
  /** One of DELIVERY_…. */
  readonly verdict: number;
  /** Position of the first wrong byte. */
  readonly at: number;
}

/** Writes the frame's bytes, with complete checksum, to the start of `into`. */
export function writeSentFrame(into: Uint8Array, frame: SentFrame, port: number): void {
  if (frame.captured !== null) into.set(frame.captured);
  else writeFrame(into, 0, port, frame.number, frame.lengthBytes);
}

/** Where expected bytes are written for comparison; holds nothing between calls. */
const EXPECTED = new Uint8Array(FRAME_LIMIT_BYTES);

/** Frames asked of one driver, in order. */
export class AskedFrames {
  private readonly frames: SentFrame[] = [];
  private firstMissing = 0;
  private next = 0;

  /** Adds a frame when the driver is first asked to take it. */
  add(frame: SentFrame): void {
    if (this.frames.at(-1) !== frame) this.frames.push(frame);
  }

  /** Judges bytes that were handed up on the other side of `port`. */
  judge(port: number, bytes: Uint8Array, length: number): Judgement {
    const { frames } = this;
    while (this.firstMissing < frames.length && frames[this.firstMissing]!.isDelivered) this.firstMissing += 1;
    const ahead = Math.min(frames.length, this.next + COMPARE_LIMIT);
    for (let index = this.next; index < ahead; index++) if (this.matches(index, port, bytes, length)) return this.arrived(index);
    const behind = Math.min(this.next, this.firstMissing + COMPARE_LIMIT);
    for (let index = this.firstMissing; index < behind; index++) if (this.matches(index, port, bytes, length)) return this.arrived(index);
    return this.judgeWrong(port, bytes, length);
  }

  private matches(index: number, port: number, bytes: Uint8Array, length: number): boolean {
    const frame = this.frames[index]!;
    if (frame.isDelivered || frame.lengthBytes !== length) return false;
    writeSentFrame(EXPECTED, frame, port);
    return firstDifference(EXPECTED, bytes, length) < 0;
  }

  private arrived(index: number): Judgement {
    const frame = this.frames[index]!;
    frame.isDelivered = true;
    this.next = index + 1;
    return { number: frame.number, verdict: DELIVERY_GOOD, at: 0 };
  }

  /** No missing frame matches: delivered twice, checksum left open, or damaged. */
  private judgeWrong(port: number, bytes: Uint8Array, length: number): Judgement {
    const from = Math.max(0, this.next - COMPARE_LIMIT);
    for (const frame of this.frames.slice(from, this.next + COMPARE_LIMIT)) {
      if (frame.lengthBytes !== length) continue;
      writeSentFrame(EXPECTED, frame, port);
      if (firstDifference(EXPECTED, bytes, length) < 0) return { number: frame.number, verdict: DELIVERY_UNKNOWN, at: 0 };
      if (!hasChecksum(length)) continue;
      openChecksum(EXPECTED, 0, length);
      if (firstDifference(EXPECTED, bytes, length) >= 0) continue;
      frame.isDelivered = true;
      return { number: frame.number, verdict: DELIVERY_PARTIAL_CHECKSUM, at: 0 };
    }
    return this.judgeDamaged(port, bytes, length);
  }

  /** Takes the oldest missing frame for the one that was damaged. */
  private judgeDamaged(port: number, bytes: Uint8Array, length: number): Judgement {
    const oldest = this.frames[this.firstMissing];
    if (oldest === undefined) return { number: NUMBER_UNKNOWN, verdict: DELIVERY_UNKNOWN, at: 0 };
    oldest.isDelivered = true;
    writeSentFrame(EXPECTED, oldest, port);
    const at = Math.max(0, firstDifference(EXPECTED, bytes, Math.min(length, oldest.lengthBytes)));
    if (oldest.lengthBytes !== length) return { number: oldest.number, verdict: DELIVERY_WRONG_LENGTH, at };
    const isChecksum = at === CHECKSUM_AT || at === CHECKSUM_AT + 1;
    return { number: oldest.number, verdict: isChecksum ? DELIVERY_WRONG_CHECKSUM : DELIVERY_WRONG_BYTES, at };
  }
}

function firstDifference(left: Uint8Array, right: Uint8Array, length: number): number {
  for (let index = 0; index < length; index++) if (left[index] !== right[index]) return index;
  return -1;
}
