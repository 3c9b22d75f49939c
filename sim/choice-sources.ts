// The sources behind choice.ts that need no search: always plain, recorded, and recording.
//
// The seeded source is seeded-source.ts; strategies of the fuzzer implement the same interface.
import type { Candidates, ChoiceDeviation, ChoiceKind, ChoiceSource, RunTape, ScheduleDeviation } from './choice.js';
import { NEVER } from './gate.js';

/** Always the plainest behaviour. */
export class PlainSource implements ChoiceSource {
  choose(): number {
    return 0;
  }

  gap(): number {
    return NEVER;
  }

  schedule(): number {
    return 0;
  }
}

/**
 * Plays a recorded tape: strictly by ordinal and own step. `unplaced()` tells what never matched, which
 * a strict replay reports as divergence.
 */
export class TapeSource implements ChoiceSource {
  private readonly values = new Map<string, ChoiceDeviation>();
  private readonly asked = new Map<ChoiceKind, number>();
  private readonly bySteps = new Map<number, ScheduleDeviation[]>();
  private readonly positions = new Map<number, number>();
  private placed = 0;
  private readonly total: number;
  /** Deviations whose answer was not on offer when their moment came. */
  readonly refused: (ChoiceDeviation | ScheduleDeviation)[] = [];

  constructor(tape: RunTape) {
    for (const deviation of tape.choices) this.values.set(`${deviation.kind}#${deviation.ordinal}`, deviation);
    for (const deviation of tape.schedule) {
      const list = this.bySteps.get(deviation.agent) ?? [];
      list.push(deviation);
      this.bySteps.set(deviation.agent, list);
    }
    this.total = tape.choices.length + tape.schedule.length;
  }

  choose(kind: ChoiceKind, bound: number): number {
    const ordinal = this.asked.get(kind) ?? 0;
    this.asked.set(kind, ordinal + 1);
    const deviation = this.values.get(`${kind}#${ordinal}`);
    if (deviation === undefined) return 0;
    if (deviation.value >= bound) {
      this.refused.push(deviation);
      return 0;
    }
    this.placed += 1;
    return deviation.value;
  }

  gap(agentId: number, step: number): number {
    const next = this.nextOf(agentId);
    return next === undefined ? NEVER : Math.max(1, next.step - step + 1);
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    const next = this.nextOf(agentId);
    if (next === undefined || next.step > step) return 0;
    this.positions.set(agentId, (this.positions.get(agentId) ?? 0) + 1);
    for (let index = 1; index < candidates.count; index++) {
      if (candidates.ids[index] === next.to && next.step === step) {
        this.placed += 1;
        return index;
      }
    }
    this.refused.push(next);
    return 0;
  }

  /** Number of deviations that never came up. */
  unplaced(): number {
    return this.total - this.placed;
  }

  private nextOf(agentId: number): ScheduleDeviation | undefined {
    return this.bySteps.get(agentId)?.[this.positions.get(agentId) ?? 0];
  }
}

/** Passes questions on and writes down every answer that is not the plain one. */
export class RecordingSource implements ChoiceSource {
  private readonly choices: ChoiceDeviation[] = [];
  private readonly deviations: ScheduleDeviation[] = [];
  private readonly asked = new Map<ChoiceKind, number>();
  private readonly inner: ChoiceSource;

  constructor(inner: ChoiceSource) {
    this.inner = inner;
  }

  choose(kind: ChoiceKind, bound: number): number {
    const ordinal = this.asked.get(kind) ?? 0;
    this.asked.set(kind, ordinal + 1);
    const value = this.inner.choose(kind, bound);
    if (value !== 0) this.choices.push({ kind, ordinal, value });
    return value;
  }

  gap(agentId: number, step: number, left: number): number {
    return this.inner.gap(agentId, step, left);
  }

  nudge(agentId: number): boolean {
    return this.inner.nudge?.(agentId) === true;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    const index = this.inner.schedule(agentId, step, candidates);
    if (index !== 0) this.deviations.push({ agent: agentId, step, to: candidates.ids[index]! });
    return index;
  }

  /** The deviations so far. */
  tape(): RunTape {
    return { choices: [...this.choices], schedule: [...this.deviations] };
  }
}

/** Upper bound on one enumeration's questions; a run that asks more is not enumerable. */
const ENUMERATION_LIMIT = 1 << 20;

/**
 * Enumerates every sequence of answers without keeping a tree (after TigerBeetle's exhaustigen): call
 * `next()` before each run until it returns false. `maxDeviations` bounds the non-plain answers per run.
 */
export class EnumeratorSource implements ChoiceSource {
  private readonly stack: { value: number; bound: number }[] = [];
  private position = 0;
  private deviations = 0;
  private hasStarted = false;
  private readonly maxDeviations: number;

  constructor(maxDeviations: number) {
    this.maxDeviations = maxDeviations;
  }

  /** Moves on to the next unexplored sequence; false when all were run. */
  next(): boolean {
    this.position = 0;
    this.deviations = 0;
    if (!this.hasStarted) {
      this.hasStarted = true;
      return true;
    }
    for (;;) {
      const last = this.stack.at(-1);
      if (last === undefined) return false;
      if (last.value + 1 < last.bound) {
        last.value += 1;
        return true;
      }
      this.stack.pop();
    }
  }

  choose(_kind: ChoiceKind, bound: number): number {
    return this.answer(bound);
  }

  gap(): number {
    return 1;
  }

  schedule(_agentId: number, _step: number, candidates: Candidates): number {
    return this.answer(candidates.count);
  }

  private answer(bound: number): number {
    const width = this.deviations >= this.maxDeviations ? 1 : bound;
    if (this.position === this.stack.length) {
      if (this.stack.length >= ENUMERATION_LIMIT) throw new RangeError(`EnumeratorSource: more than ${ENUMERATION_LIMIT} questions in one run`);
      this.stack.push({ value: 0, bound: width });
    }
    const entry = this.stack[this.position]!;
    if (entry.bound !== width) throw new Error('EnumeratorSource: the run asked other questions than before; it is not deterministic');
    this.position += 1;
    if (entry.value > 0) this.deviations += 1;
    return entry.value;
  }
}

/** Passes questions on until the run is healed; then everything is plain. */
export class HealingSource implements ChoiceSource {
  private isHealed = false;
  private readonly inner: ChoiceSource;

  constructor(inner: ChoiceSource) {
    this.inner = inner;
  }

  /** From here on no faults, delays or preemptions. */
  heal(): void {
    this.isHealed = true;
  }

  choose(kind: ChoiceKind, bound: number): number {
    return this.isHealed || bound < 2 ? 0 : this.inner.choose(kind, bound);
  }

  gap(agentId: number, step: number, left: number): number {
    return this.isHealed ? NEVER : this.inner.gap(agentId, step, left);
  }

  nudge(agentId: number): boolean {
    return !this.isHealed && this.inner.nudge?.(agentId) === true;
  }

  schedule(agentId: number, step: number, candidates: Candidates): number {
    return this.isHealed ? 0 : this.inner.schedule(agentId, step, candidates);
  }
}
