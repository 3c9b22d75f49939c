// How often each kind of choice deviates in a run, by mode and by the scenario's fault plan.
import type { ChoiceRates } from '../sim/seeded-source.js';
import type { RunRequest } from './outcome.js';

/** Mean number of stores between two delayed ones in weak mode. */
const STORE_DELAY_MEAN = 6;
/** Mean number of loads between two stale ones under relaxed memory. */
const STALE_LOAD_MEAN = 8;
/** Mean number of copies between two that are cut, where accesses interleave. */
const COPY_CUT_MEAN = 6;

/** Rates of a run; kinds that are missing never deviate. */
export function ratesOf(request: RunRequest): ChoiceRates {
  const { allocationFailure, notificationDelay, interruptDelay, copyCut } = request.scenario.faults;
  const faults = { allocationFailure, notificationDelay, interruptDelay };
  if (request.mode === 'coarse') return faults;
  const fine = { ...faults, copyCut: copyCut === 0 ? COPY_CUT_MEAN : copyCut };
  if (request.mode === 'fine') return fine;
  return { ...fine, storeDelay: STORE_DELAY_MEAN, staleLoad: STALE_LOAD_MEAN };
}
