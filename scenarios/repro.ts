// The repro file: one failing run as versioned, self-contained JSON.
//
// Holds the concrete scenario, the configuration, the sparse run tape, who the driver was, the rule it broke and
// the digests a replay must reach. The schema of the scenario is passed in, so this file knows no world. Reading
// is strict: an unknown field, a missing one or a newer version is refused with file, JSON path and rule.
import { z } from 'zod';
import { isDeviation } from '../model/p2p/planted-faults.js';
import type { DeviationId } from '../model/p2p/quirks.js';
import { SPEC_VERSIONS } from '../model/rules/spec-versions.js';
import { CHOICE_KINDS } from '../sim/choice.js';
import { type DocumentKind, formatDocument, parseDocument } from './document.js';
import { MODES } from './scenario.js';

/** Name of the document format. */
export const REPRO_FORMAT = 'ringproof-repro';
/** Version of the document format; bumped when a field changes its meaning. */
export const REPRO_VERSION = 1;
/** Most deviations of one tape; more is no tape that a run could have written. */
export const TAPE_LIMIT = 1 << 20;

const text = z.string().min(1);
const whole = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{16}$/, 'a digest is 16 hexadecimal digits');

/** Where a scheduling deviation happens, in terms that survive edits to the driver. */
const deviationKeySchema = z.strictObject({
  /** Method of the driver contract the agent was in, such as `transmit`. */
  method: text,
  /** Which call of that method, from 0. */
  call: whole,
  access: z.enum(['load', 'store', 'barrier', 'notify', 'register']),
  /** Named location, such as `tx.avail.idx`; empty for accesses that have none. */
  location: z.string(),
  /** Which access of that kind to that location in the call, from 0. */
  occurrence: whole,
});

const choiceDeviationSchema = z.strictObject({ kind: z.enum(CHOICE_KINDS), ordinal: whole, value: z.int().min(1) });

const scheduleDeviationSchema = z.strictObject({
  agent: whole,
  /** Own access number of the agent: exact for a strict replay, a hint for a guided one. */
  step: whole,
  /** Agent that runs instead. */
  to: whole,
  /** Null when the run recorded no accesses to name. */
  key: deviationKeySchema.nullable(),
});

const tapeSchema = z.strictObject({
  choices: z.array(choiceDeviationSchema).max(TAPE_LIMIT),
  schedule: z.array(scheduleDeviationSchema).max(TAPE_LIMIT),
});

const configurationSchema = z.strictObject({
  world: text,
  mode: z.enum(MODES),
  memory: z.enum(['sc', 'tso', 'pso', 'relaxed']),
  profile: z.enum(['fixed', 'faithful']),
  revision: z.enum(['seed', 'current']),
  device: z.enum(['reference', 'hostile', 'generic']),
  /** Version of the specification that was judged, such as `1.3`. */
  spec: z.enum(SPEC_VERSIONS),
  /** Features the judged driver claims; all if absent. */
  claimedFeatures: z.array(text).optional(),
  /** Deviations of the server that are the other way round than in its profile; none if absent. */
  deviations: z
    .array(z.custom<DeviationId>((id) => typeof id === 'string' && isDeviation(id), 'must be the number of a deviation'))
    .min(1)
    .optional(),
  /** By port: whether the judged driver was there. */
  subjects: z.array(z.boolean()).min(1),
  /** Strategy that drew the run; the mixed walk if absent. */
  strategy: text.optional(),
});

const driverSchema = z.strictObject({
  /** What the driver is: `builtin:full`, or the name its module gives itself. */
  identity: text,
  /** SHA-256 of the driver file, empty for built-in ones. */
  digest: z.string().regex(/^([0-9a-f]{64})?$/, 'a driver digest is 64 hexadecimal digits or empty'),
  /** How it was named on the command line; null if it was not. */
  path: z.string().min(1).nullable(),
});

const findingSchema = z.strictObject({
  rule: text,
  clauses: z.array(text),
  party: z.enum(['driver', 'device', 'peer', 'link']),
  /** Port at which it was seen. */
  port: whole,
  fingerprint: text,
  /** What went wrong, one sentence. */
  message: text,
  /** Position of the violating event in the run. */
  eventIndex: whole,
});

