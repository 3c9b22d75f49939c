// An agent that does what a test says at the time the test says.
import type { Agent } from '../sim/agent.js';
import type { Kernel } from '../sim/kernel.js';

/** Runs actions as events of the kernel. */
export class ScriptAgent implements Agent {
  readonly id: number;
  readonly name = 'script';
  private readonly kernel: Kernel;
  private actions: (() => void)[] = [];

  constructor(id: number, kernel: Kernel) {
    this.id = id;
    this.kernel = kernel;
  }

  /** Forgets what was planned. */
  reset(): void {
    this.actions = [];
  }

  /** Plans an action in `delayNs`; an action that repeats itself belongs to a periodic source. */
  later(delayNs: number, action: () => void, source = 0): void {
    this.actions.push(action);
    this.kernel.post(delayNs, 12, this.id, 1, this.actions.length - 1, 0, source);
  }

  post(_opcode: number, first: number): void {
    this.actions[first]!();
  }

  hasWork(): boolean {
    return false;
  }

  hasNestedWork(): boolean {
    return false;
  }

  begin(): null {
    return null;
  }

  enterNested(): void {}

  leaveNested(): void {}

  failed(error: unknown): void {
    throw error;
  }
}
