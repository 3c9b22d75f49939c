// What `ringproof check` found, as plain data: the one value all reports are made from.
//
// Follows design section 5 (`check --json`). Holds no clock, host name or absolute path, so equal runs give
// equal bytes. Counts, verdict and exit status are functions of the parts and are never set by hand:
// buildCheckResult computes them, and the schema refuses a result whose counts disagree with its items.
import { z } from 'zod';
import { EVENT_WORDS } from '../sim/trace.js';

/** Name of the document format. */
export const CHECK_FORMAT = 'ringproof-check';
/** Version of the document format; bumped when a field changes its meaning. */
export const CHECK_VERSION = 1;
/** Events kept in front of a finding at most. */
export const LAST_EVENTS_LIMIT = 64;

/** Strength of a demand. The last three are those of our own rules; MAY is never violated. */
export const LEVELS = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'SAFETY', 'HARDENING', 'DESCRIPTIVE'] as const;
/** Strength of a demand. */
export type Level = (typeof LEVELS)[number];

/** How bad a finding is, worst first. */
export const SEVERITIES = ['violation', 'warning', 'finding', 'quirk'] as const;
/** How bad a finding is. */
export type Severity = (typeof SEVERITIES)[number];

/** Least severity that fails a check, as given by `--fail-on`. */
export const FAIL_ON = ['must', 'should', 'finding', 'quirk'] as const;
/** Least severity that fails a check. */
export type FailOn = (typeof FAIL_ON)[number];

const text = z.string().min(1);
const whole = z.number().int().min(0);
const word = z.number().int().min(0).max(0xffffffff);
const relativePath = text.refine(
  (path) => !/^([/\\]|[A-Za-z]:)/.test(path),
  'the path must be relative, so that reports do not depend on the machine',
);

const subjectSchema = z.strictObject({
  /** Driver as given on the command line, `builtin:full` for none. */
  name: relativePath,
  /** SHA-256 of its file, empty for built-in ones. */
  digest: z.string(),
});

const configurationSchema = z.strictObject({
  world: text,
  profile: text,
  revision: text,
  device: text,
  spec: text,
  budget: text,
});

const clauseItemSchema = z.strictObject({
  id: text,
  /** Chapter of the catalogue the clause is grouped under, such as `split`. */
  area: text,
  actor: z.enum(['driver', 'device', 'link']),
  level: z.enum(LEVELS),
  /** Document the clause stands in, such as `virtio 1.3`. */
  document: text,
  /** Section number or name inside the document. */
  section: text,
  title: text,
  /** What is demanded, one sentence. */
  requirement: text,
  outcome: z.enum(['held', 'violated', 'not-exercised', 'undecidable']),
  /** Times decided: held or violated; 0 for the other outcomes. */
  count: whole,
  /** Why it was not exercised or cannot be decided; null when it was decided. */
  reason: z.string().nullable(),
});

const clausesSchema = z.strictObject({
  applicable: whole,
  exercised: whole,
  held: whole,
  violated: whole,
  notExercised: whole,
  undecidable: whole,
  items: z.array(clauseItemSchema),
});

/** A date of the calendar, YYYY-MM-DD. */
export const dateSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a date is YYYY-MM-DD');

/** A finding accepted for a time: the fields a person writes down. */
export const waiverSchema = z.strictObject({
  /** Rule whose findings are accepted. */
  rule: text,
  /** Only the finding of this fingerprint; absent = all of the rule. */
  fingerprint: text.optional(),
  reason: text,
  owner: text,
  /** Last day on which it counts. */
  expires: dateSchema,
});

const waiverUseSchema = waiverSchema.extend({
  /** `used`: it covers a finding; `unmatched`: there is none; `expired`: its day has passed, so it covers nothing. */
  state: z.enum(['used', 'expired', 'unmatched']),
});

const baselineSchema = z.strictObject({
  /** File the known findings stand in. */
  name: relativePath,
  /** Known findings that were not seen any more. */
  fixed: z.array(z.strictObject({ fingerprint: text, rule: text, message: text })),
});

const thresholdSchema = z.strictObject({
  /** What is counted, such as `clauses exercised`. */
  name: text,
  wanted: z.number().min(0),
  reached: z.number().min(0),
  /** What would have to be added, in words. */
  missing: z.array(text),
});

const shareSchema = z.strictObject({ total: whole, covered: whole });

const driverCoverageSchema = z.strictObject({
  lines: shareSchema,
  branches: shareSchema,
  files: z.array(
    z.strictObject({ file: relativePath, lines: shareSchema, branches: shareSchema, uncoveredLines: z.array(z.int().min(1)) }),
  ),
});

const record = z.array(word).length(EVENT_WORDS);

const locationSchema = z.strictObject({
  file: relativePath,
  /** From 1. */
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  /** Name of the function, empty if it has none. */
  callee: z.string(),
});

const differenceSchema = z.strictObject({
  /** Number of the event in the run, from 0. */
  eventIndex: whole,
  /** What each of two executions did there; null where it had come to its end. */
  first: record.nullable(),
  second: record.nullable(),
});