/** The strict schema of a repro file around the schema of its scenario. */
function reproSchema<S>(scenario: z.ZodType<S>) {
  const shape = z.strictObject({
    format: z.literal(REPRO_FORMAT),
    version: z.literal(REPRO_VERSION),
    /** Version of Ringproof that wrote the file. */
    tool: text,
    /** Versions of what the model does and of what its records mean. */
    modelVersion: z.int().min(1),
    traceVersion: z.int().min(1),
    finding: findingSchema,
    driver: driverSchema,
    configuration: configurationSchema,
    seed: text,
    /** Number of the run in its check or campaign. */
    run: whole,
    /** Number of events of the run. */
    events: whole,
    /** Digest of the whole event stream; null when the run made no end. */
    traceDigest: digest.nullable(),
    /** Digest of frames, verdicts and final indices only; null when the run made no end. */
    outcomeDigest: digest.nullable(),
    /** Null when the run made no end and so could not write it down: its choices are drawn from the seed again. */
    tape: tapeSchema.nullable(),
    scenario,
  });
  return shape.superRefine((repro, context) => {
    const endings = [repro.tape, repro.traceDigest, repro.outcomeDigest].filter((value) => value === null).length;
    if (endings !== 0 && endings !== 3) {
      const message = 'tape, traceDigest and outcomeDigest are null together, when the run made no end';
      context.addIssue({ code: 'custom', path: ['tape'], message });
    }
    const seen = new Set<string>();
    repro.tape?.choices.forEach(({ kind, ordinal }, index) => {
      if (seen.has(`${kind}#${ordinal}`)) {
        context.addIssue({ code: 'custom', path: ['tape', 'choices', index], message: `question ${ordinal} of ${kind} is answered twice` });
      }
      seen.add(`${kind}#${ordinal}`);
    });
  });
}

/** One failing run, with a scenario of type S. */
export type Repro<S> = z.infer<ReturnType<typeof reproSchema<S>>>;
/** Where a scheduling deviation happens. */
export type DeviationKey = z.infer<typeof deviationKeySchema>;
/** A run tape whose scheduling deviations carry keys; it can be played as a RunTape of sim/choice.ts. */
export type KeyedTape = z.infer<typeof tapeSchema>;
/** Configuration of the run. */
export type ReproConfiguration = z.infer<typeof configurationSchema>;

/** A repro file as text: fields in declared order, equal repros give equal bytes. Throws an Error when the value breaks the schema. */
export function reproText<S>(repro: Repro<S>, scenario: z.ZodType<S>): string {
  const result = reproSchema(scenario).safeParse(repro);
  if (result.success) return formatDocument(result.data);
  const issue = result.error.issues[0]!;
  throw new Error(`reproText: ${issue.path.map(String).join('.')}: ${issue.message}`);
}

/**
 * Reads a repro file.
 * Throws UnusableInput naming file, JSON path and rule when the text is none.
 */
export function parseRepro<S>(content: string, fileName: string, scenario: z.ZodType<S>): Repro<S> {
  const kind: DocumentKind<Repro<S>> = {
    title: 'a repro file',
    format: REPRO_FORMAT,
    version: REPRO_VERSION,
    schema: reproSchema(scenario),
  };
  return parseDocument(content, fileName, kind);
}

/** Sentences on how the file's model and trace versions differ from the given ones; empty when they agree. */
export function versionMismatches(
  repro: Pick<Repro<unknown>, 'tool' | 'modelVersion' | 'traceVersion'>,
  versions: { readonly modelVersion: number; readonly traceVersion: number },
): string[] {
  const named = [
    ['model', repro.modelVersion, versions.modelVersion],
    ['trace', repro.traceVersion, versions.traceVersion],
  ] as const;
  return named
    .filter(([, theirs, ours]) => theirs !== ours)
    .map(
      ([name, theirs, ours]) =>
        `Recorded by Ringproof ${repro.tool} with ${name} version ${theirs}; this one has version ${ours}, so the run may differ.`,
    );
}
