// What a run covered, as numbers: state transitions, clause sites, race pairs, chain shapes.
//
// Computed from the event records after the run, so it costs the run nothing and changes nothing. An abstract state of each port
// (status, queues, fill, suppression) before an event, the event, and the state after it make a transition; a clause and its
// outcome make a site; two accesses of different agents to one place, one of them writing, make an ordered race pair (reads-from,
// as in RFF); the lengths, flags and links of a published chain make a shape. What the model says of its own quirks is left out: a
// campaign is not told what is wrong. Exploration-algorithms sheet §6.1.
import * as events from '../../model/events.js';
import { indexIsRace } from './race-places.js';
import type { ClauseSums } from '../../model/rules/clause-sums.js';
import { EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE, EVENT_WORDS, FIRST_MODEL_KIND, agentOf, kindOf } from '../../sim/trace.js';

/** Features are numbers below this. */
export const FEATURE_LIMIT = 1 << 18;

/** Kinds of features. */
export const FEATURE_KINDS = ['transition', 'clause', 'race', 'shape'] as const;
/** A kind of feature. */
export type FeatureKind = (typeof FEATURE_KINDS)[number];

const TRANSITION = 1;
const CLAUSE = 2;
const RACE = 3;
const SHAPE = 4;
/** Kinds that say nothing about what the link does. */
const SILENT = new Set<number>([
  events.QUIRK_MET,
  events.CHAIN_ELEMENT,
  events.REGISTER_READ,
  events.REGISTER_WRITE,
  events.ALLOCATED,
  events.FREED,
  events.PACKET_HEADER,
]);
const RX = 0;

/** State of a port as far as it is told apart. */
interface PortClass {
  status: number;
  installed: number;
  readonly published: [number, number];
  readonly taken: [number, number];
  readonly returned: [number, number];
  flags: number;
}

/** Collects the features of runs; reused. */
export class CoverageMap {
  private readonly ports: [PortClass, PortClass] = [emptyPort(), emptyPort()];
  private readonly lastAccess = new Map<number, number>();
  private readonly seen = new Uint32Array(FEATURE_LIMIT);
  private run = 0;
  private features: number[] = [];

  /** Features of a run, each once, in order of appearance. */
  featuresOf(words: Uint32Array, sums: ClauseSums): number[] {
    this.run += 1;
    this.features = [];
    this.lastAccess.clear();
    for (const port of this.ports) Object.assign(port, emptyPort());
    for (let at = 0; at < words.length; at += EVENT_WORDS) {
      const kind = kindOf(words, at);
      if (kind >= FIRST_MODEL_KIND) this.model(kind, words, at);
      else if (kind === EVENT_LOAD || kind === EVENT_STORE || kind === EVENT_BUFFERED) this.access(kind, words, at);
    }
    for (let clause = 0; clause < sums.clauseIds.length; clause++) {
      if (sums.held[clause]! > 0) this.add(CLAUSE, clause, 1, 0);
      if (sums.violated[clause]! > 0) this.add(CLAUSE, clause, 2, 0);
      if (sums.undecidable[clause]! > 0) this.add(CLAUSE, clause, 3, 0);
    }
    return this.features;
  }

  private add(kind: number, first: number, second: number, third: number): void {
    let hash = Math.imul(kind ^ 0x9e3779b1, 0x85ebca77);
    hash = Math.imul((hash ^ first) + (hash >>> 13), 0xc2b2ae3d);
    hash = Math.imul((hash ^ second) + (hash >>> 15), 0x27d4eb2f);
    hash = Math.imul((hash ^ third) + (hash >>> 14), 0x165667b1);
    const feature = (hash ^ (hash >>> 15)) & (FEATURE_LIMIT - 1);
    if (this.seen[feature] === this.run) return;
    this.seen[feature] = this.run;
    this.features.push(feature);
  }

  private model(kind: number, words: Uint32Array, at: number): void {
    if (kind === events.PUBLISHED) this.shape(words, at);
    if (SILENT.has(kind)) return;
    const first = words[at + 2]!;
    const port = first & 1;
    const before = stateOf(this.ports[port as 0 | 1]);
    const other = stateOf(this.ports[(1 - port) as 0 | 1]);
    this.move(kind, words, at);
    const detail = kind | (((first >>> 8) & 3) << 8) | (detailOf(kind, words, at) << 10);
    this.add(TRANSITION, before, detail, stateOf(this.ports[port as 0 | 1]));
    this.add(TRANSITION, other & 0xff, detail, before);
  }

