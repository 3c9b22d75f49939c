// The JUnit report, whole, and what does and does not fail in it.
import { expect, test } from 'vitest';
import { buildCheckResult } from '../scenarios/check-result.js';
import { sampleClause, sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { PLAIN_NAMES } from './event-text.js';
import { junitReport } from './junit.js';

const GOLDEN = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ringproof check drivers/mine.mjs">
  <testsuite name="Split virtqueues" tests="3" failures="1" errors="0" skipped="1">
    <testcase name="Store the ring slot before moving avail.idx. (MUST, virtio 1.3, section 2.7.13 &quot;Supplying Buffers to The Device&quot; [SPLIT-DRV-2.7.13-1])" classname="split.driver"/>
    <testcase name="Make the slot visible before the new index. (MUST, virtio 1.3, section 2.7.13.3 &quot;Updating idx&quot; [SPLIT-DRV-2.7.13.3-1])" classname="split.driver">
      <failure message="The available ring slot was stored after avail.idx had moved past it.">violation by the driver: The available ring slot was stored after avail.idx had moved past it.
Demand: Make the slot visible before the new index. (MUST, virtio 1.3, section 2.7.13.3 "Updating idx" [SPLIT-DRV-2.7.13.3-1])
Expected: slot 3 of the transmit queue stored before avail.idx becomes 4
Seen: avail.idx became 4 at 14.203 us, slot 3 was stored at 14.203 us, two accesses later
Party: The driver of port a stored both words itself.
Where: scenario one-way-flood, fine, sc, seen in 12 runs
14.203 us  driver a  publishes chain 7 (head 3, 1 element, 72 bytes readable) on tx
14.310 us  driver a  kicks the device (avail.idx of rx 0, of tx 8)
Reproduce with: npx ringproof replay .ringproof/split-slot-before-index-5f0c2a11.json</failure>
    </testcase>
    <testcase name="Check used.flags behind a barrier. (SHOULD, virtio 1.3, section 2.7.7 &quot;Used Buffer Notification Suppression&quot; [SPLIT-DRV-2.7.7-2])" classname="split.driver">
      <skipped message="undecidable here: The driver gives no access hooks, so the order of its loads cannot be seen."/>
    </testcase>
  </testsuite>
  <testsuite name="Initialization" tests="1" failures="0" errors="0" skipped="1">
    <testcase name="Set FAILED when the device is given up. (MUST, virtio 1.3, section 3.1.1 &quot;Driver Initialization&quot; [INIT-DRV-3.1.1-9])" classname="init.driver">
      <skipped message="not exercised: The driver never gave the device up."/>
    </testcase>
  </testsuite>
  <testsuite name="Findings outside the clauses" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="The receive queue stayed empty while frames were waiting. (rule rx-refill-late, fingerprint 00000001)" classname="findings.driver">
      <system-out>warning by the driver: The receive queue stayed empty while frames were waiting.
Expected: new receive buffers before the next frame arrives
Seen: no buffer for 2 ms
Party: The driver of port a stored both words itself.
Where: scenario one-way-flood, fine, sc, seen in 1 run
No repro file could be written.</system-out>
    </testcase>
  </testsuite>
  <testsuite name="Check as a whole" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="The check came to a conclusion" classname="check"/>
  </testsuite>
</testsuites>
`;

/** Failures over all suites. */
function failuresIn(xml: string): number {
  return (xml.match(/<failure /g) ?? []).length;
}

test('clauses are test cases and findings their failures', () => {
  expect(junitReport(buildCheckResult(sampleParts({})), 'must', PLAIN_NAMES)).toBe(GOLDEN);
});

test('the threshold decides which findings fail', () => {
  const result = buildCheckResult(sampleParts({}));

  // One violation and one warning; the warning fails only from `should` on.
  expect(failuresIn(junitReport(result, 'must', PLAIN_NAMES))).toBe(1);
  expect(failuresIn(junitReport(result, 'should', PLAIN_NAMES))).toBe(2);
});

test('a finding on somebody else is output of its clause, not a failure', () => {
  const items = [sampleClause({ id: 'X-1', outcome: 'violated' }), sampleClause({ id: 'X-2', outcome: 'not-exercised', count: 0 })];
  const result = buildCheckResult(sampleParts({ items, findings: [sampleFinding({ clauses: ['X-1', 'X-2'], isSubject: false })] }));

  const xml = junitReport(result, 'must', PLAIN_NAMES);

  expect(failuresIn(xml)).toBe(0);
  expect(xml).toContain('<skipped message="not exercised: no reason was recorded"/>\n      <system-out>violation by the driver');
});

test('an inconclusive check fails as a whole and says why', () => {
  const parts = sampleParts({ findings: [], inconclusive: ['No frame was ever sent.'], stopped: 'time', internalError: 'Two digests.' });

  const xml = junitReport(buildCheckResult(parts), 'must', PLAIN_NAMES);

  expect(xml).toContain(
    '<failure message="No frame was ever sent.">No frame was ever sent.\nTwo digests.\nThe check was stopped early (time).</failure>',
  );
});

test('words of a driver cannot break the document', () => {
  const result = buildCheckResult(sampleParts({ findings: [sampleFinding({ seen: '</failure>\u0000<x a="&">' })] }));

  const xml = junitReport(result, 'must', PLAIN_NAMES);

  expect(xml).toContain('Seen: &lt;/failure&gt;\ufffd&lt;x a="&amp;"&gt;');
});

test('an area without a title keeps its own name', () => {
  const xml = junitReport(buildCheckResult(sampleParts({ items: [sampleClause({ area: 'my-area' })], findings: [] })), 'must', PLAIN_NAMES);

  expect(xml).toContain('<testsuite name="my-area" tests="1" failures="0"');
});
