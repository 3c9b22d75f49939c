// The kernel: virtual clock, event delivery and the interleaving of agents.
//
// Plainest behaviour: an agent runs until its work is done; then the most recently interrupted agent goes on; then idle
// agents with work begin, by id; then time moves to the next event. Everything else is a deviation asked from the choice source
// at a gate question: another agent's work goes on, or its next event happens early (the agent that stands at the gate was slow).
// Time never goes back. Design page, section 2. Plain agents stay on the stack while others run; two of them can only nest.
import { AgentAborted, type Agent, type Work } from './agent.js';
import { AGENT_LIMIT, AgentTable } from './agent-table.js';
import { type ChoiceSource, EVERYBODY_ELSE } from './choice.js';
import { PAUSED_AT_ACCESS, PAUSED_BLOCKED } from './flow.resumable.js';
import { type Gate, NEVER } from './gate.js';
import { DEFAULT_KERNEL_OPTIONS, type EndReason, type KernelOptions } from './kernel-options.js';
import type { Arena } from './arena.js';
import type { StoreOrder } from './store-order.js';
import type { Trace } from './trace.js';
import { WorldClock } from './world-clock.js';

export { DEFAULT_KERNEL_OPTIONS, type EndReason, type KernelOptions };

/** Scheduler of one world; reset between runs. */
export class Kernel extends WorldClock implements Gate {
  countdown = NEVER;
  /** Questions answered with something else than "go on". */
  preemptions = 0;
  /** Accesses and calls that cost time, of all agents. */
  accessCount = 0;
  /** Agents whose budget was spent; told through onHung. */
  onHung: (agentId: number) => void = () => undefined;
  /** Called when nothing is left to do before the run counts as quiescent; true if it made new work. */
  onIdle: () => boolean = () => false;
  private readonly table = new AgentTable();
  private readonly steps = new Float64Array(AGENT_LIMIT);
  private current = -1;
  private armed = NEVER;
  /** Accesses until the source wants to be asked. */
  private gapLeft = NEVER;
  /** Accesses until the spin rule applies; independent of how often the source is asked, so that replays see the same. */
  private spinLeft = 0;
  private isFair = false;
  private end: EndReason | null = null;
  private source: ChoiceSource;
  private options: KernelOptions = DEFAULT_KERNEL_OPTIONS;
  private order: StoreOrder | null = null;

  constructor(arena: Arena, trace: Trace, source: ChoiceSource) {
    super(arena, trace);
    this.source = source;
  }

  /** Starts a new run with the given agents (agent i has id i). */
  reset(agents: readonly Agent[], source: ChoiceSource, order: StoreOrder | null, options: KernelOptions): void {
    this.table.reset(agents);
    this.steps.fill(0);
    this.restartClock();
    this.preemptions = 0;
    this.current = -1;
    this.armed = this.countdown = NEVER;
    this.gapLeft = 0;
    this.spinLeft = options.spinLimit;
    this.accessCount = 0;
    this.isFair = false;
    this.end = null;
    this.source = source;
    this.order = order;
    this.options = options;
  }

  /** Ends the run after the current access. */
  stop(reason: EndReason): void {
    this.end ??= reason;
  }

  /** True once the run is over; code on the stack must unwind. */
  get isOver(): boolean {
    return this.end !== null;
  }

  /** Lets a blocked agent go on. */
  wake(agentId: number): void {
    this.order?.acquire(agentId);
    this.table.wake(agentId);
  }

  /** Marks a resumable agent as waiting; it must then pause with PAUSED_BLOCKED. */
  block(agentId: number): void {
    this.table.block(agentId);
  }

  /** Switches to fair scheduling without preemptions by choice: the healing phase. What a fault defeated so far may work now, so it counts as progress. */
  heal(): void {
    this.isFair = true;
    this.progress();
    this.table.releaseAll();
    this.order?.drainAll();
    this.arm();
  }

  /** The choice source of the run. */
  choices(): ChoiceSource {
    return this.source;
  }

  /** Runs until nothing is left to do or the run is stopped. */
  run(): EndReason {
    for (let turns = 0; this.end === null; turns++) {
      if (turns > this.options.turnLimit) this.stop('budget');
      if (this.turn()) continue;
      if (this.order?.drainAll() === true) continue;
      if (this.onIdle()) continue;
      this.end = 'quiescent';
    }
    return this.end;
  }

  /** Runs others while plain agent `agentId` waits on the stack; throws AgentAborted if its wait can never end. */
  runUntil(agentId: number, isOver: () => boolean): void {
    this.settle();
    this.table.push(agentId);
    this.table.block(agentId);
    while (!isOver() && this.end === null) {
      if (this.turn() || this.order?.drainAll() === true) continue;
      this.exhausted(agentId);
    }
    this.table.wake(agentId);
    this.pop(agentId);
  }

  /** Moves the clock on: what now() and relax() cost. Counts as an access, so that waiting loops are bounded. */
  advance(costNs: number): void {
    this.passTime(costNs);
    this.accessCount += 1;
  }

