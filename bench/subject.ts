// What every measured program is, ours or an anchor: something that does a given number of operations.
//
// A subject runs alone in a process (subject-process.host.ts), so that its call sites stay monomorphic. Anchors in
// other languages speak the same line protocol themselves: a count comes in, CPU nanoseconds and a check go out.

/** A measured program after its set-up. */
export interface Subject {
  /**
   * Does `count` operations and returns a check value (u32) that depends on all work done since set-up.
   * Contenders of one contest that claim the same work must return the same values for the same counts.
   */
  run(count: number): number;
}

/** A subject whose operations are asynchronous. */
export interface AsyncSubject {
  /** Like Subject.run. */
  run(count: number): Promise<number>;
}

/** Module shape the subject process loads; `parameters` are the words of its command line. */
export interface SubjectModule {
  createSubject(parameters: readonly string[]): Subject | AsyncSubject | Promise<Subject>;
}

/** The parameter at `index` as an integer; throws when it is missing or no integer. */
export function integerParameter(parameters: readonly string[], index: number): number {
  const text = parameters[index];
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isInteger(value)) throw new Error(`integerParameter: parameter ${index} must be an integer, got ${text}`);
  return value;
}
