// Runs that made no end: the driver never came back, ended its thread, or used more memory than it may have.
//
// Seen from outside the thread by its owner, so outside the digest. Here is what a report and a repro file say about
// them; the repro has no tape and no digest, its run is drawn from the seed again.
import type { Finding } from '../scenarios/check-result.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { OutsideRun } from './check-material.js';

/** How a run ended the wrong way: no headway within the wall limit, thread ended from inside, memory limit reached. */
export type OutsideReason = 'hung' | 'ended' | 'memory';

/** A run after which its worker was gone, twice, with what is needed to make it again. */
export interface OutsideFailure {
  readonly runIndex: number;
  readonly reason: OutsideReason;
  readonly request: RunRequest;
}

/** Name of the rule such findings carry. */
export const OUTSIDE_RULE = 'driver-outside-the-harness';
/** The clause of the driver contract they violate. */
export const OUTSIDE_CLAUSE = 'CONTRACT-TERMINATES';

const WORDS: Readonly<Record<OutsideReason, string>> = {
  hung: 'the run made no end within the wall-clock limit',
  ended: 'the driver ended the thread it runs in',
  memory: 'the driver used more memory than a driver may have',
};

/** The kind of the failure; runs do not count. */
export function outsideFingerprint(reason: OutsideReason): string {
  return `${OUTSIDE_RULE}-${reason}`;
}

/** What happened, one sentence. */
export function outsideMessage({ runIndex, reason }: Pick<OutsideFailure, 'runIndex' | 'reason'>): string {
  return `In run ${runIndex} ${WORDS[reason]}.`;
}

/** One finding per reason, that of its lowest run. */
export function outsideFindings(failures: readonly OutsideRun[], repros: ReadonlyMap<string, string>): Finding[] {
  return lowestOfEachReason(failures).map((failure) => {
    const { mode, memory, scenario } = failure;
    return {
      rule: OUTSIDE_RULE,
      clauses: [OUTSIDE_CLAUSE],
      severity: 'violation',
      party: 'driver',
      partyReason: 'the run was tried twice in fresh threads and ended the same way',
      isSubject: true,
      fingerprint: outsideFingerprint(failure.reason),
      message: outsideMessage(failure),
      expected: 'every method of the driver returns to the harness',
      seen: WORDS[failure.reason],
      count: failures.filter(({ reason }) => reason === failure.reason).length,
      repro: repros.get(outsideFingerprint(failure.reason)) ?? null,
      scenario,
      mode: mode === 'weak' ? `weak, ${memory}` : mode,
      port: -1,
      standing: 'new',
      waiver: null,
      consequenceOf: null,
      location: null,
      difference: null,
      size: null,
      lastEvents: [],
    };
  });
}

/** The failures of which findings and repros are made. */
export function lowestOfEachReason<T extends { readonly runIndex: number; readonly reason: OutsideReason }>(failures: readonly T[]): T[] {
  const sorted = failures.toSorted((left, right) => left.runIndex - right.runIndex);
  return sorted.filter(({ reason }, index) => sorted.findIndex((other) => other.reason === reason) === index);
}

/** The finding about errors of driver code that ran outside every method; null if there were none. */
export function strayFinding(strays: readonly string[]): Finding | null {
  if (strays.length === 0) return null;
  return {
    rule: OUTSIDE_RULE,
    clauses: ['CONTRACT-EXCEPTION'],
    severity: 'violation',
    party: 'driver',
    partyReason: 'the code was left behind by the driver in a promise',
    isSubject: true,
    fingerprint: `${OUTSIDE_RULE}-stray`,
    message: `Code of the driver failed outside every method: ${strays[0]!}.`,
    expected: 'all work is done inside the methods of the driver',
    seen: `${strays.length} errors thrown between runs`,
    count: strays.length,
    repro: null,
    scenario: 'any',
    mode: 'any',
    port: -1,
    standing: 'new',
    waiver: null,
    consequenceOf: null,
    location: null,
    difference: null,
    size: null,
    lastEvents: [],
  };
}
