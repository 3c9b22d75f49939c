// What a rule is: an observer of the event stream that decides one or a few clauses.
//
// A rule sees events and the link state decoded from them (link-state.ts), never live memory, and draws no
// choice; so it judges a run, a stored trace and a live recording alike. It says three things: a clause was
// held, was violated, or cannot be decided here. What was never said is "not exercised". Design, section 2.
import type { LinkState } from './link-state.js';
import type { Claim } from './claim.js';
import type { Clause, ClauseLevel } from './clauses.js';

/** How finely agents are interleaved; fixes which levels of events exist. */
export type RunMode = 'coarse' | 'fine' | 'weak';

/** The memory model of a run; other than `sc` only in weak mode. */
export type MemoryModel = 'sc' | 'tso' | 'pso' | 'relaxed';

/** How the device of a run behaves: as the reference, odd but bearable, of no use to a driver, or hostile. */
export type Conduct = 'reference' | 'odd' | 'unusable' | 'hostile';

/** Who broke a rule: the driver of the port, the device (server), the driver of another port, or nobody in particular. */
export type Party = 'driver' | 'device' | 'peer' | 'link';

/** Whose behaviour a rule is about. */
export type RuleActor = 'driver' | 'device' | 'link';

/** What rules must know about a run beyond its events. All fields are given by whoever starts the run. */
export interface RunConfiguration {
  readonly mode: RunMode;
  readonly memory: MemoryModel;
  /** Number of ports of the link. */
  readonly portCount: number;
  /** By port: true for a judged subject, false for a reference driver. */
  readonly subjects: readonly boolean[];
  /** By port: true when a scripted guest is there, whose frames no stack knows. Nowhere if absent. */
  readonly scripted?: readonly boolean[];
  /** By port: true when every shared access of the driver is reported in fine and weak mode (level-2 events). */
  readonly hooked: readonly boolean[];
  /** Server profile of the run. */
  readonly profile: 'fixed' | 'faithful';
  /** Revision of the transport the server speaks. */
  readonly revision: 'seed' | 'current';
  /** Interval of the server's poll tick in ns; 0 = interrupt mode. */
  readonly pollingIntervalNs: number;
  /** True when the server is under judgement, too: it was given a deviation on purpose. Default false. */
  readonly judgesServer?: boolean;
  /** Whether the device misbehaves on purpose: then it is not accused, and with an unusable or hostile one less is asked of drivers. Default reference. */
  readonly conduct?: Conduct;
  /** What is claimed of the judged drivers; everything if absent. */
  readonly claim?: Claim;
  /** True when the run may lose notifications on purpose; each loss is then an EVENT_FAULT record. */
  readonly dropFaults: boolean;
}

/** A handler of one event: the record buffer and the index of its first word (as EventListener of sim/trace.ts). */
export type EventHandler = (words: Uint32Array, at: number) => void;

/** What a rule instance reacts to; made once per worker, used for every run. */
export interface RuleHandlers {
  /** Event kind (or a DERIVED_… kind of link-state.ts) and its handler; a kind may occur once. */
  readonly on: readonly (readonly [kind: number, handler: EventHandler])[];
  /** Forgets the last run. */
  readonly reset?: () => void;
}

