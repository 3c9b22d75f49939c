// The strict schema of what a shard gathered: files come from outside and are believed in nothing.
import { z } from 'zod';
import { LATEST_SPEC, SPEC_VERSIONS } from '../model/rules/spec-versions.js';
import { DEVICE_KIND_IDS } from '../scenarios/device-kind.js';
import { EVENT_WORDS } from '../sim/trace.js';

const text = z.string().min(1);
const whole = z.int().min(0);
const counts = z.record(z.string(), whole);
const record = z.array(z.int().min(0).max(0xffffffff)).length(EVENT_WORDS);

const violationSchema = z.strictObject({
  ruleId: text,
  clauseIds: z.array(text),
  port: z.int(),
  party: z.enum(['driver', 'device', 'peer', 'link']),
  isSubject: z.boolean(),
  level: z.enum(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'HARDENING']),
  eventIndex: whole,
  timeNs: z.number().min(0),
  message: text,
  expected: text,
  seen: text,
  evidence: z.record(z.string(), z.number()),
});

const findingSchema = z.strictObject({
  fingerprint: text,
  violation: violationSchema,
  runIndex: whole,
  scenario: text,
  mode: text,
  memory: text,
  clauses: z.array(text),
  causes: counts,
  count: whole,
  countByScenario: counts,
});

const clauseSchema = z.strictObject({
  held: whole,
  violated: whole,
  undecidable: whole,
  reason: z.string(),
  absent: whole.default(0),
  obstacle: z.string().default(''),
});

const tallySchema = z.strictObject({
  runs: whole,
  repeated: whole,
  events: whole,
  digests: z.array(text),
  unschedulable: counts,
  unsettled: whole,
  runsByMode: counts,
  runsByScenario: counts,
  clauses: z.record(z.string(), clauseSchema),
  findings: z.record(z.string(), findingSchema),
  quirks: z.record(z.string(), z.strictObject({ count: whole, consequence: whole })),
  accepted: whole,
  delivered: whole,
  started: whole,
});

const passSchema = z.strictObject({
  tally: tallySchema,
  strays: z.array(z.string()),
  stopped: z.enum(['finished', 'interrupted', 'given-up']),
});

const placedRun = { runIndex: whole, scenario: text, mode: text, memory: text };

const placeSchema = z.strictObject({ file: text, line: z.int().min(1), column: z.int().min(1), callee: z.string() });

const differenceSchema = z.strictObject({
  eventIndex: whole,
  before: z.array(record),
  first: record.nullable(),
  second: record.nullable(),
});

const identitySchema = z.strictObject({
  driverName: text,
  driverDigest: z.string(),
  seed: text,
  budget: text,
  runs: z.int().min(1),
  profile: z.enum(['fixed', 'faithful']),
  revision: text,
  device: z.enum(DEVICE_KIND_IDS).default('reference'),
  spec: z.enum(SPEC_VERSIONS).default(LATEST_SPEC),
  deviations: z.array(text),
  modes: z.array(text),
  memories: z.array(text),
  strategy: text.optional(),
  scenarios: z.array(z.strictObject({ id: text, title: text })),
  claimedFeatures: z.array(text).nullable(),
  smallestRuns: whole,
});

/** What a shard gathered; check-material.ts says what the fields mean. */
export const materialSchema = z.strictObject({
  identity: identitySchema,
  fixed: passSchema,
  faithful: passSchema.nullable(),
  recorded: z.array(
    z.strictObject({
      fingerprint: text,
      runIndex: whole,
      detail: z.string().nullable(),
      place: placeSchema.nullable(),
      told: z.strictObject({ message: text, expected: text, seen: text }).nullable(),
      size: z.strictObject({ preemptions: whole, faults: whole, packets: whole, isMinimal: z.boolean() }).nullable(),
      lastEvents: z.array(record),
    }),
  ),
  outside: z.array(z.strictObject({ ...placedRun, reason: z.enum(['hung', 'ended', 'memory']) })),
  divergences: z.array(z.strictObject({ ...placedRun, difference: differenceSchema.nullable() })),
  unstableRun: whole.nullable(),
  isInterrupted: z.boolean(),
  internalError: z.string().nullable(),
  missingShards: z.array(z.int().min(1)),
});
