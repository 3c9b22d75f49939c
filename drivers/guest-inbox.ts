// The work that waits for a driver: at most one request of each kind, queues for frames and for releases.
//
// Kept as bits, so that asking whether there is work costs one comparison.
import type { Frame } from './contract.js';
import { METHOD } from './driver-object.js';

const RELEASE = 1;
const TIMER = 2;
const POLL = 4;
const STOP = 8;
const TRANSMIT = 16;

/** What a driver is to be called for, besides interrupts. */
export class GuestInbox {
  private work = 0;
  private readonly offers: Frame[] = [];
  private readonly releases: number[] = [];
  /** Frame of the last next() that said transmit. */
  frame: Frame | null = null;
  /** Address of the last next() that said release. */
  address = 0;

  /** Forgets everything. */
  clear(): void {
    this.work = 0;
    this.offers.length = 0;
    this.releases.length = 0;
    this.frame = null;
  }

  get isEmpty(): boolean {
    return this.work === 0;
  }

  addOffer(frame: Frame): void {
    this.offers.push(frame);
    this.work |= TRANSMIT;
  }

  addRelease(address: number): void {
    this.releases.push(address);
    this.work |= RELEASE;
  }

  addTimer(): void {
    this.work |= TIMER;
  }

  addPoll(): void {
    this.work |= POLL;
  }

  addStop(): void {
    this.work |= STOP;
  }

  /** Takes the next piece of work: the number of the method. Only when not empty. */
  next(): number {
    const { work } = this;
    if ((work & RELEASE) !== 0) {
      this.address = this.releases.shift()!;
      if (this.releases.length === 0) this.work &= ~RELEASE;
      return METHOD.release;
    }
    if ((work & TIMER) !== 0) return this.taken(TIMER, METHOD.timer);
    if ((work & POLL) !== 0) return this.taken(POLL, METHOD.poll);
    if ((work & STOP) !== 0) return this.taken(STOP, METHOD.stop);
    this.frame = this.offers.shift()!;
    if (this.offers.length === 0) this.work &= ~TRANSMIT;
    return METHOD.transmit;
  }

  private taken(work: number, method: number): number {
    this.work &= ~work;
    return method;
  }
}
