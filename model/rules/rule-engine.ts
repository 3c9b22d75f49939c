// Runs rules over an event stream: one table from kind to handlers, counters per clause and port.
//
// Built once per worker, reset per run. Per event: the link state is brought up to date, then the handlers of
// the kind run; nothing is allocated and no name is looked up. Text is made only for violations. The engine
// also decides who may be accused: what the other party broke first at a port excuses what follows there.
import { EVENT_WORDS, kindOf, timeOf, type EventListener } from '../../sim/trace.js';
import { ClauseSums } from './clause-sums.js';
import { type Clause, clauseOf, strongestLevel, type ClauseLevel } from './clauses.js';
import { isInVersion, LATEST_SPEC } from './spec-versions.js';
import { conductExcuse, excuseOf } from './excuses.js';
import { LinkState, isQueueInterrupt, settleInterrupts } from './link-state.js';
import * as events from '../events.js';
import type { ClauseOutcome, EventHandler, Outcome, Party, RuleContext, RuleDefinition, RunConfiguration, Violation, ViolationReport } from './rule.js';

const KINDS = 256;

/** A clause as the engine counts it. */
interface CountedClause {
  readonly id: string;
  readonly actor: Clause['actor'];
  readonly level: ClauseLevel;
}

/** Judges runs. */
export class RuleEngine {
  /** To be given to Trace.reset(). */
  readonly listener: EventListener;
  private readonly state: LinkState;
  private readonly desks: readonly Desk[];
  private readonly clauses: CountedClause[] = [];
  private readonly slotOf = new Map<string, number>();
  private readonly levelOneTable: EventHandler[][];
  private readonly fullTable: EventHandler[][];
  private readonly resets: (() => void)[] = [];
  private table: EventHandler[][];
  private current: RunConfiguration | null = null;
  private readonly tally: Tally;
  /** The kind of run `obstacles` is about. */
  private settled: RunConfiguration | null = null;
  /** By clause and port: why it cannot be decided in this kind of run, empty when it can. */
  private obstacles: readonly string[] = [];
  private readonly found: Violation[] = [];
  private readonly lastWords = new Uint32Array(EVENT_WORDS);
  /** The record under judgement. */
  private words: Uint32Array = this.lastWords;
  private at = 0;

  /** Throws an Error when two rules have one id, or a rule names an unknown clause. */
  constructor(rules: readonly RuleDefinition[]) {
    this.state = new LinkState({ derived: (kind, words, at) => this.dispatch(kind, words, at) });
    this.levelOneTable = emptyTable();
    this.fullTable = emptyTable();
    this.table = this.levelOneTable;
    const ids = new Set<string>();
    const desks: Desk[] = [];
    for (const rule of rules) {
      if (ids.has(rule.id)) throw new Error(`RuleEngine: two rules are called "${rule.id}"; ids of rules are unique`);
      ids.add(rule.id);
      desks.push(this.install(rule));
    }
    this.desks = desks;
    this.tally = new Tally(this.clauses.length);
    this.listener = (words, at) => this.listen(words, at);
  }

  /** Starts a run. */
  reset(configuration: RunConfiguration): void {
    this.current = configuration;
    this.table = configuration.mode === 'coarse' ? this.levelOneTable : this.fullTable;
    this.state.reset(configuration);
    this.tally.reset(configuration.portCount);
    this.found.length = 0;
    this.words = this.lastWords;
    this.at = 0;
    this.settleObstacles(configuration);
    for (const reset of this.resets) reset();
  }

  /** To be called once after the last event; liveness rules judge here. */
  finish(): void {
    this.state.finish(this.lastWords);
  }

  /** One entry per clause and port, in the order of the rules. */
  outcomes(): ClauseOutcome[] {
    const { portCount } = this.configuration();
    const outcomes: ClauseOutcome[] = [];
    for (let slot = 0; slot < this.clauses.length; slot++) {
      for (let port = 0; port < portCount; port++) outcomes.push(this.outcome(slot, port, portCount));
    }
    return outcomes;
  }

  /** Sums that fit the clauses of these rules, with nothing in them. */
  emptySums(): ClauseSums {
    return new ClauseSums(this.clauses.map(({ id }) => id));
  }

