// A mutant: a small named change to a reference implementation, and the rules that must notice it.
//
// The change itself (`patch`) replaces some of the classes the implementation is put together from by subclasses; it is
// written where the implementation lives: p2p/faults-*.resumable.ts for server and link, drivers/mutants for drivers.

/** Which part of a link a mutant changes; `link` means that frames come to harm on their way through the server. */
export type MutantSide = 'driver' | 'device' | 'link';

/** What is known about a mutant besides its change. */
export interface MutantRow {
  /** Name behind `builtin:`. */
  readonly id: string;
  /** What it does wrong, one sentence without its full stop. */
  readonly title: string;
  /** Where such a mistake was seen or what the sheet calls it: row of the known bugs, mistake number, quirk, clause. */
  readonly source: string;
  /** Ids of the rules that must find it, each of which is enough. */
  readonly kills: readonly string[];
  /** True when it shows against a hostile device only. */
  readonly isForHostile?: boolean;
  /** The device it needs; the server of L4Re if absent. */
  readonly device?: 'generic';
}

/** A mutant as lists show it. */
export interface Mutant extends MutantRow {
  readonly side: MutantSide;
}
