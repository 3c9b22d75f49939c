// What every part of a modelled server shares: its memory, its pen, its budget and its deviations.
//
// `M` is the memory view: resumable in fine mode, plain in coarse mode. The parts know nothing of the kernel.
import type { AddressSpace } from '../../sim/address-space.js';
import type { Arena } from '../../sim/arena.js';
import type { EventLog } from '../event-log.js';
import { QUIRK_MET } from '../events.js';
import type { LocationRegistry } from '../locations.js';
import { type Deviations, quirkFamily, type QuirkId } from '../p2p/quirks.js';
import { RingWatcher } from '../virtqueue/ring-watcher.js';

/** Descriptor reads after which a handler counts as endless (the recorded vectors separate at 140,000). */
export const DESCRIPTOR_BUDGET = 1_000_000;

/** Thrown when one handler has read more descriptors than its budget allows: the server hangs. */
export class DescriptorBudgetSpent extends Error {
  constructor(limit: number) {
    const stackLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`more than ${limit} descriptors read in one handler`);
    Error.stackTraceLimit = stackLimit;
    this.name = 'DescriptorBudgetSpent';
  }
}

/** What the world gives a server. */
export interface ServerParts<M> {
  /** The server's view of its address space. */
  readonly memory: M;
  /** Number of the view's context, for faults found without an access. */
  readonly contextId: number;
  readonly space: AddressSpace;
  readonly log: EventLog;
  readonly deviations: Deviations;
  readonly locations: LocationRegistry;
  /** Descriptor reads one handler may make; default DESCRIPTOR_BUDGET. */
  readonly descriptorBudget?: number;
  /** True: checksums of frames are judged for events (costs a look at every byte). Default false. */
  readonly observesFrames?: boolean;
}

/** Shared by all devices of one server. */
export class DeviceContext<M> {
  readonly memory: M;
  readonly contextId: number;
  readonly space: AddressSpace;
  readonly arena: Arena;
  readonly log: EventLog;
  readonly deviations: Deviations;
  readonly locations: LocationRegistry;
  readonly watcher: RingWatcher;
  readonly observesFrames: boolean;
  /** Descriptors read by the current handler. */
  descriptorReads = 0;
  private readonly descriptorBudget: number;
  private readonly metPorts = new Map<QuirkId, number>();

  constructor(parts: ServerParts<M>) {
    this.memory = parts.memory;
    this.contextId = parts.contextId;
    this.space = parts.space;
    this.arena = parts.space.arena;
    this.log = parts.log;
    this.deviations = parts.deviations;
    this.locations = parts.locations;
    this.descriptorBudget = parts.descriptorBudget ?? DESCRIPTOR_BUDGET;
    this.observesFrames = parts.observesFrames ?? false;
    this.watcher = new RingWatcher(parts.space, parts.log, this.observesFrames);
  }

  /** Counts a descriptor read; throws DescriptorBudgetSpent past the budget. */
  countDescriptorRead(): void {
    if (++this.descriptorReads > this.descriptorBudget) throw new DescriptorBudgetSpent(this.descriptorBudget);
  }

  /** Notes that a deviation made a difference at a port; recorded once per port, and only if it is switched on. */
  meet(id: QuirkId, port: number): void {
    if (!this.deviations[id]) return;
    const ports = this.metPorts.get(id) ?? 0;
    if ((ports & (1 << port)) !== 0) return;
    this.metPorts.set(id, ports | (1 << port));
    this.log.record(QUIRK_MET, Number(id.slice(1)), quirkFamily(id), port);
  }

  /** True if the deviation has made a difference at some port. */
  hasMet(id: QuirkId): boolean {
    return this.metPorts.has(id);
  }
}
