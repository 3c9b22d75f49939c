// Which accesses of a run touch memory that another agent touches too, one of them writing.
//
// Two accesses that do not conflict commute, so only the order of conflicting ones can matter (Mazurkiewicz 1986; the
// first step of every partial-order reduction, Godefroid 1996): giving way before an access nobody else can notice is the
// same as giving way before the next one that somebody can. Sharing is learnt from runs; memory is told apart in
// pieces of eight bytes.
import { REGISTER_READ, REGISTER_WRITE } from '../model/events.js';
import { PART_CONFIG_PAGE, partOf, portOf } from '../model/locations.js';
import { EVERYBODY_ELSE } from '../sim/choice.js';
import { EVENT_BARRIER, EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE, EVENT_WORDS, agentOf, kindOf } from '../sim/trace.js';
import type { KeptRecords } from './deviation-keys.js';

/** Agents that are told apart; a further one counts as the last. */
const AGENTS = 8;
const PIECE_BITS = 3;
/** Config pages are followed under numbers that no dataspace has. */
const FIRST_PAGE = 256;

/** Where an access goes, in pieces of eight bytes. */
export interface Place {
  memory: number;
  first: number;
  last: number;
  isWrite: boolean;
}

/** What agents have touched so far, over many runs. */
export class SharedAccesses {
  /** By dataspace or page and piece: a bit per reading agent, and 8 bits higher one per writing agent. */
  private readonly touched: Uint16Array[] = [];
  /** A bit per agent that touched memory at all. */
  private seen = 0;
  private readonly place: Place = { memory: 0, first: 0, last: 0, isWrite: false };
  private readonly countsBarriers: boolean;

  /** `countsBarriers`: barriers matter, since store buffers may hold something back. */
  constructor(countsBarriers: boolean) {
    this.countsBarriers = countsBarriers;
  }

  /** Takes a run in; true if more is shared now than before. */
  learn({ words }: KeptRecords): boolean {
    let hasGrown = false;
    for (let at = 0; at < words.length; at += EVENT_WORDS) {
      if (!locate(words, at, this.place)) continue;
      const { memory, first, last, isWrite } = this.place;
      const pieces = this.piecesOf(memory, last);
      this.seen |= 1 << Math.min(AGENTS - 1, agentOf(words, at));
      const bit = 1 << (Math.min(AGENTS - 1, agentOf(words, at)) + (isWrite ? AGENTS : 0));
      for (let piece = first; piece <= last; piece++) {
        const before = pieces[piece]!;
        if ((before & bit) !== 0) continue;
        pieces[piece] = before | bit;
        hasGrown ||= isContended(before | bit);
      }
    }
    return hasGrown;
  }

  /**
   * For a run, a test of its points: true if the access at the agent's own access number may conflict with something the
   * other agent does. What is no access to memory, such as a notification, may conflict with everything.
   */
  pointsOf(records: KeptRecords): (agent: number, step: number, other: number) => boolean {
    const rivals = new Map<number, number>();
    this.everyPoint(records, (agent, step, mask) => rivals.set(step * AGENTS + agent, mask));
    return (agent, step, other) => {
      const others = other === EVERYBODY_ELSE ? ~(1 << Math.min(AGENTS - 1, agent)) : 1 << Math.min(AGENTS - 1, other);
      return ((rivals.get(step * AGENTS + agent) ?? -1) & others) !== 0;
    };
  }

  /** The accesses of a run that conflict with what others do, in the order of the run. */
  conflictsOf(records: KeptRecords): { readonly agent: number; readonly step: number }[] {
    const points: { agent: number; step: number }[] = [];
    this.everyPoint(records, (agent, step, mask) => {
      if ((mask & ~(1 << Math.min(AGENTS - 1, agent))) !== 0) points.push({ agent, step });
    });
    return points;
  }

  /** Calls `visit` for every recorded access: agent, own access number, a bit per agent that touches the place in a way that conflicts. */
  private everyPoint({ words, steps }: KeptRecords, visit: (agent: number, step: number, mask: number) => void): void {
    const last: number[] = [];
    for (let record = 0; record < steps.length; record++) {
      const at = record * EVENT_WORDS;
      const agent = agentOf(words, at);
      const step = steps[record]!;
      if (step <= (last[agent] ?? 0)) continue;
      last[agent] = step;
      if (kindOf(words, at) === EVENT_BARRIER) {
        if (!this.countsBarriers) visit(agent, step - 1, 0);
      } else if (locate(words, at, this.place)) visit(agent, step - 1, this.rivalsOf(this.place));
    }
  }

  /** True if the agent was never seen to touch memory: what it does commutes with all accesses. */
  isSilent(agent: number): boolean {
    return ((this.seen >>> Math.min(AGENTS - 1, agent)) & 1) === 0;
  }

  /** A bit per agent that touched the place in a way that conflicts, the agent whose access it is possibly included. */
  rivalsOf({ memory, first, last, isWrite }: Place): number {
    const pieces = this.piecesOf(memory, last);
    let rivals = 0;
    for (let piece = first; piece <= last; piece++) rivals |= (pieces[piece]! >>> AGENTS) | (isWrite ? pieces[piece]! & 0xff : 0);
    return rivals;
  }

  private piecesOf(memory: number, last: number): Uint16Array {
    const pieces = this.touched[memory];
    if (pieces !== undefined && last < pieces.length) return pieces;
    const grown = new Uint16Array(2 * (last + 1));
    if (pieces !== undefined) grown.set(pieces);
    this.touched[memory] = grown;
    return grown;
  }
}

/** True if two agents touch the piece and one of them writes. */
function isContended(mask: number): boolean {
  const readers = mask & 0xff;
  const writers = mask >>> AGENTS;
  const all = readers | writers;
  return writers !== 0 && (all & (all - 1)) !== 0;
}

/** Writes down where a record's access goes; false if it is no access to memory. */
export function locate(words: Uint32Array, at: number, place: Place): boolean {
  const kind = kindOf(words, at);
  const isRegister = kind === REGISTER_READ || kind === REGISTER_WRITE;
  if (!isRegister && kind !== EVENT_LOAD && kind !== EVENT_STORE && kind !== EVENT_BUFFERED) return false;
  const where = words[at + 2]!;
  const code = (where >>> 8) & 0xff;
  const page = isRegister ? where : partOf(code) === PART_CONFIG_PAGE ? portOf(code) : -1;
  place.memory = page >= 0 ? FIRST_PAGE + page : where & 0xff;
  place.first = words[at + 3]! >>> PIECE_BITS;
  place.last = (words[at + 3]! + Math.max(1, words[at + 4]!) - 1) >>> PIECE_BITS;
  place.isWrite = kind === EVENT_STORE || kind === EVENT_BUFFERED || kind === REGISTER_WRITE;
  return true;
}
