// The drivers that come with Ringproof, by name: reference drivers, odd but correct ones, vacuous ones, mutants.
//
// Each exists twice: as generators for fine interleaving and as their plain twin for coarse mode. A mutant of the server or
// of the link is the full reference driver with the deviation beside it.
import type { Mutant } from '../model/mutant.js';
import { isDeviation, PLANTED_FAULTS } from '../model/p2p/planted-faults.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { createPatched as createPatchedPlain, type DriverPatch as PlainPatch } from './driver-patch.plain.js';
import { createPatched as createPatchedResumable, type DriverPatch as ResumablePatch } from './driver-patch.resumable.js';
import { createDriver as createFullPlain } from './full.plain.js';
import { createDriver as createFullResumable } from './full.resumable.js';
import { createDriver as createGenericPlain } from './generic.plain.js';
import { createDriver as createGenericResumable } from './generic.resumable.js';
import { createDriver as createMinimalPlain } from './minimal.plain.js';
import { createDriver as createMinimalResumable } from './minimal.resumable.js';
import { DRIVER_MUTANTS as plainMutants } from './mutants/all.plain.js';
import { DRIVER_MUTANTS as resumableMutants } from './mutants/all.resumable.js';
import { ODD_DRIVERS as plainOdd } from './odd/all.plain.js';
import { ODD_DRIVERS as resumableOdd } from './odd/all.resumable.js';
import { VACUOUS_DRIVERS as plainVacuous } from './odd/vacuous.plain.js';
import { VACUOUS_DRIVERS as resumableVacuous } from './odd/vacuous.resumable.js';
import type { DriverFactory, Subject } from './subject.js';

/** How a built-in driver is asked for. */
export const BUILT_IN_PREFIX = 'builtin:';

/** A driver of the table. */
export interface BuiltInDriver {
  /** Name behind `builtin:`. */
  readonly name: string;
  readonly title: string;
  /** The device on which it shows what it is about; the server of L4Re if absent. */
  readonly device?: 'generic';
  readonly resumable: DriverFactory<'resumable'>;
  readonly plain: DriverFactory<'plain'>;
}

function patched(name: string, title: string, resumable: ResumablePatch, plain: PlainPatch): BuiltInDriver {
  return {
    name,
    title,
    resumable: (guest) => createPatchedResumable(resumable, guest),
    plain: (guest) => createPatchedPlain(plain, guest),
  };
}

/** The drivers others are measured by. */
export const REFERENCE_DRIVERS: readonly BuiltInDriver[] = [
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
  {
    name: 'generic',
    title: 'Reference driver of the generic device: the full one with EVENT_IDX where it is offered',
    device: 'generic',
    resumable: createGenericResumable,
    plain: createGenericPlain,
  },
];

/** Unusual but correct drivers: no rule may ever accuse one. */
export const ODD_DRIVERS: readonly BuiltInDriver[] = resumableOdd.map(({ id, title, patch, device }, index) => {
  const driver = patched(id, title, patch, plainOdd[index]!.patch);
  return device === undefined ? driver : { ...driver, device };
});

/** Drivers that do nothing useful: none may be called conforming. */
export const VACUOUS_DRIVERS: readonly BuiltInDriver[] = resumableVacuous.map(({ id, title, patch }, index) =>
  patched(id, title, patch, plainVacuous[index]!.patch),
);

/** Every built-in driver but the mutants. */
export const BUILT_IN_DRIVERS: readonly BuiltInDriver[] = [...REFERENCE_DRIVERS, ...ODD_DRIVERS, ...VACUOUS_DRIVERS];

/** Mutants of drivers. */
export const DRIVER_MUTANTS: readonly (BuiltInDriver & Mutant)[] = resumableMutants.map(({ patch, ...row }, index) => {
  return { ...patched(row.id, row.title, patch, plainMutants[index]!.patch), ...row, side: 'driver' };
});

const BY_NAME = new Map([...BUILT_IN_DRIVERS, ...DRIVER_MUTANTS].map((driver) => [driver.name, driver]));

/** Quirks that show only together with another one that hides them in the corrected server. */
const COMPANIONS: Readonly<Record<string, readonly DeviationId[]>> = { Q14: ['P4'], Q16: ['D3'], Q25: ['D3'] };

/** Deviations of the server that a name stands for (mutants of device and link, `dev-q1` for quirk Q1); none for drivers. */
export function deviationsOfBuiltIn(name: string): readonly DeviationId[] {
  if (PLANTED_FAULTS.some(({ id }) => id === name)) return [name as DeviationId];
  const quirk = /^dev-([qtdp]\d+)$/.exec(name)?.[1]?.toUpperCase();
  return quirk !== undefined && isDeviation(quirk) ? [quirk, ...(COMPANIONS[quirk] ?? [])] : [];
}

/** The device a built-in driver needs to show what it is about, which it then brings along; null if any will do. */
export function deviceOfBuiltIn(name: string): 'hostile' | 'generic' | null {
  if (DRIVER_MUTANTS.some((mutant) => mutant.name === name && mutant.isForHostile === true)) return 'hostile';
  return BY_NAME.get(name)?.device ?? PLANTED_FAULTS.find(({ id }) => id === name)?.device ?? null;
}

/** The subject of a built-in driver; null if there is none of that name. */
export function builtInSubject(name: string): Subject | null {
  const reference = deviceOfBuiltIn(name) === 'generic' ? 'generic' : 'full';
  const driver = BY_NAME.get(deviationsOfBuiltIn(name).length > 0 ? reference : name);
  if (driver === undefined) return null;
  const identity = `${BUILT_IN_PREFIX}${name}`;
  return { name: identity, identity, digest: '', resumable: driver.resumable, plain: driver.plain, hasTrustedTwin: true };
}
