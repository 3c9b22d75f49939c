// Names the places of scheduling deviations in terms that survive edits to a driver.
//
// A run tape says "before own access 57 of agent 1"; the key says "transmit, call 2, first load of tx.used.flags".
// Keys are computed from the kept event records alone: accesses of an agent count from 0 in the order of its records.
import { METHOD_NAMES } from '../drivers/driver-object.js';
import { nameOf } from '../model/locations.js';
import { REGISTER_READ, REGISTER_WRITE } from '../model/events.js';
import type { DeviationKey, KeyedTape } from '../scenarios/repro.js';
import type { RunTape } from '../sim/choice.js';
import { EVENT_BARRIER, EVENT_CALL, EVENT_LOAD, EVENT_BUFFERED, EVENT_STORE, EVENT_WORDS, agentOf, kindOf } from '../sim/trace.js';

type AccessKind = DeviationKey['access'];

interface Progress {
  method: string;
  readonly calls: Map<string, number>;
  readonly seen: Map<string, number>;
  accesses: number;
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

/** Calls `visit` for every access in the records: agent, own access number, key. */
export function everyAccess(words: Uint32Array, visit: (agent: number, step: number, key: DeviationKey) => void): void {
  const agents = new Map<number, Progress>();
  for (let at = 0; at < words.length; at += EVENT_WORDS) {
    const agent = agentOf(words, at);
    const progress = agents.get(agent) ?? { method: 'loop', calls: new Map(), seen: new Map(), accesses: 0 };
    agents.set(agent, progress);
    if (kindOf(words, at) === EVENT_CALL) {
      progress.method = METHOD_NAMES[words[at + 2]!] ?? `method ${words[at + 2]!}`;
      progress.calls.set(progress.method, (progress.calls.get(progress.method) ?? -1) + 1);
      progress.seen.clear();
      continue;
    }
    const access = accessKindOf(words, at);
    if (access === null) continue;
    const location = access === 'load' || access === 'store' ? nameOf((words[at + 2]! >>> 8) & 0xff) : '';
    const place = `${access} ${location}`;
    const occurrence = (progress.seen.get(place) ?? -1) + 1;
    progress.seen.set(place, occurrence);
    visit(agent, progress.accesses++, {
      method: progress.method,
      call: progress.calls.get(progress.method) ?? 0,
      access,
      location,
      occurrence,
    });
  }
}

/** The tape with a key at each scheduling deviation whose access the records show; null at the others. */
export function keyedTape(tape: RunTape, words: Uint32Array): KeyedTape {
  const found = new Map<string, DeviationKey>();
  const wanted = new Set(tape.schedule.map(({ agent, step }) => `${agent}#${step}`));
  everyAccess(words, (agent, step, key) => {
    const id = `${agent}#${step}`;
    if (wanted.has(id)) found.set(id, key);
  });
  return {
    choices: tape.choices.map((deviation) => ({ ...deviation })),
    schedule: tape.schedule.map(({ agent, step, to }) => ({ agent, step, to, key: found.get(`${agent}#${step}`) ?? null })),
  };
}