  private move(kind: number, words: Uint32Array, at: number): void {
    const first = words[at + 2]!;
    const state = this.ports[(first & 1) as 0 | 1];
    const queue = ((first >>> 8) & 1) as 0 | 1;
    if (kind === events.DEVICE_STATUS) state.status = words[at + 3]! & 0xff;
    else if (kind === events.QUEUE_CONFIGURED) state.installed = words[at + 7] !== 0 ? state.installed | (1 << queue) : state.installed & ~(1 << queue);
    else if (kind === events.DEVICE_RESET || kind === events.DEPARTED) Object.assign(state, { ...emptyPort(), status: state.status });
    else if (kind === events.PUBLISHED) state.published[queue] += 1;
    else if (kind === events.TAKEN) state.taken[queue] += 1;
    else if (kind === events.UNTAKEN) state.taken[queue] -= words[at + 4]!;
    else if (kind === events.USED_PUBLISHED) state.returned[queue] += (words[at + 4]! - words[at + 3]!) & 0xffff;
    else if (kind === events.USED_FLAGS) state.flags = words[at + 3]! & 1 ? state.flags | (1 << queue) : state.flags & ~(1 << queue);
  }

  /** Shape of a chain: of each element its length class, flags and link. */
  private shape(words: Uint32Array, at: number): void {
    const queue = (words[at + 2]! >>> 8) & 1;
    const count = Math.min(words[at + 3]! >>> 16, 6);
    let shape = words[at + 5]!;
    for (let index = 0; index < count; index++) {
      const element = at + (1 + index) * EVENT_WORDS;
      if (element >= words.length || kindOf(words, element) !== events.CHAIN_ELEMENT) break;
      const flags = words[element + 7]! & 7;
      const own = words[element + 3]! >>> 16;
      const next = words[element + 7]! >>> 16;
      const link = (flags & 1) === 0 ? 0 : next === own ? 1 : next === own + 1 ? 2 : next < own ? 3 : 4;
      shape = Math.imul(shape, 0x2545f491) + (lengthClass(words[element + 6]!) | (flags << 4) | (link << 7)) + 1;
    }
    this.add(SHAPE, queue, count, shape);
  }

  private access(kind: number, words: Uint32Array, at: number): void {
    const place = words[at + 2]!;
    const code = (place >>> 8) & 0xff;
    if (!indexIsRace(code)) return;
    const agent = agentOf(words, at);
    const own = (agent << 2) | (kind === EVENT_LOAD ? 0 : kind === EVENT_STORE ? 1 : 2);
    const last = this.lastAccess.get(code);
    if (last !== undefined && last >>> 2 !== agent && ((last & 3) !== 0 || (own & 3) !== 0)) this.add(RACE, code, last, own);
    this.lastAccess.set(code, own);
  }
}

function emptyPort(): PortClass {
  return { status: 0, installed: 0, published: [0, 0], taken: [0, 0], returned: [0, 0], flags: 0 };
}

function fillClass(count: number): number {
  return count <= 0 ? 0 : count === 1 ? 1 : count < 8 ? 2 : 3;
}

function stateOf(port: PortClass): number {
  const fill = (queue: 0 | 1): number =>
    fillClass(port.published[queue] - port.taken[queue]) | (fillClass(port.taken[queue] - port.returned[queue]) << 2);
  return port.status | (port.installed << 8) | (port.flags << 10) | (fill(RX) << 12) | (fill(1) << 16);
}

/** A few bits of an event's arguments that change what it means. */
function detailOf(kind: number, words: Uint32Array, at: number): number {
  switch (kind) {
    case events.CHAIN_FAILED:
    case events.DEVICE_RESET:
    case events.INTERRUPT_RAISED:
    case events.SERVER_ENDED:
      return words[at + 3]! & 15;
    case events.QUEUE_CONFIGURED:
    case events.MEMORY_REGISTERED:
      return words[at + 3]! & 0xff;
    case events.PUBLISHED:
      return words[at + 5]!;
    case events.FRAME_PLACED:
      return (words[at + 7]! & 15) | (fillClass(words[at + 3]!) << 4) | ((words[at + 4]! & 3) << 6);
    case events.USED_WRITTEN:
      return lengthClass(words[at + 5]!);
    case events.STATUS_WRITE:
      return words[at + 3]! & 0x1ff;
    default:
      return 0;
  }
}

function lengthClass(lengthBytes: number): number {
  if (lengthBytes === 0) return 0;
  if (lengthBytes < 12) return 1;
  if (lengthBytes === 12) return 2;
  return Math.min(15, 35 - Math.clz32(lengthBytes >>> 4));
}
