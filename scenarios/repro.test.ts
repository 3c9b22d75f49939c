// Repro files: stable text, read back, refused with a line that helps.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CHOICE_KINDS, type RunTape } from '../sim/choice.js';
import { type Repro, parseRepro, reproText, versionMismatches } from './repro.js';
import { plainScenario, scenarioSchema, send, type Scenario } from './scenario.js';
import { UnusableInput } from './unusable-input.js';

/** A repro of an invented failure. */
function sampleRepro(): Repro<Scenario> {
  return {
    format: 'ringproof-repro',
    version: 1,
    tool: '0.1.0',
    modelVersion: 1,
    traceVersion: 1,
    finding: {
      rule: 'split-slot-before-index',
      clauses: ['SPLIT-DRV-2.7.13.3-1'],
      party: 'driver',
      port: 0,
      fingerprint: 'split-slot-before-index-5f0c2a11',
      message: 'The available ring slot was stored after avail.idx had moved past it.',
      eventIndex: 141,
    },
    driver: { identity: 'mine', digest: 'a'.repeat(64), path: 'drivers/mine.mjs' },
    configuration: {
      world: 'l4re-p2p',
      mode: 'fine',
      memory: 'sc',
      profile: 'fixed',
      revision: 'current',
      device: 'reference',
      spec: '1.3',
      subjects: [true, false],
    },
    seed: '7/fixed/12',
    run: 12,
    events: 230,
    traceDigest: '0123456789abcdef',
    outcomeDigest: 'fedcba9876543210',
    tape: {
      choices: [{ kind: 'storeDelay', ordinal: 3, value: 2 }],
      schedule: [
        { agent: 1, step: 40, to: 0, key: { method: 'transmit', call: 2, access: 'store', location: 'tx.avail.idx', occurrence: 0 } },
        { agent: 0, step: 9, to: 1, key: null },
      ],
    },
    scenario: plainScenario('ping-pong', [send(20_000, 0, 60)]),
  };
}

/** The line with which a changed file is refused. */
function complaintAbout(text: string): string {
  try {
    parseRepro(text, 'x.json', scenarioSchema);
  } catch (error) {
    if (error instanceof UnusableInput) return error.message;
    throw error;
  }
  return 'accepted';
}

test('a repro file comes back as it was written, byte for byte', () => {
  const text = reproText(sampleRepro(), scenarioSchema);

  const repro = parseRepro(text, 'x.json', scenarioSchema);

  expect(repro).toEqual(sampleRepro());
  expect(reproText(repro, scenarioSchema)).toBe(text);
});

test('the order in which fields were set does not show', () => {
  const shuffled = Object.fromEntries(Object.entries(sampleRepro()).reverse()) as unknown as Repro<Scenario>;

  expect(reproText(shuffled, scenarioSchema)).toBe(reproText(sampleRepro(), scenarioSchema));
  expect(reproText(shuffled, scenarioSchema).startsWith('{\n  "format": "ringproof-repro",\n  "version": 1,\n')).toBe(true);
});

test('its tape can be played as a run tape', () => {
  const tape: RunTape | null = parseRepro(reproText(sampleRepro(), scenarioSchema), 'x.json', scenarioSchema).tape;

  expect(tape?.schedule[0]).toMatchObject({ agent: 1, step: 40, to: 0 });
});