  /** Lets everything that is due run while plain agent `agentId` stands on the stack. */
  runDue(agentId: number): void {
    this.settle();
    this.watchBudget(agentId);
    this.table.push(agentId);
    while (this.end === null && this.turnBefore(agentId, this.nowNs)) continue;
    this.pop(agentId);
  }

  /** Gate: plain agent `agentId` stands before an access that brought the countdown to zero. */
  interleave(agentId: number): void {
    if (this.end !== null) throw new AgentAborted('the run is over');
    this.settle();
    this.watchBudget(agentId);
    const next = this.gapLeft > 0 ? -1 : this.ask(agentId, -1);
    if (next < 0) {
      if (this.spinLeft > 0) this.arm();
      else this.runDue(agentId);
      return;
    }
    this.table.push(agentId);
    if (next === EVERYBODY_ELSE) {
      const untilNs = this.nowNs + this.options.foresightNs;
      while (this.end === null && this.turnBefore(agentId, untilNs)) continue;
    } else this.runChain(next, agentId);
    this.pop(agentId);
  }

  /** An access that often decides a race was just made: the source may want to be asked before the next one. */
  nudge(): void {
    if (this.isFair || this.current < 0 || this.source.nudge?.(this.current) !== true) return;
    this.settle();
    this.gapLeft = this.armed = this.countdown = 1;
  }

  /** Gate: where to cut a copy. */
  cutOf(lengthBytes: number): number {
    if (lengthBytes < 2 || this.isFair) return 0;
    const choice = this.source.choose('copyCut', 8);
    return choice === 0 ? 0 : Math.max(1, Math.floor((lengthBytes * choice) / 8));
  }

  /** Own accesses of the agent that came to the gate so far; the number of the next one. */
  stepOf(agentId: number): number {
    return this.steps[agentId]! + (agentId === this.current ? this.armed - Math.max(0, this.countdown) : 0);
  }

  /** One unit of the plain order; false if there is nothing to do. */
  private turn(): boolean {
    const next = this.nextAtHand();
    if (next >= 0) {
      this.runChain(next, -1);
      return true;
    }
    // An agent that was held off goes on before time passes its release, or the run ends.
    if (this.table.isAnyHeld) return this.deliverUpTo(this.table.firstReleaseNs()) || this.table.releaseAll();
    if (this.quiescence.isReached(this.queue, this.arena)) return false;
    return this.deliverNext();
  }

  /** Like turn(), but nothing later than `limitNs`, and last those who are held off; false also when `stackTop` was chosen to go on. */
  private turnBefore(stackTop: number, limitNs: number): boolean {
    const next = this.nextAtHand();
    if (next >= 0) return !this.runChain(next, stackTop);
    return this.deliverUpTo(limitNs) || this.table.releaseAll();
  }

  private deliverUpTo(limitNs: number): boolean {
    return this.queue.peekTime() <= limitNs && this.deliverNext();
  }

  /** Who runs next without time moving: interrupted work before new work; -1 if there is none. */
  private nextAtHand(): number {
    const interrupted = this.table.mostRecent();
    return interrupted >= 0 ? interrupted : this.table.firstIdleWithWork();
  }

  /** Delivers the first event; false if there is none. */
  private deliverNext(): boolean {
    if (!this.queue.pop()) return false;
    this.deliver();
    return true;
  }

  /** Hands the event in the queue's fields to its agent's inbox. */
  private deliver(): void {
    this.happen();
    const { queue } = this;
    this.table.agents[queue.agent]!.post(queue.opcode, queue.first, queue.second);
  }

  /**
   * Runs `first` and whoever the choices lead to, until the plain order leads back to the caller. True when
   * `stackTop`, the plain agent that stands on the stack, was chosen to go on.
   */
  private runChain(first: number, stackTop: number): boolean {
    let next = first;
    while (next >= 0 && this.end === null) {
      const follower = this.runSlice(next);
      if (follower >= 0 && follower === stackTop) return true;
      next = follower >= 0 || stackTop < 0 ? follower : this.table.mostRecentAfter(stackTop);
    }
    return false;
  }

  /** Lets one agent run until it is done, blocked or interrupted; returns who was chosen instead, or -1. */
  private runSlice(id: number): number {
    const agent = this.table.agents[id]!;
    const stack = this.table.work[id]!;
    if (stack.length > 0 && !this.table.isBlocked(id) && agent.hasNestedWork()) return this.begin(agent, stack);
    if (stack.length === 0) {
      if (!agent.hasWork() && (!this.queue.take(id) || (this.deliver(), !agent.hasWork()))) return -1;
      return this.begin(agent, stack);
    }
    return this.resume(agent, stack);
  }

  private begin(agent: Agent, stack: readonly Work[]): number {
    this.enter(agent.id);
    this.order?.acquire(agent.id);
    const isNested = stack.length > 0;
    if (isNested) agent.enterNested();
    try {
      const work = agent.begin();
      if (work !== null) this.table.began(agent.id, work);
      else if (isNested) agent.leaveNested();
    } catch (error) {
      this.table.dropped(agent.id);
      agent.failed(error);
    }
    this.settle();
    return stack.length > 0 ? this.resume(agent, stack) : -1;
  }

