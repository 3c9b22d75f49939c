// The findings of a check: what rules said of its runs, causes and consequences told apart, and what no rule can say.
import type { Level } from '../scenarios/check-result.js';
import { type Finding, severityOf } from '../scenarios/check-result.js';
import { REPETITION_CLAUSE } from '../model/rules/catalogue.js';
import type { CheckMaterial, ReproPaths } from './check-material.js';
import { consequencesAmong } from './finding-causes.js';
import { OUTSIDE_CLAUSE, OUTSIDE_RULE, outsideFindings, strayFinding } from './outside-failure.js';

/** Name of the rule that finds drivers that do not repeat themselves; also the fingerprint of that finding. */
export const REPETITION_RULE = 'driver-not-deterministic';

/** What a check finds besides what its rules see in single runs: id, what is demanded, and the clauses that decides. */
export const CHECK_FINDINGS: readonly { readonly id: string; readonly title: string; readonly clauses: readonly string[] }[] = [
  {
    id: REPETITION_RULE,
    title: 'A run with the same seed is the same: the driver keeps no state outside createDriver and uses no clock and no randomness of its own.',
    clauses: [REPETITION_CLAUSE],
  },
  {
    id: OUTSIDE_RULE,
    title: 'The driver leaves the thread it runs in as it is: it returns, does not end the thread, keeps to its memory and leaves no work behind.',
    clauses: [OUTSIDE_CLAUSE, 'CONTRACT-EXCEPTION'],
  },
];

/** All findings, in no particular order. */
export function findingsOf(material: CheckMaterial, repros: ReproPaths): Finding[] {
  const { findings } = material.fixed.tally;
  const details = new Map(material.recorded.map((recorded) => [recorded.fingerprint, recorded]));
  const consequences = consequencesAmong(findings);
  const judged = Object.values(findings).map((found): Finding => {
    const { violation } = found;
    const recorded = details.get(found.fingerprint);
    const detail = recorded?.detail ?? null;
    const { message, expected, seen } = recorded?.told ?? violation;
    return {
      rule: violation.ruleId,
      clauses: [...found.clauses],
      severity: severityOf(violation.level as Level),
      party: violation.party,
      partyReason: partyReason(violation.party, violation.isSubject),
      isSubject: violation.isSubject,
      fingerprint: found.fingerprint,
      message: detail === null || message.includes(detail) ? message : `${message} (${detail})`,
      expected,
      seen,
      count: found.count,
      repro: repros.get(found.fingerprint) ?? null,
      scenario: found.scenario,
      mode: found.mode === 'weak' ? `weak, ${found.memory}` : found.mode,
      port: violation.port,
      standing: 'new',
      waiver: null,
      consequenceOf: consequences.get(found.fingerprint) ?? null,
      location: recorded?.place ?? null,
      difference: null,
      size: recorded?.size ?? null,
      lastEvents: copied(recorded?.lastEvents ?? []),
    };
  });
  return [...judged, ...unruledFindings(material, repros)];
}

/** Findings that no rule makes, since they do not show in one run's events. */
export function unruledFindings(material: CheckMaterial, repros: ReproPaths): Finding[] {
  const { outside, fixed } = material;
  const findings = outsideFindings(outside, repros);
  const stray = strayFinding(fixed.strays);
  if (stray !== null) findings.push(stray);
  if (material.divergences.length > 0 && material.unstableRun === null) findings.push(repetitionFinding(material, repros));
  return findings;
}

function copied(records: readonly (readonly number[])[]): number[][] {
  return records.map((record) => [...record]);
}

function partyReason(party: Finding['party'], isSubject: boolean): string {
  switch (party) {
    case 'driver':
      return isSubject ? 'the judged driver of this port did it' : 'the reference driver of this port did it';
    case 'device':
      return isSubject ? 'the server with the given deviations did it' : 'the modelled server did it';
    case 'peer':
      return 'the driver of the other port did it first';
    case 'link':
      return 'it cannot be told which end did it';
  }
}

function repetitionFinding({ divergences }: CheckMaterial, repros: ReproPaths): Finding {
  const caught = divergences.find(({ difference }) => difference !== null);
  const { eventIndex, before = [], first = null, second = null } = caught?.difference ?? {};
  const { scenario, mode, memory } = caught ?? {};
  return {
    rule: REPETITION_RULE,
    clauses: [REPETITION_CLAUSE],
    severity: 'violation',
    party: 'driver',
    partyReason: 'the same runs with a built-in driver are the same when repeated',
    isSubject: true,
    fingerprint: REPETITION_RULE,
    message: 'The driver behaved differently when a run was repeated with the same seed.',
    expected: 'the same calls give the same behaviour: no state outside createDriver, no clocks, no unseeded randomness',
    seen:
      eventIndex === undefined
        ? `${divergences.length} repeated runs had another event stream`
        : `${divergences.length} repeated runs had another event stream; in run ${caught!.runIndex} event ${eventIndex} is the first that differs`,
    count: divergences.length,
    repro: repros.get(REPETITION_RULE) ?? null,
    scenario: scenario ?? 'any',
    mode: mode === undefined ? 'any' : mode === 'weak' ? `weak, ${memory}` : mode,
    port: -1,
    standing: 'new',
    waiver: null,
    consequenceOf: null,
    location: null,
    difference:
      eventIndex === undefined
        ? null
        : { eventIndex, first: first === null ? null : [...first], second: second === null ? null : [...second] },
    size: null,
    lastEvents: copied(before),
  };
}
