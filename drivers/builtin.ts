// The drivers that come with Ringproof, by name.
//
// Each exists twice: as generators for fine interleaving and as their plain twin for coarse mode.
import { createDriver as createFullPlain } from './full.plain.js';
import { createDriver as createFullResumable } from './full.resumable.js';
import { createDriver as createMinimalPlain } from './minimal.plain.js';
import { createDriver as createMinimalResumable } from './minimal.resumable.js';
import type { DriverFactory, Subject } from './subject.js';

/** How a built-in driver is asked for. */
export const BUILT_IN_PREFIX = 'builtin:';

/** A driver of the table. */
export interface BuiltInDriver {
  /** Name behind `builtin:`. */
  readonly name: string;
  readonly title: string;
  readonly resumable: DriverFactory<'resumable'>;
  readonly plain: DriverFactory<'plain'>;
}

/** All built-in drivers. */
export const BUILT_IN_DRIVERS: readonly BuiltInDriver[] = [
  {
    name: 'full',
    title: 'Full reference driver: interrupts with deferred polling, merged buffers, indirect descriptors, checksum offload, recovery',
    resumable: createFullResumable,
    plain: createFullPlain,
  },
  {
    name: 'minimal',
    title: 'Minimal reference driver: polls, one descriptor per frame, no optional feature',
    resumable: createMinimalResumable,
    plain: createMinimalPlain,
  },
];

/** The subject of a built-in driver; null if there is none of that name. */
export function builtInSubject(name: string): Subject | null {
  const driver = BUILT_IN_DRIVERS.find((candidate) => candidate.name === name);
  if (driver === undefined) return null;
  const identity = `${BUILT_IN_PREFIX}${name}`;
  return { name: identity, identity, digest: '', resumable: driver.resumable, plain: driver.plain, hasTrustedTwin: true };
}