test('any tape survives writing and reading', () => {
  const choice = fc.record({ kind: fc.constantFrom(...CHOICE_KINDS), ordinal: fc.nat(), value: fc.integer({ min: 1, max: 99 }) });
  const choices = fc.uniqueArray(choice, { selector: ({ kind, ordinal }) => `${kind}#${ordinal}`, maxLength: 20 });
  const schedule = fc.array(fc.record({ agent: fc.nat(9), step: fc.nat(), to: fc.nat(9), key: fc.constant(null) }), { maxLength: 20 });

  fc.assert(
    fc.property(choices, schedule, (someChoices, someSchedule) => {
      const repro = { ...sampleRepro(), tape: { choices: someChoices, schedule: someSchedule } };

      expect(parseRepro(reproText(repro, scenarioSchema), 'x.json', scenarioSchema)).toEqual(repro);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test.each([
  ['"version": 1', '"version": 2', 'x.json: $.version: written by a newer Ringproof: version 2, this one reads 1 to 1'],
  ['ringproof-repro', 'ringproof-trace', 'x.json: $.format: a repro file has the format "ringproof-repro", this one has "ringproof-trace"'],
  ['"storeDelay"', '"storeDelai"', 'x.json: $.tape.choices[0].kind: Invalid option'],
  ['"value": 2', '"value": 0', 'x.json: $.tape.choices[0].value: Too small'],
  ['"step": 40', '"step": 40.5', 'x.json: $.tape.schedule[0].step: Invalid input'],
  ['"run": 12,', '', 'x.json: $.run: Invalid input: expected number, received undefined'],
  ['"run": 12,', '"run": 12, "walk": 1,', 'x.json: $: Unrecognized key: "walk"'],
  ['0123456789abcdef', '0123456789ABCDEF', 'x.json: $.traceDigest: a digest is 16 hexadecimal digits'],
  ['aaaaaaaa', 'b', 'x.json: $.driver.digest: a driver digest is 64 hexadecimal digits or empty'],
  ['"dsMax": 2', '"dsMax": 81', 'x.json: $.scenario.ports[0].dsMax: Too big'],
  ['"kind": "send"', '"kind": "sned"', 'x.json: $.scenario.workload[0].kind: Invalid'],
  ['"tape": {', '"tape": [', 'x.json: line '],
])('a file in which %s became %s is refused', (before, after, complaint) => {
  const text = reproText(sampleRepro(), scenarioSchema);

  expect(text).toContain(before);
  expect(complaintAbout(text.replace(before, after))).toContain(complaint);
});

test('a question that is answered twice is refused', () => {
  const repro = sampleRepro();
  const tape = repro.tape!;
  const doubled = { ...repro, tape: { ...tape, choices: [tape.choices[0]!, tape.choices[0]!] } };

  expect(complaintAbout(JSON.stringify(doubled))).toBe('x.json: $.tape.choices[1]: question 3 of storeDelay is answered twice');
  expect(() => reproText(doubled, scenarioSchema)).toThrow('reproText: tape.choices.1: question 3 of storeDelay is answered twice');
});

test('a run that made no end has neither tape nor digests', () => {
  const endless = { ...sampleRepro(), tape: null, traceDigest: null, outcomeDigest: null };

  expect(parseRepro(reproText(endless, scenarioSchema), 'x.json', scenarioSchema)).toEqual(endless);
  expect(complaintAbout(JSON.stringify({ ...endless, tape: sampleRepro().tape }))).toBe(
    'x.json: $.tape: tape, traceDigest and outcomeDigest are null together, when the run made no end',
  );
});

test('a file cut anywhere is refused as truncated', () => {
  const text = reproText(sampleRepro(), scenarioSchema).trimEnd();

  for (let length = 0; length < text.length; length++) {
    expect(complaintAbout(text.slice(0, length))).toMatch(/^x\.json: .*(truncated|empty)/);
  }
});

test('the scenario may be of any world', () => {
  const worldSchema = z.strictObject({ cables: z.int() });
  const repro = { ...sampleRepro(), scenario: { cables: 3 } };

  expect(parseRepro(reproText(repro, worldSchema), 'x.json', worldSchema).scenario).toEqual({ cables: 3 });
});

test('other versions of model and trace are named, equal ones are not', () => {
  const repro = sampleRepro();

  expect(versionMismatches(repro, { modelVersion: 1, traceVersion: 1 })).toEqual([]);
  expect(versionMismatches(repro, { modelVersion: 2, traceVersion: 3 })).toEqual([
    'Recorded by Ringproof 0.1.0 with model version 1; this one has version 2, so the run may differ.',
    'Recorded by Ringproof 0.1.0 with trace version 1; this one has version 3, so the run may differ.',
  ]);
});
