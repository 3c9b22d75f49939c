// Reads a capture file of either format.
//
// Captures are untrusted input: every length is bounded before it is used, and a file that breaks a rule is
// refused with its name, the byte offset and the rule. The formats are pcap-reader.ts and pcapng-reader.ts.
import { ByteReader } from './byte-reader.js';
import { CAPTURE_LIMIT_BYTES, type Capture } from './capture.js';
import { PCAP_MAGIC_MICRO, PCAP_MAGIC_NANO, readPcap } from './pcap-reader.js';
import { PCAPNG_MAGIC, readPcapng } from './pcapng-reader.js';

/**
 * Reads a pcap or pcapng file, either byte order, microseconds or nanoseconds.
 * Throws UnusableInput naming file, offset and rule when it is anything else, truncated or garbled.
 */
export function readCapture(bytes: Uint8Array, fileName: string): Capture {
  const reader = new ByteReader(bytes, fileName);
  if (bytes.length === 0) throw reader.refusal(0, 'the file is empty, a pcap or pcapng capture was expected');
  if (bytes.length > CAPTURE_LIMIT_BYTES) throw reader.refusal(CAPTURE_LIMIT_BYTES, 'a capture may not be larger than this');
  if (bytes.length < 4) throw reader.refusal(0, 'too short for a capture');
  if (reader.u32(0) === PCAPNG_MAGIC) return readPcapng(reader);
  for (const isLittle of [true, false]) {
    reader.isLittle = isLittle;
    const magic = reader.u32(0);
    if (magic === PCAP_MAGIC_MICRO || magic === PCAP_MAGIC_NANO) return readPcap(reader);
  }
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const hint = bytes[0] === 0x1f && bytes[1] === 0x8b ? '; it is compressed with gzip, unpack it first' : '';
  throw reader.refusal(0, `neither a pcap nor a pcapng capture (it starts with ${start})${hint}`);
}
