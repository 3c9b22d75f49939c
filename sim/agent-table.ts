// Who can run: the agents of a world, what they are in the middle of, and how long ago each was interrupted.
//
// Bookkeeping of the kernel; decides nothing. An agent is idle (no work begun), interrupted (work begun, stopped before an
// access), blocked (waits to be woken) or stacked (plain, with its caller's stack below whoever runs now).
import type { Agent, Work } from './agent.js';
import { type Candidates, EVERYBODY_ELSE, type WaitingAccess } from './choice.js';
import type { EventQueue } from './event-queue.js';

/** Most agents a world can have. */
export const AGENT_LIMIT = 64;
/** Not held off. */
const FREE = -1;

/** The agents of one world; reset between runs. */
export class AgentTable {
  agents: Agent[] = [];
  /** Work begun and not finished, by agent; nested work last. Changed by began(), finished() and dropped() only. */
  readonly work: Work[][] = [];
  /** Plain agents on the stack, innermost last. */
  readonly stack: number[] = [];
  /** 1 for agents in the middle of something, and how many there are: in coarse mode none, which most looks can rely on. */
  private readonly busy = new Uint8Array(AGENT_LIMIT);
  private busyCount = 0;
  private readonly recency = new Float64Array(AGENT_LIMIT);
  private readonly blocked = new Uint8Array(AGENT_LIMIT);
  private readonly stacked = new Uint8Array(AGENT_LIMIT);
  /** Virtual time up to which what others do comes first, in ns; FREE for agents that are not held off. */
  private readonly heldUntilNs = new Float64Array(AGENT_LIMIT);
  private heldCount = 0;
  private interruptions = 0;
  private readonly candidates = {
    count: 0,
    ids: new Int32Array(AGENT_LIMIT + 1),
    accessOf: (index: number, into: WaitingAccess): boolean => this.accessOf(this.candidates.ids[index]!, into),
  };

  /** Starts a run with the given agents; agent i has id i. */
  reset(agents: readonly Agent[]): void {
    if (agents.length > AGENT_LIMIT) throw new RangeError(`Kernel.reset: at most ${AGENT_LIMIT} agents, got ${agents.length}`);
    this.agents = [...agents];
    for (let id = 0; id < agents.length; id++) this.work[id] = [];
    this.stack.length = 0;
    this.busy.fill(0);
    this.busyCount = 0;
    this.recency.fill(0);
    this.blocked.fill(0);
    this.stacked.fill(0);
    this.releaseAll();
    this.interruptions = 0;
  }

  /** True when the agent is in the middle of something. */
  isBusy(id: number): boolean {
    return this.busy[id] === 1;
  }

  /** The agent is in the middle of `work` now, above what it was in the middle of. */
  began(id: number, work: Work): void {
    this.work[id]!.push(work);
    this.noteBusy(id);
  }

  /** The agent's innermost work is done. */
  finished(id: number): void {
    this.work[id]!.pop();
    this.noteBusy(id);
  }

  /** All work of the agent is dropped. */
  dropped(id: number): void {
    this.work[id]!.length = 0;
    this.noteBusy(id);
  }

  private noteBusy(id: number): void {
    const isBusy = this.work[id]!.length > 0 ? 1 : 0;
    this.busyCount += isBusy - this.busy[id]!;
    this.busy[id] = isBusy;
  }

  isBlocked(id: number): boolean {
    return this.blocked[id] === 1;
  }

  isStacked(id: number): boolean {
    return this.stacked[id] === 1;
  }

  /** Lets the agent wait until it is woken. */
  block(id: number): void {
    this.blocked[id] = 1;
  }

  wake(id: number): void {
    this.blocked[id] = 0;
  }

  /** The agent was interrupted just now: in plain order it is the next to go on. */
  interrupted(id: number): void {
    this.recency[id] = ++this.interruptions;
  }

  /** Holds an interrupted agent off: it goes on when nobody else has anything to do up to the given time. */
  holdOff(id: number, untilNs: number): void {
    this.heldUntilNs[id] = untilNs;
    this.heldCount += 1;
  }

  /** True when an agent is held off. */
  get isAnyHeld(): boolean {
    return this.heldCount > 0;
  }

