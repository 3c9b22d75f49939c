// Writer of capture files in the block format (draft-ietf-opsawg-pcapng), readable by the usual tools.
//
// One section, one interface description per port with its name and nanosecond resolution, one enhanced packet
// block per frame with direction and comment. Little-endian always, so equal frames give equal bytes.
import {
  BLOCK_ENHANCED,
  BLOCK_INTERFACE,
  BYTE_ORDER_MAGIC,
  OPTION_COMMENT,
  OPTION_EPB_FLAGS,
  OPTION_IF_NAME,
  OPTION_IF_TSRESOL,
  PCAPNG_MAGIC,
} from '../scenarios/pcapng-reader.js';
import type { Capture, CaptureDirection, CapturedFrame } from '../scenarios/capture.js';

const OPTION_USER_APPLICATION = 4;
const DIRECTION_FLAGS: Readonly<Record<CaptureDirection, number>> = { unknown: 0, inbound: 1, outbound: 2 };
/** Characters of a comment that are kept; at three bytes each they fit the 16-bit length of an option. */
const COMMENT_LIMIT = 16000;

/**
 * The bytes of a capture file.
 * Throws RangeError when a frame names an interface that is not described, or a time before the epoch.
 */
export function pcapngBytes(capture: Capture): Uint8Array {
  const blocks = [sectionHeader(), ...capture.interfaces.map((port) => interfaceDescription(port.linkType, port.snapLengthBytes, port.name))];
  for (const frame of capture.frames) {
    if (frame.interfaceIndex >= capture.interfaces.length) {
      throw new RangeError(`pcapngBytes: a frame is on interface ${frame.interfaceIndex}, ${capture.interfaces.length} are described`);
    }
    blocks.push(enhancedPacket(frame));
  }
  return joined(blocks);
}

function sectionHeader(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  body.setUint16(4, 1, true);
  body.setUint16(6, 0, true);
  body.setBigInt64(8, -1n, true);
  return block(PCAPNG_MAGIC, [bytesOf(body), option(OPTION_USER_APPLICATION, utf8('ringproof')), endOfOptions()]);
}

function interfaceDescription(linkType: number, snapLengthBytes: number, name: string): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, linkType, true);
  body.setUint32(4, snapLengthBytes, true);
  const options = [option(OPTION_IF_TSRESOL, Uint8Array.of(9)), endOfOptions()];
  if (name !== '') options.unshift(option(OPTION_IF_NAME, utf8(name)));
  return block(BLOCK_INTERFACE, [bytesOf(body), ...options]);
}

function enhancedPacket(frame: CapturedFrame): Uint8Array {
  if (frame.timeNs < 0n) throw new RangeError(`pcapngBytes: a frame at ${frame.timeNs} ns; a time from 0 on was expected`);
  const head = new DataView(new ArrayBuffer(20));
  head.setUint32(0, frame.interfaceIndex, true);
  head.setUint32(4, Number((frame.timeNs >> 32n) & 0xffffffffn), true);
  head.setUint32(8, Number(frame.timeNs & 0xffffffffn), true);
  head.setUint32(12, frame.bytes.length, true);
  head.setUint32(16, frame.originalLengthBytes, true);
  const options: Uint8Array[] = [];
  if (frame.direction !== 'unknown') {
    const flags = new DataView(new ArrayBuffer(4));
    flags.setUint32(0, DIRECTION_FLAGS[frame.direction], true);
    options.push(option(OPTION_EPB_FLAGS, bytesOf(flags)));
  }
  if (frame.comment !== '') options.push(option(OPTION_COMMENT, utf8(frame.comment.slice(0, COMMENT_LIMIT))));
  if (options.length > 0) options.push(endOfOptions());
  return block(BLOCK_ENHANCED, [bytesOf(head), padded(frame.bytes), ...options]);
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = joined(parts);
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4));
  head.setUint16(0, code, true);
  head.setUint16(2, value.length, true);
  return joined([bytesOf(head), padded(value)]);
}

function endOfOptions(): Uint8Array {
  return new Uint8Array(4);
}

/** The bytes followed by zeros up to a multiple of four. */
function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array((bytes.length + 3) & ~3);
  result.set(bytes);
  return result;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