  /**
   * Adds what the run said. What the reference driver of a port did
   * says nothing about the judged one, so clauses about drivers count at judged ports only.
   */
  addTo(sums: ClauseSums): void {
    const { held, violated, notes, stride } = this.tally;
    const { portCount, subjects } = this.configuration();
    for (let slot = 0; slot < this.clauses.length; slot++) {
      const isAboutDriver = this.clauses[slot]!.actor === 'driver';
      for (let port = 0; port < portCount; port++) {
        const at = slot * stride + port;
        const isOthers = isAboutDriver && subjects[port] !== true;
        const heldCount = isOthers ? 0 : held[at]!;
        const violatedCount = violated[at]!;
        if (heldCount + violatedCount > 0) {
          sums.held[slot]! += heldCount;
          sums.violated[slot]! += violatedCount;
          continue;
        }
        if (isOthers) continue;
        const obstacle = this.obstacles[slot * portCount + port]!;
        if (notes[at] !== '') {
          sums.undecidable[slot]! += 1;
          sums.reasons[slot] ||= notes[at]!;
        } else if (obstacle === '') sums.absent[slot]! += 1;
        else sums.obstacles[slot] ||= obstacle;
      }
    }
  }

  /** The violations of the run, in order of events; each clause and port appears once, with its first occasion. */
  violations(): Violation[] {
    return [...this.found];
  }

  /** Configuration of the run. Throws an Error before the first reset(). */
  configuration(): RunConfiguration {
    if (this.current === null) throw new Error('RuleEngine: no run was started; call reset(configuration) first');
    return this.current;
  }

  /** Counts a kept clause; for Desk. */
  held(slot: number, port: number): void {
    this.tally.held[slot * this.tally.stride + port]!++;
  }

  /** Enters a violation; for Desk. */
  enter(desk: Desk, clause: number, port: number, party: Party, report: ViolationReport): void {
    const { rule } = desk;
    const at = desk.slots[clause]! * this.tally.stride + port;
    const state = this.state.portOf(port);
    const excuse =
      conductExcuse(party, this.configuration().conduct) ??
      excuseOf(rule, party, state.speaksOtherRevision, state.driverBroke, state.deviceBroke) ??
      this.absenceOf(rule, party, port);
    if (excuse !== null) {
      this.tally.note(at, excuse);
      return;
    }
    if (rule.breaksRing === 'driver' && party === 'driver') {
      state.driverBroke = true;
      if (state.driverBrokeAt < 0) state.driverBrokeAt = this.state.eventIndex;
    }
    if (rule.breaksRing === 'device' && party === 'device') {
      state.deviceBroke = true;
      if (state.deviceBrokeAt < 0) state.deviceBrokeAt = this.state.eventIndex;
    }
    const isSubject = isSubjects(this.configuration(), port, party);
    if (isSubject || this.clauses[desk.slots[clause]!]!.actor !== 'driver') this.tally.violated[at]!++;
    if (this.tally.first[at]! >= 0) return;
    this.tally.first[at] = this.state.eventIndex;
    this.keep(rule, rule.clauses[clause]!, port, party, isSubject, report);
  }

  /** What device and link do at a port whose driver broke off, or between two of which one did, proves nothing; null if neither did. */
  private absenceOf(rule: RuleDefinition, party: Party, port: number): string | null {
    if (rule.isAboveAll || (party !== 'device' && party !== 'link')) return null;
    for (let other = 0; other < this.state.portCount; other++) {
      const { endedReason } = this.state.ports[other]!;
      const isConcerned = party === 'link' || other === port;
      if (isConcerned && endedReason !== 0 && endedReason !== events.DRIVER_REFUSED) return 'the driver of a port broke off first';
    }
    return null;
  }

  /** Keeps a violation; what one rule says of several clauses at one event in the same words is one violation. */
  private keep(rule: RuleDefinition, clauseId: string, port: number, party: Party, isSubject: boolean, report: ViolationReport): void {
    const { eventIndex } = this.state;
    const isSame = (one: Violation): boolean =>
      one.eventIndex === eventIndex && one.ruleId === rule.id && one.port === port && one.party === party && one.seen === report.seen;
    const last = this.found.findIndex(isSame);
    const earlier = this.found[last];
    const clauseIds = [...(earlier?.clauseIds ?? []), clauseId];
    const level = strongestLevel(clauseIds);
    if (earlier !== undefined) {
      this.found[last] = { ...earlier, clauseIds, level };
      return;
    }
    this.found.push({ ruleId: rule.id, clauseIds, port, party, isSubject, level, eventIndex, timeNs: timeOf(this.words, this.at), ...report });
  }

