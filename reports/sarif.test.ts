// The SARIF log: its structure after the standard, rule metadata, places, fingerprints, suppressions.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CheckParts, buildCheckResult } from '../scenarios/check-result.js';
import { sampleClause, sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { PLAIN_NAMES } from './event-text.js';
import { sarifReport } from './sarif.js';

const message = z.strictObject({ text: z.string().min(1), markdown: z.string().optional() });
const artifactLocation = z.strictObject({ uri: z.string().regex(/^[^\s\\<>"]+$/), uriBaseId: z.string() });
const logicalLocation = z.strictObject({
  name: z.string().optional(),
  fullyQualifiedName: z.string().optional(),
  kind: z.string().optional(),
});
const location = z.strictObject({
  physicalLocation: z
    .strictObject({ artifactLocation, region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1) }).optional() })
    .optional(),
  logicalLocations: z.array(logicalLocation).optional(),
  message: message.optional(),
});
const level = z.enum(['none', 'note', 'warning', 'error']);

/** The parts of SARIF 2.1.0 that are written, by the sections of the standard; strict, so a misspelt property is noticed. */
const logSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string().min(1),
          rules: z.array(
            z.strictObject({
              id: z.string().min(1),
              name: z.string().regex(/^[A-Za-z0-9]+$/),
              shortDescription: message,
              fullDescription: message,
              help: message,
              defaultConfiguration: z.strictObject({ level }),
              properties: z.record(z.string(), z.unknown()),
            }),
          ),
        }),
      }),
      automationDetails: z.strictObject({ id: z.string().min(1) }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      invocations: z.array(
        z.strictObject({ executionSuccessful: z.boolean(), toolExecutionNotifications: z.array(z.strictObject({ level, message })) }),
      ),
      artifacts: z.array(
        z.strictObject({
          location: artifactLocation,
          roles: z.array(z.literal('analysisTarget')),
          hashes: z.record(z.string(), z.string()),
        }),
      ),
      results: z.array(
        z.strictObject({
          ruleId: z.string().min(1),
          ruleIndex: z.int().min(0),
          kind: z.literal('fail'),
          level,
          message,
          locations: z.array(location).min(1),
          partialFingerprints: z.record(z.string(), z.string().min(1)),
          baselineState: z.enum(['new', 'unchanged', 'updated', 'absent']).optional(),
          suppressions: z.array(
            z.strictObject({
              kind: z.enum(['inSource', 'external']),
              status: z.enum(['accepted', 'underReview', 'rejected']),
              justification: z.string(),
            }),
          ),
          codeFlows: z
            .array(
              z.strictObject({
                message,
                threadFlows: z.array(z.strictObject({ locations: z.array(z.strictObject({ location })).min(1) })).min(1),
              }),
            )
            .optional(),
          properties: z.record(z.string(), z.unknown()),
        }),
      ),
      properties: z.record(z.string(), z.unknown()),
    }),
  ),
});

function logOf(changes: Partial<CheckParts> = {}): z.infer<typeof logSchema>['runs'][number] {
  const text = sarifReport(buildCheckResult(sampleParts(changes)), '1.2.3', PLAIN_NAMES);
  return logSchema.parse(JSON.parse(text)).runs[0]!;
}

describe('the log', () => {
  it('describes each rule once, with its clauses, and points to it from each result', () => {
    const findings = [sampleFinding({ rule: 'avail-ring' }), sampleFinding({ rule: 'avail-ring', fingerprint: 'b', severity: 'warning' })];
    const { tool, results } = logOf({ findings });
    const [rule] = tool.driver.rules;

    expect(tool.driver.rules).toHaveLength(1);
    expect(rule).toMatchObject({ id: 'avail-ring', name: 'AvailRing', defaultConfiguration: { level: 'error' } });
    expect(rule!.help.text).toContain(
      'Make the slot visible before the new index. (MUST, virtio 1.3, section 2.7.13.3 "Updating idx" [SPLIT-DRV-2.7.13.3-1])',
    );
    expect(rule!.properties['clauses']).toEqual([
      { id: 'SPLIT-DRV-2.7.13.3-1', level: 'MUST', document: 'virtio 1.3', section: '2.7.13.3', title: 'Updating idx' },
    ]);
    expect(results.map(({ ruleIndex, level: own }) => [ruleIndex, own])).toEqual([
      [0, 'error'],
      [0, 'warning'],
    ]);
  });

  it('takes what is expected for the title of a rule that only a whole check has', () => {
    const { tool } = logOf({ findings: [sampleFinding({ rule: 'driver-not-deterministic', severity: 'quirk' })] });

    expect(tool.driver.rules[0]!.shortDescription.text).toBe('slot 3 of the transmit queue stored before avail.idx becomes 4');
  });

  it('names the line of the driver where it is known, else the file, else the driver alone', () => {
    const place = { file: 'drivers/my ring.mjs', line: 9, column: 5, callee: 'publish' };
    const [known] = logOf({ findings: [sampleFinding({ location: place })] }).results;
    const [nameless] = logOf({ findings: [sampleFinding({ location: { ...place, callee: '' } })] }).results;
    const [whole] = logOf({ findings: [sampleFinding({})] }).results;
    const builtIn = logOf({ findings: [sampleFinding({})], subject: { name: 'builtin:full', digest: '' } });

    expect(known!.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'drivers/my%20ring.mjs', uriBaseId: '%SRCROOT%' },
          region: { startLine: 9, startColumn: 5 },
        },
        logicalLocations: [{ name: 'publish', fullyQualifiedName: 'drivers/my ring.mjs#publish', kind: 'function' }],
      },
    ]);
    expect(nameless!.locations[0]!.logicalLocations).toEqual([{ name: 'drivers/mine.mjs', kind: 'module' }]);
    expect(whole!.locations[0]!.physicalLocation).toEqual({ artifactLocation: { uri: 'drivers/mine.mjs', uriBaseId: '%SRCROOT%' } });
    expect(builtIn.results[0]!.locations).toEqual([{ logicalLocations: [{ name: 'builtin:full', kind: 'module' }] }]);
    expect(builtIn.artifacts).toEqual([]);
  });

  it('carries fingerprint, baseline and waiver', () => {
    const waiver = { rule: 'x', reason: 'old hardware', owner: 'me', expires: '2030-01-01' };
    const findings = [
      sampleFinding({ fingerprint: 'a', standing: 'baseline' }),
      sampleFinding({ fingerprint: 'b', standing: 'waived', waiver, repro: null, lastEvents: [] }),
    ];
    const { results } = logOf({ findings, baseline: { name: 'known.json', fixed: [] } });

    expect(results.map(({ partialFingerprints }) => partialFingerprints)).toEqual([
      { 'ringproofFinding/v1': 'a' },
      { 'ringproofFinding/v1': 'b' },
    ]);
    expect(results.map(({ baselineState }) => baselineState)).toEqual(['unchanged', 'new']);
    expect(results[1]!.suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'old hardware (me, until 2030-01-01)' },
    ]);
    expect(results[1]!.codeFlows).toBeUndefined();
  });

  it('tells whether the check came to its end', () => {
    const { invocations } = logOf({ findings: [], items: [sampleClause({})], internalError: 'it broke', inconclusive: ['too few runs'] });

    expect(invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          { level: 'warning', message: { text: 'too few runs' } },
          { level: 'error', message: { text: 'it broke' } },
        ],
      },
    ]);
  });
});
