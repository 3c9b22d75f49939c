// The terminal report, whole, as a reader sees it.
import { expect, test } from 'vitest';
import { buildCheckResult } from '../scenarios/check-result.js';
import { sampleClause, sampleClauses, sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { colourPainter } from './style.js';
import { PLAIN_TERMINAL, terminalReport } from './terminal.js';

const FOLDED = `Check of drivers/mine.mjs on l4re-p2p
virtio 1.3, fixed server of revision current, reference device, budget smoke
seed 7, 120 runs, 34567 events, digest 0123456789abcdef

Clauses           applicable  held  violated  not exercised  undecidable
Split virtqueues           3     1         1              0            1
Initialization             1     0         0              1            0
all                        4     1         1              1            1

Violated:
  Make the slot visible before the new index.
    MUST, virtio 1.3, section 2.7.13.3 "Updating idx" [SPLIT-DRV-2.7.13.3-1]: violated 12 times
3 other clauses folded; --verbose lists them, with the reason where one was not decided.

1. VIOLATION by the driver
   The available ring slot was stored after avail.idx had moved past it.
   Demand:   Make the slot visible before the new index. (MUST, virtio 1.3, section 2.7.13.3
             "Updating idx" [SPLIT-DRV-2.7.13.3-1])
   Expected: slot 3 of the transmit queue stored before avail.idx becomes 4
   Seen:     avail.idx became 4 at 14.203 us, slot 3 was stored at 14.203 us, two accesses later
   Party:    The driver of port a stored both words itself.
   Where:    One side floods the other over a full queue [one-way-flood], fine, sc; in 12 runs
   Rule:     split-slot-before-index, fingerprint 5f0c2a11; "npx ringproof explain
             split-slot-before-index" tells more
   Last events:
     14.203 us  driver a  publishes chain 7 (head 3, 1 element, 72 bytes readable) on tx
     14.310 us  driver a  kicks the device (avail.idx of rx 0, of tx 8)
   Reproduce with: npx ringproof replay .ringproof/split-slot-before-index-5f0c2a11.json

2. WARNING by the driver
   The receive queue stayed empty while frames were waiting.
   Expected: new receive buffers before the next frame arrives
   Seen:     no buffer for 2 ms
   Party:    The driver of port a stored both words itself.
   Where:    One side floods the other over a full queue [one-way-flood], fine, sc; in 1 run
   Rule:     rx-refill-late, fingerprint 00000001; "npx ringproof explain rx-refill-late" tells more
   No repro file could be written.

Quirks of the original server that were met (faithful profile, not the driver's fault):
  Lost wake-up with a taken transmit chain [Q1]: met in 4 runs, the driver survived.

Scenarios                                                    runs  findings
One side floods the other over a full queue [one-way-flood]    60         2
1 scenario without findings folded; --verbose lists them.

Schedules covered:
  fine, sc: 119 runs, 1 more could not be scheduled; every interleaving of the driver with the
  device may be drawn

VIOLATES: 2 of 4 applicable clauses exercised, 1 violated, 2 findings.
`;

const CLEAN = `Check of drivers/mine.mjs on l4re-p2p
virtio 1.3, fixed server of revision current, reference device, budget smoke
seed 7, 1 run, 34567 events, digest 0123456789abcdef

Clauses           applicable  held  violated  not exercised  undecidable
Split virtqueues           1     1         0              0            0
all                        1     1         0              0            0

1 other clause folded; --verbose lists them, with the reason where one was not decided.

CONFORMS: 1 of 1 applicable clause exercised, 0 violated.
`;

/** Parts of a check in which nothing went wrong and as little as possible was recorded. */
const CLEAN_PARTS = { runs: 1, items: [sampleClause({})], findings: [], quirks: [], scenarios: [], schedules: [] };

test('the folded report shows verdict, counts and findings', () => {
  expect(terminalReport(buildCheckResult(sampleParts({})), PLAIN_TERMINAL)).toBe(FOLDED);
});

test('a clean check is short', () => {
  expect(terminalReport(buildCheckResult(sampleParts(CLEAN_PARTS)), PLAIN_TERMINAL)).toBe(CLEAN);
});

test('the verbose report lists every clause with its reason and every scenario', () => {
  const report = terminalReport(buildCheckResult(sampleParts({})), { ...PLAIN_TERMINAL, isVerbose: true });

  expect(report).toContain('Held:\n  Store the ring slot before moving avail.idx.\n');
  expect(report).toContain('Not exercised:\n  Set FAILED when the device is given up.\n');
  expect(report).toContain('    The driver never gave the device up.\n');
  expect(report).toContain('Undecidable here:\n  Check used.flags behind a barrier.\n');
  expect(report).toContain('Both drivers come up [bring-up]');
  expect(report).not.toContain('folded');
});

test('no scenario with findings leaves only the count of scenarios', () => {
  const parts = sampleParts({ findings: [], scenarios: [{ id: 'bring-up', title: 'Both drivers come up', runs: 60, findings: 0 }] });

  const report = terminalReport(buildCheckResult(parts), PLAIN_TERMINAL);

  expect(report).toContain('\n1 scenario without findings folded; --verbose lists them.\n');
  expect(report).not.toContain('Scenarios  ');
});

test('an inconclusive check says why and how it stopped', () => {
  const parts = sampleParts({ ...CLEAN_PARTS, inconclusive: ['No frame was ever sent.'], stopped: 'time' });

  const report = terminalReport(buildCheckResult(parts), PLAIN_TERMINAL);

  expect(report).toContain(
    '\nInconclusive: No frame was ever sent.\nStopped early (time limit): what was found so far is above.\nINCONCLUSIVE: ',
  );
});

test('an interrupted check and an internal error are named', () => {
  const parts = sampleParts({ ...CLEAN_PARTS, stopped: 'interrupted', internalError: 'The same seed gave two digests.' });

  const report = terminalReport(buildCheckResult(parts), PLAIN_TERMINAL);

  expect(report).toContain('Stopped early (interrupted)');
  expect(report).toContain('Internal error of Ringproof: The same seed gave two digests.');
});

test('only the newest events of a finding are shown unless the report is verbose', () => {
  const kicks = Array.from({ length: 30 }, (_, index) => [64 | (1 << 8), index * 1000, 0, 0, 0, 0, 0, 0]);
  const result = buildCheckResult(
    sampleParts({ findings: [sampleFinding({ lastEvents: kicks, scenario: 'own.json', isSubject: false })] }),
  );

  const folded = terminalReport(result, PLAIN_TERMINAL);
  const verbose = terminalReport(result, { ...PLAIN_TERMINAL, isVerbose: true });

  // Twenty of thirty kicks, the newest of them at 29 us.
  expect(folded.match(/kicks the device/g)).toHaveLength(20);
  expect(folded).toContain('29.000 us');
  expect(verbose.match(/kicks the device/g)).toHaveLength(30);
  expect(folded).toContain('by the driver (not judged here)');
  expect(folded).toContain('a scenario given by file [own.json]');
});

test('an area without a title and a driver that speaks in escape sequences are printed safely', () => {
  const schedules = [{ mode: 'coarse' as const, memory: 'sc', runs: 120, unschedulable: 0, description: 'agents run to completion' }];
  const parts = sampleParts({
    items: [sampleClause({ area: 'my-area' })],
    findings: [sampleFinding({ seen: 'boom \u001b[2J' })],
    schedules,
  });

  const report = terminalReport(buildCheckResult(parts), PLAIN_TERMINAL);

  expect(report).toContain('\nmy-area ');
  expect(report).toContain('boom \\x1b[2J');
  expect(report).toContain('coarse, sc: 120 runs; agents run to completion');
});

test('colours change nothing but the escape sequences', () => {
  const result = buildCheckResult(sampleParts({}));

  const coloured = terminalReport(result, { ...PLAIN_TERMINAL, painter: colourPainter });

  expect(coloured).toContain('\u001b[31mVIOLATES');
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(FOLDED);
});

test('consequences take one line below their cause, and are unfolded when the report is verbose', () => {
  const cause = sampleFinding({ location: { file: 'drivers/mine.mjs', line: 9, column: 5, callee: 'publish' } });
  const consequence = sampleFinding({
    fingerprint: '77',
    rule: 'avail-ring',
    message: 'The driver published a head twice.',
    consequenceOf: '5f0c2a11',
    count: 1,
  });
  const result = buildCheckResult(sampleParts({ findings: [consequence, cause] }));

  const folded = terminalReport(result, PLAIN_TERMINAL);
  const verbose = terminalReport(result, { ...PLAIN_TERMINAL, isVerbose: true });

  expect(folded).toContain('\n   also seen after it: The driver published a head twice. [avail-ring, violation, 1 run]\n');
  expect(folded).toContain('\n   Source:   drivers/mine.mjs:9:5 in publish\n');
  expect(folded).toMatch(/1 violated, 1 finding and 1 consequence\.\n$/);
  expect(folded.match(/by the driver$/gm)).toHaveLength(1);
  expect(verbose).toContain('\n1.1. after it: VIOLATION by the driver\n   The driver published a head twice.\n');
});

test('findings of one rule at one line of the driver stand under the one that most runs showed', () => {
  const location = { file: 'drivers/mine.mjs', line: 9, column: 5, callee: 'publish' };
  const rare = sampleFinding({ fingerprint: '11', message: 'Slot of queue 1.', count: 3, location });
  const frequent = sampleFinding({ fingerprint: '22', message: 'Slot of queue 0.', count: 8, location });
  const elsewhere = sampleFinding({ fingerprint: '33', message: 'Slot elsewhere.', count: 1, location: { ...location, line: 10 } });
  const after = sampleFinding({ fingerprint: '44', message: 'A head twice.', rule: 'avail-ring', consequenceOf: '11', count: 1 });
  const result = buildCheckResult(sampleParts({ findings: [after, elsewhere, rare, frequent] }));

  const folded = terminalReport(result, PLAIN_TERMINAL);
  const verbose = terminalReport(result, { ...PLAIN_TERMINAL, isVerbose: true });

  expect(folded.indexOf('Slot of queue 0.')).toBeLessThan(folded.indexOf('Slot elsewhere.'));
  expect(folded).toContain(
    '   also at this line: Slot of queue 1. [split-slot-before-index, violation, 3 runs]\n' +
      '   also seen after it: A head twice. [avail-ring, violation, 1 run]\n\n2. VIOLATION',
  );
  expect(verbose).toContain('\n1.1. at the same line: VIOLATION by the driver\n   Slot of queue 1.\n');
});

test('clauses that only consequences name are counted below those of causes, and listed when the report is verbose', () => {
  const items = [
    ...sampleClauses(),
    sampleClause({ id: 'NET-DRV-5.1.9.2.1-2', requirement: 'Leave num_buffers 0.', outcome: 'violated', count: 2 }),
  ];
  const consequence = sampleFinding({ fingerprint: '77', clauses: ['NET-DRV-5.1.9.2.1-2'], consequenceOf: '5f0c2a11' });
  const result = buildCheckResult(sampleParts({ items, findings: [consequence, sampleFinding({})] }));

  const folded = terminalReport(result, PLAIN_TERMINAL);
  const verbose = terminalReport(result, { ...PLAIN_TERMINAL, isVerbose: true });

  expect(folded).toContain('  1 clause more violated only in the wake of these (findings "also seen after it");');
  expect(folded).not.toContain('Leave num_buffers 0.\n    MUST');
  expect(verbose).toContain('Violated in the wake of these:\n  Leave num_buffers 0.\n');
});

test('a consequence whose cause is not in the result stands for itself', () => {
  const result = buildCheckResult(sampleParts({ findings: [sampleFinding({ consequenceOf: 'gone' })] }));

  expect(terminalReport(result, PLAIN_TERMINAL)).toContain('1. VIOLATION by the driver');
});

test('thresholds name what is missing where they were not reached, and coverage of the driver is told', () => {
  const share = { total: 10, covered: 7 };
  const thresholds = [
    { name: 'clauses exercised', wanted: 200, reached: 190, missing: ['Do this. [A]: never'] },
    { name: 'percent of driver lines', wanted: 50, reached: 70, missing: ['not said'] },
  ];
  const driverCoverage = { lines: share, branches: share, files: [] };

  const report = terminalReport(buildCheckResult(sampleParts({ thresholds, driverCoverage })), PLAIN_TERMINAL);

  expect(report).toContain(`
Thresholds and coverage:
  executed of the driver's files: 7 of 10 lines, 7 of 10 branches
  clauses exercised: 190, at least 200 wanted; missing:
    Do this. [A]: never
  percent of driver lines: 70, at least 50 wanted
`);
  expect(report).not.toContain('not said');
});

test('a driver that differs from itself shows both events, or that a run was over', () => {
  const difference = { eventIndex: 3, first: [64 | (1 << 8), 0, 0, 0, 0, 0, 0, 0], second: null };
  const result = buildCheckResult(sampleParts({ findings: [sampleFinding({ difference, repro: "it's here.json" })] }));

  const report = terminalReport(result, PLAIN_TERMINAL);

  expect(report).toMatch(
    / {3}First difference, event 3:\n {5}once: 0\.000 us {2}driver a .*\n {5}once more: the run had come to its end\n/,
  );
  expect(report).toContain("Reproduce with: npx ringproof replay 'it'\\''s here.json'");
});

test('waivers that need a look and known findings that are gone are listed; used waivers when the report is verbose', () => {
  const waiver = { rule: 'x', fingerprint: 'f', reason: 'old hardware', owner: 'me', expires: '2030-01-01' };
  const waivers = [
    { ...waiver, state: 'expired' as const },
    { ...waiver, state: 'unmatched' as const },
    { rule: 'y', reason: 'r', owner: 'o', expires: '2030-01-01', state: 'used' as const },
  ];
  const baseline = { name: 'k.json', fixed: [{ fingerprint: 'c', rule: 'gone', message: 'It was.' }] };
  const result = buildCheckResult(sampleParts({ findings: [sampleFinding({ standing: 'baseline' })], waivers, baseline }));

  const folded = terminalReport(result, PLAIN_TERMINAL);
  const verbose = terminalReport(result, { ...PLAIN_TERMINAL, isVerbose: true });

  expect(folded).toContain('  Expired waiver of x (f) by me, until 2030-01-01: old hardware\n');
  expect(folded).toContain('  Unmatched waiver of x (f) by me, until 2030-01-01: old hardware; nothing of the kind was found\n');
  expect(folded).toContain('  Not seen any more: It was. [gone, c]; --update-baseline takes it out\n');
  expect(folded).toContain('   Standing: known before, stands in the baseline\n');
  expect(folded).toMatch(/1 violated, 1 finding, 1 known before, 0 new\.\n$/);
  expect(folded).not.toContain('Used waiver');
  expect(verbose).toContain('  Used waiver of y by o, until 2030-01-01: r\n');
});
