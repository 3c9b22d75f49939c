// Which ends of the link an event connects: the lanes of a sequence drawing.
//
// Five lanes in the order of the link: driver a, its memory, the device, memory of b, driver b. Loads point from memory,
// stores to it; kicks and register accesses go from driver to device, interrupts back. What one end does for itself stays
// on its lane.
import * as events from '../model/events.js';
import { EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE, EVENT_WORDS, agentOf, kindOf } from '../sim/trace.js';

/** Titles of the lanes by number; ports by name. */
export function laneTitles(ports: readonly string[]): string[] {
  const [first = '0', second = '1'] = ports;
  return [`driver ${first}`, `memory ${first}`, 'device', `memory ${second}`, `driver ${second}`];
}

/** Where an event begins and ends; equal for what stays at one end. */
export interface EventArrow {
  readonly from: number;
  readonly to: number;
  /** Of another agent's making or not yet visible: a buffered store. */
  readonly isDashed: boolean;
}

const DEVICE_LANE = 2;
const SECOND_DRIVER_LANE = 4;
const SECOND_MEMORY_LANE = 3;

const TO_DEVICE: ReadonlySet<number> = new Set([
  events.REGISTER_WRITE,
  events.STATUS_WRITE,
  events.CONTROL_CALL,
  events.KICKED,
  events.MEMORY_REGISTERED,
  events.QUEUE_CONFIGURED,
  events.COMMAND_TAKEN,
]);
const FROM_DEVICE: ReadonlySet<number> = new Set([
  events.REGISTER_READ,
  events.DEVICE_STATUS,
  events.FEATURES_CHECKED,
  events.INTERRUPT_RAISED,
  events.DEVICE_RESET,
  events.CONNECTED,
]);
const TO_MEMORY: ReadonlySet<number> = new Set([events.PUBLISHED, events.CHAIN_ELEMENT, events.PACKET_HEADER]);
const DEVICE_FROM_MEMORY: ReadonlySet<number> = new Set([events.DEVICE_LOOKED, events.TAKEN, events.AVAIL_FLAGS_SEEN, events.CHAIN_FAILED]);
const DEVICE_TO_MEMORY: ReadonlySet<number> = new Set([
  events.USED_WRITTEN,
  events.USED_PUBLISHED,
  events.USED_FLAGS,
  events.FRAME_PLACED,
  events.UNTAKEN,
]);
const IN_MEMORY: ReadonlySet<number> = new Set([events.FRAME_IN_RING, events.QUEUE_AT_END]);
const AT_DEVICE: ReadonlySet<number> = new Set([
  events.KICK_HANDLED,
  events.KICK_DONE,
  events.POLL_TICK,
  events.QUIRK_MET,
  events.SERVER_ENDED,
  events.DEPARTED,
  events.QUEUE_PART,
  events.RINGS_FOUND,
  events.MEMORY_PLACED,
  events.HEALED,
  events.ENDED,
]);

/** The arrows of all records in `words`, oldest first. */
export function eventArrows(words: Uint32Array): EventArrow[] {
  const owners = dataspaceOwners(words);
  const arrows: EventArrow[] = [];
  for (let at = 0; at + EVENT_WORDS <= words.length; at += EVENT_WORDS) arrows.push(eventArrow(words, at, owners));
  return arrows;
}

function eventArrow(words: Uint32Array, at: number, owners: ReadonlyMap<number, number>): EventArrow {
  const kind = kindOf(words, at);
  const access = accessArrow(words, at, kind, owners);
  if (access !== null) return access;
  const port = words[at + 2]! & 0xff;
  const [driver, memory] = [driverLane(port), memoryLane(port)];
  if (TO_DEVICE.has(kind)) return arrow(driver, DEVICE_LANE);
  if (FROM_DEVICE.has(kind)) return arrow(DEVICE_LANE, driver);
  if (TO_MEMORY.has(kind)) return arrow(driver, memory);
  if (DEVICE_FROM_MEMORY.has(kind)) return arrow(memory, DEVICE_LANE);
  if (DEVICE_TO_MEMORY.has(kind)) return arrow(DEVICE_LANE, memory);
  if (IN_MEMORY.has(kind)) return arrow(memory, memory);
  if (AT_DEVICE.has(kind)) return arrow(DEVICE_LANE, DEVICE_LANE);
  const agent = agentOf(words, at);
  const lane = agent === 0 ? DEVICE_LANE : driverLane(agent - 1);
  return arrow(lane, lane);
}

/** Loads and stores of fine and weak mode. */
function accessArrow(words: Uint32Array, at: number, kind: number, owners: ReadonlyMap<number, number>): EventArrow | null {
  if (!isAccess(kind)) return null;
  const agent = agentOf(words, at);
  const actor = agent === 0 ? DEVICE_LANE : driverLane(agent - 1);
  const owner = owners.get(words[at + 2]! & 0xff);
  if (owner === undefined) return arrow(actor, actor);
  const memory = memoryLane(owner);
  return kind === EVENT_LOAD ? arrow(memory, actor) : arrow(actor, memory, kind === EVENT_BUFFERED);
}

/** By dataspace: the port whose memory it is, as far as the records tell by a named place or by a driver that uses it. */
function dataspaceOwners(words: Uint32Array): Map<number, number> {
  const owners = new Map<number, number>();
  for (let at = 0; at + EVENT_WORDS <= words.length; at += EVENT_WORDS) {
    if (!isAccess(kindOf(words, at))) continue;
    const where = words[at + 2]!;
    const isNamed = ((where >>> 8) & 15) !== 0;
    const agent = agentOf(words, at);
    if (isNamed) owners.set(where & 0xff, (where >>> 13) & 7);
    else if (agent !== 0 && !owners.has(where & 0xff)) owners.set(where & 0xff, agent - 1);
  }
  return owners;
}

function isAccess(kind: number): boolean {
  return kind === EVENT_LOAD || kind === EVENT_STORE || kind === EVENT_BUFFERED;
}

function arrow(from: number, to: number, isDashed = false): EventArrow {
  return { from, to, isDashed };
}

function driverLane(port: number): number {
  return port === 1 ? SECOND_DRIVER_LANE : 0;
}

function memoryLane(port: number): number {
  return port === 1 ? SECOND_MEMORY_LANE : 1;
}
