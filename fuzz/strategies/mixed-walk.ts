// The walk a run makes that names no strategy: sticky with a stickiness of its own per run, or with one slow agent.
import { SeededSource } from '../../sim/seeded-source.js';
import type { Strategy } from './strategy.js';

/** See sim/seeded-source.ts. */
export const MIXED_WALK: Strategy = {
  id: 'mixed',
  title: 'a sticky walk whose mean gap is drawn per run, every other run with one slow agent',
  paper: 'ours; slow agents after the held-off processors of Musuvathi and Qadeer, PLDI 2007',
  make: (seed, { rates, isPreemptive }) => new SeededSource(seed, { rates, isPreemptive }),
};
