// The queue of future events: a 4-ary heap over typed arrays with the total order (time, class, sequence).
//
// Struct of arrays, no allocation per event. Sequence numbers start over with every run. Slots carry a
// generation, so an event can be cancelled by handle. The order never depends on the shape of the heap.

const INITIAL_SLOTS = 64;
/** Classes are below this; at equal time a lower class goes first. */
export const CLASS_LIMIT = 16;
const SEQUENCE_SPAN = 4294967296;

/** Handle of a pending event: slot and generation in one Number. */
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
  private times = new Float64Array(INITIAL_SLOTS);
  private orders = new Float64Array(INITIAL_SLOTS);
  private heap = new Uint32Array(INITIAL_SLOTS);
  private positions = new Int32Array(INITIAL_SLOTS).fill(-1);
  private generations = new Uint32Array(INITIAL_SLOTS);
  private agents = new Uint8Array(INITIAL_SLOTS);
  private opcodes = new Uint16Array(INITIAL_SLOTS);
  private firsts = new Float64Array(INITIAL_SLOTS);
  private seconds = new Float64Array(INITIAL_SLOTS);
  private sources = new Uint16Array(INITIAL_SLOTS);
  private free = new Uint32Array(INITIAL_SLOTS);
  private freeCount = 0;
  private slotCount = 0;
  private sequence = 0;

  /** Adds an event; `first` and `second` are arguments for the agent. */
  push(timeNs: number, eventClass: number, agent: number, opcode: number, first: number, second: number, source: number): EventHandle {
    const slot = this.freeCount > 0 ? this.free[--this.freeCount]! : this.newSlot();
    this.times[slot] = timeNs;
    this.orders[slot] = eventClass * SEQUENCE_SPAN + this.sequence;
    this.sequence += 1;
    this.agents[slot] = agent;
    this.opcodes[slot] = opcode;
    this.firsts[slot] = first;
    this.seconds[slot] = second;
    this.sources[slot] = source;
    if (source === 0) this.plainCount += 1;
    const position = this.count;
    this.count += 1;
    this.siftUp(position, slot);
    return this.generations[slot]! * 65536 + slot;
  }

  /** Takes the first event out; false if there is none. */
  pop(): boolean {
    if (this.count === 0) return false;
    this.remove(0);
    return true;
  }

  /** Time of the first event, Infinity if there is none. */
  peekTime(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.times[this.heap[0]!]!;
  }

  /** Takes the first event of one agent out; false if it has none. */
  take(agent: number): boolean {
    const position = this.firstOf(agent);
    if (position < 0) return false;
    this.remove(position);
    return true;
  }

  /** True when the agent has a pending event. */
  has(agent: number): boolean {
    for (let position = 0; position < this.count; position++) if (this.agents[this.heap[position]!] === agent) return true;
    return false;
  }

  /** Removes a pending event; false if it was already gone. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % 65536;
    const position = this.positions[slot] ?? -1;
    if (position < 0 || this.generations[slot] !== Math.floor(handle / 65536)) return false;
    this.remove(position);
    return true;
  }

  /** Calls `visit` with the source of every pending event that has one; order unspecified. */
  everySource(visit: (source: number) => boolean): boolean {
    for (let position = 0; position < this.count; position++) {
      const source = this.sources[this.heap[position]!]!;
      if (source !== 0 && !visit(source)) return false;
    }
    return true;
  }

  /** Forgets everything; sequence numbers start over. */
  reset(): void {
    for (let position = 0; position < this.count; position++) this.positions[this.heap[position]!] = -1;
    this.count = 0;
    this.plainCount = 0;
    this.freeCount = 0;
    this.slotCount = 0;
    this.sequence = 0;
  }

  private firstOf(agent: number): number {
    let best = -1;
    for (let position = 0; position < this.count; position++) {
      const slot = this.heap[position]!;
      if (this.agents[slot] === agent && (best < 0 || this.isBefore(slot, this.heap[best]!))) best = position;
    }
    return best;
  }

  private isBefore(left: number, right: number): boolean {
    const leftTime = this.times[left]!;
    const rightTime = this.times[right]!;
    return leftTime < rightTime || (leftTime === rightTime && this.orders[left]! < this.orders[right]!);
  }

  private remove(position: number): void {
    const slot = this.heap[position]!;
    this.timeNs = this.times[slot]!;
    this.agent = this.agents[slot]!;
    this.opcode = this.opcodes[slot]!;
    this.first = this.firsts[slot]!;
    this.second = this.seconds[slot]!;
    this.source = this.sources[slot]!;
    if (this.source === 0) this.plainCount -= 1;
    this.positions[slot] = -1;
    this.generations[slot] = (this.generations[slot]! + 1) & 0xfffff;
    this.free[this.freeCount++] = slot;
    this.count -= 1;
    if (position === this.count) return;
    const last = this.heap[this.count]!;
    if (position > 0 && this.isBefore(last, this.heap[(position - 1) >>> 2]!)) this.siftUp(position, last);
    else this.siftDown(position, last);
  }

  private siftUp(start: number, slot: number): void {
    const { heap, times, orders, positions } = this;
    const time = times[slot]!;
    const order = orders[slot]!;
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >>> 2;
      const other = heap[parent]!;
      const otherTime = times[other]!;
      if (otherTime < time || (otherTime === time && orders[other]! < order)) break;
      heap[position] = other;
      positions[other] = position;
      position = parent;
    }
    heap[position] = slot;
    positions[slot] = position;
  }

  private siftDown(start: number, slot: number): void {
    const { heap, times, orders, positions, count } = this;
    const time = times[slot]!;
    const order = orders[slot]!;
    let position = start;
    for (;;) {
      const firstChild = position * 4 + 1;
      if (firstChild >= count) break;
      const end = firstChild + 4 < count ? firstChild + 4 : count;
      let best = firstChild;
      let bestSlot = heap[firstChild]!;
      let bestTime = times[bestSlot]!;
      for (let child = firstChild + 1; child < end; child++) {
        const childSlot = heap[child]!;
        const childTime = times[childSlot]!;
        if (childTime < bestTime || (childTime === bestTime && orders[childSlot]! < orders[bestSlot]!)) {
          best = child;
          bestSlot = childSlot;
          bestTime = childTime;
        }
      }
      if (time < bestTime || (time === bestTime && order < orders[bestSlot]!)) break;
      heap[position] = bestSlot;
      positions[bestSlot] = position;
      position = best;
    }
    heap[position] = slot;
    positions[slot] = position;
  }

  private newSlot(): number {
    if (this.slotCount === this.times.length) this.grow();
    return this.slotCount++;
  }

  private grow(): void {
    const length = this.times.length * 2;
    if (length > 65536) throw new RangeError('EventQueue: more than 65536 pending events');
    this.times = enlarged(this.times, new Float64Array(length));
    this.orders = enlarged(this.orders, new Float64Array(length));
    this.firsts = enlarged(this.firsts, new Float64Array(length));
    this.seconds = enlarged(this.seconds, new Float64Array(length));
    this.heap = enlarged(this.heap, new Uint32Array(length));
    this.generations = enlarged(this.generations, new Uint32Array(length));
    this.free = enlarged(this.free, new Uint32Array(length));
    this.agents = enlarged(this.agents, new Uint8Array(length));
    this.opcodes = enlarged(this.opcodes, new Uint16Array(length));
    this.sources = enlarged(this.sources, new Uint16Array(length));
    this.positions = enlarged(this.positions, new Int32Array(length).fill(-1));
  }
}

function enlarged<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
