// The device side of a split virtqueue with EVENT_IDX: who wants to be notified is told by positions, not by flags.
//
// Follows clause catalogue §4.3 and the clauses SPLIT-DEV-2.7.7.2-4 to -6 and SPLIT-DEV-2.7.10.2-3, -4. Without EVENT_IDX it is the
// queue it extends. Kicks are suppressed by leaving avail_event behind and wanted again from the next chain on; the
// decision about an interrupt covers everything published since the last decision.
import { BARRIER_FULL } from '../../sim/barrier.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { AVAIL_EVENT_SET, USED_EVENT_SEEN } from '../events.js';
import { DeviceQueue } from './device-queue.resumable.js';
import { AVAIL_INDEX, availEventOffset, needsEvent, USED_INDEX, usedEventOffset } from './layout.js';

/** A split queue of a device that may have EVENT_IDX. */
export class EventDeviceQueue extends DeviceQueue {
  /** True when EVENT_IDX was negotiated; to be set after install(). */
  usesEventIndex = false;
  /** used.idx at the last decision about an interrupt. */
  protected decidedIndex = 0;

  override install(descriptors: number, avail: number, used: number, size: number): void {
    super.install(descriptors, avail, used, size);
    this.usesEventIndex = false;
    this.decidedIndex = 0;
  }

  override *isInterruptSuppressed(): Resume<boolean> {
    if (!this.usesEventIndex) return yield* super.isInterruptSuppressed();
    const { log, memory, watcher } = this.context;
    yield* memory.barrier(BARRIER_FULL);
    const index = yield* memory.load16(this.used + USED_INDEX);
    const event = yield* memory.load16(this.avail + usedEventOffset(this.size));
    log.record(USED_EVENT_SEEN, this.eventAddress, event, watcher.availFlags(this.port, this.number), 0, 0, 0);
    const isWanted = this.isWanted(event, index, this.decidedIndex);
    this.decidedIndex = index;
    return !isWanted;
  }

  override *suppressKicks(isSuppressed: boolean): Resume<void> {
    if (!this.usesEventIndex) return yield* super.suppressKicks(isSuppressed);
    if (this.isReady && !isSuppressed) yield* this.wantKicks();
  }

  /** True if a driver that named `event` wants to hear that used.idx moved. */
  protected isWanted(event: number, newIndex: number, oldIndex: number): boolean {
    return needsEvent(event, newIndex, oldIndex);
  }

  /** Asks for a kick with the next chain, and looks again until none has come in between. */
  protected *wantKicks(): Resume<void> {
    const { memory } = this.context;
    let index = yield* memory.load16(this.avail + AVAIL_INDEX);
    for (;;) {
      yield* this.setAvailEvent(index);
      yield* memory.barrier(BARRIER_FULL);
      const again = yield* memory.load16(this.avail + AVAIL_INDEX);
      if (again !== this.lastLooked) this.look(again);
      if (again === index) return;
      index = again;
    }
  }

  protected *setAvailEvent(index: number): Resume<void> {
    yield* this.context.memory.store16(this.used + availEventOffset(this.size), index);
    this.context.log.record(AVAIL_EVENT_SET, this.eventAddress, index, 0, 0, 0, 0);
  }
}
