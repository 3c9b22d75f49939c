// Changes to a reference driver: which classes are replaced by which. Mutants and odd drivers are made of them.
import type { MutantRow } from '../model/mutant.js';
import type { Driver, Guest } from './contract.js';
import { type DriverParts, REFERENCE_PARTS } from './driver-parts.resumable.js';
import { FullDriver } from './full.resumable.js';
import type { ModuleStyle } from './style.resumable.js';

/** A driver that is put together from parts. */
export type DriverClass = new (guest: Guest<ModuleStyle>, parts?: DriverParts) => Driver<ModuleStyle>;

/** What is replaced: parts, or the driver itself (the full one if absent). */
export interface DriverPatch extends Partial<DriverParts> {
  readonly Driver?: DriverClass;
}

/** A mutant of a reference driver. */
export interface DriverMutant extends MutantRow {
  readonly patch: DriverPatch;
}

/** A driver that is unusual and right, or one that does nothing useful. */
export interface PatchedDriver {
  /** Name behind `builtin:`. */
  readonly id: string;
  readonly title: string;
  /** The device on which its oddity shows; the server of L4Re if absent. */
  readonly device?: 'generic';
  readonly patch: DriverPatch;
}

/** Makes the patched driver of one run. */
export function createPatched({ Driver = FullDriver, ...replaced }: DriverPatch, guest: Guest<ModuleStyle>): Driver<ModuleStyle> {
  return new Driver(guest, { ...REFERENCE_PARTS, ...replaced });
}
