// Places the scheduling deviations of a repro in a run whose accesses may have moved, by their keys.
//
// Deviations are placed one after the other, since each changes what follows: the run is made with those placed so
// far, and the next key is looked up in its records. What is not found is told and left out.
import type { Subject } from '../drivers/subject.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { DeviationKey, KeyedTape } from '../scenarios/repro.js';
import type { RunTape, ScheduleDeviation } from '../sim/choice.js';
import { type KeptRecords, everyAccess } from './deviation-keys.js';

/** A tape placed in a run. */
export interface PlacedTape {
  readonly tape: RunTape;
  /** Sentences on the deviations that could not be placed. */
  readonly missing: readonly string[];
}

/** Finds the place of every deviation in runs of these drivers. */
export function placeByKey(execution: Execution, request: RunRequest, drivers: readonly [Subject, Subject], tape: KeyedTape): PlacedTape {
  const placed: ScheduleDeviation[] = [];
  const missing: string[] = [];
  for (const { agent, step, to, key } of tape.schedule) {
    if (key === null) {
      placed.push({ agent, step, to });
      continue;
    }
    const soFar: RunTape = { choices: tape.choices, schedule: placed };
    const { words, steps } = execution.run(request, drivers[0], { drivers, tape: soFar, isRecording: false, isKept: true });
    const found = stepOf({ words: words!, steps: steps! }, agent, key);
    if (found === null) missing.push(`agent ${agent} has no ${describeKey(key)}`);
    else placed.push({ agent, step: found, to });
  }
  return { tape: { choices: tape.choices, schedule: placed }, missing };
}

/** A key in words. */
export function describeKey(key: DeviationKey): string {
  const place = key.location === '' ? key.access : `${key.access} of ${key.location}`;
  return `${place} number ${key.occurrence + 1} in call ${key.call + 1} of ${key.method}`;
}

function stepOf(records: KeptRecords, agent: number, wanted: DeviationKey): number | null {
  let step: number | null = null;
  everyAccess(records, (candidate, ordinal, key) => {
    if (step !== null || candidate !== agent) return;
    const isSame =
      key.method === wanted.method &&
      key.call === wanted.call &&
      key.access === wanted.access &&
      key.location === wanted.location &&
      key.occurrence === wanted.occurrence;
    if (isSame) step = ordinal;
  });
  return step;
}
