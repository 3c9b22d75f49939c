// A running method of a resumable driver: the iterator the kernel steps.
//
// Marks whose turn it is around every step and checks that what the driver yields comes from a guest operation:
// a driver that yields by itself would never be charged for it.
import type { Work } from '../sim/agent.js';
import type { Pause } from '../sim/flow.resumable.js';
import { PAUSED_AT_ACCESS } from '../sim/flow.resumable.js';
import type { Gate } from '../sim/gate.js';
import { BREACH } from './contract-breach.js';
import { METHOD_NAMES } from './driver-object.js';
import type { Turn } from './turn.js';

/** Told when the method returned, and asked whether a pause is known. */
export interface MethodOwner {
  returned(method: number, ordinal: number, value: unknown): void;
  /** True once after an operation that blocks or yields was begun. */
  takeExpectedPause(): boolean;
}

const OVER: IteratorReturnResult<void> = { done: true, value: undefined };

/** One call of one method. */
export class MethodCall implements Work {
  private readonly method: number;
  private readonly ordinal: number;
  private readonly body: Iterator<unknown, unknown, void>;
  private readonly turn: Turn;
  private readonly owner: MethodOwner;
  private readonly gate: Gate;

  constructor(method: number, ordinal: number, body: Iterator<unknown, unknown, void>, turn: Turn, owner: MethodOwner, gate: Gate) {
    this.method = method;
    this.ordinal = ordinal;
    this.body = body;
    this.turn = turn;
    this.owner = owner;
    this.gate = gate;
  }

  next(): IteratorResult<Pause, void> {
    if (this.turn.isEnded) return OVER;
    this.turn.enter();
    const step = this.body.next();
    if (this.turn.isEnded) return OVER;
    if (step.done === true) {
      this.owner.returned(this.method, this.ordinal, step.value);
      return OVER;
    }
    const isKnown = step.value === PAUSED_AT_ACCESS ? this.gate.countdown <= 0 : this.owner.takeExpectedPause();
    if (!isKnown) {
      this.turn.breach(
        BREACH.foreignYield,
        `${METHOD_NAMES[this.method]!} yielded something that is no guest operation; operations are delegated with yield*`,
      );
    }
    this.turn.leave();
    return step as IteratorYieldResult<Pause>;
  }
}
