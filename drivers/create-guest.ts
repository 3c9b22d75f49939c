// Puts the guest object of one run together, in either style.
import type { TransportRevision } from '../model/transport/layout.js';
import type { SharedMemory as PlainView } from '../sim/memory.plain.js';
import type { SharedMemory as ResumableView } from '../sim/memory.resumable.js';
import type { Guest } from './contract.js';
import { GuestFace as PlainGuest } from './guest-face.plain.js';
import { GuestFace as ResumableGuest } from './guest-face.resumable.js';
import { GuestMemoryFace as PlainMemory } from './guest-memory.plain.js';
import { GuestMemoryFace as ResumableMemory } from './guest-memory.resumable.js';
import type { GuestServices } from './guest-services.js';
import { L4TransportFace as PlainTransport } from './transport-l4.plain.js';
import { L4TransportFace as ResumableTransport } from './transport-l4.resumable.js';
import type { Turn } from './turn.js';

/** A guest whose operations are done when the call returns. */
export function createPlainGuest(
  port: string,
  revision: TransportRevision,
  view: PlainView,
  turn: Turn,
  services: GuestServices,
): Guest<'plain'> {
  const memory = new PlainMemory(services.ram.regions, view, turn, services);
  return new PlainGuest(port, memory, new PlainTransport(revision, services, turn), turn, services);
}

/** A guest whose operations are delegated with `yield*`. */
export function createResumableGuest(
  port: string,
  revision: TransportRevision,
  view: ResumableView,
  turn: Turn,
  services: GuestServices,
): Guest<'resumable'> {
  const memory = new ResumableMemory(services.ram.regions, view, turn, services);
  return new ResumableGuest(port, memory, new ResumableTransport(revision, services, turn), turn, services);
}
