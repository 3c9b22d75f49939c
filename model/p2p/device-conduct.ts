// How a device behaves apart from the reference: odd but bearable, of no use, or hostile.
//
// An odd device does what a driver has to bear (virtio 2.2.1, 2.7.8.3, 5.1.9.4.2); an unusable one gives it nothing to
// work with (3.1.1); a hostile one does what no device may
// do, once or a few times in a run, to see whether the driver keeps to its memory and goes on. Each is a patch of the
// parts of the corrected server, in both styles, and says with ODDITY_SHOWN when it does its thing.
import { ODD_GENERIC_CONDUCTS as plainGeneric } from '../generic/odd-device.plain.js';
import { ODD_GENERIC_CONDUCTS as resumableGeneric } from '../generic/odd-device.resumable.js';
import type { Conduct } from '../rules/rule.js';
import { HOSTILE_CONDUCTS as plainHostile } from './hostile-device.plain.js';
import { HOSTILE_CONDUCTS as resumableHostile } from './hostile-device.resumable.js';
import { ODD_CONDUCTS as plainOdd } from './odd-device.plain.js';
import { ODD_CONDUCTS as resumableOdd } from './odd-device.resumable.js';
import type { ServerPatch as PlainPatch } from './server-parts.plain.js';
import type { ServerPatch as ResumablePatch } from './server-parts.resumable.js';
import { UNUSABLE_CONDUCTS as plainUnusable } from './unusable-device.plain.js';
import { UNUSABLE_CONDUCTS as resumableUnusable } from './unusable-device.resumable.js';

/** One way of behaving. */
export interface DeviceConduct {
  /** Name in scenarios. */
  readonly id: string;
  /** What it does, one sentence without its full stop. */
  readonly title: string;
  readonly conduct: Exclude<Conduct, 'reference'>;
  readonly plain: PlainPatch;
  readonly resumable: ResumablePatch;
}

/** A conduct as its module gives it. */
export interface ConductRow<Patch> {
  readonly id: string;
  readonly title: string;
  readonly patch: Patch;
}

function paired(
  conduct: DeviceConduct['conduct'],
  plain: readonly ConductRow<PlainPatch>[],
  resumable: readonly ConductRow<ResumablePatch>[],
): DeviceConduct[] {
  return resumable.map(({ id, title, patch }, index) => ({ id, title, conduct, plain: plain[index]!.patch, resumable: patch }));
}

/** All of them, the bearable ones first. */
export const DEVICE_CONDUCTS: readonly DeviceConduct[] = [
  ...paired('odd', plainOdd, resumableOdd),
  ...paired('unusable', plainUnusable, resumableUnusable),
  ...paired('hostile', plainHostile, resumableHostile),
];

/** Conducts of the generic device; none of them is hostile. */
export const GENERIC_CONDUCTS: readonly DeviceConduct[] = paired('odd', plainGeneric, resumableGeneric);

/** The conduct of that name, undefined for the reference (null) and for unknown names. */
export function conductNamed(id: string | null): DeviceConduct | undefined {
  return [...DEVICE_CONDUCTS, ...GENERIC_CONDUCTS].find((conduct) => conduct.id === id);
}
