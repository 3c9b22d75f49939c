// The schema of scripts in scenario files: what drivers/script-step.ts says, checked.
//
// Values may be wrong for a driver (that is what scripts are for) but not for the interpreter: places must be
// inside the guest's memory, numbers must fit their fields.
import { z } from 'zod';
import type { ScriptStep } from '../drivers/script-step.js';

const placeLimit = 1 << 26;
const place = z.int().min(0).max(placeLimit);
const half = z.int().min(0).max(0xffff);
const word = z.int().min(0).max(0xffffffff);
const address = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const way = z.enum(['call', 'command']);

/** One step of a script. */
export const scriptStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('at'), ns: z.int().min(0).max(1e12) }),
  z.strictObject({ kind: z.literal('connect') }),
  z.strictObject({ kind: z.literal('register'), base: address, offsetBytes: address, sizeBytes: address, rights: z.int().min(0).max(3) }),
  z.strictObject({ kind: z.literal('status'), value: word, via: way }),
  z.strictObject({ kind: z.literal('features'), word0: word, word1: word }),
  z.strictObject({
    kind: z.literal('queue'),
    queue: z.int().min(0).max(1),
    size: half,
    ready: half,
    descriptors: address,
    avail: address,
    used: address,
    via: way,
  }),
  z.strictObject({ kind: z.literal('readPage'), offset: z.int().min(0).max(4092).multipleOf(4) }),
  z.strictObject({ kind: z.literal('descriptor'), at: place.multipleOf(16), address, lengthBytes: word, flags: half, next: half }),
  z.strictObject({ kind: z.literal('half'), at: place.multipleOf(2), value: half }),
  z.strictObject({ kind: z.literal('publish'), at: place.multipleOf(2), index: half }),
  z.strictObject({ kind: z.literal('bytes'), at: place, hex: z.string().regex(/^([0-9a-f]{2}){1,65536}$/, 'must be 1 to 65536 bytes in lower-case hex') }),
  z.strictObject({ kind: z.literal('fill'), at: place, lengthBytes: z.int().min(1).max(placeLimit), value: z.int().min(0).max(255) }),
  z.strictObject({ kind: z.literal('kick'), unlessFlags: place.multipleOf(2).nullable() }),
  z.strictObject({ kind: z.literal('await'), at: place.multipleOf(2), index: half, skip: z.int().min(0).max(20_000) }),
]) satisfies z.ZodType<ScriptStep>;

/** A script: the steps of one client. */
export const scriptSchema = z.array(scriptStepSchema).max(20_000);
