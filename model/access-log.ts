// Turns the accesses of all contexts into records: level 2 in fine and weak mode, registers in every mode.
//
// Also the place where a driver's store to avail.idx is noticed in fine and weak mode: the chains it covers are
// snapshotted at the moment the store becomes visible, not when the device happens to look.
import type { AccessObserver } from '../sim/access-observer.js';
import type { Arena } from '../sim/arena.js';
import { EVENT_BARRIER, EVENT_BUFFERED, EVENT_LOAD, EVENT_STORE, type Trace } from '../sim/trace.js';
import { REGISTER_READ, REGISTER_WRITE } from './events.js';
import { type LocationRegistry, PART_AVAIL_FLAGS, PART_AVAIL_INDEX, PART_USED_FLAGS, PART_USED_INDEX, partOf, portOf, queueOf } from './locations.js';

/** Index and flags of both rings, as a set of parts. */
const RACE_PARTS = (1 << PART_AVAIL_FLAGS) | (1 << PART_AVAIL_INDEX) | (1 << PART_USED_FLAGS) | (1 << PART_USED_INDEX);

/** Called when a visible store may have published chains. */
export type PublishListener = (port: number, queue: number) => void;

/** Observer that writes records; one per world. */
export class AccessLog implements AccessObserver {
  /** Told after a store to avail.idx became visible. */
  onPublish: PublishListener = () => undefined;
  private readonly trace: Trace;
  private readonly arena: Arena;
  private readonly locations: LocationRegistry;
  /** Told of every access to a ring's index or flags, by whom ever: the accesses that decide races. */
  onRace: () => void = () => undefined;
  private offsetInside = 0;

  constructor(trace: Trace, arena: Arena, locations: LocationRegistry) {
    this.trace = trace;
    this.arena = arena;
    this.locations = locations;
  }

  loaded(contextId: number, offset: number, sizeBytes: number, low: number, high: number, staleBy: number): void {
    const place = this.place(offset);
    this.trace.record(EVENT_LOAD, contextId, place, this.offsetInside, sizeBytes, low, high, staleBy);
    this.noteRace((place >>> 8) & 0xff);
  }

  stored(contextId: number, offset: number, sizeBytes: number, low: number, high: number, entry: number): void {
    const place = this.place(offset);
    this.trace.record(EVENT_STORE, contextId, place, this.offsetInside, sizeBytes, low, high, entry);
    const code = (place >>> 8) & 0xff;
    if (partOf(code) === PART_AVAIL_INDEX) this.onPublish(portOf(code), queueOf(code));
    if (entry === 0) this.noteRace(code);
  }

  buffered(contextId: number, offset: number, sizeBytes: number, low: number, high: number, entry: number): void {
    const place = this.place(offset);
    this.trace.record(EVENT_BUFFERED, contextId, place, this.offsetInside, sizeBytes, low, high, entry);
    this.noteRace((place >>> 8) & 0xff);
  }

  fenced(contextId: number, kind: number): void {
    this.trace.record(EVENT_BARRIER, contextId, kind, 0, 0, 0, 0, 0);
  }

  registerLoaded(contextId: number, offset: number, sizeBytes: number, value: number): void {
    const port = portOf((this.place(offset) >>> 8) & 0xff);
    this.trace.record(REGISTER_READ, contextId, port, this.offsetInside, sizeBytes, value, 0, 0);
  }

  registerStored(contextId: number, offset: number, sizeBytes: number, value: number): void {
    const port = portOf((this.place(offset) >>> 8) & 0xff);
    this.trace.record(REGISTER_WRITE, contextId, port, this.offsetInside, sizeBytes, value, 0, 0);
  }

  private noteRace(code: number): void {
    if (((RACE_PARTS >>> partOf(code)) & 1) !== 0) this.onRace();
  }

  /** Dataspace, location code and index of an arena offset, packed; leaves the offset in the dataspace in `offsetInside`. */
  private place(offset: number): number {
    const dataspaceId = this.arena.dataspaceAt(offset);
    this.offsetInside = offset - this.arena.startOf(dataspaceId);
    const code = this.locations.locationOf(dataspaceId, this.offsetInside);
    return (dataspaceId | (code << 8) | (this.locations.indexOf(code, this.offsetInside) << 16)) >>> 0;
  }
}
