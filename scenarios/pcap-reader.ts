// Reader of the classic capture format (draft-ietf-opsawg-pcap): one header, then records.
//
// Both byte orders, microsecond and nanosecond time stamps. The reader of the newer format is pcapng-reader.ts.
import type { ByteReader } from './byte-reader.js';
import { type Capture, type CapturedFrame, FRAME_LIMIT, FRAME_LIMIT_BYTES, LINK_ETHERNET } from './capture.js';

/** First word of a file with microseconds, in the file's byte order. */
export const PCAP_MAGIC_MICRO = 0xa1b2c3d4;
/** First word of a file with nanoseconds. */
export const PCAP_MAGIC_NANO = 0xa1b23c4d;

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** Reads the file whose byte order the reader is already set to. */
export function readPcap(reader: ByteReader): Capture {
  reader.need(0, HEADER_BYTES, 'the file header');
  const major = reader.u16(4);
  if (major !== 2) throw reader.refusal(4, `pcap version ${major} is unknown, 2 was expected`);
  const linkType = reader.u32(20) & 0xffff;
  if (linkType !== LINK_ETHERNET) throw reader.refusal(20, `link type ${linkType} is not Ethernet (${LINK_ETHERNET}); capture on the interface itself`);
  const unitsPerSecond = reader.u32(0) === PCAP_MAGIC_NANO ? 1_000_000_000 : 1_000_000;
  const frames: CapturedFrame[] = [];
  for (let offset = HEADER_BYTES; offset < reader.length; ) {
    if (frames.length === FRAME_LIMIT) throw reader.refusal(offset, `a capture may not hold more than ${FRAME_LIMIT} frames`);
    const frame = readRecord(reader, offset, unitsPerSecond);
    frames.push(frame);
    offset += RECORD_HEADER_BYTES + frame.bytes.length;
  }
  return { interfaces: [{ name: '', linkType, snapLengthBytes: reader.u32(16) }], frames };
}

function readRecord(reader: ByteReader, offset: number, unitsPerSecond: number): CapturedFrame {
  reader.need(offset, RECORD_HEADER_BYTES, 'a record header');
  const fraction = reader.u32(offset + 4);
  const lengthBytes = reader.u32(offset + 8);
  const originalLengthBytes = reader.u32(offset + 12);
  if (fraction >= unitsPerSecond) throw reader.refusal(offset + 4, `the fraction of a second is ${fraction}, at most ${unitsPerSecond - 1} was expected`);
  if (lengthBytes > FRAME_LIMIT_BYTES) throw reader.refusal(offset + 8, `a frame of ${lengthBytes} bytes, at most ${FRAME_LIMIT_BYTES} was expected`);
  if (originalLengthBytes < lengthBytes) {
    throw reader.refusal(offset + 12, `a frame of ${originalLengthBytes} bytes on the wire cannot have ${lengthBytes} captured ones`);
  }
  const fractionNs = fraction * (1_000_000_000 / unitsPerSecond);
  return {
    interfaceIndex: 0,
    timeNs: BigInt(reader.u32(offset)) * 1_000_000_000n + BigInt(fractionNs),
    bytes: reader.copy(offset + RECORD_HEADER_BYTES, lengthBytes, 'the frame'),
    originalLengthBytes,
    direction: 'unknown',
    comment: '',
  };
}
