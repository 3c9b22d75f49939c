// Whose turn it is: guest operations are only for code that a method call of this run is running.
//
// One object per machine and run, so that a guest kept from an earlier run is recognised. Refusals are
// sticky: once a driver was broken off, every further operation throws again, however often it is caught.
import { AgentAborted } from '../sim/agent.js';
import type { Kernel } from '../sim/kernel.js';
import { BREACH, ContractBroken } from './contract-breach.js';

const IN_METHOD = 0;
const OUTSIDE = 1;
const ENDED = 2;
const STALE = 3;

/** Told about a breach before the driver sees the exception, so that catching it does not hide it. */
export interface BreachListener {
  broke(error: ContractBroken): void;
}

/** The right to use a guest. */
export class Turn {
  private state = OUTSIDE;
  private readonly kernel: Kernel;
  private readonly listener: BreachListener;

  constructor(kernel: Kernel, listener: BreachListener) {
    this.kernel = kernel;
    this.listener = listener;
  }

  /** Driver code starts or goes on. */
  enter(): void {
    if (this.state === OUTSIDE) this.state = IN_METHOD;
  }

  /** Driver code returned or is interrupted. */
  leave(): void {
    if (this.state === IN_METHOD) this.state = OUTSIDE;
  }

  /** The driver was broken off; it gets an abort at every further operation. */
  end(): void {
    if (this.state !== STALE) this.state = ENDED;
  }

  /** The run is over and another one begins. */
  revoke(): void {
    this.state = STALE;
  }

  /** True when the driver was broken off or its run is past. */
  get isEnded(): boolean {
    return this.state >= ENDED;
  }

  /** Lets an operation pass or throws; `operation` is its name in the contract. */
  check(operation: string): void {
    if (this.state !== IN_METHOD || this.kernel.isOver) this.refuse(operation);
  }

  /** Reports a breach and breaks the driver off. */
  breach(breach: number, sentence: string): never {
    const error = new ContractBroken(breach, sentence);
    this.listener.broke(error);
    throw error;
  }

  private refuse(operation: string): never {
    if (this.state === STALE) {
      throw new ContractBroken(
        BREACH.staleGuest,
        `guest.${operation} was called on the guest of an earlier run; createDriver must keep nothing outside`,
      );
    }
    if (this.state === OUTSIDE) {
      const sentence = `guest.${operation} was called while no method of the driver was running`;
      if (this.kernel.isOver) throw new ContractBroken(BREACH.outsideMethod, `${sentence}; the run is over`);
      this.breach(BREACH.outsideMethod, sentence);
    }
    throw new AgentAborted('the driver was broken off');
  }
}
