// What many runs said about the clauses, added up as numbers: no object per clause and run.
//
// The rule engine adds a run to it (RuleEngine.addTo); who wants names or sentences makes them once at the end.

/** Sums by clause, in the order of the rules. */
export class ClauseSums {
  readonly clauseIds: readonly string[];
  /** Occasions on which the clause was kept, and on which it was broken. */
  readonly held: Float64Array;
  readonly violated: Float64Array;
  /** Ports of runs at which it came up and could not be decided. */
  readonly undecidable: Float64Array;
  /** Why it could not be decided the first time; empty if it always could. */
  readonly reasons: string[];
  /** Ports of runs in which it would have been decided, but did not come up. */
  readonly absent: Float64Array;
  /** What kept it from being decided in the first run of a kind in which it never is; empty if there was none. */
  readonly obstacles: string[];

  constructor(clauseIds: readonly string[]) {
    this.clauseIds = clauseIds;
    this.held = new Float64Array(clauseIds.length);
    this.violated = new Float64Array(clauseIds.length);
    this.undecidable = new Float64Array(clauseIds.length);
    this.reasons = clauseIds.map(() => '');
    this.absent = new Float64Array(clauseIds.length);
    this.obstacles = clauseIds.map(() => '');
  }
}