  /** Steps the top work of an agent. */
  private resume(agent: Agent, stack: readonly Work[]): number {
    this.enter(agent.id);
    try {
      for (;;) {
        const step = stack.at(-1)!.next();
        if (step.done === true) {
          this.table.finished(agent.id);
          if (stack.length === 0) break;
          agent.leaveNested();
          continue;
        }
        const follower = this.paused(agent, step.value);
        if (follower !== CONTINUE) return follower;
      }
    } catch (error) {
      this.table.dropped(agent.id);
      agent.failed(error);
    }
    this.settle();
    return -1;
  }

  /** Decides what a pause means: CONTINUE, -1 (plain order) or the agent to run instead. */
  private paused(agent: Agent, pause: number): number {
    this.settle();
    if (this.end !== null) return -1;
    if (pause === PAUSED_BLOCKED) {
      this.table.interrupted(agent.id);
      return -1;
    }
    this.watchBudget(agent.id);
    if (this.end !== null) return -1;
    const isYield = pause !== PAUSED_AT_ACCESS;
    const next = isYield || this.gapLeft > 0 ? -1 : this.ask(agent.id, this.table.stackTopAtGate());
    if (next >= 0) {
      this.table.interrupted(agent.id);
      if (next !== EVERYBODY_ELSE) return next;
      this.table.holdOff(agent.id, this.nowNs + this.options.foresightNs);
      return -1;
    }
    if (isYield || this.spinLeft <= 0) {
      const other = this.dueOther(agent.id);
      this.spinLeft = this.options.spinLimit;
      if (other >= 0) {
        this.table.gaveWay(agent.id);
        return other;
      }
    }
    this.arm();
    return CONTINUE;
  }

  /**
   * Asks the choice source who runs; -1 = the agent at the gate goes on, EVERYBODY_ELSE = it is held off. `stackTop` is the plain agent below that may go
   * on instead, which only a resumable agent can give way to.
   */
  private ask(id: number, stackTop: number): number {
    this.gapLeft = 0;
    if (this.isFair) return -1;
    const candidates = this.table.candidatesFor(id, stackTop, this.queue, this.nowNs + this.options.foresightNs);
    if (candidates.count < 2) return -1;
    const index = this.source.schedule(id, this.steps[id]! - 1, candidates);
    if (index <= 0) return -1;
    this.preemptions += 1;
    return candidates.ids[index]!;
  }

  /** Some other agent with due work: interrupted ones by age, idle ones by id, then due events; -1 if none. */
  private dueOther(id: number): number {
    const best = this.table.longestWaiting(id);
    if (best >= 0) return best;
    while (this.queue.peekTime() <= this.nowNs && this.queue.pop()) {
      const target = this.queue.agent;
      this.deliver();
      if (target !== id && this.table.canRun(target)) return target;
    }
    return this.table.releaseAll() ? this.table.longestWaiting(id) : -1;
  }

  /** Back to the plain agent: an interrupt whose window is open goes first; if the run is over the stack unwinds. */
  private pop(agentId: number): void {
    this.table.pop(agentId);
    this.enter(agentId);
    if (this.end !== null) throw new AgentAborted('the run is over');
    const agent = this.table.agents[agentId]!;
    while (agent.hasNestedWork()) agent.begin();
  }

  /** An agent takes the processor: its accesses count from here. */
  private enter(id: number): void {
    this.settle();
    this.current = id;
    this.spinLeft = this.options.spinLimit;
    this.arm();
  }

  /** Sets the countdown for the current agent. */
  private arm(): void {
    if (this.current < 0) return;
    this.gapLeft = this.isFair ? NEVER : this.source.gap(this.current, this.steps[this.current]!, this.gapLeft);
    this.armed = this.countdown = Math.min(this.gapLeft, this.spinLeft);
  }

  /** Books the accesses that reached the gate since arm(), the one that waits there included. */
  private settle(): void {
    const made = this.armed - Math.max(0, this.countdown);
    if (made > 0) {
      this.steps[this.current]! += made;
      this.accessCount += made;
      this.spinLeft -= made;
      if (this.gapLeft !== NEVER) this.gapLeft = Math.max(0, this.gapLeft - made);
    }
    this.armed = this.countdown = 0;
  }

  /** Watches the budget. */
  private watchBudget(agentId: number): void {
    const { accessLimit, fairLimit } = this.options;
    this.isFair ||= this.accessCount >= accessLimit;
    if (this.accessCount >= accessLimit + fairLimit) this.exhausted(agentId);
  }

  /** The agent cannot go on: a verdict, unless another plain agent below it on the stack may be what it waits for. */
  private exhausted(agentId: number): void {
    if (this.end !== null) return;
    const others = this.table.stack.filter((id) => id !== agentId).length;
    this.stop(others > 0 ? 'unschedulable' : 'budget');
    if (this.end === 'budget') this.onHung(agentId);
  }
}

const CONTINUE = -2;
