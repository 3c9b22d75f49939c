// Counts the accesses of a run for strategies that place something at a drawn number of them.
import { AGENT_LIMIT } from '../../sim/agent-table.js';

/** Accesses made so far, of all agents; told of each agent's own numbers. */
export class AccessCount {
  /** Accesses made so far. */
  made = 0;
  private readonly last = new Float64Array(AGENT_LIMIT);

  /** Agent `agentId` stands before its own access number `step`. */
  note(agentId: number, step: number): void {
    this.made += step - this.last[agentId]!;
    this.last[agentId] = step;
  }
}
