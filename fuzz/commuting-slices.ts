// Which preemptions of a run come to the same as an earlier one, because what happens meanwhile commutes.
//
// If everything the others do when agent A gives way before access x conflicts with none of A's accesses from x up to a later
// access y, then giving way before y is the same run with independent steps swapped (Mazurkiewicz 1986). So after the
// preemption before x was tried, the next one worth trying is behind the first access that does conflict: the sleep sets of
// Godefroid 1996, told by whole slices. What is no access to memory stops the reasoning, apart from records that only
// describe accesses. For schedules with fine interleaving; store buffers make other things depend on each other.
import * as events from '../model/events.js';
import { EVERYBODY_ELSE } from '../sim/choice.js';
import { EVENT_BARRIER, EVENT_CALL, EVENT_LOAD, EVENT_RETURN, EVENT_STORE, EVENT_WORDS, agentOf, kindOf, timeOf } from '../sim/trace.js';
import type { KeptRecords } from './deviation-keys.js';
import { type Place, type SharedAccesses, locate } from './shared-accesses.js';

/** Records of accesses, and of what was understood from them. */
const DESCRIPTIONS: ReadonlySet<number> = new Set([
  ...[EVENT_LOAD, EVENT_STORE, EVENT_BARRIER, events.REGISTER_READ, events.REGISTER_WRITE],
  ...[events.PUBLISHED, events.CHAIN_ELEMENT, events.DEVICE_LOOKED, events.TAKEN, events.USED_WRITTEN, events.USED_PUBLISHED],
  ...[events.USED_FLAGS, events.AVAIL_FLAGS_SEEN, events.FRAME_PLACED, events.PACKET_HEADER, events.FRAME_IN_RING],
]);
/** What others may do besides, since it reaches nobody who is interrupted: notices of the server, its own bounds, and calls of methods. */
const HARMLESS: ReadonlySet<number> = new Set([
  ...DESCRIPTIONS,
  ...[EVENT_CALL, EVENT_RETURN, events.KICKED, events.KICK_HANDLED, events.KICK_DONE, events.INTERRUPT_TAKEN],
  ...[events.FRAME_OFFERED, events.FRAME_ANSWERED, events.FRAME_RETURNED, events.FRAME_DELIVERED, events.TRANSMIT_READY],
  ...[events.ALLOCATED, events.FREED],
  // The one who is interrupted waits for no reply, so these concern others.
  ...[events.STATUS_WRITE, events.DEVICE_STATUS, events.FEATURES_CHECKED, events.QUEUE_CONFIGURED, events.QUEUE_PART, events.MEMORY_REGISTERED],
  ...[events.CONTROL_CALL, events.DEVICE_RESET, events.RINGS_FOUND, events.MEMORY_PLACED],
]);
/** Agents that are told apart in masks; see shared-accesses.ts. */
const AGENTS = 8;

/** A preemption that was tried, and how far others are the same. */
interface Representative {
  readonly touched: readonly Place[];
  /** Record of the parent's run up to which A's accesses are known to commute with what the others did. */
  next: number;
}

/** The preemptions below one run. */
export class CommutingSlices {
  private readonly records: KeptRecords;
  private readonly shared: SharedAccesses;
  private readonly hasTimers: boolean;
  /** By agent: the first record behind each of its access numbers. */
  private readonly recordsOf: number[][] = [];
  private readonly tried = new Map<number, Representative>();
  private readonly place: Place = { memory: 0, first: 0, last: 0, isWrite: false };

  /** `records` are those of the run that is preempted; `hasTimers`: drivers set timers, so that the time at which they do it matters. */
  constructor(records: KeptRecords, shared: SharedAccesses, hasTimers: boolean) {
    this.records = records;
    this.shared = shared;
    this.hasTimers = hasTimers;
    records.steps.forEach((step, record) => {
      const list = (this.recordsOf[agentOf(records.words, record * EVENT_WORDS)] ??= []);
      while (list.length < step) list.push(record);
    });
  }

  /**
   * True if letting `other` in before access `step` of `agent` is the same as a preemption that was tried. `isLeaf`: nothing is
   * preempted any more; otherwise a third agent could be let in meanwhile, which must commute, too.
   */
  isCovered(agent: number, step: number, other: number, isLeaf: boolean): boolean {
    const representative = this.tried.get(keyOf(agent, other));
    const target = this.recordsOf[agent]?.[step];
    if (representative === undefined || target === undefined) return false;
    for (; representative.next < target; representative.next++) {
      if (this.commutes(representative, agent, other, isLeaf)) continue;
      this.tried.delete(keyOf(agent, other));
      return false;
    }
    return true;
  }

  /** The preemption was tried, with these records. */
  took(agent: number, step: number, other: number, child: KeptRecords): void {
    const from = this.recordsOf[agent]?.[step];
    const touched = from === undefined ? null : this.touchedBy(agent, from, child);
    if (touched === null) this.tried.delete(keyOf(agent, other));
    else this.tried.set(keyOf(agent, other), { touched, next: from! });
  }

  /** What the others touched until the agent went on; null if they did more than that, or it never did. */
  private touchedBy(agent: number, from: number, { words }: KeptRecords): Place[] | null {
    const touched: Place[] = [];
    const startNs = timeOf(words, Math.max(0, from - 1) * EVENT_WORDS);
    for (let at = from * EVENT_WORDS; at < words.length; at += EVENT_WORDS) {
      if (this.hasTimers && timeOf(words, at) !== startNs) return null;
      if (agentOf(words, at) === agent) return touched;
      const isInterruptOf = kindOf(words, at) === events.INTERRUPT_RAISED && 1 + words[at + 2]! !== agent;
      if (!HARMLESS.has(kindOf(words, at)) && !isInterruptOf) return null;
      if (locate(words, at, this.place)) touched.push({ ...this.place });
    }
    return null;
  }

  /** True if the parent's next record commutes with what the others did. */
  private commutes({ touched, next }: Representative, agent: number, other: number, isLeaf: boolean): boolean {
    const { words } = this.records;
    const at = next * EVENT_WORDS;
    if (agentOf(words, at) !== agent || !DESCRIPTIONS.has(kindOf(words, at))) return false;
    // Looking at the clock takes time, and so shows; what it says depends on what the others did.
    if (next > 0 && timeOf(words, at) !== timeOf(words, at - EVENT_WORDS)) return false;
    const { place } = this;
    if (!locate(words, at, place)) return true;
    if (!isLeaf && (this.shared.rivalsOf(place) & ~bitsOf(agent, other)) !== 0) return false;
    return !touched.some((theirs) => isConflict(theirs, place));
  }
}

function keyOf(agent: number, other: number): number {
  return agent * (EVERYBODY_ELSE + 1) + other;
}

/** Bits of agents whose accesses are in the slice itself. */
function bitsOf(agent: number, other: number): number {
  const own = 1 << Math.min(AGENTS - 1, agent);
  return other === EVERYBODY_ELSE ? own : own | (1 << Math.min(AGENTS - 1, other));
}

function isConflict(left: Place, right: Place): boolean {
  const isApart = left.memory !== right.memory || left.last < right.first || right.last < left.first;
  return !isApart && (left.isWrite || right.isWrite);
}
