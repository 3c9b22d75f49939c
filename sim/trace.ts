// The canonical event stream of a run: fixed records of eight u32, a running digest, and whoever listens.
//
// Word 0: kind | agent << 8 | high 16 bits of the time << 16; word 1: low 32 bits of the time in ns;
// words 2..7: arguments, by kind. The digest covers every record and does not depend on whether the records
// are kept or listened to. Two 32-bit lanes, xor-multiply-rotate; strong enough to tell runs apart, not
// against an adversary.

/** Words per record. */
export const EVENT_WORDS = 8;
/** Version of the record format and of the meaning of the kinds; carried by trace and repro files. */
export const TRACE_VERSION = 1;

/** Level-2 kinds (fine and weak mode) and those every world has; models start at FIRST_MODEL_KIND. */
export const EVENT_LOAD = 1;
export const EVENT_STORE = 2;
export const EVENT_BARRIER = 3;
export const EVENT_BUFFERED = 4;
/** An agent begins a method: method, call ordinal of the agent. */
export const EVENT_CALL = 5;
/** The method returned: method, call ordinal, result. */
export const EVENT_RETURN = 6;
/** A choice other than the plain one took effect: kind number, value. */
export const EVENT_FAULT = 7;
export const FIRST_MODEL_KIND = 32;

/** Called with the record buffer and the index of the record's first word, right after it was written. */
export type EventListener = (words: Uint32Array, at: number) => void;

const INITIAL_RECORDS = 4096;
/** Start of the digest; as signed integers, so that the lanes never hold anything else and stay integers in their fields. */
const INITIAL_LANE_A = 0x9e3779b9 | 0;
const INITIAL_LANE_B = 0x85ebca6b | 0;

/** Recorder of one run; reused by reset(). */
export class Trace {
  /** Records, EVENT_WORDS each; valid up to `count` if `isKept`, else only the last one. */
  words: Uint32Array = new Uint32Array(INITIAL_RECORDS * EVENT_WORDS);
  /** Number of records so far. */
  count = 0;
  /** Virtual time of the next records, set by the clock's owner, in ns. */
  timeNs = 0;
  private listener: EventListener | null = null;
  private isKept: boolean;
  private laneA = INITIAL_LANE_A;
  private laneB = INITIAL_LANE_B;

  constructor(isKept: boolean) {
    this.isKept = isKept;
  }

  /** Starts a new run. */
  reset(isKept: boolean, listener: EventListener | null): void {
    this.count = 0;
    this.timeNs = 0;
    this.isKept = isKept;
    this.listener = listener;
    this.laneA = INITIAL_LANE_A;
    this.laneB = INITIAL_LANE_B;
  }

  /** Appends a record. Arguments are taken modulo 2^32. */
  record(kind: number, agent: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    const at = this.isKept ? this.count * EVENT_WORDS : 0;
    if (at + EVENT_WORDS > this.words.length) this.grow();
    const words = this.words;
    const timeNs = this.timeNs;
    const head = kind | (agent << 8) | (timeNs < 4294967296 ? 0 : Math.floor(timeNs / 4294967296) << 16);
    words[at] = head;
    words[at + 1] = timeNs;
    words[at + 2] = a;
    words[at + 3] = b;
    words[at + 4] = c;
    words[at + 5] = d;
    words[at + 6] = e;
    words[at + 7] = f;
    let laneA = Math.imul(this.laneA ^ head, 0x85ebca77);
    let laneB = Math.imul(this.laneB ^ words[at + 1]!, 0xc2b2ae3d);
    laneA = Math.imul(((laneA << 13) | (laneA >>> 19)) ^ a, 0x85ebca77);
    laneB = Math.imul(((laneB << 13) | (laneB >>> 19)) ^ b, 0xc2b2ae3d);
    laneA = Math.imul(((laneA << 13) | (laneA >>> 19)) ^ c, 0x85ebca77);
    laneB = Math.imul(((laneB << 13) | (laneB >>> 19)) ^ d, 0xc2b2ae3d);
    laneA = Math.imul(((laneA << 13) | (laneA >>> 19)) ^ e, 0x85ebca77);
    laneB = Math.imul(((laneB << 13) | (laneB >>> 19)) ^ f, 0xc2b2ae3d);
    this.laneA = (laneA << 7) | (laneA >>> 25);
    this.laneB = (laneB << 11) | (laneB >>> 21);
    this.count += 1;
    if (this.listener !== null) this.listener(words, at);
  }

  /** Digest of the records so far, 16 lower-case hex digits. */
  digest(): string {
    return combineLanes(this.laneA, this.laneB, this.count);
  }

  /** A copy of the kept records. */
  copyWords(): Uint32Array {
    return this.words.slice(0, this.isKept ? this.count * EVENT_WORDS : 0);
  }

  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
  }
}

/** Kind of the record at `at`. */
export function kindOf(words: Uint32Array, at: number): number {
  return words[at]! & 0xff;
}

/** Agent of the record at `at`. */
export function agentOf(words: Uint32Array, at: number): number {
  return (words[at]! >>> 8) & 0xff;
}

/** Virtual time of the record at `at`, in ns. */
export function timeOf(words: Uint32Array, at: number): number {
  return (words[at]! >>> 16) * 4294967296 + words[at + 1]!;
}

/** Mixes the two lanes and the record count to the printed digest. */
function combineLanes(laneA: number, laneB: number, count: number): string {
  let a = laneA ^ Math.imul(count, 0x9e3779b1);
  let b = laneB ^ a;
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
  b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
  a ^= b >>> 13;
  b ^= a >>> 16;
  return hex8(a >>> 0) + hex8(b >>> 0);
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
