// The memory views of one guest, one per execution mode, made once and used for every run.
//
// A fault of the driver is told to the machine when it happens, so that a driver which catches the exception
// has broken off all the same.
import type { AccessObserver } from '../sim/access-observer.js';
import type { AddressSpace } from '../sim/address-space.js';
import { CoarseMemory } from '../sim/coarse-memory.js';
import type { Gate } from '../sim/gate.js';
import { HookedMemory } from '../sim/hooked-memory.js';
import { MemoryFault } from '../sim/memory-fault.js';
import { ObservedMemory } from '../sim/observed-memory.js';
import { ResumableMemory } from '../sim/resumable-memory.js';
import type { StoreOrder } from '../sim/store-order.js';

/** How finely agents are interleaved and how memory behaves. */
export type ExecutionMode = 'coarse' | 'fine' | 'weak';

/** Told about a driver's access outside its memory. */
export interface FaultListener {
  faulted(fault: MemoryFault): void;
}

function reported(listener: FaultListener, error: unknown): unknown {
  if (error instanceof MemoryFault) listener.faulted(error);
  return error;
}

class GuestCoarseMemory extends CoarseMemory {
  private readonly listener: FaultListener;

  constructor(contextId: number, space: AddressSpace, observer: AccessObserver, listener: FaultListener) {
    super(contextId, space, observer);
    this.listener = listener;
  }

  protected override range(address: number, lengthBytes: number, right: number): number {
    try {
      return super.range(address, lengthBytes, right);
    } catch (error) {
      throw reported(this.listener, error);
    }
  }
}

class GuestObservedMemory extends ObservedMemory {
  private readonly listener: FaultListener;

  constructor(contextId: number, space: AddressSpace, observer: AccessObserver, listener: FaultListener) {
    super(contextId, space, observer, null);
    this.listener = listener;
  }

  protected override range(address: number, lengthBytes: number, right: number): number {
    try {
      return super.range(address, lengthBytes, right);
    } catch (error) {
      throw reported(this.listener, error);
    }
  }
}

/** All views of one guest. */
export class GuestViews {
  private readonly coarse: GuestCoarseMemory;
  private readonly observed: GuestObservedMemory;
  private readonly hooked: { readonly coarse: HookedMemory; readonly observed: HookedMemory };
  private readonly resumable: { readonly coarse: ResumableMemory; readonly observed: ResumableMemory };
  private isCoarse = true;

  constructor(contextId: number, space: AddressSpace, observer: AccessObserver, gate: Gate, listener: FaultListener) {
    this.coarse = new GuestCoarseMemory(contextId, space, observer, listener);
    this.observed = new GuestObservedMemory(contextId, space, observer, listener);
    this.hooked = { coarse: new HookedMemory(contextId, this.coarse, gate), observed: new HookedMemory(contextId, this.observed, gate) };
    this.resumable = { coarse: new ResumableMemory(this.coarse, gate), observed: new ResumableMemory(this.observed, gate) };
  }

  /** Chooses the views of a run; `order` only in weak mode. */
  select(mode: ExecutionMode, order: StoreOrder | null): void {
    this.isCoarse = mode === 'coarse';
    this.observed.useOrder(mode === 'weak' ? order : null);
  }

  /** The performing view: nobody runs in between. */
  get direct(): CoarseMemory {
    return this.isCoarse ? this.coarse : this.observed;
  }

  /** The view of a driver in plain style. */
  get forPlain(): HookedMemory {
    return this.isCoarse ? this.hooked.coarse : this.hooked.observed;
  }

  /** The view of a resumable driver. */
  get forResumable(): ResumableMemory {
    return this.isCoarse ? this.resumable.coarse : this.resumable.observed;
  }
}
