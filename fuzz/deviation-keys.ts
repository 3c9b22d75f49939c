// Names the places of scheduling deviations in terms that survive edits to a driver.
//
// A run tape says "before own access 57 of agent 1"; the key says "transmit, call 2, first load of tx.used.flags".
// The first record an agent writes after an access came to the gate names that access; what the stacks read and write
// on a driver's behalf comes to no gate and has no name. Methods of the server are the kinds of its turns.
import { METHOD_NAMES } from '../drivers/driver-object.js';
import { KICK_HANDLED, POLL_TICK, REGISTER_READ, REGISTER_WRITE } from '../model/events.js';
import { nameOf } from '../model/locations.js';
import type { DeviationKey, KeyedTape } from '../scenarios/repro.js';
import type { RunTape } from '../sim/choice.js';
import {
  EVENT_BARRIER,
  EVENT_BUFFERED,
  EVENT_CALL,
  EVENT_LOAD,
  EVENT_RETURN,
  EVENT_STORE,
  EVENT_WORDS,
  agentOf,
  kindOf,
} from '../sim/trace.js';

/** The records of a run, with the steps that belong to them (RunOutcome.steps). */
export interface KeptRecords {
  readonly words: Uint32Array;
  readonly steps: Uint32Array;
}

type AccessKind = DeviationKey['access'];

/** A method under way. */
interface Call {
  readonly method: string;
  readonly ordinal: number;
  readonly seen: Map<string, number>;
}

/** Where an agent stands. */
class Progress {
  /** Accesses named so far. */
  step = 0;
  private readonly counts = new Map<string, number>();
  private readonly calls: Call[] = [newCall('idle', 0)];

  /** The innermost method. */
  get call(): Call {
    return this.calls.at(-1)!;
  }

  begin(method: string): void {
    const ordinal = this.counts.get(method) ?? 0;
    this.counts.set(method, ordinal + 1);
    this.calls.push(newCall(method, ordinal));
  }

  end(): void {
    if (this.calls.length > 1) this.calls.pop();
  }

  /** One thing after the other, without an end of its own. */
  goOnWith(method: string): void {
    this.end();
    this.begin(method);
  }
}

function newCall(method: string, ordinal: number): Call {
  return { method, ordinal, seen: new Map() };
}

/** Takes in what the record says about methods. */
function follow(progress: Progress, words: Uint32Array, at: number): void {
  const kind = kindOf(words, at);
  if (kind === EVENT_CALL) progress.begin(METHOD_NAMES[words[at + 2]!] ?? `method ${words[at + 2]!}`);
  else if (kind === EVENT_RETURN) progress.end();
  else if (kind === KICK_HANDLED) progress.goOnWith('kicks');
  else if (kind === POLL_TICK) progress.goOnWith('tick');
}

function accessKindOf(words: Uint32Array, at: number): AccessKind | null {
  switch (kindOf(words, at)) {
    case EVENT_LOAD:
      return 'load';
    case EVENT_STORE:
      return words[at + 7] === 0 ? 'store' : null;
    case EVENT_BUFFERED:
      return 'store';
    case EVENT_BARRIER:
      return 'barrier';
    case REGISTER_READ:
    case REGISTER_WRITE:
      return 'register';
    default:
      return null;
  }
}

/** Calls `visit` for every access that came to the gate and was performed: agent, own access number, key. */
export function everyAccess({ words, steps }: KeptRecords, visit: (agent: number, step: number, key: DeviationKey) => void): void {
  const agents = new Map<number, Progress>();
  for (let at = 0; at < words.length; at += EVENT_WORDS) {
    const agent = agentOf(words, at);
    const progress = agents.get(agent) ?? new Progress();
    agents.set(agent, progress);
    follow(progress, words, at);
    const access = accessKindOf(words, at);
    const step = steps[at / EVENT_WORDS]!;
    if (access === null || step <= progress.step) continue;
    progress.step = step;
    const location = access === 'load' || access === 'store' ? nameOf((words[at + 2]! >>> 8) & 0xff) : '';
    const { method, ordinal, seen } = progress.call;
    const place = `${access} ${location}`;
    const occurrence = seen.get(place) ?? 0;
    seen.set(place, occurrence + 1);
    visit(agent, step - 1, { method, call: ordinal, access, location, occurrence });
  }
}

/** The tape with a key at each scheduling deviation whose access the records show; null at the others. */
export function keyedTape(tape: RunTape, records: KeptRecords): KeyedTape {
  const found = new Map<string, DeviationKey>();
  const wanted = new Set(tape.schedule.map(({ agent, step }) => `${agent}#${step}`));
  everyAccess(records, (agent, step, key) => {
    const id = `${agent}#${step}`;
    if (wanted.has(id)) found.set(id, key);
  });
  return {
    choices: tape.choices.map((deviation) => ({ ...deviation })),
    schedule: tape.schedule.map(({ agent, step, to }) => ({ agent, step, to, key: found.get(`${agent}#${step}`) ?? null })),
  };
}