/** What a violation says beyond its clause, port and party. Built only when something is wrong. */
export interface ViolationReport {
  /** A full sentence in words. */
  readonly message: string;
  /** What the clause wants to see at this place. */
  readonly expected: string;
  /** What was seen instead. */
  readonly seen: string;
  /** A few named numbers. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** The desk a rule instance works at. Clauses are named by their position in the definition's `clauses`. */
export interface RuleContext {
  readonly state: LinkState;
  /** Configuration of the current run; valid from reset() on. */
  configuration(): RunConfiguration;
  /** Counts an occasion on which the clause was kept at a port. */
  held(clause: number, port: number): void;
  /** Reports a violated clause. The first report of a clause and port is kept with its evidence, further ones are counted. */
  violated(clause: number, port: number, party: Party, report: ViolationReport): void;
  /** Says that the clause cannot be decided at this port in this run, and why. */
  undecidable(clause: number, port: number, reason: string): void;
}

/** A rule as plain data plus a constructor. */
export interface RuleDefinition {
  /** Name of the rule: lower-case words with hyphens, as the file. */
  readonly id: string;
  /** What it demands, one sentence. */
  readonly title: string;
  /** Ids of the clauses it decides. */
  readonly clauses: readonly string[];
  readonly actor: RuleActor;
  /** 2 when it needs every access (fine and weak mode, hooked agents), else 1. */
  readonly eventLevel: 1 | 2;
  /** Modes in which it can decide. */
  readonly modes: readonly RunMode[];
  /** Memory models in which it can decide; empty = all. */
  readonly memories: readonly MemoryModel[];
  /** True when it judges only at quiescence (liveness). */
  readonly isLiveness: boolean;
  /** Whose violation puts the ring out of order, so that what the other party does at the port until the next reset is excused. */
  readonly breaksRing: 'driver' | 'device' | 'nobody';
  /** True for rules that count even if the other party misbehaved first (crash, exception, revision). */
  readonly isAboveAll: boolean;
  /** True for the rules that judge drivers of hostile devices; no other rule does. Default false. */
  readonly isForHostile?: boolean;
  create(context: RuleContext): RuleHandlers;
}

/** A violated clause: data for reports, never an exception. */
export interface Violation {
  readonly ruleId: string;
  readonly clauseIds: readonly string[];
  /** The port at which it was seen. */
  readonly port: number;
  readonly party: Party;
  /** True when it counts against a judged subject. */
  readonly isSubject: boolean;
  /** Level of the strongest clause: fixes the severity. */
  readonly level: ClauseLevel;
  /** Number of the event in the run, from 0. */
  readonly eventIndex: number;
  /** Virtual time in ns. */
  readonly timeNs: number;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** Result of a clause at a port after a run. */
export type Outcome = 'not exercised' | 'held' | 'violated' | 'undecidable';

/** What a run said about a clause at a port. */
export interface ClauseOutcome {
  readonly clauseId: string;
  readonly port: number;
  readonly actor: Clause['actor'];
  readonly level: ClauseLevel;
  readonly outcome: Outcome;
  /** Number of occasions on which it was kept. */
  readonly heldCount: number;
  /** Number of occasions on which it was broken. */
  readonly violatedCount: number;
  /** Event of the first violation, -1 without one. */
  readonly firstViolationAt: number;
  /** Why it is undecidable; empty otherwise. */
  readonly reason: string;
}

/** Positions of the arguments a to f in a record. */
export const A = 2;
export const B = 3;
export const C = 4;
export const D = 5;
export const E = 6;
export const F = 7;

/** All three modes, for rules that need level-1 events only. */
export const EVERY_MODE: readonly RunMode[] = ['coarse', 'fine', 'weak'];
/** Modes with level-2 events. */
export const ACCESS_MODES: readonly RunMode[] = ['fine', 'weak'];
/** No restriction of the memory model. */
export const EVERY_MEMORY: readonly MemoryModel[] = [];

/** Preset: level-1 events, decides at once in every mode, excused by what the other party broke first. */
export const AT_ONCE = { eventLevel: 1, modes: EVERY_MODE, memories: EVERY_MEMORY, isLiveness: false, breaksRing: 'nobody', isAboveAll: false } as const;
/** Preset: as AT_ONCE, but judged when the link is at rest. */
export const AT_REST = { ...AT_ONCE, isLiveness: true } as const;
/** Preset: needs every access of fine or weak mode. */
export const BY_ACCESS = { ...AT_ONCE, eventLevel: 2, modes: ACCESS_MODES } as const;
