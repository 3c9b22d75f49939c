// The recorded capture that comes with Ringproof is what its README says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { timelineOf } from './capture.js';
import { readCapture } from './capture-reader.js';

const FILE = new URL('../../scenarios/captures/link.pcap', import.meta.url);

/** Protocol of an Ethernet frame that is ARP or IPv4. */
function protocolOf(bytes: Uint8Array): string {
  if (bytes[12] === 8 && bytes[13] === 6) return 'arp';
  return { 1: 'icmp', 6: 'tcp', 17: 'udp' }[bytes[23]!] ?? 'other';
}

test('the capture holds ARP, ICMP, UDP and TCP in the documented numbers', () => {
  const { frames } = readCapture(readFileSync(FILE), 'link.pcap');

  const counts: Record<string, number> = {};
  for (const frame of frames) counts[protocolOf(frame.bytes)] = (counts[protocolOf(frame.bytes)] ?? 0) + 1;

  expect(counts).toEqual({ arp: 2, icmp: 14, udp: 32, tcp: 54 });
});

test('both sides speak, nothing is cut, no frame is longer than the MTU allows', () => {
  const timeline = timelineOf(readCapture(readFileSync(FILE), 'link.pcap'), null);

  expect(timeline).toMatchObject({ addressOfA: '02:00:00:00:00:0a', cutFrames: 0, runtFrames: 0 });
  expect(new Set(timeline.frames.map((frame) => frame.sender))).toEqual(new Set(['a', 'b']));
  // 1500 bytes of MTU and 14 of Ethernet header; the shortest frames are ARP with 14 + 28 bytes.
  expect(Math.max(...timeline.frames.map((frame) => frame.bytes.length))).toBe(1514);
  expect(Math.min(...timeline.frames.map((frame) => frame.bytes.length))).toBe(42);
});

test('the file is small enough to be committed and shipped', () => {
  expect(readFileSync(FILE).length).toBeLessThan(200_000);
});
