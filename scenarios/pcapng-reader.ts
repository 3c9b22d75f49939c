// Reader of the block capture format (draft-ietf-opsawg-pcapng): sections, interfaces, packets, options.
//
// Both byte orders, several sections and interfaces, time stamp resolution and offset of each interface,
// enhanced, simple and obsolete packet blocks; unknown blocks and options are skipped. A simple packet has no
// time stamp and gets that of the frame before it.
import type { ByteReader } from './byte-reader.js';
import {
  type Capture,
  type CaptureDirection,
  type CaptureInterface,
  type CapturedFrame,
  FRAME_LIMIT,
  FRAME_LIMIT_BYTES,
  INTERFACE_LIMIT,
  LINK_ETHERNET,
} from './capture.js';

/** Block type of a section header; reads the same in both byte orders and opens every file. */
export const PCAPNG_MAGIC = 0x0a0d0d0a;
/** Distinguishes the byte orders, first word of a section header's body. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Interface description block. */
export const BLOCK_INTERFACE = 1;
/** Packet block, obsolete but still met. */
export const BLOCK_PACKET = 2;
/** Simple packet block. */
export const BLOCK_SIMPLE = 3;
/** Enhanced packet block. */
export const BLOCK_ENHANCED = 6;

/** Option of any block: a comment. */
export const OPTION_COMMENT = 1;
/** Option of an interface: its name. */
export const OPTION_IF_NAME = 2;
/** Option of an interface: resolution of its time stamps, one byte. */
export const OPTION_IF_TSRESOL = 9;
/** Option of an interface: seconds to add to its time stamps. */
export const OPTION_IF_TSOFFSET = 14;
/** Option of an enhanced packet: flags, direction in the lowest two bits. */
export const OPTION_EPB_FLAGS = 2;

const NS_PER_SECOND = 1_000_000_000n;

