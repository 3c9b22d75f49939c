// Planted faults: mutants of the corrected server and of the link, which no server of record has.
//
// They are off in both profiles and are there to see that the rules catch them: `--deviation dev-…`, or the mutant as a
// driver, `builtin:dev-…`, which is the full reference driver against the mutated server. Each exists in both
// styles, as the server does.
import type { Mutant, MutantSide } from '../mutant.js';
import { CONFIG_FAULTS as plainConfig } from '../generic/faults-of-config.plain.js';
import { CONFIG_FAULTS as resumableConfig } from '../generic/faults-of-config.resumable.js';
import { EVENT_FAULTS as plainEvents } from '../generic/faults-of-events.plain.js';
import { EVENT_FAULTS as resumableEvents } from '../generic/faults-of-events.resumable.js';
import { CONTROL_FAULTS as plainControl } from './faults-of-control.plain.js';
import { CONTROL_FAULTS as resumableControl } from './faults-of-control.resumable.js';
import { LINK_FAULTS as plainLink } from './faults-of-link.plain.js';
import { LINK_FAULTS as resumableLink } from './faults-of-link.resumable.js';
import { NOTIFICATION_FAULTS as plainNotification } from './faults-of-notification.plain.js';
import { NOTIFICATION_FAULTS as resumableNotification } from './faults-of-notification.resumable.js';
import { RING_FAULTS as plainRing } from './faults-of-rings.plain.js';
import { RING_FAULTS as resumableRing } from './faults-of-rings.resumable.js';
import { TOLERANCE_FAULTS as plainTolerance } from './faults-of-tolerance.plain.js';
import { TOLERANCE_FAULTS as resumableTolerance } from './faults-of-tolerance.resumable.js';
import { type DeviationId, SWITCHED_QUIRKS } from './quirks.js';
import type { ServerFault as PlainFault, ServerPatch as PlainPatch } from './server-parts.plain.js';
import type { ServerFault as ResumableFault, ServerPatch as ResumablePatch } from './server-parts.resumable.js';

/** A mutant of the server, in both styles. */
export interface PlantedFault extends Mutant {
  readonly plain: PlainPatch;
  readonly resumable: ResumablePatch;
}

function paired(side: MutantSide, plain: readonly PlainFault[], resumable: readonly ResumableFault[]): PlantedFault[] {
  return resumable.map(({ patch, ...row }, index) => ({ ...row, side, plain: plain[index]!.patch, resumable: patch }));
}

/** Mutants of the generic device. */
const GENERIC_FAULTS = [...paired('device', plainEvents, resumableEvents), ...paired('device', plainConfig, resumableConfig)];

/** All of them. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...paired('device', plainRing, resumableRing),
  ...paired('device', plainNotification, resumableNotification),
  ...paired('device', plainControl, resumableControl),
  ...paired('link', plainLink, resumableLink),
  ...paired('link', plainTolerance, resumableTolerance),
  ...GENERIC_FAULTS.map((fault) => ({ ...fault, device: 'generic' as const })),
];

/** The fault among the deviations, or undefined; of several the first. */
export function plantedFaultOf(deviations: readonly DeviationId[]): PlantedFault | undefined {
  // Asked once per run, and nearly every run has none.
  if (deviations.length === 0) return undefined;
  return PLANTED_FAULTS.find(({ id }) => deviations.some((deviation) => deviation === id));
}

/** True for the number of a quirk that has a switch and for the id of a planted fault. */
export function isDeviation(id: string): id is DeviationId {
  return SWITCHED_QUIRKS.some((known) => known === id) || PLANTED_FAULTS.some((known) => known.id === id);
}
