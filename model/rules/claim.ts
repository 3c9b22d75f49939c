// What is claimed of a driver: the version of the specification, and the features it uses.
//
// Clauses that are newer than the claim are not judged. A driver that accepts a feature it does not claim is told so.
import { LATEST_SPEC, type SpecVersion } from './spec-versions.js';

/** What a driver claims. */
export interface Claim {
  readonly spec: SpecVersion;
  /** Names of features, null = all there are. */
  readonly features: readonly string[] | null;
}

/** The latest version with everything in it. */
export const FULL_CLAIM: Claim = { spec: LATEST_SPEC, features: null };
