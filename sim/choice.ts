// The one source of choice: every nondeterministic decision of a run comes from here.
//
// Two entries: `choose` for numbers and `gap`/`schedule` for who runs next. Value 0 is always the plainest
// behaviour (no preemption, no fault, no delay), so a run that deviates nowhere has an empty tape. Sources
// answer; RecordingSource writes down the deviations. Exploration-algorithms sheet, section 1.

/** Named kinds of numeric choice; the position is the number used in tapes, so only ever append. */
export const CHOICE_KINDS = [
  'storeDelay',
  'staleLoad',
  'copyCut',
  'allocationFailure',
  'notificationDelay',
  'interruptDelay',
  'lostNotification',
  'spuriousInterrupt',
  'workload',
] as const;

/** Name of a numeric choice. */
export type ChoiceKind = (typeof CHOICE_KINDS)[number];

/** Family of a kind: kinds of one family share a seeded sub-stream, so that a draw in one does not move another. */
export function familyOf(kind: ChoiceKind): string {
  switch (kind) {
    case 'storeDelay':
    case 'staleLoad':
    case 'copyCut':
      return 'memory';
    case 'notificationDelay':
    case 'interruptDelay':
    case 'lostNotification':
    case 'spuriousInterrupt':
      return 'link';
    case 'allocationFailure':
      return 'allocation';
    case 'workload':
      return 'workload';
  }
}

/**
 * Id that stands for all others: the agent at the gate is held off until nobody else has anything to do for a while, like
 * a processor that is taken away for microseconds.
 */
export const EVERYBODY_ELSE = 255;

/** The access an agent stands before. */
export interface WaitingAccess {
  /** Arena offset of its first byte. */
  offset: number;
  sizeBytes: number;
  isWrite: boolean;
}

/** What the scheduler offers at a question: the running agent first, then the others that could run, by id. */
export interface Candidates {
  readonly count: number;
  /** Agent ids; `ids[0]` is the agent that stands before its access, the last one is EVERYBODY_ELSE. */
  readonly ids: Int32Array;
  /** Writes down the access that candidate `index` stands before; false if it stands before none: its work is yet to begin, or a barrier waits. */
  accessOf?(index: number, into: WaitingAccess): boolean;
}

/** Answers choices. */
export interface ChoiceSource {
  /** A number from 0 to bound - 1. A bound of 1 is never asked. */
  choose(kind: ChoiceKind, bound: number): number;
  /** Accesses that agent `agentId`, at its own access number `step`, may still make before `schedule` is asked; NEVER for none. */
  gap(agentId: number, step: number, left: number): number;
  /** An access that often decides a race was just made: true = the source wants to be asked before the next one. */
  nudge?(agentId: number): boolean;
  /** Which candidate runs; 0 = the agent goes on. `step` is the own access number it stands before. */
  schedule(agentId: number, step: number, candidates: Candidates): number;
}

/** A numeric deviation: the `ordinal`-th question of `kind` (from 0) was answered with `value` > 0. */
export interface ChoiceDeviation {
  readonly kind: ChoiceKind;
  readonly ordinal: number;
  readonly value: number;
}

/** A scheduling deviation: before its own access number `step`, agent `agent` had to give way to agent `to`. */
export interface ScheduleDeviation {
  readonly agent: number;
  readonly step: number;
  readonly to: number;
}

/** All deviations of a run from the plain one; sparse. */
export interface RunTape {
  readonly choices: readonly ChoiceDeviation[];
  readonly schedule: readonly ScheduleDeviation[];
}

/** The tape of the plainest run. */
export const EMPTY_TAPE: RunTape = { choices: [], schedule: [] };
