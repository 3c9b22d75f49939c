// A trace that records nothing, for measuring what records and digest cost.
//
// The product has no such switch on purpose: the digest is part of what a run is.
import { Trace } from '../sim/trace.js';

/** Stands in for a Trace; counts nothing, digests nothing. */
export class SilentTrace extends Trace {
  constructor() {
    super(false);
  }

  override record(): void {}
}
