// The driver's side of a split virtqueue with EVENT_IDX: who wants to be notified is told by positions, not by flags.
//
// Follows clause catalogue §4.3 and the clauses SPLIT-DRV-2.7.7.1-3, -4 and SPLIT-DRV-2.7.10.1-5 to -7. Without EVENT_IDX it is the
// queue it extends. Interrupts are suppressed by leaving used_event behind and wanted again from the next element on; the
// decision about a kick covers everything published since the last decision.
import type { Resume } from '../../sim/flow.resumable.js';
import { DriverQueue } from './driver-queue.resumable.js';
import { availEventOffset, needsEvent, USED_INDEX, usedEventOffset } from './layout.js';

/** A split queue of a driver that may have EVENT_IDX. */
export class EventDriverQueue extends DriverQueue {
  /** True when EVENT_IDX was negotiated; to be set before initialise(). */
  usesEventIndex = false;
  /** avail.idx at the last decision about a kick. */
  protected decidedIndex = 0;

  override *initialise(): Resume<void> {
    this.decidedIndex = 0;
    yield* super.initialise();
  }

  override *wantsKick(): Resume<boolean> {
    if (!this.usesEventIndex) return yield* super.wantsKick();
    yield* this.memory.fullBarrier();
    const event = yield* this.memory.load16(this.place.used + availEventOffset(this.size));
    const oldIndex = this.decidedIndex;
    this.decidedIndex = this.availIndex;
    return needsEvent(event, this.availIndex, oldIndex);
  }

  override *suppressInterrupts(): Resume<void> {
    if (!this.usesEventIndex) yield* super.suppressInterrupts();
  }

  override *enableInterrupts(): Resume<boolean> {
    if (!this.usesEventIndex) return yield* super.enableInterrupts();
    yield* this.setUsedEvent(this.usedIndex);
    yield* this.memory.fullBarrier();
    const index = yield* this.memory.load16(this.place.used + USED_INDEX);
    return index !== this.usedIndex;
  }

  /** Asks for an interrupt when the element at this position is used. */
  protected *setUsedEvent(index: number): Resume<void> {
    yield* this.memory.store16(this.place.avail + usedEventOffset(this.size), index);
  }
}
