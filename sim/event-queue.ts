// The queue of future events: a 4-ary heap over typed arrays with the total order (time, class, sequence).
//
// Struct of arrays, no allocation per event. Keys lie in heap order, so that the four children of a place are
// neighbours in memory; what an event carries lies in a slot that does not move. A pop leaves the root empty until
// the next push or look: a handler mostly schedules something, which then costs one way down instead of two ways
// (performance sheet §3). Sequence numbers start over with every run and name the event for cancel(), which searches
// for it: few events are pending, and keeping every event's place up to date would cost each move a store.

const INITIAL_SLOTS = 64;
/** Classes are below this; at equal time a lower class goes first. */
export const CLASS_LIMIT = 16;
/** Events a run may schedule; class and sequence together are one u32. */
const SEQUENCE_SPAN = 268435456;

/** Handle of an event: its class and sequence in one Number, unique within the run. */
export type EventHandle = number;

/** Pending events of a world. After pop() or take() the event's fields stand in the public fields. */
export class EventQueue {
  timeNs = 0;
  agent = 0;
  opcode = 0;
  first = 0;
  second = 0;
  /** Number of the periodic source the event belongs to, 0 for none. */
  source = 0;
  /** Pending events that belong to no periodic source. */
  plainCount = 0;
  /** Pending events. */
  count = 0;
  /** Keys and slots, in heap order. */
  private times = new Float64Array(INITIAL_SLOTS);
  private orders = new Uint32Array(INITIAL_SLOTS);
  private slots = new Uint32Array(INITIAL_SLOTS);
  /** True when the root is empty; the heap then holds one place more than `count`. */
  private isRootEmpty = false;
  /** What events carry, by slot. */
  private agents = new Uint8Array(INITIAL_SLOTS);
  private opcodes = new Uint16Array(INITIAL_SLOTS);
  private firsts = new Uint32Array(INITIAL_SLOTS);
  private seconds = new Float64Array(INITIAL_SLOTS);
  private sources = new Uint16Array(INITIAL_SLOTS);
  private free = new Uint32Array(INITIAL_SLOTS);
  private freeCount = 0;
  private slotCount = 0;
  private sequence = 0;

  /** Adds an event; `first` (below 2^32) and `second` are arguments for the agent. Throws RangeError when too many are pending or were scheduled. */
  push(timeNs: number, eventClass: number, agent: number, opcode: number, first: number, second: number, source: number): EventHandle {
    const slot = this.freeCount > 0 ? this.free[--this.freeCount]! : this.newSlot();
    this.agents[slot] = agent;
    this.opcodes[slot] = opcode;
    this.firsts[slot] = first;
    this.seconds[slot] = second;
    this.sources[slot] = source;
    if (source === 0) this.plainCount += 1;
    const sequence = this.sequence++;
    if (sequence >= SEQUENCE_SPAN) throw new RangeError(`EventQueue: more than ${SEQUENCE_SPAN} events in one run`);
    const order = eventClass * SEQUENCE_SPAN + sequence;
    const position = this.count;
    this.count = position + 1;
    if (this.isRootEmpty) {
      this.isRootEmpty = false;
      this.siftDown(0, timeNs, order, slot);
    } else {
      this.siftUp(position, timeNs, order, slot);
    }
    return order;
  }

  /** Takes the first event out; false if there is none. */
  pop(): boolean {
    if (this.count === 0) return false;
    if (this.isRootEmpty) this.fillRoot();
    this.timeNs = this.times[0]!;
    this.release(this.slots[0]!);
    this.isRootEmpty = true;
    return true;
  }

