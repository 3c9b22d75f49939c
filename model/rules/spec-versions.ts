// The versions of the virtio specification: which clauses each has, and where they stand in it.
//
// The clause table follows revision virtio-v1.4-cs01. An older claim is judged by the clauses its version has, and reports print the
// section numbers of that version. What is newer follows from the features a clause is about, and for the rest from a short table.
// Sources and decisions: docs/specification.md.
import type { Clause } from './clauses.js';

/** Versions that can be claimed, oldest first. */
export const SPEC_VERSIONS = ['1.0', '1.1', '1.2', '1.3', '1.4'] as const;
/** A version of the specification. */
export type SpecVersion = (typeof SPEC_VERSIONS)[number];
/** The version of the clause table. */
export const LATEST_SPEC: SpecVersion = '1.4';

/** First version of features that 1.0 does not have, by the names the clause table uses. */
const FEATURE_SINCE: Readonly<Record<string, SpecVersion>> = {
  ACCESS_PLATFORM: '1.1',
  RING_PACKED: '1.1',
  IN_ORDER: '1.1',
  ORDER_PLATFORM: '1.1',
  SR_IOV: '1.1',
  NOTIFICATION_DATA: '1.1',
  MTU: '1.1',
  RSC_EXT: '1.1',
  STANDBY: '1.1',
  NOTIF_CONFIG_DATA: '1.2',
  RING_RESET: '1.2',
  HASH_REPORT: '1.2',
  RSS: '1.2',
  NOTF_COAL: '1.2',
  HOST_USO: '1.2',
  GUEST_USO4: '1.2',
  GUEST_USO6: '1.2',
  GUEST_HDRLEN: '1.2',
  SPEED_DUPLEX: '1.2',
  ADMIN_VQ: '1.3',
  VQ_NOTF_COAL: '1.3',
  HASH_TUNNEL: '1.3',
  DEVICE_STATS: '1.3',
  SUSPEND: '1.4',
  RSS_CONTEXT: '1.4',
  GUEST_UDP_TUNNEL_GSO: '1.4',
  GUEST_UDP_TUNNEL_GSO_CSUM: '1.4',
  HOST_UDP_TUNNEL_GSO: '1.4',
  HOST_UDP_TUNNEL_GSO_CSUM: '1.4',
  OUT_NET_HEADER: '1.4',
  IPSEC: '1.4',
};

/** Sections of the table that are younger than 1.0, whatever their clauses are about; the longest that fits counts. */
const SECTION_SINCE: readonly (readonly [section: string, since: SpecVersion])[] = [
  ['2.3', '1.1'],
  ['2.4', '1.2'],
  ['2.6.1', '1.2'],
  ['2.8', '1.1'],
  ['2.9', '1.1'],
  ['2.10', '1.2'],
  ['2.11', '1.2'],
  ['5.1.9.5.3.1', '1.3'],
];

/** Single clauses that are younger than their section. */
const CLAUSE_SINCE: Readonly<Record<string, SpecVersion>> = {
  'FEAT-DEV-2.2.2-5': '1.1',
};

/** Sections of the table and where they stand in an older version; the longest that fits counts. */
const MOVED: Readonly<Record<SpecVersion, readonly (readonly [section: string, there: string])[]>> = {
  '1.0': [
    ['2.5', '2.3'],
    ['2.6', '2.4'],
    ['2.7', '2.4'],
    ['2.7.10', '2.4.9'],
    ['2.7.13', '3.2.1'],
    ['2.7.14', '3.2.2'],
    ['3.2.1', '3.2.3'],
    ['5.1.9', '5.1.6'],
  ],
  '1.1': [
    ['2.5', '2.4'],
    ['2.6', '2.5'],
    ['2.7', '2.6'],
    ['2.8', '2.7'],
    ['2.9', '2.8'],
    ['5.1.9', '5.1.6'],
  ],
  '1.2': [['5.1.9', '5.1.6']],
  '1.3': [['5.1.9', '5.1.6']],
  '1.4': [],
};

/** Whether section `inner` is `outer` or lies in it. */
function liesIn(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`);
}

/** The longest row that fits a section. */
function rowFor<T>(section: string, rows: readonly (readonly [section: string, value: T])[]): readonly [string, T] | undefined {
  return rows.filter(([outer]) => liesIn(section, outer)).sort(([left], [right]) => right.length - left.length)[0];
}

function later(left: SpecVersion, right: SpecVersion): SpecVersion {
  return SPEC_VERSIONS.indexOf(left) >= SPEC_VERSIONS.indexOf(right) ? left : right;
}

/** The first version that has the clause. Clauses of our own belong to no version and count always. */
export function sinceOf({ id, basis, section, feature }: Pick<Clause, 'id' | 'basis' | 'section' | 'feature'>): SpecVersion {
  if (basis === 'own') return '1.0';
  const names = (feature ?? '').split(/ (?:and|or) /).map((term) => term.replace(/^not /, '').trim());
  const byFeature = names.map((name) => FEATURE_SINCE[name] ?? '1.0').reduce(later, '1.0');
  return later(later(byFeature, rowFor(section, SECTION_SINCE)?.[1] ?? '1.0'), CLAUSE_SINCE[id] ?? '1.0');
}

/** Whether a version has the clause. */
export function isInVersion(clause: Pick<Clause, 'id' | 'basis' | 'section' | 'feature'>, version: SpecVersion): boolean {
  return SPEC_VERSIONS.indexOf(sinceOf(clause)) <= SPEC_VERSIONS.indexOf(version);
}

/** The number of a clause's section in a version; that of our own documents stays. */
export function sectionIn({ basis, section }: Pick<Clause, 'basis' | 'section'>, version: SpecVersion): string {
  const row = basis === 'own' ? undefined : rowFor(section, MOVED[version]);
  return row === undefined ? section : `${row[1]}${section.slice(row[0].length)}`;
}
