// Trace files: written, read back, and refused when something is wrong with them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_WORDS, Trace } from '../sim/trace.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import { TRACE_HEADER_LIMIT_BYTES, readTraceFile, traceFileBytes } from './trace-file.js';

const SOURCE = {
  tool: '0.1.0',
  modelVersion: 1,
  scenario: 'ping-pong',
  configuration: { mode: 'fine', memory: 'sc' },
  seed: '7',
  ports: ['a', 'b'],
  methods: ['start'],
};

/** A recorder with a few events, one of them later than 2^32 ns. */
function recorded(): Trace {
  const trace = new Trace(true);
  trace.timeNs = 14203;
  trace.record(64, 1, 0, 0, 0, 0, 0, 0);
  trace.timeNs = 2 ** 40 + 5;
  trace.record(66, 0, 1, 2, 3, 4, 5, 0xffffffff);
  return trace;
}

/** The line with which the bytes are refused. */
function complaintAbout(bytes: Uint8Array): string {
  try {
    readTraceFile(bytes, 'run.trace');
  } catch (error) {
    if (error instanceof UnusableInput) return error.message;
    throw error;
  }
  return 'accepted';
}

/** The file with its header text changed and the header length kept right. */
function withHeader(change: (json: string) => string): Uint8Array {
  const bytes = traceFileBytes(SOURCE, recorded().copyWords());
  const lengthBytes = new DataView(bytes.buffer).getUint32(12, true);
  const json = new TextEncoder().encode(change(new TextDecoder().decode(bytes.subarray(16, 16 + lengthBytes))));
  const result = new Uint8Array(bytes.length - lengthBytes + json.length);
  result.set(bytes.subarray(0, 16));
  result.set(json, 16);
  result.set(bytes.subarray(16 + lengthBytes), 16 + json.length);
  new DataView(result.buffer).setUint32(12, json.length, true);
  return result;
}

/** The file with one byte replaced. */
function withByte(at: number, value: number): Uint8Array {
  const bytes = traceFileBytes(SOURCE, recorded().copyWords());
  bytes[at < 0 ? bytes.length + at : at] = value;
  return bytes;
}

test('a trace comes back with its records, its digest and its source', () => {
  const trace = recorded();

  const file = readTraceFile(traceFileBytes(SOURCE, trace.copyWords()), 'run.trace');

  expect(file.words).toEqual(trace.copyWords());
  expect(file.header).toMatchObject({ ...SOURCE, records: 2, digest: trace.digest() });
});

test('settings given in another order make the same bytes', () => {
  const other = { ...SOURCE, configuration: { memory: 'sc', mode: 'fine' } };

  expect(traceFileBytes(other, new Uint32Array(0))).toEqual(traceFileBytes(SOURCE, new Uint32Array(0)));
});

test('any records survive writing and reading', () => {
  const records = fc.array(fc.array(fc.nat(0xffffffff), { minLength: EVENT_WORDS, maxLength: EVENT_WORDS }), { maxLength: 8 });

  fc.assert(
    fc.property(records, (list) => {
      const words = Uint32Array.from(list.flat());

      expect(readTraceFile(traceFileBytes(SOURCE, words), 'run.trace').words).toEqual(words);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('half a record is wrong use', () => {
  expect(() => traceFileBytes(SOURCE, new Uint32Array(9))).toThrow('traceFileBytes: 9 words are no whole number of records of 8');
});

test.each([
  ['nothing', new Uint8Array(0), 'byte 0: the file is empty, a trace was expected'],
  ['another file', Uint8Array.of(1, 2, 3), 'byte 0: not a trace of Ringproof'],
  ['a transfer as text', withByte(5, 0x0a), 'byte 5: not a trace of Ringproof; it was changed by a transfer as text'],
  ['the magic alone', traceFileBytes(SOURCE, new Uint32Array(0)).slice(0, 8), 'byte 8: the file is truncated: its first part has 16 bytes'],
  ['a newer file version', withByte(8, 2), 'byte 8: written by a newer Ringproof: trace file version 2, this one reads 1'],
  ['file version 0', withByte(8, 0), 'byte 8: trace file version 0, this one reads 1'],
  ['a huge header', withByte(15, 1), `at most ${TRACE_HEADER_LIMIT_BYTES} was expected`],
  ['half a header', traceFileBytes(SOURCE, new Uint32Array(0)).slice(0, 40), 'byte 40: the file is truncated: its header has'],
  ['a header that is no JSON', withHeader(() => '{]'), 'not JSON'],
  ['a header with an unknown field', withHeader((json) => json.replace('"seed"', '"sead"')), '$.seed: '],
  ['records of the future', withHeader((json) => json.replace('"traceVersion":1', '"traceVersion":9')), 'records of version 9 are newer'],
  ['too few records', withHeader((json) => json.replace('"records":2', '"records":3')), 'truncated: 3 records of 32 bytes expected, 64 bytes found'],
  ['too many bytes', withHeader((json) => json.replace('"records":2', '"records":1')), 'the file has bytes behind its end: 1 records'],
  ['a flipped bit', withByte(-1, 0x7f), 'the records are garbled: digest'],
])('a file with %s is refused', (_what, bytes, complaint) => {
  expect(complaintAbout(bytes)).toMatch(/^run\.trace: /);
  expect(complaintAbout(bytes)).toContain(complaint);
});

test('a file cut anywhere is refused', () => {
  const bytes = traceFileBytes(SOURCE, recorded().copyWords());

  for (let lengthBytes = 0; lengthBytes < bytes.length; lengthBytes++) {
    expect(complaintAbout(bytes.slice(0, lengthBytes))).toMatch(/^run\.trace: .*(truncated|empty)/);
  }
});