  /** Notes why a clause cannot be decided; for Desk. */
  leaveOpen(slot: number, port: number, reason: string): void {
    this.tally.note(slot * this.tally.stride + port, reason);
  }

  /** Notes who cannot decide in such a run, and why; runs of one kind follow each other, so this rarely changes. */
  private settleObstacles(configuration: RunConfiguration): void {
    const { portCount } = configuration;
    if (this.settled !== null && isSameKind(this.settled, configuration)) return;
    this.settled = configuration;
    for (const desk of this.desks) desk.reset(configuration);
    const obstacles: string[] = [];
    for (let slot = 0; slot < this.clauses.length; slot++) {
      for (let port = 0; port < portCount; port++) obstacles.push(this.obstacleAt(slot, port));
    }
    this.obstacles = obstacles;
  }

  /** Why no rule of the clause can decide at the port; empty when one can. */
  private obstacleAt(slot: number, port: number): string {
    let reason = '';
    for (const desk of this.desks) {
      if (!desk.slots.includes(slot)) continue;
      reason = desk.obstacles[port]!;
      if (reason === '') break;
    }
    return reason;
  }

  private listen(words: Uint32Array, at: number): void {
    const kind = kindOf(words, at);
    this.words = words;
    this.at = at;
    this.state.update(words, at);
    this.dispatch(kind, words, at);
    // An interrupt settles what was due only after the rules have compared it with what was due.
    if (kind === events.INTERRUPT_RAISED && isQueueInterrupt(words[at + 3]!)) settleInterrupts(this.state, words[at + 2]!);
  }

  private dispatch(kind: number, words: Uint32Array, at: number): void {
    const handlers = this.table[kind]!;
    for (let index = 0; index < handlers.length; index++) handlers[index]!(words, at);
  }

  private install(rule: RuleDefinition): Desk {
    const slots = rule.clauses.map((id) => this.slotFor(id));
    const desk = new Desk(this, rule, slots, this.state);
    const handlers = rule.create(desk);
    for (const [kind, handler] of handlers.on) {
      this.fullTable[kind]!.push(handler);
      if (rule.eventLevel === 1) this.levelOneTable[kind]!.push(handler);
    }
    if (handlers.reset !== undefined) this.resets.push(handlers.reset);
    return desk;
  }

  private slotFor(id: string): number {
    let slot = this.slotOf.get(id);
    if (slot === undefined) {
      slot = this.clauses.length;
      this.slotOf.set(id, slot);
      const { actor, level } = clauseOf(id);
      this.clauses.push({ id, actor, level });
    }
    return slot;
  }

  private outcome(slot: number, port: number, portCount: number): ClauseOutcome {
    const clause = this.clauses[slot]!;
    const at = slot * this.tally.stride + port;
    const heldCount = this.tally.held[at]!;
    const violatedCount = this.tally.violated[at]!;
    const decided = heldCount + violatedCount > 0;
    const reason = decided ? '' : this.tally.notes[at]! || this.obstacles[slot * portCount + port]!;
    const outcome: Outcome = violatedCount > 0 ? 'violated' : heldCount > 0 ? 'held' : reason !== '' ? 'undecidable' : 'not exercised';
    return {
      clauseId: clause.id,
      port,
      actor: clause.actor,
      level: clause.level,
      outcome,
      heldCount,
      violatedCount,
      firstViolationAt: this.tally.first[at]!,
      reason,
    };
  }
}

/** The desk of one rule. */
class Desk implements RuleContext {
  readonly rule: RuleDefinition;
  readonly slots: readonly number[];
  readonly state: LinkState;
  private readonly engine: RuleEngine;
  /** By port: why the rule cannot decide there, empty when it can. */
  readonly obstacles: string[] = [];
  private readonly canDecide: boolean[] = [];
  /** By clause: whether the claimed version of the specification has it. */
  private isAsked: readonly boolean[] = [];