  /** Time of the first event, Infinity if there is none. */
  peekTime(): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY;
    if (this.isRootEmpty) this.fillRoot();
    return this.times[0]!;
  }

  /** Takes the first event of one agent out; false if it has none. */
  take(agent: number): boolean {
    const position = this.firstOf(agent);
    if (position < 0) return false;
    this.remove(position);
    return true;
  }

  /** Time of the agent's first event, Infinity if it has none. */
  timeOf(agent: number): number {
    const position = this.firstOf(agent);
    return position < 0 ? Number.POSITIVE_INFINITY : this.times[position]!;
  }

  /** Removes a pending event; false if it was already gone. */
  cancel(handle: EventHandle): boolean {
    if (this.isRootEmpty) this.fillRoot();
    for (let position = 0; position < this.count; position++) {
      if (this.orders[position] !== handle) continue;
      this.remove(position);
      return true;
    }
    return false;
  }

  /** Calls `visit` with the source of every pending event that has one; order unspecified. */
  everySource(visit: (source: number) => boolean): boolean {
    if (this.isRootEmpty) this.fillRoot();
    for (let position = 0; position < this.count; position++) {
      const source = this.sources[this.slots[position]!]!;
      if (source !== 0 && !visit(source)) return false;
    }
    return true;
  }

  /** Forgets everything; sequence numbers start over. */
  reset(): void {
    this.count = 0;
    this.plainCount = 0;
    this.isRootEmpty = false;
    this.freeCount = 0;
    this.slotCount = 0;
    this.sequence = 0;
  }

  /** Position of the first event of an agent, -1 if it has none. */
  private firstOf(agent: number): number {
    if (this.isRootEmpty) this.fillRoot();
    let best = -1;
    for (let position = 0; position < this.count; position++) {
      if (this.agents[this.slots[position]!] !== agent) continue;
      if (best < 0 || this.isBefore(this.times[position]!, this.orders[position]!, best)) best = position;
    }
    return best;
  }

  private isBefore(timeNs: number, order: number, position: number): boolean {
    const otherTime = this.times[position]!;
    return timeNs < otherTime || (timeNs === otherTime && order < this.orders[position]!);
  }

  /** Takes the event at a position of a heap without an empty root out. */
  private remove(position: number): void {
    this.timeNs = this.times[position]!;
    this.release(this.slots[position]!);
    const last = this.count;
    if (position === last) return;
    const timeNs = this.times[last]!;
    const order = this.orders[last]!;
    const slot = this.slots[last]!;
    if (position > 0 && this.isBefore(timeNs, order, (position - 1) >>> 2)) this.siftUp(position, timeNs, order, slot);
    else this.siftDown(position, timeNs, order, slot);
  }

  /** Copies what an event carries into the public fields and frees its slot. */
  private release(slot: number): void {
    this.agent = this.agents[slot]!;
    this.opcode = this.opcodes[slot]!;
    this.first = this.firsts[slot]!;
    this.second = this.seconds[slot]!;
    const source = this.sources[slot]!;
    this.source = source;
    if (source === 0) this.plainCount -= 1;
    this.free[this.freeCount++] = slot;
    this.count -= 1;
  }

  /** Moves the last event into the empty root. */
  private fillRoot(): void {
    this.isRootEmpty = false;
    const last = this.count;
    if (last > 0) this.siftDown(0, this.times[last]!, this.orders[last]!, this.slots[last]!);
  }

  private siftUp(start: number, timeNs: number, order: number, slot: number): void {
    const { times, orders, slots } = this;
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >>> 2;
      const otherTime = times[parent]!;
      if (otherTime < timeNs || (otherTime === timeNs && orders[parent]! < order)) break;
      times[position] = otherTime;
      orders[position] = orders[parent]!;
      slots[position] = slots[parent]!;
      position = parent;
    }
    times[position] = timeNs;
    orders[position] = order;
    slots[position] = slot;
  }

  private siftDown(start: number, timeNs: number, order: number, slot: number): void {
    const { times, orders, slots, count } = this;
    let position = start;
    for (;;) {
      const firstChild = position * 4 + 1;
      if (firstChild >= count) break;
      const end = firstChild + 4 < count ? firstChild + 4 : count;
      let best = firstChild;
      let bestTime = times[firstChild]!;
      for (let child = firstChild + 1; child < end; child++) {
        const childTime = times[child]!;
        if (childTime < bestTime || (childTime === bestTime && orders[child]! < orders[best]!)) {
          best = child;
          bestTime = childTime;
        }
      }
      if (timeNs < bestTime || (timeNs === bestTime && order < orders[best]!)) break;
      times[position] = bestTime;
      orders[position] = orders[best]!;
      slots[position] = slots[best]!;
      position = best;
    }
    times[position] = timeNs;
    orders[position] = order;
    slots[position] = slot;
  }

  private newSlot(): number {
    if (this.slotCount === this.agents.length) this.grow();
    return this.slotCount++;
  }

  private grow(): void {
    const length = this.agents.length * 2;
    if (length > 65536) throw new RangeError('EventQueue: more than 65536 pending events');
    this.times = enlarged(this.times, new Float64Array(length));
    this.orders = enlarged(this.orders, new Uint32Array(length));
    this.slots = enlarged(this.slots, new Uint32Array(length));
    this.firsts = enlarged(this.firsts, new Uint32Array(length));
    this.seconds = enlarged(this.seconds, new Float64Array(length));
    this.free = enlarged(this.free, new Uint32Array(length));
    this.agents = enlarged(this.agents, new Uint8Array(length));
    this.opcodes = enlarged(this.opcodes, new Uint16Array(length));
    this.sources = enlarged(this.sources, new Uint16Array(length));
  }
}

function enlarged<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
