// What a point-to-point server is started with, and what it needs of the world around it.
//
// The server knows nothing of a kernel: it is handed a view of its memory, a pen and two callbacks. `M` is
// the resumable or the plain view, according to the twin.
import type { AddressSpace } from '../../sim/address-space.js';
import type { EventLog } from '../event-log.js';
import type { LocationRegistry } from '../locations.js';
import type { TransportRevision } from '../transport/layout.js';
import type { Deviations } from './quirks.js';

/** Start parameters; command-line.ts makes them from a command line. */
export interface ServerSettings {
  /** Largest queue size (`--size`). */
  readonly queueSizeLimit: number;
  /** True with `--poll`: ticks, the command word, no notifications wanted. */
  readonly isPolling: boolean;
  /** Numbers of the dataspaces clients may register (`--register-ds`); null = any. */
  readonly trustedDataspaces: readonly number[] | null;
}

/** The world of one server. */
export interface ServerEnvironment<M> {
  readonly space: AddressSpace;
  readonly memory: M;
  /** Number of the view's context in traces. */
  readonly contextId: number;
  readonly log: EventLog;
  readonly locations: LocationRegistry;
  readonly revision: TransportRevision;
  readonly deviations: Deviations;
  readonly settings: ServerSettings;
  /** Descriptor reads one handler may make before it counts as endless; default 1,000,000. */
  readonly descriptorBudget?: number;
  /** True: the CHECKSUM_… verdicts of events are filled in, at the cost of a look at every byte; default false. */
  readonly observesFrames?: boolean;
  /** By port: feature bits of word 0 that this server does not offer, as a build with fewer features would; default none. */
  readonly withheldFeatures?: readonly [number, number];
  /** Triggers the interrupt the client of a port has bound. */
  triggerInterrupt(port: number): void;
  /** Triggers the server's own notification interrupt, to go on after other messages. */
  triggerOwnNotification(): void;
}
