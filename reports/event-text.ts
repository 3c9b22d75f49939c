// Event records as lines a person reads: time, who, what.
//
// Used for the last events of a finding and for stepping through a run. Level-1 wordings stand in
// event-words.ts; here are the level-2 kinds (every access), the call frames and the alignment. Says what
// a record holds and never judges it.
import { BARRIER_NAMES } from '../sim/barrier.js';
import { CHOICE_KINDS } from '../sim/choice.js';
import {
  EVENT_BARRIER,
  EVENT_BUFFERED,
  EVENT_CALL,
  EVENT_FAULT,
  EVENT_LOAD,
  EVENT_RETURN,
  EVENT_STORE,
  EVENT_WORDS,
  agentOf,
  kindOf,
  timeOf,
} from '../sim/trace.js';
import { EVENT_WORDING, type EventFields } from './event-words.js';
import { counted, hex64, locationText, timeText } from './value-text.js';

/** Names of what records only number. */
export interface EventNames {
  /** Port names by number; a missing one is printed as its number. */
  readonly ports: readonly string[];
  /** Names of the driver contract's methods by number. */
  readonly methods: readonly string[];
}

/** The names of a two-port world when nothing better is known. */
export const PLAIN_NAMES: EventNames = { ports: ['a', 'b'], methods: [] };

/** One event in words. */
export interface EventText {
  /** Virtual time, such as `14.203 us`. */
  readonly time: string;
  /** Who acts, such as `driver a`. */
  readonly actor: string;
  /** What happens, present tense. */
  readonly text: string;
}

/** The record whose first word is at index `at`, in words. */
export function eventText(words: Uint32Array, at: number, names: EventNames): EventText {
  const kind = kindOf(words, at);
  const fields = fieldsOf(words, at, names);
  const wording = EVENT_WORDING.get(kind);
  const time = timeText(timeOf(words, at));
  if (wording === undefined) return { time, actor: agentText(agentOf(words, at), fields), text: accessText(kind, fields, names) };
  const actor = wording.actor === 'driver' || wording.actor === 'stack' ? `${wording.actor} ${fields.port(fields.a & 0xff)}` : wording.actor;
  return { time, actor, text: wording.say(fields) };
}

/** All records in `words`, oldest first. */
export function eventTexts(words: Uint32Array, names: EventNames): EventText[] {
  const texts: EventText[] = [];
  for (let at = 0; at + EVENT_WORDS <= words.length; at += EVENT_WORDS) texts.push(eventText(words, at, names));
  return texts;
}

/** Lines of all records in `words`, times and actors aligned, no line break at the ends. */
export function eventLines(words: Uint32Array, names: EventNames): string[] {
  const texts = eventTexts(words, names);
  const timeWidth = Math.max(0, ...texts.map((text) => text.time.length));
  const actorWidth = Math.max(0, ...texts.map((text) => text.actor.length));
  return texts.map((text) => `${text.time.padStart(timeWidth)}  ${text.actor.padEnd(actorWidth)}  ${text.text}`);
}

/** Records given as lists of words, as results hold them, in one array. */
export function packRecords(records: readonly (readonly number[])[]): Uint32Array {
  return Uint32Array.from(records.flat());
}

function fieldsOf(words: Uint32Array, at: number, names: EventNames): EventFields {
  return {
    a: words[at + 2]!,
    b: words[at + 3]!,
    c: words[at + 4]!,
    d: words[at + 5]!,
    e: words[at + 6]!,
    f: words[at + 7]!,
    port: (port) => names.ports[port] ?? String(port),
  };
}

/** Agent 0 is the server, agent 1 + p the driver of port p. */
function agentText(agent: number, fields: EventFields): string {
  return agent === 0 ? 'server' : `driver ${fields.port(agent - 1)}`;
}

/** Wording of the kinds every world has. */
function accessText(kind: number, fields: EventFields, names: EventNames): string {
  const { a, b, c, d, e, f } = fields;
  switch (kind) {
    case EVENT_LOAD:
      return `loads ${place(fields)}${value(c, d, e)}${f === 0 ? '' : `, ${counted(f, 'store')} old`}`;
    case EVENT_STORE:
      return f === 0 ? `stores ${place(fields)}${value(c, d, e)}` : `drains buffered store ${f}: ${place(fields)}${value(c, d, e)}`;
    case EVENT_BUFFERED:
      return `buffers store ${f}: ${place(fields)}${value(c, d, e)}`;
    case EVENT_BARRIER:
      return `executes a ${BARRIER_NAMES[a] ?? `number ${a}`} barrier`;
    case EVENT_CALL:
      return `begins ${methodText(a, names)} (call ${b})`;
    case EVENT_RETURN:
      return `returns from ${methodText(a, names)} (call ${b}): ${c}`;
    case EVENT_FAULT:
      return `meets a choice: ${CHOICE_KINDS[a] ?? `kind ${a}`} is ${b}`;
    default:
      return `does something of kind ${kind} (${[a, b, c, d, e, f].join(', ')})`;
  }
}

function place(fields: EventFields): string {
  return locationText(fields.a, fields.b, fields.port);
}

/** Words are printed with their value, ranges with their length. */
function value(sizeBytes: number, low: number, high: number): string {
  if (sizeBytes > 8) return ` (${sizeBytes} bytes)`;
  return ` = ${sizeBytes === 8 ? hex64(low, high) : String(low)}`;
}

function methodText(method: number, names: EventNames): string {
  return names.methods[method] ?? `method ${method}`;
}
