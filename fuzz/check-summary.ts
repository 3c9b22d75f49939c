// Turns the tallies of a check into its result: clause table, findings, quirks met, verdict.
//
// Decides what counts as not exercised and why, and when there is too little to call a driver conforming: a pass
// that proves nothing would be a false statement.
import { CLAUSES, type Clause } from '../model/rules/clauses.js';
import { ALL_RULES, REPETITION_CLAUSE } from '../model/rules/catalogue.js';
import { undecidedReason, unmetReason } from '../model/rules/undecided-clauses.js';
import { isInVersion, sectionIn } from '../model/rules/spec-versions.js';
import { QUIRKS } from '../model/p2p/quirks.js';
import { type CheckParts, type CheckResult, type ClauseItem, type Level, buildCheckResult } from '../scenarios/check-result.js';
import type { CheckIdentity, CheckMaterial, ReproPaths } from './check-material.js';
import { isClaimed } from './claimed-features.js';
import { findingsOf, unruledFindings } from './finding-list.js';
import { campaignDigest } from './campaign-digest.host.js';
import { deviceKind } from '../scenarios/device-kind.js';
import { OUTSIDE_CLAUSE } from './outside-failure.js';
import type { ClauseTally, Tally } from './tally.js';

const SCHEDULES: Readonly<Record<string, string>> = {
  coarse: 'agents run to completion between events',
  fine: 'agents are interleaved at every shared access, sequentially consistent',
  weak: 'agents are interleaved at every shared access, with store buffers',
};

/** The result of a check. */
export function summarize(material: CheckMaterial, repros: ReproPaths): CheckResult {
  const { identity, fixed, faithful } = material;
  const findings = findingsOf(material, repros);
  const parts: CheckParts = {
    subject: { name: identity.driverName, digest: identity.driverDigest },
    configuration: {
      world: deviceKind(identity.device).world,
      profile: identity.profile,
      revision: identity.revision,
      device: identity.device,
      spec: identity.spec,
      budget: identity.budget,
    },
    seed: identity.seed,
    runs: fixed.tally.runs + (faithful?.tally.runs ?? 0),
    events: fixed.tally.events + (faithful?.tally.events ?? 0),
    digest: campaignDigest([...fixed.tally.digests, ...(faithful?.tally.digests ?? [])]),
    stopped: stoppedOf(material),
    inconclusive: inconclusiveReasons(material),
    internalError: internalErrorOf(material),
    items: clauseItems(material),
    findings,
    quirks: quirksOf(material),
    scenarios: identity.scenarios.map(({ id, title }) => ({
      id,
      title,
      runs: (fixed.tally.runsByScenario[id] ?? 0) + (faithful?.tally.runsByScenario[id] ?? 0),
      findings: findingsIn(material, id),
    })),
    schedules: Object.entries(fixed.tally.runsByMode).map(([schedule, runs]) => {
      const [mode, memory] = schedule.split('/') as ['coarse' | 'fine' | 'weak', string];
      return { mode, memory, runs, unschedulable: fixed.tally.unschedulable[schedule] ?? 0, description: SCHEDULES[mode]! };
    }),
  };
  return buildCheckResult(parts);
}

function stoppedOf({ isInterrupted, fixed, faithful }: CheckMaterial): CheckResult['stopped'] {
  if (isInterrupted) return 'interrupted';
  return fixed.stopped === 'finished' && faithful !== null ? faithful.stopped : fixed.stopped;
}

/** Kinds of findings that runs of a scenario showed. */
function findingsIn({ fixed, outside }: CheckMaterial, scenario: string): number {
  const judged = Object.values(fixed.tally.findings).filter((finding) => finding.countByScenario[scenario] !== undefined);
  const lost = new Set(outside.filter((run) => run.scenario === scenario).map(({ reason }) => reason));
  return judged.length + lost.size;
}

/**
 * Clauses this world can decide for what the driver claims, MAY left out: permissions are never violated. With a hostile device only
 * those that are judged with it.
 */
function applicableClauses({ claimedFeatures: claimed, device, spec }: CheckIdentity): Clause[] {
  const { isJudgedBy, world } = deviceKind(device);
  const judged = new Set([...ALL_RULES.filter(isJudgedBy).flatMap(({ clauses }) => clauses), REPETITION_CLAUSE, OUTSIDE_CLAUSE]);
  const isHere = (clause: Clause): boolean =>
    (clause.basis === 'own' || clause.applies.includes(world)) && (device !== 'hostile' || judged.has(clause.id));
  return CLAUSES.filter((clause) => clause.level !== 'MAY' && isInVersion(clause, spec) && isHere(clause) && isClaimed(clause.feature, claimed));
}