const sizeSchema = z.strictObject({
  preemptions: z.int().min(0),
  faults: z.int().min(0),
  packets: z.int().min(0),
  /** True when nothing single can be left out. */
  isMinimal: z.boolean(),
});

const findingSchema = z.strictObject({
  rule: text,
  /** Ids of the clauses it violates; empty for a rule of ours that decides none. */
  clauses: z.array(text),
  severity: z.enum(SEVERITIES),
  party: z.enum(['driver', 'device', 'peer', 'link']),
  /** How the party was decided, one sentence. */
  partyReason: text,
  /** Whether the party is the one under judgement, so that the finding sets verdict and exit status. */
  isSubject: z.boolean(),
  /** Stable across seeds and unrelated edits: rule, cause location and shape of the event. */
  fingerprint: text,
  /** What went wrong, one sentence. */
  message: text,
  expected: text,
  seen: text,
  /** Runs that showed it. */
  count: z.number().int().min(1),
  /** Repro file, relative to the working directory; null if none could be written. */
  repro: relativePath.nullable(),
  scenario: text,
  /** Mode and memory model of the lowest run that showed it, such as `weak, tso`. */
  mode: text,
  /** Port whose driver is concerned, -1 when none is. */
  port: z.number().int().min(-1),
  /** Whether it counts: `baseline` = known before, `waived` = accepted by somebody; both stay visible and fail nothing. */
  standing: z.enum(['new', 'baseline', 'waived']).default('new'),
  /** Who accepted it, why and until when; null unless it is waived. */
  waiver: waiverSchema.nullable().default(null),
  /** Fingerprint of the finding it is a consequence of: it never came first in a run. Null for a cause. */
  consequenceOf: text.nullable().default(null),
  /** Where the driver was in its files; null when that is not known. */
  location: locationSchema.nullable().default(null),
  /** For a driver that is not deterministic: the first event that differed; null otherwise. */
  difference: differenceSchema.nullable().default(null),
  /** What the run of the repro has besides the default schedule; null when it was not shrunk. */
  size: sizeSchema.nullable().default(null),
  /** Level-1 and level-2 records up to the violation, oldest first, eight words each. */
  lastEvents: z.array(record).max(LAST_EVENTS_LIMIT),
});

const quirkSchema = z.strictObject({
  id: text,
  title: text,
  /** Runs in which the original server showed it. */
  count: z.number().int().min(1),
  /** How the driver came out of the worst of them. */
  outcome: z.enum(['survived', 'stalled', 'lost']),
});

const scenarioSchema = z.strictObject({ id: text, title: text, runs: whole, findings: whole });

const scheduleSchema = z.strictObject({
  mode: z.enum(['coarse', 'fine', 'weak']),
  memory: text,
  runs: whole,
  /** Runs that could not be scheduled; counted, never judged. */
  unschedulable: whole,
  /** Which interleavings the class holds, one sentence. */
  description: text,
});

const resultSchema = z.strictObject({
  schema: z.literal(`${CHECK_FORMAT}/${CHECK_VERSION}`),
  verdict: z.enum(['conforms', 'violates', 'inconclusive']),
  subject: subjectSchema,
  configuration: configurationSchema,
  seed: text,
  runs: whole,
  events: whole,
  /** Digest over the digests of all runs, in run order. */
  digest: z.string().regex(/^[0-9a-f]{16}$/, 'a digest is 16 hexadecimal digits'),
  /** How the check came to its end. */
  stopped: z.enum(['finished', 'time', 'interrupted', 'given-up']),
  /** Why no verdict is possible; empty when the needed minimum was exercised. */
  inconclusive: z.array(text),
  /** What went wrong inside Ringproof itself; null if nothing did. */
  internalError: text.nullable(),
  clauses: clausesSchema,
  /** Minima that were asked for. */
  thresholds: z.array(thresholdSchema).default([]),
  /** Lines and branches of the driver's own files that were executed; null when that was not measured. */
  driverCoverage: driverCoverageSchema.nullable().default(null),
  /** Waivers that were given, and what became of them. */
  waivers: z.array(waiverUseSchema).default([]),
  /** Null when no baseline was given. */
  baseline: baselineSchema.nullable().default(null),
  findings: z.array(findingSchema),
  quirks: z.array(quirkSchema),
  scenarios: z.array(scenarioSchema),
  schedules: z.array(scheduleSchema),
});

/** Strict schema of the result; also refuses counts and a verdict that do not follow from the items. */
export const checkResultSchema = resultSchema.superRefine((result, context) => {
  const clauses = countClauses(result.clauses.items);
  for (const name of ['applicable', 'exercised', 'held', 'violated', 'notExercised', 'undecidable'] as const) {
    if (clauses[name] === result.clauses[name]) continue;
    context.addIssue({ code: 'custom', path: ['clauses', name], message: `the items give ${clauses[name]}, got ${result.clauses[name]}` });
  }
  const verdict = verdictOf(result);
  if (verdict !== result.verdict)
    context.addIssue({ code: 'custom', path: ['verdict'], message: `the findings give ${verdict}, got ${result.verdict}` });
});

