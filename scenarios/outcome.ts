// What one run gives back, as plain data.
import type { Subject } from '../drivers/subject.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import type { ClauseSums } from '../model/rules/clause-sums.js';
import type { Claim } from '../model/rules/claim.js';
import type { Violation } from '../model/rules/rule.js';
import type { Mode, Scenario } from './scenario.js';
import type { ChoiceSource, RunTape } from '../sim/choice.js';
import type { EndReason } from '../sim/kernel.js';
import type { MemoryModel } from '../sim/store-order.js';

/** Everything that decides a run, apart from the drivers' code. */
export interface RunRequest {
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly memory: MemoryModel;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: 'seed' | 'current';
  /** By port: whether the judged driver is there; the scenario's peer otherwise. */
  readonly subjects: readonly [boolean, boolean];
  /** Seed of the run's choices. */
  readonly seed: string;
  /** Strategy that draws the run's choices from its seed (see `ringproof list strategies`); absent = the mixed walk. A tape needs none. */
  readonly strategy?: string;
  /** What is claimed of the judged driver; everything if absent. */
  readonly claim?: Claim;
  /** Deviations of the server that are the other way round than in its profile; none if absent. */
  readonly deviations?: readonly DeviationId[];
}

/** How a run is watched. None of it changes the run or its digest. */
export interface RunOptions {
  /** Deviations to play instead of drawing from the seed; null = draw. */
  readonly tape: RunTape | null;
  /** Answers instead of a tape or the seed; for search. */
  readonly source?: ChoiceSource;
  /** Whether the deviations are written down. */
  readonly isRecording: boolean;
  /** Whether the event records are kept. */
  readonly isKept: boolean;
  /** Where what the rules say about the clauses is added, if they judge and the run could be scheduled. */
  readonly sums?: ClauseSums;
  /** Drivers by port, instead of the subject on judged ports and the scenario's peer elsewhere. */
  readonly drivers?: readonly [Subject, Subject];
  /** Told of every record of a run whose records are kept, with its number, while whoever caused it is on the stack. */
  readonly onEvent?: (index: number) => void;
  /** Told of every frame the stacks see, with the virtual time in ns. */
  readonly onFrame?: (timeNs: number, port: number, isOutbound: boolean, bytes: Uint8Array) => void;
}

/** A run drawn from its seed and not recorded. */
export const QUICK_RUN: RunOptions = { tape: null, isRecording: false, isKept: false };

/** Result of a run. */
export interface RunOutcome {
  readonly end: EndReason;
  /** Digest of the canonical event stream. */
  readonly digest: string;
  /** Digest of what came out: frames, verdicts, final indices. */
  readonly outcomeDigest: string;
  readonly eventCount: number;
  readonly accessCount: number;
  readonly violations: readonly Violation[];
  /** By port: the sentence in which the driver's failure is described, null if it did not fail. */
  readonly failures: readonly [string | null, string | null];
  /** By port: whether the driver came up at least once. */
  readonly hasStarted: readonly [boolean, boolean];
  /** By port: frames the driver accepted, and frames it handed up. */
  readonly accepted: readonly [number, number];
  readonly delivered: readonly [number, number];
  /** Quirks of the original server that made a difference, such as `Q1`. */
  readonly quirks: readonly string[];
  /** Whether the server crashed or hung. */
  readonly isServerLost: boolean;
  /** Deviations of the run if it was recorded. */
  readonly tape: RunTape | null;
  /** How many deviations of a played tape did not come up. */
  readonly unplaced: number;
  /** Event records if they were kept. */
  readonly words: Uint32Array | null;
  /** By kept record: accesses its agent had brought to the gate when it was written, 0 for what is no agent. Null if not kept. */
  readonly steps: Uint32Array | null;
}

/** Violations that anybody is accused of: what a script does wrong is what it was written for. */
export function accusationsIn({ scenario }: RunRequest, { violations }: RunOutcome): readonly Violation[] {
  const isScripted = (port: number): boolean => scenario.ports[port as 0 | 1].scripts !== null;
  if (!isScripted(0) && !isScripted(1)) return violations;
  return violations.filter(({ party, port }) => party !== 'driver' || !isScripted(port));
}