  /** Time up to which the others come first, the earliest of all agents that are held off. */
  firstReleaseNs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let id = 0; id < this.agents.length; id++) if (this.heldUntilNs[id] !== FREE) first = Math.min(first, this.heldUntilNs[id]!);
    return first;
  }

  /** Lets agents go on that are held off; true if there were any. */
  releaseAll(): boolean {
    this.heldUntilNs.fill(FREE);
    const hasReleased = this.heldCount > 0;
    this.heldCount = 0;
    return hasReleased;
  }

  /** The agent gave way: in plain order it is the last to go on. */
  gaveWay(id: number): void {
    this.recency[id] = -++this.interruptions;
  }

  /** True when the agent could use the processor now. */
  canRun(id: number): boolean {
    if (this.stacked[id] === 1 || this.heldUntilNs[id] !== FREE) return false;
    return this.isBusy(id) ? this.blocked[id] === 0 : this.agents[id]!.hasWork();
  }

  /** The agent that was interrupted last and can go on, -1 if there is none. */
  mostRecent(): number {
    let best = -1;
    if (this.busyCount === 0) return best;
    for (let id = 0; id < this.agents.length; id++) {
      if (this.busy[id] === 0 || !this.canRun(id)) continue;
      if (best < 0 || this.recency[id]! > this.recency[best]!) best = id;
    }
    return best;
  }

  /** The same, but only if it was interrupted after the given agent. */
  mostRecentAfter(other: number): number {
    const id = this.mostRecent();
    return id >= 0 && this.recency[id]! > this.recency[other]! ? id : -1;
  }

  /** The agent that has waited longest for the processor, the plain agent at the gate included; -1 if there is none. */
  longestWaiting(except: number): number {
    let best = this.stackTopAtGate();
    for (let id = 0; id < this.agents.length; id++) {
      if (id === except || !this.canRun(id)) continue;
      if (best < 0 || this.recency[id]! < this.recency[best]!) best = id;
    }
    return best;
  }

  /** The first agent by id that is idle and has work, -1 if there is none. */
  firstIdleWithWork(): number {
    const { agents, busy, stacked } = this;
    for (let id = 0; id < agents.length; id++) {
      if (stacked[id] === 0 && busy[id] === 0 && agents[id]!.hasWork()) return id;
    }
    return -1;
  }

  /** The innermost plain agent on the stack if it stands at the gate, -1 if there is none or it waits for something. */
  stackTopAtGate(): number {
    const top = this.stack.at(-1) ?? -1;
    return top >= 0 && this.blocked[top] === 0 ? top : -1;
  }

  /**
   * The agents that could run instead of `id`, which stands at the gate and comes first; the others by id, then all of
   * them together. An idle agent counts if its next event is not later than `horizonNs`: the agent at the gate was slow. `stackTop` is the plain agent
   * below that may go on, -1 for none. Valid until the next call.
   */
  candidatesFor(id: number, stackTop: number, queue: EventQueue, horizonNs: number): Candidates {
    const { ids } = this.candidates;
    ids[0] = id;
    let count = 1;
    for (let other = 0; other < this.agents.length; other++) {
      if (other === id || (this.stacked[other] === 1 && other !== stackTop)) continue;
      const isNear = !this.isBusy(other) && queue.timeOf(other) <= horizonNs;
      if (other === stackTop || isNear || this.canRun(other)) ids[count++] = other;
    }
    if (count > 1) ids[count++] = EVERYBODY_ELSE;
    this.candidates.count = count;
    return this.candidates;
  }

  /** See Candidates; only an agent in the middle of something stands before an access. */
  private accessOf(id: number, into: WaitingAccess): boolean {
    const isStanding = id !== EVERYBODY_ELSE && (this.busy[id] === 1 || this.stacked[id] === 1 || id === this.candidates.ids[0]);
    return isStanding && this.agents[id]!.waitingAccess?.(into) === true;
  }

  /** A plain agent stays on the stack while others run. */
  push(id: number): void {
    this.stack.push(id);
    this.stacked[id] = 1;
    this.interrupted(id);
  }

  /** Back to the innermost plain agent. */
  pop(id: number): void {
    this.stack.pop();
    this.stacked[id] = 0;
  }
}