/** The result of a check. */
export type CheckResult = z.infer<typeof resultSchema>;
/** One clause and what became of it. */
export type ClauseItem = z.infer<typeof clauseItemSchema>;
/** The clauses with their counts. */
export type ClauseCounts = z.infer<typeof clausesSchema>;
/** One distinct finding. */
export type Finding = z.infer<typeof findingSchema>;
/** How large the run of a repro is. */
export type FindingSize = z.infer<typeof sizeSchema>;
/** A finding accepted for a time. */
export type Waiver = z.infer<typeof waiverSchema>;
/** A minimum that was asked for. */
export type Threshold = z.infer<typeof thresholdSchema>;
/** Lines and branches of a driver that were executed. */
export type DriverCoverage = z.infer<typeof driverCoverageSchema>;
/** A quirk of the original server that was met under the faithful profile. */
export type QuirkMet = z.infer<typeof quirkSchema>;
/** Outcome over all clauses and findings. */
export type Verdict = CheckResult['verdict'];
/** Everything of a result that is not computed. */
export type CheckParts = Omit<CheckResult, 'schema' | 'verdict' | 'clauses' | Later> &
  Partial<Pick<CheckResult, Later>> & { readonly items: readonly ClauseItem[] };
/** What is added after the runs by those who know what was asked for. */
type Later = 'thresholds' | 'driverCoverage' | 'waivers' | 'baseline';

/** The severity a violated demand has by itself. A clause that only permits is never violated; asking is wrong use. */
export function severityOf(level: Level): Severity {
  switch (level) {
    case 'MUST':
    case 'MUST NOT':
    case 'SAFETY':
      return 'violation';
    case 'SHOULD':
    case 'SHOULD NOT':
      return 'warning';
    case 'HARDENING':
    case 'DESCRIPTIVE':
      return 'finding';
    case 'MAY':
      throw new Error('severityOf: MAY permits something and cannot be violated');
  }
}

/** The counts over the items; `exercised` is held plus violated. */
export function countClauses(items: readonly ClauseItem[]): ClauseCounts {
  const withOutcome = (outcome: ClauseItem['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  const held = withOutcome('held');
  const violated = withOutcome('violated');
  return {
    applicable: items.length,
    exercised: held + violated,
    held,
    violated,
    notExercised: withOutcome('not-exercised'),
    undecidable: withOutcome('undecidable'),
    items: [...items],
  };
}

/** The verdict that follows: a violation by the subject outweighs missing coverage, which outweighs success. */
export function verdictOf(parts: Pick<CheckResult, 'findings' | 'inconclusive' | 'internalError' | 'stopped'>): Verdict {
  if (parts.findings.some((finding) => finding.isSubject && finding.severity === 'violation')) return 'violates';
  return parts.inconclusive.length > 0 || parts.internalError !== null || parts.stopped !== 'finished' ? 'inconclusive' : 'conforms';
}

/**
 * Completes the parts to a result, everything in a fixed order (clauses as given, findings worst and most frequent first).
 * Throws an Error when the parts break the schema: that is a fault of the caller.
 */
export function buildCheckResult(parts: CheckParts): CheckResult {
  const { items, findings, ...rest } = parts;
  const result = checkResultSchema.safeParse({
    schema: `${CHECK_FORMAT}/${CHECK_VERSION}`,
    verdict: verdictOf(parts),
    clauses: countClauses(items),
    findings: findings.toSorted(byWeight),
    ...rest,
  });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`buildCheckResult: ${issue.path.map(String).join('.')}: ${issue.message}`);
}

/** Findings that fail a check at the given threshold; only new ones on the subject ever do. */
export function failingFindings(result: CheckResult, failOn: FailOn): Finding[] {
  const limit = FAIL_ON.indexOf(failOn);
  return result.findings.filter(
    (finding) => finding.isSubject && finding.standing === 'new' && SEVERITIES.indexOf(finding.severity) <= limit,
  );
}

/**
 * Exit status of `check`: 0 clean, 1 findings at or above the threshold, 3 internal error, 4 inconclusive,
 * 130 interrupted. Status 2 (unusable input) never gets as far as a result.
 */
export function exitStatusOf(result: CheckResult, failOn: FailOn): 0 | 1 | 3 | 4 | 130 {
  if (result.internalError !== null) return 3;
  if (result.stopped === 'interrupted') return 130;
  const hasLost = failOn === 'quirk' && result.quirks.some((quirk) => quirk.outcome !== 'survived');
  if (hasLost || failingFindings(result, failOn).length > 0) return 1;
  return result.inconclusive.length > 0 || result.stopped !== 'finished' ? 4 : 0;
}

/** Severity first, what is judged before what is not, what most runs showed before what few did; then rule and fingerprint in code unit order. */
function byWeight(left: Finding, right: Finding): number {
  const order =
    SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity) ||
    Number(right.isSubject) - Number(left.isSubject) ||
    right.count - left.count;
  if (order !== 0) return order;
  const leftKey = `${left.rule} ${left.fingerprint}`;
  const rightKey = `${right.rule} ${right.fingerprint}`;
  return leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0;
}