  constructor(engine: RuleEngine, rule: RuleDefinition, slots: readonly number[], state: LinkState) {
    this.engine = engine;
    this.rule = rule;
    this.slots = slots;
    this.state = state;
  }

  reset(configuration: RunConfiguration): void {
    this.isAsked = this.rule.clauses.map((id) => isInVersion(clauseOf(id), configuration.claim?.spec ?? LATEST_SPEC));
    this.canDecide.length = this.obstacles.length = 0;
    for (let port = 0; port < configuration.portCount; port++) {
      const obstacle = obstacleOf(this.rule, configuration, port);
      this.obstacles.push(obstacle);
      this.canDecide.push(obstacle === '');
    }
  }

  configuration(): RunConfiguration {
    return this.engine.configuration();
  }

  held(clause: number, port: number): void {
    if (this.canDecide[port] === true && this.isAsked[clause] === true) this.engine.held(this.slots[clause]!, port);
  }

  violated(clause: number, port: number, party: Party, report: ViolationReport): void {
    if (this.canDecide[port] === true && this.isAsked[clause] === true) this.engine.enter(this, clause, port, party, report);
  }

  undecidable(clause: number, port: number, reason: string): void {
    this.engine.leaveOpen(this.slots[clause]!, port, reason);
  }
}

/** Counters per clause and port; grown when a run has more ports. */
class Tally {
  stride = 0;
  held = new Uint32Array(0);
  violated = new Uint32Array(0);
  first = new Int32Array(0);
  /** Why a clause could not be decided; empty when nobody said. */
  notes: string[] = [];
  private readonly clauseCount: number;

  constructor(clauseCount: number) {
    this.clauseCount = clauseCount;
  }

  reset(portCount: number): void {
    if (portCount > this.stride) {
      this.stride = portCount;
      this.held = new Uint32Array(this.clauseCount * portCount);
      this.violated = new Uint32Array(this.clauseCount * portCount);
      this.first = new Int32Array(this.clauseCount * portCount);
      this.notes = Array.from({ length: this.clauseCount * portCount }, () => '');
    } else {
      this.held.fill(0);
      this.violated.fill(0);
      this.notes.fill('');
    }
    this.first.fill(-1);
  }

  /** Keeps the first reason. */
  note(at: number, reason: string): void {
    if (this.notes[at] === '') this.notes[at] = reason;
  }
}

function emptyTable(): EventHandler[][] {
  return Array.from({ length: KINDS }, () => []);
}

/** Why the rule cannot decide anything at the port in such a run; empty when it can. */
export function obstacleOf(rule: RuleDefinition, configuration: RunConfiguration, port: number): string {
  if (configuration.conduct === 'hostile' && rule.isForHostile !== true) return 'the device of these runs is hostile on purpose';
  if (!rule.modes.includes(configuration.mode)) return `decided in ${rule.modes.join(' and ')} mode only; this run was ${configuration.mode}`;
  if (rule.memories.length > 0 && !rule.memories.includes(configuration.memory)) {
    return `decided under the memory models ${rule.memories.join(' and ')} only; this run had ${configuration.memory}`;
  }
  if (rule.eventLevel === 2 && rule.actor !== 'device' && configuration.hooked[port] !== true) return 'the accesses of this driver are not visible';
  return '';
}

/** True when the same rules can decide the same things in both runs. */
function isSameKind(left: RunConfiguration, right: RunConfiguration): boolean {
  if (left.mode !== right.mode || left.memory !== right.memory || left.portCount !== right.portCount) return false;
  if (left.conduct !== right.conduct || left.claim?.spec !== right.claim?.spec) return false;
  for (let port = 0; port < left.portCount; port++) if (left.hooked[port] !== right.hooked[port]) return false;
  return true;
}

/** True when the violation counts against what is judged: the driver, the driver at the other end of what it saw, or the server. */
function isSubjects(configuration: RunConfiguration, port: number, party: Party): boolean {
  if (party === 'device') return configuration.judgesServer === true;
  if (party === 'driver') return configuration.subjects[port] === true;
  if (party === 'peer') return configuration.subjects.some((isSubject, other) => isSubject && other !== port);
  return false;
}
