// A script as a subject: what the scenarios put on a port instead of a driver.
import type { ScriptStep } from './script-step.js';
import { ScriptedDriver as PlainScripted } from './scripted.plain.js';
import { ScriptedDriver as ResumableScripted } from './scripted.resumable.js';
import type { Subject } from './subject.js';

/** A guest that runs the steps. */
export function scriptedSubject(steps: readonly ScriptStep[]): Subject {
  return {
    name: 'script',
    identity: 'script',
    digest: '',
    resumable: (guest) => new ResumableScripted(guest, steps),
    plain: (guest) => new PlainScripted(guest, steps),
    hasTrustedTwin: true,
  };
}
