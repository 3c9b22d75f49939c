// A second opinion on written captures: tshark reads them without complaint and sees what was meant.
//
// Needs tshark; without it these tests do not count, and .ci/run says so loudly.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LINK_ETHERNET } from '../scenarios/capture.js';
import { pcapngBytes } from './pcapng.js';

const isPresent = spawnSync('tshark', ['--version']).status === 0;

/** An ARP request of 42 bytes from 02:00:00:00:00:0a. */
const ARP = Uint8Array.from([
  ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 10, 8, 6],
  ...[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 10, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2],
]);

/** What tshark prints for the given fields of the capture, and what it complains about. */
function readWithTshark(bytes: Uint8Array, fields: readonly string[]): { out: string; complaints: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-'));
  try {
    writeFileSync(join(folder, 'c.pcapng'), bytes);
    const result = spawnSync('tshark', ['-r', join(folder, 'c.pcapng'), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
    const complaints = result.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Running as user'));
    return { out: result.stdout, complaints: complaints.join('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.runIf(isPresent)('tshark sees interface names, nanoseconds, directions and comments', () => {
  const capture = {
    interfaces: ['a', 'b'].map((name) => ({ name, linkType: LINK_ETHERNET, snapLengthBytes: 262144 })),
    frames: [
      { interfaceIndex: 0, timeNs: 14203n, bytes: ARP, originalLengthBytes: 42, direction: 'outbound' as const, comment: 'flow 1, number 0' },
      { interfaceIndex: 1, timeNs: 5_000_000_001n, bytes: ARP, originalLengthBytes: 42, direction: 'inbound' as const, comment: '' },
    ],
  };

  const { out, complaints } = readWithTshark(pcapngBytes(capture), [
    'frame.interface_name',
    'frame.time_epoch',
    'frame.packet_flags_direction',
    'frame.comment',
    'arp.dst.proto_ipv4',
  ]);

  expect(complaints).toBe('');
  expect(out.split('\n')).toEqual(['a\t0.000014203\t0x00000002\tflow 1, number 0\t10.0.0.2', 'b\t5.000000001\t0x00000001\t\t10.0.0.2', '']);
});
