// Frames in order, by number and length: what is under way between two places.
//
// A queue in typed arrays that is read from the front; a match passes over what stands before it, because order
// is kept and what was passed over is lost. What was taken stays known until it is settled, so that a sender may
// start over.
const FIRST_CAPACITY = 64;

/** A first-in first-out list of frame numbers and lengths. */
export class FrameQueue {
  private numbers = new Uint32Array(FIRST_CAPACITY);
  private lengths = new Float64Array(FIRST_CAPACITY);
  /** Oldest frame that may come back, oldest frame not taken, end. */
  private settled = 0;
  private start = 0;
  private end = 0;

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  get count(): number {
    return this.end - this.start;
  }

  /** Length of the oldest frame in bytes, 0 when empty. */
  get firstLength(): number {
    return this.isEmpty ? 0 : this.lengths[this.start]!;
  }

  clear(): void {
    this.settled = 0;
    this.start = 0;
    this.end = 0;
  }

  push(number: number, lengthBytes: number): void {
    if (this.end === this.numbers.length) this.makeRoom();
    this.numbers[this.end] = number;
    this.lengths[this.end] = lengthBytes;
    this.end++;
  }

  /** Forgets the youngest `count` frames. */
  dropLast(count: number): void {
    this.end = Math.max(this.start, this.end - count);
  }

  /** The oldest taken frame is done with for good. */
  settle(): void {
    if (this.settled < this.start) this.settled++;
  }

  /** Puts everything taken and not settled back. */
  rewind(): void {
    this.start = this.settled;
  }

  /** Forgets the frame of that number, if it is there. */
  remove(number: number): void {
    for (let index = this.end - 1; index >= this.start; index--) {
      if (this.numbers[index] !== number) continue;
      this.numbers.copyWithin(index, index + 1, this.end);
      this.lengths.copyWithin(index, index + 1, this.end);
      this.end--;
      return;
    }
  }

  /** Takes the oldest frame of that length and forgets those before it; false when there is none. */
  takeLength(lengthBytes: number): boolean {
    for (let index = this.start; index < this.end; index++) {
      if (this.lengths[index] !== lengthBytes) continue;
      this.start = index + 1;
      return true;
    }
    return false;
  }

  /** True when a frame longer than `lengthBytes` is in the queue. */
  hasLonger(lengthBytes: number): boolean {
    for (let index = this.start; index < this.end; index++) if (this.lengths[index]! > lengthBytes) return true;
    return false;
  }

  private makeRoom(): void {
    const gone = this.settled;
    if (gone > 0) {
      this.numbers.copyWithin(0, gone, this.end);
      this.lengths.copyWithin(0, gone, this.end);
    } else {
      const numbers = new Uint32Array(2 * this.numbers.length);
      const lengths = new Float64Array(2 * this.lengths.length);
      numbers.set(this.numbers);
      lengths.set(this.lengths);
      this.numbers = numbers;
      this.lengths = lengths;
    }
    this.end -= gone;
    this.start -= gone;
    this.settled = 0;
  }
}
