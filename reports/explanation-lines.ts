// The explanation of a failing run as lines: its choices, the point of no return, and the nearest run that passes.
//
// Takes plain data and says what was tried and how often, never more.
import { EVERYBODY_ELSE } from '../sim/choice.js';
import { type EventNames, eventLines } from './event-text.js';

/** One choice of a run; structurally that of fuzz/explain-failure.ts. */
export type ExplainedDeviation =
  | { readonly choice: { readonly kind: string; readonly ordinal: number; readonly value: number } }
  | { readonly preemption: { readonly agent: number; readonly step: number; readonly to: number } };

/** What there is to tell. */
export interface Explanation {
  readonly deviations: readonly ExplainedDeviation[];
  /** By kept choices: continuations that were tried, and that failed. */
  readonly continuations: readonly { readonly kept: number; readonly tried: number; readonly failed: number }[];
  /** The least kept choices behind which every continuation failed; null if there are none. */
  readonly noReturn: { readonly kept: number; readonly tried: number } | null;
  readonly twin: {
    readonly deviation: ExplainedDeviation;
    readonly isAdded: boolean;
    readonly eventIndex: number;
    readonly failing: readonly (readonly number[])[];
    readonly passing: readonly (readonly number[])[];
  } | null;
  readonly twinsTried: number;
  readonly runs: number;
}

const AGENT_NAMES: readonly string[] = ['the server', 'driver a', 'driver b', 'the workload'];

/** The explanation in words. */
export function explanationLines(explanation: Explanation, names: EventNames): string[] {
  const { deviations, runs } = explanation;
  const choices =
    deviations.length === 0
      ? ['The run makes no choice other than the plain ones.']
      : ['Choices of the run other than the plain ones:', ...deviations.map((deviation, index) => `  ${index + 1}. ${sentenceOf(deviation)}`)];
  return [...choices, '', ...noReturnLines(explanation), '', ...twinLines(explanation, names), '', `${runs} runs were made to tell this.`];
}

function noReturnLines({ deviations, continuations, noReturn }: Explanation): string[] {
  if (continuations.length === 0) return [`With ${deviations.length} choices the point of no return is not looked for; shrink the run first.`];
  const counts = continuations.map(
    ({ kept, tried, failed }) => `  behind ${kept === 0 ? 'no choice' : `choice ${kept}`}: ${failed} of ${tried} continuations failed`,
  );
  const verdict =
    noReturn === null
      ? 'No point of no return was found: behind every choice some continuation passes.'
      : noReturn.kept === 0
        ? `All ${noReturn.tried} continuations that were tried failed from the start: no choice is needed.`
        : `Point of no return: choice ${noReturn.kept}. All ${noReturn.tried} continuations that were tried behind it failed.`;
  return [verdict, ...counts];
}

function twinLines({ twin, twinsTried, deviations }: Explanation, names: EventNames): string[] {
  const what = deviations.length > 0 ? 'with one choice less' : 'with one preemption more';
  if (twin === null) return [`Of ${twinsTried} runs ${what} none passes.`];
  const lines = (records: readonly (readonly number[])[]): string[] => eventLines(Uint32Array.from(records.flat()), names).map((line) => `    ${line}`);
  return [
    `Nearest of the ${twinsTried} runs ${what} that passes: ${twin.isAdded ? 'with' : 'without'} "${sentenceOf(twin.deviation)}".`,
    `  They part at event ${twin.eventIndex}. This run:`,
    ...lines(twin.failing),
    '  The one that passes:',
    ...lines(twin.passing),
  ];
}

function sentenceOf(deviation: ExplainedDeviation): string {
  if ('choice' in deviation) {
    const { kind, ordinal, value } = deviation.choice;
    return `${kind}, question ${ordinal + 1}, is answered with ${value}`;
  }
  const { agent, step, to } = deviation.preemption;
  const others = to === EVERYBODY_ELSE ? 'everybody else' : nameOf(to);
  return `${nameOf(agent)} gives way to ${others} before its access ${step}`;
}

function nameOf(agent: number): string {
  return AGENT_NAMES[agent] ?? `agent ${agent}`;
}
