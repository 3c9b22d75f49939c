// Reading captures: both formats, both byte orders, and every way of being no capture.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CAPTURE_LIMIT_BYTES, FRAME_LIMIT, FRAME_LIMIT_BYTES, INTERFACE_LIMIT } from './capture.js';
import { readCapture } from './capture-reader.js';
import { UnusableInput } from './unusable-input.js';

/** Numbers as bytes of one byte order: `w` is a 32-bit word, `h` a 16-bit one, `q` a 64-bit one. */
class Bytes {
  readonly isLittle: boolean;
  readonly out: number[] = [];

  constructor(isLittle: boolean) {
    this.isLittle = isLittle;
  }

  w(...values: number[]): this {
    for (const value of values) this.put(BigInt(value), 4);
    return this;
  }

  h(...values: number[]): this {
    for (const value of values) this.put(BigInt(value), 2);
    return this;
  }

  q(value: bigint): this {
    return this.put(BigInt.asUintN(64, value), 8);
  }

  raw(bytes: ArrayLike<number>, isPadded: boolean = false): this {
    this.out.push(...Array.from(bytes));
    while (isPadded && this.out.length % 4 !== 0) this.out.push(0);
    return this;
  }

  /** A pcapng block around what `fill` puts in. */
  block(type: number, fill: (body: Bytes) => void): this {
    const body = new Bytes(this.isLittle);
    fill(body);
    const lengthBytes = body.out.length + 12;
    return this.w(type, lengthBytes).raw(body.out).w(lengthBytes);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.out);
  }

  private put(value: bigint, sizeBytes: number): this {
    const bytes = Array.from({ length: sizeBytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
    this.out.push(...(this.isLittle ? bytes : bytes.reverse()));
    return this;
  }
}

const FRAME = Uint8Array.from([2, 0, 0, 0, 0, 11, 2, 0, 0, 0, 0, 10, 8, 0, 0x45]);

/** A pcap file with one frame at 3 s and `fraction` units. */
function pcap(isLittle: boolean, magic: number, fraction: number): Bytes {
  const file = new Bytes(isLittle).w(magic).h(2, 4).w(0, 0, 65535, 1);
  return file.w(3, fraction, FRAME.length, 60).raw(FRAME);
}

/** A section header block. */
function section(file: Bytes): Bytes {
  return file.block(0x0a0d0d0a, (body) => body.w(0x1a2b3c4d).h(1, 0).q(-1n));
}

/** A pcapng file with a section and one plain interface. */
function pcapng(isLittle: boolean = true): Bytes {
  return section(new Bytes(isLittle)).block(1, (body) => body.h(1, 0).w(0));
}

/** The line with which the bytes are refused. */
function complaintAbout(bytes: Uint8Array): string {
  try {
    readCapture(bytes, 'c.pcap');
  } catch (error) {
    if (error instanceof UnusableInput) return error.message;
    throw error;
  }
  return 'accepted';
}

test.each([
  [true, 0xa1b2c3d4, 3_000_007_000n],
  [false, 0xa1b2c3d4, 3_000_007_000n],
  [true, 0xa1b23c4d, 3_000_000_007n],
  [false, 0xa1b23c4d, 3_000_000_007n],
])('a pcap file (little-endian: %j, magic %i) is read with its times', (isLittle, magic, timeNs) => {
  const capture = readCapture(pcap(isLittle, magic, 7).bytes(), 'c.pcap');

  expect(capture.interfaces).toEqual([{ name: '', linkType: 1, snapLengthBytes: 65535 }]);
  expect(capture.frames).toEqual([{ interfaceIndex: 0, timeNs, bytes: FRAME, originalLengthBytes: 60, direction: 'unknown', comment: '' }]);
});

test.each([true, false])('a pcapng file (little-endian: %j) is read with interfaces, options, times and directions', (isLittle) => {
  const file = section(new Bytes(isLittle))
    .block(1, (body) => body.h(1, 0).w(0).h(2, 3).raw([0x61, 0x62, 0], true).h(9, 1).raw([9], true).h(99, 0).h(0, 0))
    .block(1, (body) => body.h(1, 0).w(8).h(9, 1).raw([0x80 | 10], true).h(14, 8).q(-2n))
    .block(0x0bad, (body) => body.w(1))
    .block(6, (body) => body.w(0, 1, 5, FRAME.length, 60).raw(FRAME, true).h(2, 4).w(2).h(1, 2).raw([0x68, 0x69], true))
    .block(6, (body) => body.w(1, 0, 3072, 4, 4).raw([1, 2, 3, 4]).h(2, 4).w(0xfd).h(0, 0))
    .block(2, (body) => body.h(1, 0).w(0, 3072, 4, 4).raw([1, 2, 3, 4]).h(2, 4).w(3).h(0, 0))
    .block(3, (body) => body.w(5).raw([1, 2, 3, 4, 5], true));

  const capture = readCapture(file.bytes(), 'c.pcapng');

  expect(capture.interfaces).toEqual([
    { name: 'ab', linkType: 1, snapLengthBytes: 0 },
    { name: '', linkType: 1, snapLengthBytes: 8 },
  ]);
  // Ticks 2^32 + 5 at a nanosecond each; then 3072 ticks of 1/1024 s = 3 s, less an offset of 2 s.
  expect(capture.frames.map((frame) => [frame.interfaceIndex, frame.timeNs, frame.direction, frame.comment])).toEqual([
    [0, 4_294_967_301n, 'outbound', 'hi'],
    [1, 1_000_000_000n, 'inbound', ''],
    [1, 1_000_000_000n, 'unknown', ''],
    [0, 1_000_000_000n, 'unknown', ''],
  ]);
  expect(capture.frames[0]!.bytes).toEqual(FRAME);
  expect(capture.frames[3]!.bytes).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
});

test('a simple packet is cut at the snap length and starts at time zero', () => {
  const file = section(new Bytes(true))
    .block(1, (body) => body.h(1, 0).w(2))
    .block(3, (body) => body.w(60).raw([1, 2], true));

  const { frames } = readCapture(file.bytes(), 'c.pcapng');

  expect(frames).toEqual([
    { interfaceIndex: 0, timeNs: 0n, bytes: Uint8Array.of(1, 2), originalLengthBytes: 60, direction: 'unknown', comment: '' },
  ]);
});

test('a second section may have another byte order and brings its own interfaces', () => {
  const first = pcapng(true).block(3, (body) => body.w(1).raw([1], true));
  const second = pcapng(false).block(3, (body) => body.w(1).raw([2], true));

  const capture = readCapture(Uint8Array.from([...first.out, ...second.out]), 'c.pcapng');

  expect(capture.interfaces).toHaveLength(2);
  expect(capture.frames.map((frame) => [frame.interfaceIndex, frame.bytes[0]])).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test.each([
  ['nothing', new Uint8Array(0), 'byte 0: the file is empty, a pcap or pcapng capture was expected'],
  ['two bytes', Uint8Array.of(1, 2), 'byte 0: too short for a capture'],
  ['a program', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), 'byte 0: neither a pcap nor a pcapng capture (it starts with 7f 45 4c 46)'],
  ['a gzip file', Uint8Array.of(0x1f, 0x8b, 8, 0), 'it is compressed with gzip, unpack it first'],
  ['a huge file', new Uint8Array(CAPTURE_LIMIT_BYTES + 1), `byte ${CAPTURE_LIMIT_BYTES}: a capture may not be larger than this`],
  ['pcap version 3', new Bytes(true).w(0xa1b2c3d4).h(3, 0).w(0, 0, 0, 1).bytes(), 'byte 4: pcap version 3 is unknown, 2 was expected'],
  ['pcap of a cooked link', new Bytes(true).w(0xa1b2c3d4).h(2, 4).w(0, 0, 0, 113).bytes(), 'byte 20: link type 113 is not Ethernet (1)'],
  ['pcap with half a header', new Bytes(true).w(0xa1b2c3d4, 0).bytes(), 'byte 0: the file is truncated: the file header needs 24 bytes, 8 are left'],
  ['pcap with an impossible time', pcap(true, 0xa1b2c3d4, 1_000_000).bytes(), 'byte 28: the fraction of a second is 1000000, at most 999999 was expected'],
  [
    'pcap with a huge frame',
    new Bytes(true).w(0xa1b2c3d4).h(2, 4).w(0, 0, 0, 1, 0, 0, FRAME_LIMIT_BYTES + 1, 0).bytes(),
    `byte 32: a frame of ${FRAME_LIMIT_BYTES + 1} bytes, at most ${FRAME_LIMIT_BYTES} was expected`,
  ],
  [
    'pcap with more captured than sent',
    new Bytes(true).w(0xa1b2c3d4).h(2, 4).w(0, 0, 0, 1, 0, 0, 2, 1).raw([1, 2]).bytes(),
    'byte 36: a frame of 1 bytes on the wire cannot have 2 captured ones',
  ],
  ['pcap cut in a frame', pcap(true, 0xa1b2c3d4, 0).bytes().slice(0, -1), 'byte 40: the file is truncated: the frame needs 15 bytes, 14 are left'],
  ['pcap cut in a record header', pcap(true, 0xa1b2c3d4, 0).bytes().slice(0, 30), 'byte 24: the file is truncated: a record header needs 16 bytes'],
  ['pcapng without byte order', new Bytes(true).block(0x0a0d0d0a, (body) => body.w(1, 2, 3, 4)).bytes(), 'byte 8: the section header has no byte-order magic'],
  [
    'pcapng version 2',
    new Bytes(true).block(0x0a0d0d0a, (body) => body.w(0x1a2b3c4d).h(2, 0).q(-1n)).bytes(),
    'byte 12: pcapng version 2 is unknown, 1 was expected',
  ],
  ['pcapng with a crooked block', pcapng().w(5, 13, 0, 13).bytes(), 'byte 52: a block of 13 bytes; a multiple of 4 from 12 on was expected'],
  ['pcapng with a block of nothing', pcapng().w(5, 8, 8).bytes(), 'byte 52: a block of 8 bytes; a multiple of 4 from 12 on was expected'],
  ['pcapng with two lengths', pcapng().w(5, 12, 16).bytes(), 'byte 56: the block ends with length 16 and began with 12'],
  ['pcapng cut in a block', pcapng().w(5, 64, 0, 0).bytes(), 'byte 48: the file is truncated: the block of type 5 needs 64 bytes, 16 are left'],
  ['pcapng cut in a section header', section(new Bytes(true)).bytes().slice(0, 20), 'byte 0: the file is truncated: a section header needs 28 bytes'],
  ['pcapng with a tiny interface', section(new Bytes(true)).block(1, (body) => body.w(1)).bytes(), 'byte 36: an interface description needs 8 bytes'],
  ['pcapng of a cooked link', section(new Bytes(true)).block(1, (body) => body.h(276, 0).w(0)).bytes(), 'byte 36: link type 276 is not Ethernet (1)'],
  [
    'a packet on no interface',
    pcapng().block(6, (body) => body.w(1, 0, 0, 0, 0)).bytes(),
    'byte 56: the packet is on interface 1, of which the section has no description',
  ],
  ['a tiny packet block', pcapng().block(6, (body) => body.w(0)).bytes(), 'byte 56: a packet header needs 20 bytes, its block has 4 left'],
  ['a packet beyond its block', pcapng().block(6, (body) => body.w(0, 0, 0, 8, 8, 1)).bytes(), 'byte 76: the frame needs 8 bytes, its block has 4 left'],
  ['a huge packet', pcapng().block(6, (body) => body.w(0, 0, 0, FRAME_LIMIT_BYTES + 1, 0)).bytes(), 'byte 68: a frame of'],
  ['a packet with more captured than sent', pcapng().block(6, (body) => body.w(0, 0, 0, 4, 3, 0)).bytes(), 'byte 68: a frame of 3 bytes on the wire'],
  ['a tiny simple packet', pcapng().block(3, () => undefined).bytes(), 'byte 56: a packet header needs 4 bytes, its block has 0 left'],
  ['a simple packet beyond its block', pcapng().block(3, (body) => body.w(9, 0)).bytes(), 'byte 60: the frame needs 9 bytes, its block has 4 left'],
  ['an option beyond its block', pcapng().block(6, (body) => body.w(0, 0, 0, 0, 0).h(1, 9)).bytes(), 'byte 80: option 1 needs 9 bytes, its block has 0 left'],
])('%s is refused with offset and rule', (_what, bytes, complaint) => {
  expect(complaintAbout(bytes)).toContain(`c.pcap: ${complaint.startsWith('byte') ? complaint : ''}`);
  expect(complaintAbout(bytes)).toContain(complaint);
});

test('more interfaces than the limit are refused', () => {
  const one = new Bytes(true).block(1, (body) => body.h(1, 0).w(0)).out;
  const file = section(new Bytes(true));
  for (let index = 0; index <= INTERFACE_LIMIT; index++) file.out.push(...one);

  expect(complaintAbout(file.bytes())).toContain(`a capture may not have more than ${INTERFACE_LIMIT} interfaces`);
});

test('more frames than the limit are refused in both formats', () => {
  const header = new Bytes(true).w(0xa1b2c3d4).h(2, 4).w(0, 0, 0, 1).bytes();
  const classic = new Uint8Array(header.length + 16 * (FRAME_LIMIT + 1));
  classic.set(header);
  const start = pcapng().bytes();
  const empty = new Bytes(true).block(3, (body) => body.w(0)).bytes();
  const blocks = new Uint8Array(start.length + empty.length * (FRAME_LIMIT + 1));
  blocks.set(start);
  for (let at = start.length; at < blocks.length; at += empty.length) blocks.set(empty, at);

  expect(complaintAbout(classic)).toContain(`a capture may not hold more than ${FRAME_LIMIT} frames`);
  expect(complaintAbout(blocks)).toContain(`a capture may not hold more than ${FRAME_LIMIT} frames`);
});

test('a file cut anywhere is read up to there or refused, never misread', () => {
  const whole = pcapng().block(6, (body) => body.w(0, 0, 5, 4, 4, 7).h(1, 2).raw([0x68, 0x69], true)).bytes();

  for (let lengthBytes = 0; lengthBytes < whole.length; lengthBytes++) {
    const complaint = complaintAbout(whole.slice(0, lengthBytes));

    // 28 bytes of section header and 20 of interface description are whole files without frames.
    if (lengthBytes === 28 || lengthBytes === 48) expect(complaint).toBe('accepted');
    else expect(complaint).toMatch(/^c\.pcap: byte \d+: /);
  }
});

test('whatever the bytes are, a capture is read or refused with a line', () => {
  const starts = fc.constantFrom(pcap(true, 0xa1b2c3d4, 7), pcap(false, 0xa1b23c4d, 7), pcapng(true), pcapng(false));
  const edits = fc.array(fc.tuple(fc.nat(70), fc.nat(255)), { maxLength: 6 });

  fc.assert(
    fc.property(starts, edits, fc.uint8Array({ maxLength: 60 }), (start, changes, tail) => {
      const bytes = Uint8Array.from([...start.out, ...tail]);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;

      expect(complaintAbout(bytes)).toMatch(/^(accepted|c\.pcap: byte \d+: .+)$/);
    }),
    { seed: 1, numRuns: 500 },
  );
});
