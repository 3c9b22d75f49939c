// Which clauses a version of the specification has, and where they stand in it.
import { describe, expect, test } from 'vitest';
import { CLAUSES, clauseOf } from './clauses.js';
import { isInVersion, sectionIn, sinceOf, SPEC_VERSIONS } from './spec-versions.js';

describe('a clause', () => {
  test.each([
    ['SPLIT-DRV-2.7.13.3.1-1', '1.0', ['3.2.1.3.1', '2.6.13.3.1', '2.7.13.3.1', '2.7.13.3.1', '2.7.13.3.1']],
    ['SPLIT-DEV-2.7.7.2-3', '1.0', ['2.4.7.2', '2.6.7.2', '2.7.7.2', '2.7.7.2', '2.7.7.2']],
    ['SPLIT-DRV-2.7.10.1-1', '1.0', ['2.4.9.1', '2.6.10.1', '2.7.10.1', '2.7.10.1', '2.7.10.1']],
    ['OPER-DEV-3.2.1-2', '1.0', ['3.2.3', '3.2.1', '3.2.1', '3.2.1', '3.2.1']],
    ['NET-DRV-5.1.9.2.1-2', '1.0', ['5.1.6.2.1', '5.1.6.2.1', '5.1.6.2.1', '5.1.6.2.1', '5.1.9.2.1']],
    ['CFG-DRV-2.5.1-4', '1.0', ['2.3.1', '2.4.1', '2.5.1', '2.5.1', '2.5.1']],
    ['INIT-DRV-3.1.1-9', '1.0', ['3.1.1', '3.1.1', '3.1.1', '3.1.1', '3.1.1']],
    ['RESET-DRV-2.4.2-1', '1.2', ['2.4.2', '2.4.2', '2.4.2', '2.4.2', '2.4.2']],
    ['P2P-INV-3', '1.0', ['10.3', '10.3', '10.3', '10.3', '10.3']],
  ] as const)('%s came with %s and stands there', (id, since, sections) => {
    const clause = clauseOf(id);

    expect(sinceOf(clause)).toBe(since);
    expect(SPEC_VERSIONS.map((version) => sectionIn(clause, version))).toEqual(sections);
  });

  test('about a feature came with the feature, also where it forbids to use it', () => {
    const since = (feature: string): string => sinceOf({ id: 'X', basis: 'normative', section: '5.1.9.2.1', feature });

    expect([since('not HOST_USO'), since('MQ and RSS'), since('not GUEST_UDP_TUNNEL_GSO'), since('MRG_RXBUF')]).toEqual(['1.2', '1.2', '1.4', '1.0']);
  });
});

describe('a version', () => {
  test('has everything the one before has', () => {
    const counts = SPEC_VERSIONS.map((version) => CLAUSES.filter((clause) => isInVersion(clause, version)).length);

    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
    expect(new Set(counts).size).toBe(SPEC_VERSIONS.length);
    expect(counts.at(-1)).toBe(CLAUSES.length);
  });
});
