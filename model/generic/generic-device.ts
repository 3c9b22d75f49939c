// The generic device in both styles, and what changes it: mutants and conducts of its own.
import type { ServerPatch as PlainPatch } from '../p2p/server-parts.plain.js';
import type { ServerPatch as ResumablePatch } from '../p2p/server-parts.resumable.js';
import { GENERIC_PARTS as plainParts } from './port.plain.js';
import { GENERIC_PARTS as resumableParts } from './port.resumable.js';

/** Parts of a server that are replaced, in both styles. */
export interface ReplacedParts {
  readonly plain: PlainPatch;
  readonly resumable: ResumablePatch;
}

/** The generic device, with further parts replaced on top of its own. */
export function genericDevice(change?: ReplacedParts): ReplacedParts {
  return { plain: { ...plainParts, ...change?.plain }, resumable: { ...resumableParts, ...change?.resumable } };
}