function clauseItems(material: CheckMaterial): ClauseItem[] {
  const { fixed, identity } = material;
  const { spec } = identity;
  const unruled = unruledFindings(material, new Map());
  const decided = new Set([...ALL_RULES.flatMap((rule) => rule.clauses), REPETITION_CLAUSE]);
  return applicableClauses(material.identity).map((clause) => {
    const tally = fixed.tally.clauses[clause.id];
    const item = {
      id: clause.id,
      area: clause.area,
      actor: clause.actor,
      level: clause.level as Level,
      document: clause.basis === 'own' ? 'Ringproof' : `virtio ${spec}`,
      section: sectionIn(clause, spec),
      title: clause.title,
      requirement: clause.requirement,
    };
    const unruledCount = unruled.filter(({ clauses }) => clauses.includes(clause.id)).reduce((sum, { count }) => sum + count, 0);
    const violated = unruledCount + (tally?.violated ?? 0);
    if (violated > 0) return { ...item, outcome: 'violated' as const, count: violated, reason: null };
    if (clause.id === REPETITION_CLAUSE && fixed.tally.repeated > 0)
      return { ...item, outcome: 'held' as const, count: fixed.tally.repeated, reason: null };
    if (tally !== undefined && tally.held > 0) return { ...item, outcome: 'held' as const, count: tally.held, reason: null };
    const obstacle = !decided.has(clause.id) ? undecidedReason(clause.id) : tally === undefined ? null : obstacleOf(tally);
    if (obstacle !== null) return { ...item, outcome: 'undecidable' as const, count: 0, reason: obstacle };
    return { ...item, outcome: 'not-exercised' as const, count: 0, reason: unmetReason(clause.id) };
  });
}

/** Why a clause could not be decided although it came up, or in any of the runs; null when it would have been, had it come up. */
function obstacleOf({ undecidable, reason, absent, obstacle }: ClauseTally): string | null {
  if (undecidable > 0) return reason;
  return absent === 0 && obstacle !== '' ? obstacle : null;
}

function quirksOf({ faithful }: CheckMaterial): CheckResult['quirks'] {
  if (faithful === null) return [];
  const outcomes = ['survived', 'stalled', 'lost'] as const;
  return Object.entries(faithful.tally.quirks)
    .sort(([left], [right]) => left.charCodeAt(0) - right.charCodeAt(0) || Number(left.slice(1)) - Number(right.slice(1)))
    .map(([id, { count, consequence }]) => ({
      id,
      title: QUIRKS.find((quirk) => quirk.id === id)?.title ?? id,
      count,
      outcome: outcomes[consequence]!,
    }));
}

function inconclusiveReasons({ identity, fixed, faithful, missingShards }: CheckMaterial): string[] {
  const { smallestRuns } = identity;
  const reasons: string[] = [];
  if (missingShards.length > 0) reasons.push(`shard ${missingShards.join(', ')} of the check is missing`);
  const { tally } = fixed;
  if (fixed.stopped !== 'finished' || (faithful !== null && faithful.stopped !== 'finished'))
    reasons.push('the check was stopped before all runs were made');
  else if (tally.runs < smallestRuns)
    reasons.push(`${tally.runs} runs are too few: the chosen scenarios in their modes need ${smallestRuns}`);
  return [...reasons, ...shortcomingsOf(tally)];
}

/** Why runs with such a sum prove too little about a driver; empty when they prove enough. */
export function shortcomingsOf(tally: Tally): string[] {
  const reasons: string[] = [];
  if (Object.values(tally.clauses).every(({ held, violated }) => held + violated === 0)) reasons.push('no clause was exercised');
  if (tally.unsettled > 0)
    reasons.push(`${tally.unsettled} of ${tally.runs} runs never came to rest, so what was left undone in them could not be judged`);
  if (tally.started === 0) reasons.push('the driver never came up far enough to be offered a frame');
  if (tally.accepted === 0) reasons.push('the driver accepted no frame for sending');
  if (tally.delivered === 0) reasons.push('the driver handed up no frame');
  return reasons;
}

function internalErrorOf({ internalError, unstableRun }: CheckMaterial): string | null {
  return internalError ?? (unstableRun === null ? null : `run ${unstableRun} of a built-in driver differs when repeated`);
}