/** An interface with what is needed to read its time stamps. */
interface ClockedInterface extends CaptureInterface {
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

interface Section {
  readonly reader: ByteReader;
  readonly interfaces: ClockedInterface[];
  readonly frames: CapturedFrame[];
  /** Number of the current section's interface 0. */
  firstInterface: number;
}

/** Reads the file. */
export function readPcapng(reader: ByteReader): Capture {
  const section: Section = { reader, interfaces: [], frames: [], firstInterface: 0 };
  for (let offset = 0; offset < reader.length; ) offset += readBlock(section, offset);
  const interfaces = section.interfaces.map(({ name, linkType, snapLengthBytes }) => ({ name, linkType, snapLengthBytes }));
  return { interfaces, frames: section.frames };
}

/** Reads the block at `offset` and returns its length in bytes. */
function readBlock(section: Section, offset: number): number {
  const { reader } = section;
  reader.need(offset, 12, 'a block');
  if (reader.u32(offset) === PCAPNG_MAGIC) startSection(section, offset);
  const type = reader.u32(offset);
  const lengthBytes = reader.u32(offset + 4);
  if (lengthBytes < 12 || lengthBytes % 4 !== 0) throw reader.refusal(offset + 4, `a block of ${lengthBytes} bytes; a multiple of 4 from 12 on was expected`);
  reader.need(offset, lengthBytes, `the block of type ${type}`);
  const end = offset + lengthBytes - 4;
  if (reader.u32(end) !== lengthBytes) throw reader.refusal(end, `the block ends with length ${reader.u32(end)} and began with ${lengthBytes}`);
  if (type === BLOCK_INTERFACE) readInterface(section, offset + 8, end);
  else if (type === BLOCK_ENHANCED) readPacket(section, offset + 8, end, reader.u32(offset + 8));
  else if (type === BLOCK_PACKET) readPacket(section, offset + 8, end, reader.u16(offset + 8));
  else if (type === BLOCK_SIMPLE) readSimplePacket(section, offset + 8, end);
  return lengthBytes;
}

function startSection(section: Section, offset: number): void {
  const { reader } = section;
  reader.isLittle = true;
  reader.need(offset, 28, 'a section header');
  if (reader.u32(offset + 8) !== BYTE_ORDER_MAGIC) reader.isLittle = false;
  if (reader.u32(offset + 8) !== BYTE_ORDER_MAGIC) throw reader.refusal(offset + 8, 'the section header has no byte-order magic');
  const major = reader.u16(offset + 12);
  if (major !== 1) throw reader.refusal(offset + 12, `pcapng version ${major} is unknown, 1 was expected`);
  section.firstInterface = section.interfaces.length;
}

function readInterface(section: Section, start: number, end: number): void {
  const { reader, interfaces } = section;
  if (interfaces.length === INTERFACE_LIMIT) throw reader.refusal(start, `a capture may not have more than ${INTERFACE_LIMIT} interfaces`);
  needInBlock(reader, start, 8, end, 'an interface description');
  const linkType = reader.u16(start);
  if (linkType !== LINK_ETHERNET) throw reader.refusal(start, `link type ${linkType} is not Ethernet (${LINK_ETHERNET}); capture on the interface itself`);
  const found = { name: '', ticksPerSecond: 1_000_000n, offsetSeconds: 0n };
  forEachOption(reader, start + 8, end, (code, at, lengthBytes) => {
    if (code === OPTION_IF_NAME) found.name = textOf(reader, at, lengthBytes);
    if (code === OPTION_IF_TSRESOL && lengthBytes === 1) found.ticksPerSecond = resolutionOf(reader.bytes[at]!);
    if (code === OPTION_IF_TSOFFSET && lengthBytes === 8) found.offsetSeconds = reader.i64(at);
  });
  interfaces.push({ ...found, linkType, snapLengthBytes: reader.u32(start + 4) });
}

/** An enhanced or obsolete packet; both have the same layout behind the interface number. */
function readPacket(section: Section, start: number, end: number, interfaceNumber: number): void {
  const { reader } = section;
  needInBlock(reader, start, 20, end, 'a packet header');
  const source = interfaceAt(section, start, interfaceNumber);
  const ticks = (BigInt(reader.u32(start + 4)) << 32n) | BigInt(reader.u32(start + 8));
  const lengthBytes = reader.u32(start + 12);
  const originalLengthBytes = reader.u32(start + 16);
  checkLength(section, start + 12, lengthBytes, originalLengthBytes);
  needInBlock(reader, start + 20, lengthBytes, end, 'the frame');
  const found = { direction: 'unknown' as CaptureDirection, comment: '' };
  forEachOption(reader, start + 20 + padded(lengthBytes), end, (code, at, optionBytes) => {
    if (code === OPTION_EPB_FLAGS && optionBytes === 4) found.direction = (['unknown', 'inbound', 'outbound', 'unknown'] as const)[reader.u32(at) & 3]!;
    if (code === OPTION_COMMENT) found.comment = textOf(reader, at, optionBytes);
  });
  const timeNs = source.offsetSeconds * NS_PER_SECOND + (ticks * NS_PER_SECOND) / source.ticksPerSecond;
  const bytes = reader.copy(start + 20, lengthBytes, 'the frame');
  section.frames.push({ interfaceIndex: section.firstInterface + interfaceNumber, timeNs, bytes, originalLengthBytes, ...found });
}

function readSimplePacket(section: Section, start: number, end: number): void {
  const { reader, frames } = section;
  needInBlock(reader, start, 4, end, 'a packet header');
  const source = interfaceAt(section, start, 0);
  const originalLengthBytes = reader.u32(start);
  const lengthBytes = source.snapLengthBytes === 0 ? originalLengthBytes : Math.min(originalLengthBytes, source.snapLengthBytes);
  checkLength(section, start, lengthBytes, originalLengthBytes);
  needInBlock(reader, start + 4, lengthBytes, end, 'the frame');
  const bytes = reader.copy(start + 4, lengthBytes, 'the frame');
  const timeNs = frames.at(-1)?.timeNs ?? 0n;
  frames.push({ interfaceIndex: section.firstInterface, timeNs, bytes, originalLengthBytes, direction: 'unknown', comment: '' });
}

function checkLength(section: Section, offset: number, lengthBytes: number, originalLengthBytes: number): void {
  const { reader, frames } = section;
  if (frames.length === FRAME_LIMIT) throw reader.refusal(offset, `a capture may not hold more than ${FRAME_LIMIT} frames`);
  if (lengthBytes > FRAME_LIMIT_BYTES) throw reader.refusal(offset, `a frame of ${lengthBytes} bytes, at most ${FRAME_LIMIT_BYTES} was expected`);
  if (originalLengthBytes < lengthBytes) {
    throw reader.refusal(offset, `a frame of ${originalLengthBytes} bytes on the wire cannot have ${lengthBytes} captured ones`);
  }
}

function interfaceAt(section: Section, offset: number, interfaceNumber: number): ClockedInterface {
  const source = section.interfaces[section.firstInterface + interfaceNumber];
  if (source !== undefined) return source;
  throw section.reader.refusal(offset, `the packet is on interface ${interfaceNumber}, of which the section has no description`);
}

/** Calls `visit` with code, offset and length of each option up to the end mark or the end of the block. */
function forEachOption(reader: ByteReader, start: number, end: number, visit: (code: number, at: number, lengthBytes: number) => void): void {
  for (let offset = start; offset + 4 <= end; ) {
    const code = reader.u16(offset);
    const lengthBytes = reader.u16(offset + 2);
    if (code === 0) return;
    needInBlock(reader, offset + 4, lengthBytes, end, `option ${code}`);
    visit(code, offset + 4, lengthBytes);
    offset += 4 + padded(lengthBytes);
  }
}

/** Refuses unless the bytes lie inside their block. */
function needInBlock(reader: ByteReader, offset: number, lengthBytes: number, end: number, what: string): void {
  if (offset + lengthBytes <= end) return;
  throw reader.refusal(offset, `${what} needs ${lengthBytes} bytes, its block has ${Math.max(0, end - offset)} left`);
}

/** Ticks per second of an if_tsresol byte: 10^n, or 2^n with the top bit set. */
function resolutionOf(byte: number): bigint {
  return (byte & 0x80) !== 0 ? 2n ** BigInt(byte & 0x7f) : 10n ** BigInt(byte);
}

function textOf(reader: ByteReader, offset: number, lengthBytes: number): string {
  return new TextDecoder().decode(reader.bytes.subarray(offset, offset + lengthBytes)).replace(/\0+$/, '');
}

function padded(lengthBytes: number): number {
  return (lengthBytes + 3) & ~3;
}
