// Sample values of check results, for tests of the builder and of every report.
//
// Small but with every kind of entry once: held, violated, not exercised and undecidable clauses, findings of
// each severity, a quirk, an unschedulable run. The values are invented; only their shape matters.
import type { CheckParts, ClauseItem, Finding } from './check-result.js';
import { KICKED, PUBLISHED } from '../model/events.js';

/** A clause that held three times, with the given fields replaced. */
export function sampleClause(changes: Partial<ClauseItem>): ClauseItem {
  return {
    id: 'SPLIT-DRV-2.7.13-1',
    area: 'split',
    actor: 'driver',
    level: 'MUST',
    document: 'virtio 1.3',
    section: '2.7.13',
    title: 'Supplying Buffers to The Device',
    requirement: 'Store the ring slot before moving avail.idx.',
    outcome: 'held',
    count: 3,
    reason: null,
    ...changes,
  };
}

/** A violation by the driver, with the given fields replaced. */
export function sampleFinding(changes: Partial<Finding>): Finding {
  return {
    rule: 'split-slot-before-index',
    clauses: ['SPLIT-DRV-2.7.13.3-1'],
    severity: 'violation',
    party: 'driver',
    partyReason: 'The driver of port a stored both words itself.',
    isSubject: true,
    fingerprint: '5f0c2a11',
    message: 'The available ring slot was stored after avail.idx had moved past it.',
    expected: 'slot 3 of the transmit queue stored before avail.idx becomes 4',
    seen: 'avail.idx became 4 at 14.203 us, slot 3 was stored at 14.203 us, two accesses later',
    count: 12,
    repro: '.ringproof/split-slot-before-index-5f0c2a11.json',
    scenario: 'one-way-flood',
    mode: 'fine, sc',
    port: 0,
    standing: 'new',
    waiver: null,
    consequenceOf: null,
    location: null,
    difference: null,
    size: null,
    lastEvents: [
      [PUBLISHED | (1 << 8), 14203, 0x100, 7 | (1 << 16), 3, 0, 72, 0],
      [KICKED | (1 << 8), 14310, 0, 8 << 16, 0, 0, 0, 0],
    ],
    ...changes,
  };
}

/** One clause of each outcome. */
export function sampleClauses(): ClauseItem[] {
  return [
    sampleClause({}),
    sampleClause({
      id: 'SPLIT-DRV-2.7.13.3-1',
      section: '2.7.13.3',
      title: 'Updating idx',
      requirement: 'Make the slot visible before the new index.',
      outcome: 'violated',
      count: 12,
    }),
    sampleClause({
      id: 'INIT-DRV-3.1.1-9',
      area: 'init',
      section: '3.1.1',
      title: 'Driver Initialization',
      requirement: 'Set FAILED when the device is given up.',
      outcome: 'not-exercised',
      count: 0,
      reason: 'The driver never gave the device up.',
    }),
    sampleClause({
      id: 'SPLIT-DRV-2.7.7-2',
      level: 'SHOULD',
      section: '2.7.7',
      title: 'Used Buffer Notification Suppression',
      requirement: 'Check used.flags behind a barrier.',
      outcome: 'undecidable',
      count: 0,
      reason: 'The driver gives no access hooks, so the order of its loads cannot be seen.',
    }),
  ];
}

/** Parts of a result with every kind of entry, with the given fields replaced. */
export function sampleParts(changes: Partial<CheckParts>): CheckParts {
  return {
    subject: { name: 'drivers/mine.mjs', digest: 'a'.repeat(64) },
    configuration: { world: 'l4re-p2p', profile: 'fixed', revision: 'current', device: 'reference', spec: '1.3', budget: 'smoke' },
    seed: '7',
    runs: 120,
    events: 34567,
    digest: '0123456789abcdef',
    stopped: 'finished',
    inconclusive: [],
    internalError: null,
    items: sampleClauses(),
    findings: [
      sampleFinding({
        rule: 'rx-refill-late',
        clauses: [],
        severity: 'warning',
        message: 'The receive queue stayed empty while frames were waiting.',
        expected: 'new receive buffers before the next frame arrives',
        seen: 'no buffer for 2 ms',
        fingerprint: '00000001',
        repro: null,
        port: -1,
        count: 1,
        size: null,
        lastEvents: [],
      }),
      sampleFinding({}),
    ],
    quirks: [{ id: 'Q1', title: 'Lost wake-up with a taken transmit chain', count: 4, outcome: 'survived' }],
    scenarios: [
      { id: 'bring-up', title: 'Both drivers come up', runs: 60, findings: 0 },
      { id: 'one-way-flood', title: 'One side floods the other over a full queue', runs: 60, findings: 2 },
    ],
    schedules: [
      {
        mode: 'fine',
        memory: 'sc',
        runs: 119,
        unschedulable: 1,
        description: 'every interleaving of the driver with the device may be drawn',
      },
    ],
    ...changes,
  };
}
