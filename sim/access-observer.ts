// Who is told about accesses: every one in fine and weak mode (level 2), accesses to watched pages always.

/** Receiver of accesses. Offsets are arena offsets; sizes in bytes; 64-bit values as two words. */
export interface AccessObserver {
  /** A load was performed. `staleBy` > 0: the value is that many stores old (relaxed memory). */
  loaded(contextId: number, offset: number, sizeBytes: number, low: number, high: number, staleBy: number): void;
  /** A store became visible to everybody. `entry` > 0: it is the drain of that buffered store. */
  stored(contextId: number, offset: number, sizeBytes: number, low: number, high: number, entry: number): void;
  /** A store entered the context's store buffer under the number `entry` (weak mode). */
  buffered(contextId: number, offset: number, sizeBytes: number, low: number, high: number, entry: number): void;
  /** A barrier was executed. */
  fenced(contextId: number, kind: number): void;
  /** A load from a watched page; told in every mode, before the level-2 record if any. */
  registerLoaded(contextId: number, offset: number, sizeBytes: number, value: number): void;
  /** A store to a watched page; told in every mode. */
  registerStored(contextId: number, offset: number, sizeBytes: number, value: number): void;
}

/** An observer that ignores everything; for views outside a traced run. */
export const NO_OBSERVER: AccessObserver = {
  loaded: () => undefined,
  stored: () => undefined,
  buffered: () => undefined,
  fenced: () => undefined,
  registerLoaded: () => undefined,
  registerStored: () => undefined,
};
