// The classes a point-to-point server is put together from.
//
// A mutant of the server (faults-*.resumable.ts) replaces some of them by subclasses; so nothing in the server
// knows of mutants.
import type { MutantRow } from '../mutant.js';
import { ConfigPage } from '../transport/config-page.resumable.js';
import type { DeviceParts } from '../transport/device.resumable.js';
import { RegionList } from '../transport/regions.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { ChecksumContext } from './checksum.resumable.js';
import { EndPoint } from './end-point.resumable.js';
import { HeaderPassage } from './header-passage.resumable.js';
import { Pipe, type PipeParts } from './pipe.resumable.js';
import { Port } from './port.resumable.js';
import type { PointToPointServer } from './server.resumable.js';

/** Parts of a server. */
export interface ServerParts extends DeviceParts, PipeParts {
  readonly Port: typeof Port;
  readonly Pipe: typeof Pipe;
}

/** What a mutant replaces: parts, or the server itself. */
export interface ServerPatch extends Partial<ServerParts> {
  readonly Server?: typeof PointToPointServer;
}

/** A mutant of the server. */
export interface ServerFault extends MutantRow {
  readonly patch: ServerPatch;
}

/** The parts as they are meant. */
export const REFERENCE_SERVER_PARTS: ServerParts = {
  Port,
  Pipe,
  EndPoint,
  Checksum: ChecksumContext,
  Passage: HeaderPassage,
  Queue: DeviceQueue,
  Page: ConfigPage,
  Regions: RegionList,
};
