// Everything a guest waits for by time: the driver's timer, periodic and requested polls, wait() and relax().
//
// All of these belong to periodic sources (sim/quiescence.ts): a driver that only polls, waits or re-arms its
// timer lets a run reach quiescence. Sources are registered when first used, so a run's numbering follows use.
import type { EventHandle } from '../sim/event-queue.js';
import type { Kernel } from '../sim/kernel.js';

/** Latency of a requested poll in ns. */
export const POLL_LATENCY_NS = 200;
/** Class of a guest's events in the order of equal times. */
export const GUEST_EVENT_CLASS = 8;

/** Opcodes of a guest's own events; 1 is INTERRUPT_OPCODE. */
const POLL_ASKED = 2;
const POLL_TICK = 3;
const TIMER = 4;
const WAIT_OVER = 5;
const AWAKE = 6;
const OPCODE_COUNT = 7;

/** What an event means for the machine. */
export type TimedWork = 'none' | 'poll' | 'timer';

/** The pending timed events of one guest. */
export class GuestTimers {
  private readonly kernel: Kernel;
  private readonly agentId: number;
  private readonly handles = new Float64Array(OPCODE_COUNT).fill(-1);
  private readonly sources = new Int32Array(OPCODE_COUNT);
  private tickIntervalNs = 0;

  constructor(kernel: Kernel, agentId: number) {
    this.kernel = kernel;
    this.agentId = agentId;
  }

  /** Starts a run: the kernel forgot all events. */
  reset(): void {
    this.handles.fill(-1);
    this.sources.fill(0);
    this.tickIntervalNs = 0;
  }

  /** Takes all pending events back in the middle of a run. */
  cancelAll(): void {
    for (let opcode = 0; opcode < OPCODE_COUNT; opcode++) this.cancel(opcode);
    this.tickIntervalNs = 0;
  }

  /** Asks for a poll soon; asking twice is asking once. */
  askForPoll(): void {
    if (this.handles[POLL_ASKED]! < 0) this.post(POLL_ASKED, POLL_LATENCY_NS, true);
  }

  /** Polls every `intervalNs` from now on. */
  startTicks(intervalNs: number): void {
    this.tickIntervalNs = intervalNs;
    this.post(POLL_TICK, intervalNs, false);
  }

  /** Arms the driver's timer, replacing an earlier request. */
  setTimer(delayNs: number): void {
    this.cancel(TIMER);
    this.post(TIMER, delayNs, false);
  }

  clearTimer(): void {
    this.cancel(TIMER);
  }

  /** A wait() begins. */
  startWait(timeoutNs: number): void {
    this.post(WAIT_OVER, timeoutNs, false);
  }

  /** The wait() is over; true if its time was not. */
  endWait(): boolean {
    return this.cancel(WAIT_OVER);
  }

  /** True while the time of a wait() runs. */
  get isWaitTimeRunning(): boolean {
    return this.handles[WAIT_OVER]! >= 0;
  }

  /** One turn of a relax() loop begins. */
  sleep(delayNs: number): void {
    this.post(AWAKE, delayNs, true);
  }

  /** True once the turn is over. */
  get isAwake(): boolean {
    return this.handles[AWAKE]! < 0;
  }

  /** One of the guest's own events came. */
  arrived(opcode: number): TimedWork {
    this.handles[opcode] = -1;
    switch (opcode) {
      case POLL_ASKED:
        return 'poll';
      case POLL_TICK:
        this.post(POLL_TICK, this.tickIntervalNs, false);
        return 'poll';
      case TIMER:
        return 'timer';
      case WAIT_OVER:
      case AWAKE:
        this.kernel.wake(this.agentId);
        return 'none';
      default:
        throw new Error(`GuestTimers.arrived: unknown opcode ${opcode}`);
    }
  }

  private post(opcode: number, delayNs: number, isRelaxing: boolean): void {
    if (this.sources[opcode] === 0) this.sources[opcode] = this.kernel.quiescence.addSource(isRelaxing);
    this.handles[opcode] = this.kernel.post(delayNs, GUEST_EVENT_CLASS, this.agentId, opcode, 0, 0, this.sources[opcode]!);
  }

  private cancel(opcode: number): boolean {
    const handle = this.handles[opcode]! as EventHandle;
    this.handles[opcode] = -1;
    return handle >= 0 && this.kernel.queue.cancel(handle);
  }
}
