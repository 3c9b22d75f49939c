// What many runs said about the clauses, added up as numbers: no object per clause and run.
//
// The rule engine adds a run to it (RuleEngine.addTo); who wants names or sentences makes them once at the end.

/** Sums by clause, in the order of the rules. */
export class ClauseSums {
  readonly clauseIds: readonly string[];
  /** Occasions on which the clause was kept, and on which it was broken. */
  readonly held: Float64Array;
  readonly violated: Float64Array;
  /** Ports of runs at which it could not be decided. */
  readonly undecidable: Float64Array;
  /** Why it could not be decided the first time; empty if it always could. */
  readonly reasons: string[];

  constructor(clauseIds: readonly string[]) {
    this.clauseIds = clauseIds;
    this.held = new Float64Array(clauseIds.length);
    this.violated = new Float64Array(clauseIds.length);
    this.undecidable = new Float64Array(clauseIds.length);
    this.reasons = clauseIds.map(() => '');
  }
}
