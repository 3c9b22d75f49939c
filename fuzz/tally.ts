// What a set of runs showed, summed up: clause counts, findings, quirks, digests. Mergeable in run order.
//
// A tally is plain data, so a worker can post it and shards can be merged: adding the tallies of [0, n) and [n, m)
// gives the tally of [0, m). The finding of a kind is that of its lowest run; later ones only count.
import type { ClauseSums } from '../model/rules/clause-sums.js';
import type { Violation } from '../model/rules/rule.js';

/** Counts of one clause over many runs. */
export interface ClauseTally {
  held: number;
  violated: number;
  /** Ports of runs at which it came up and could not be decided. */
  undecidable: number;
  /** Why it could not be decided, from the first such run. */
  reason: string;
  /** Ports of runs in which it would have been decided, but did not come up. */
  absent: number;
  /** What kept it from being decided in runs of a kind in which it never is; empty if there were none. */
  obstacle: string;
}

/** One kind of finding: where it was first seen and how often. */
export interface FindingTally {
  readonly fingerprint: string;
  readonly violation: Violation;
  readonly runIndex: number;
  readonly scenario: string;
  readonly mode: string;
  readonly memory: string;
  /** Clauses that violations of this kind named, in order of appearance. */
  clauses: string[];
  /** By fingerprint: in how many of its runs that kind was the first that may explain it; itself if nothing came before. */
  causes: Record<string, number>;
  count: number;
  countByScenario: Record<string, number>;
}

/** Counts of a quirk of the original server. */
export interface QuirkTally {
  count: number;
  /** Worst consequence seen: 0 survived, 1 stalled, 2 lost. */
  consequence: number;
}

/** Sum over a range of runs. */
export interface Tally {
  runs: number;
  /** Runs that were made twice and were the same. */
  repeated: number;
  events: number;
  /** Digest lanes over the run digests in run order, by run: kept as text so that ranges can be concatenated. */
  digests: string[];
  unschedulable: Record<string, number>;
  /** Runs that never came to rest although nobody hung: their liveness could not be judged. */
  unsettled: number;
  runsByMode: Record<string, number>;
  runsByScenario: Record<string, number>;
  clauses: Record<string, ClauseTally>;
  findings: Record<string, FindingTally>;
  quirks: Record<string, QuirkTally>;
  /** Frames accepted from and delivered to judged drivers. */
  accepted: number;
  delivered: number;
  /** Judged drivers that came up, by run. */
  started: number;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    runs: 0,
    repeated: 0,
    events: 0,
    digests: [],
    unschedulable: {},
    unsettled: 0,
    runsByMode: {},
    runsByScenario: {},
    clauses: {},
    findings: {},
    quirks: {},
    accepted: 0,
    delivered: 0,
    started: 0,
  };
}

/** Adds what runs said about the clauses. */
export function addClauses(tally: Tally, { clauseIds, held, violated, undecidable, reasons, absent, obstacles }: ClauseSums): void {
  for (const [index, id] of clauseIds.entries()) {
    addClause(tally, id, {
      held: held[index]!,
      violated: violated[index]!,
      undecidable: undecidable[index]!,
      reason: reasons[index]!,
      absent: absent[index]!,
      obstacle: obstacles[index]!,
    });
  }
}

function addClause({ clauses }: Tally, id: string, more: ClauseTally): void {
  const entry = (clauses[id] ??= { held: 0, violated: 0, undecidable: 0, reason: '', absent: 0, obstacle: '' });
  entry.held += more.held;
  entry.violated += more.violated;
  entry.undecidable += more.undecidable;
  entry.reason ||= more.reason;
  entry.absent += more.absent;
  entry.obstacle ||= more.obstacle;
}

/** Adds `more`, the tally of the runs right after those of `into`. */
export function mergeTally(into: Tally, more: Tally): void {
  into.runs += more.runs;
  into.repeated += more.repeated;
  into.events += more.events;
  into.unsettled += more.unsettled;
  // One by one: as arguments of one call they may be too many.
  for (const digest of more.digests) into.digests.push(digest);
  into.accepted += more.accepted;
  into.delivered += more.delivered;
  into.started += more.started;
  for (const key of ['unschedulable', 'runsByMode', 'runsByScenario'] as const) addCounts(into[key], more[key]);
  for (const [id, clause] of Object.entries(more.clauses)) addClause(into, id, clause);
  for (const [fingerprint, finding] of Object.entries(more.findings)) {
    const known = into.findings[fingerprint];
    if (known === undefined) {
      into.findings[fingerprint] = {
        ...finding,
        clauses: [...finding.clauses],
        causes: { ...finding.causes },
        countByScenario: { ...finding.countByScenario },
      };
      continue;
    }
    known.count += finding.count;
    addCounts(known.countByScenario, finding.countByScenario);
    addCounts(known.causes, finding.causes);
    addNames(known.clauses, finding.clauses);
  }
  for (const [id, quirk] of Object.entries(more.quirks)) {
    const entry = (into.quirks[id] ??= { count: 0, consequence: 0 });
    entry.count += quirk.count;
    entry.consequence = Math.max(entry.consequence, quirk.consequence);
  }
}

/** Adds the names that are not there yet. */
export function addNames(into: string[], more: readonly string[]): void {
  for (const name of more) if (!into.includes(name)) into.push(name);
}

function addCounts(into: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}
