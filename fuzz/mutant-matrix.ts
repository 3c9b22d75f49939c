// What the bench of mutants found, as plain data and as text: matrix, survivors, rules without mutant, false alarms.
import type { Mutant } from '../model/mutant.js';
import { BREAKABLE_RULES } from './mutants.js';
import type { TrialResult } from './mutant-trial.js';

/** A mutant, what became of it, and how long that took. */
export interface Trial extends TrialResult {
  /** Wall-clock time, in ms. */
  readonly timeMs: number;
}

/** What a driver that is no mutant showed. */
export interface Acquittal {
  readonly name: string;
  readonly runs: number;
  /** Rules that accused anybody, with the accused: `rule:party`. */
  readonly alarms: readonly string[];
  /** The first alarm: run, scenario, mode, rule and what it says; null if there was none. */
  readonly firstAlarm: string | null;
  /** Whether a judged clause was violated that fails a check. */
  readonly violates: boolean;
  /** Why no verdict was possible. */
  readonly inconclusive: readonly string[];
}

/** Result of the bench. */
export interface Bench {
  readonly mutants: readonly Mutant[];
  readonly trials: readonly Trial[];
  readonly correct: readonly Acquittal[];
  readonly vacuous: readonly Acquittal[];
  /** Whether all mutants took part, so that a rule without one is a fault. */
  readonly isWhole: boolean;
}

/** Half of the mutants must be dead sooner, in ms. */
const TIME_TO_KILL_LIMIT_MS = 1_000;

function timesToKill(trials: readonly Trial[]): number[] {
  return trials.filter(({ runs }) => runs !== null).map(({ timeMs }) => timeMs);
}

/** What is wrong, one line each; empty when the bench is passed. */
export function faultsOf({ mutants, trials, correct, vacuous, isWhole }: Bench): string[] {
  const proven = provenRules(mutants, trials);
  return [
    ...trials
      .filter(({ runs }) => runs === null)
      .map(({ id, rules }) => `${id} survived${rules.length === 0 ? '' : `; seen besides: ${rules.join(', ')}`}`),
    ...(isWhole ? BREAKABLE_RULES.filter((rule) => !proven.has(rule)).map((rule) => `the rule ${rule} kills no mutant`) : []),
    ...(median(timesToKill(trials)) >= TIME_TO_KILL_LIMIT_MS ? [`the median time to kill is ${TIME_TO_KILL_LIMIT_MS} ms or more`] : []),
    ...correct.flatMap(({ name, alarms, firstAlarm, inconclusive }) => [
      ...alarms.map((rule) => `false alarm on the correct driver ${name}: ${rule}; first: ${firstAlarm}`),
      ...inconclusive.map((what) => `false alarm on the correct driver ${name}: ${what}`),
    ]),
    ...vacuous
      .filter(({ violates, inconclusive }) => !violates && inconclusive.length === 0)
      .map(({ name }) => `the vacuous driver ${name} conforms`),
  ];
}

/** Rules that accused a mutant of theirs by the run that killed it. */
function provenRules(mutants: readonly Mutant[], trials: readonly Trial[]): Set<string> {
  const proven = new Set<string>();
  for (const { id, rules } of trials) {
    const kills = mutants.find((mutant) => mutant.id === id)?.kills ?? [];
    for (const rule of kills) if (rules.some((seen) => seen.startsWith(`${rule}:`))) proven.add(rule);
  }
  return proven;
}

/** Middle value, 0 of nothing. */
function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}

/** The bench as text: one line per mutant with runs, time and killer, then what is wrong and the sum. */
export function benchText(bench: Bench): string {
  const { mutants, trials, correct, vacuous } = bench;
  const width = Math.max(8, ...mutants.map(({ id }) => id.length));
  const lines = trials.map(({ id, runs, timeMs, killer, where }) => {
    const fate =
      runs === null ? 'SURVIVED' : `${String(runs).padStart(5)} runs ${String(Math.round(timeMs)).padStart(6)} ms  ${killer} (${where})`;
    return `${id.padEnd(width)}  ${fate}`;
  });
  const byRule = new Map<string, string[]>();
  for (const { id, killer } of trials) if (killer !== null) byRule.set(killer, [...(byRule.get(killer) ?? []), id]);
  const rules = BREAKABLE_RULES.map((rule) => `${rule}: ${byRule.get(rule)?.join(' ') ?? '-'}`);
  const killed = trials.filter(({ runs }) => runs !== null);
  const times = killed.map(({ timeMs }) => timeMs);
  const sum =
    `${killed.length} of ${trials.length} mutants killed; ` +
    `runs to kill: median ${median(killed.map(({ runs }) => runs!))}, worst ${Math.max(0, ...killed.map(({ runs }) => runs!))}; ` +
    `time to kill: median ${Math.round(median(times))} ms, worst ${Math.round(Math.max(0, ...times))} ms; ` +
    `${provenRules(mutants, trials).size} of ${BREAKABLE_RULES.length} rules proven; ${correct.length} correct and ${vacuous.length} vacuous drivers looked at`;
  const faults = faultsOf(bench);
  return [...lines, '', 'Mutants by the rule that killed them:', ...rules, '', ...faults, sum, ''].join('\n');
}
