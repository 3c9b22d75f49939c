// The interrupt lines of one guest: one pending flag per line (interrupts coalesce) and a nestable mask.
//
// While a method of the driver runs one mask is held for it; interrupts.enable() inside a method takes it
// away and so opens a window. The mask count never goes below zero.

/** Largest number of lines. */
export const INTERRUPT_LINE_LIMIT = 31;

/** Pending flags and mask. */
export class InterruptController {
  private pending = 0;
  private masks = 0;

  /** Forgets everything; nothing is masked. */
  reset(): void {
    this.pending = 0;
    this.masks = 0;
  }

  /** A line was triggered; a pending one stays pending once. */
  raise(line: number): void {
    this.pending |= 1 << line;
  }

  /** True when an interrupt waits, masked or not. */
  get hasPending(): boolean {
    return this.pending !== 0;
  }

  /** True when an interrupt waits and nothing masks it. */
  get isDeliverable(): boolean {
    return this.pending !== 0 && this.masks === 0;
  }

  /** Takes the pending interrupt with the lowest line; -1 if there is none. */
  take(): number {
    if (this.pending === 0) return -1;
    const line = 31 - Math.clz32(this.pending & -this.pending);
    this.pending &= this.pending - 1;
    return line;
  }

  /** Adds a mask. */
  mask(): void {
    this.masks += 1;
  }

  /** Removes a mask; false if there was none. */
  unmask(): boolean {
    if (this.masks === 0) return false;
    this.masks -= 1;
    return true;
  }
}
