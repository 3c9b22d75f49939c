// What a guest machine is put together from: the world it shares, and one client with its driver.
import type { DeviceGate } from '../model/l4/ipc.js';
import type { TransportRevision } from '../model/transport/layout.js';
import type { AccessObserver } from '../sim/access-observer.js';
import type { Arena } from '../sim/arena.js';
import type { Kernel } from '../sim/kernel.js';
import type { StoreOrder } from '../sim/store-order.js';
import type { Trace } from '../sim/trace.js';
import type { RegionPlan } from './guest-ram.js';
import type { ExecutionMode } from './guest-views.js';
import type { Stack } from './stack.js';
import type { Subject } from './subject.js';

/** What all agents of a world share. */
export interface GuestWorld {
  readonly kernel: Kernel;
  readonly arena: Arena;
  readonly trace: Trace;
  readonly observer: AccessObserver;
}

/** One client of a port. */
export interface GuestConfiguration {
  readonly subject: Subject;
  readonly mode: ExecutionMode;
  /** Store order of the run; used in weak mode only. */
  readonly order: StoreOrder | null;
  readonly gate: DeviceGate;
  readonly stack: Stack;
  readonly revision: TransportRevision;
  /** Name of the port for the driver; default 'a' for port 0, 'b' for port 1. */
  readonly portName?: string;
  /** RAM, default DEFAULT_REGIONS. */
  readonly regions?: readonly RegionPlan[];
  /** Byte fresh allocations are filled with, default 0. */
  readonly fillByte?: number;
  /** Frames a call of poll may handle, default 64. */
  readonly pollBudget?: number;
  /** The guest's dataspaces do not answer when they are asked for their size; default false. */
  readonly hidesSizes?: boolean;
  /** Cost of now() and relax() in ns, default 100. */
  readonly callCostNs?: number;
  /** Argument b of KICKED: avail.idx of queue 0 | of queue 1 << 16 as everybody sees it; default 0. */
  readonly publishedIndices?: () => number;
}
