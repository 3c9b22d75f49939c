// Which frames a driver holds: accepted and not yet given back.
//
// A driver may give a frame back before it has answered transmit (it copied the bytes); the stack then hears
// of it right after the answer.
import type { Frame } from './contract.js';

/** What giving a frame back means now. */
export type GivenBack = 'now' | 'afterAnswer' | 'notHeld';

/** Frames of one driver. */
export class FrameLedger {
  /** In no order. Not a Set, for the reason given at Allocator. */
  private readonly held: Frame[] = [];
  /** The frame transmit was called with and has not answered. */
  offered: Frame | null = null;
  private isOfferedBack = false;

  reset(): void {
    this.held.length = 0;
    this.offered = null;
    this.isOfferedBack = false;
  }

  /** transmit(frame) begins. */
  offer(frame: Frame): void {
    this.offered = frame;
    this.isOfferedBack = false;
  }

  /** transmit answered for the offered frame; true if the driver had given it back already. */
  answer(isAccepted: boolean): boolean {
    const frame = this.offered;
    const wasBack = this.isOfferedBack;
    this.offered = null;
    this.isOfferedBack = false;
    if (isAccepted && !wasBack && frame !== null) this.held.push(frame);
    return wasBack;
  }

  /** The driver gives a frame back. */
  giveBack(frame: Frame): GivenBack {
    if (this.forget(frame)) return 'now';
    if (frame !== this.offered || this.isOfferedBack) return 'notHeld';
    this.isOfferedBack = true;
    return 'afterAnswer';
  }

  /** Takes a frame off the list; false if it is not there. */
  private forget(frame: Frame): boolean {
    const at = this.held.indexOf(frame);
    if (at < 0) return false;
    // The last one fills the gap.
    const last = this.held.pop()!;
    if (at < this.held.length) this.held[at] = last;
    return true;
  }

  /** Number of frames held. */
  get count(): number {
    return this.held.length;
  }
}
