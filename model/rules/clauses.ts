// Everything a rule can be about: the clauses of the virtio specification and our own.
//
// The virtio clauses (clauses.json) carry paraphrased requirements with the section numbers of revision
// virtio-v1.4-cs01. Ours (own-clauses.ts) name what the link, the transport and the driver contract demand,
// each with its source. Reports print sentence, level and section, never a bare id.
import { readClauseFile } from './clause-file.host.js';
import { OWN_CLAUSES } from './own-clauses.js';

/** RFC 2119 level of a clause. */
export type ClauseLevel = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'HARDENING' | 'MAY';

/** A clause and what is known about it. */
export interface Clause {
  readonly id: string;
  /** Section number in virtio-v1.4-cs01, or the section of the document named in `title` for our own. */
  readonly section: string;
  readonly title: string;
  readonly actor: 'driver' | 'device';
  readonly level: ClauseLevel;
  /** What it demands, one sentence. */
  readonly requirement: string;
  readonly area: string;
  /** The feature it depends on ("not X": holds without X), or null. */
  readonly feature: string | null;
  readonly observable: 'trace' | 'memory-order' | 'timing' | 'internal';
  /** Worlds in which it can matter. */
  readonly applies: readonly string[];
  /** Where it comes from: `own` for ours. */
  readonly basis: 'normative' | 'normative-legacy' | 'descriptive' | 'own';
}

/** The virtio clauses in the order of the specification, then our own. */
export const CLAUSES: readonly Clause[] = [...(readClauseFile() as readonly Clause[]), ...OWN_CLAUSES];

const BY_ID: ReadonlyMap<string, Clause> = new Map(CLAUSES.map((clause) => [clause.id, clause]));

/** The clause of that id. Throws an Error for an unknown id. */
export function clauseOf(id: string): Clause {
  const clause = BY_ID.get(id);
  if (clause === undefined) throw new Error(`clauseOf: there is no clause "${id}"; ids stand in model/rules/clauses.json and own-clauses.ts`);
  return clause;
}

const STRENGTH: readonly ClauseLevel[] = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'HARDENING', 'MAY'];

/** The strongest level among the clauses of the given ids (at least one). */
export function strongestLevel(ids: readonly string[]): ClauseLevel {
  let best = STRENGTH.length - 1;
  for (const id of ids) best = Math.min(best, STRENGTH.indexOf(clauseOf(id).level));
  return STRENGTH[best]!;
}
