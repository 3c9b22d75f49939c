// The trace of one run as a file: magic, version, header in JSON, event records.
//
// Layout, all integers little-endian: 8 bytes magic; u32 file version; u32 header length in bytes; the header;
// the records of sim/trace.ts, 32 bytes each. The magic holds a carriage return, a line feed and an
// end-of-file character, so a transfer as text is noticed. The reader recomputes the digest, so a flipped bit
// is noticed too.
import { z } from 'zod';
import { EVENT_WORDS, TRACE_VERSION, Trace, timeOf } from '../sim/trace.js';
import { parseDocument } from '../scenarios/document.js';
import { UnusableInput } from '../scenarios/unusable-input.js';

/** Version of the file layout; the meaning of the records has its own version in the header. */
export const TRACE_FILE_VERSION = 1;
/** Largest header that is read, in bytes. */
export const TRACE_HEADER_LIMIT_BYTES = 1 << 20;

const MAGIC = [0x89, 0x52, 0x50, 0x54, 0x52, 0x0d, 0x0a, 0x1a];
const PREFIX_BYTES = 16;
const RECORD_BYTES = EVENT_WORDS * 4;

const text = z.string().min(1);

const headerSchema = z.strictObject({
  format: z.literal('ringproof-trace'),
  version: z.literal(TRACE_FILE_VERSION),
  /** Version of Ringproof that wrote the file. */
  tool: text,
  /** Version of the records' meaning. */
  traceVersion: z.number().int().min(1),
  modelVersion: z.number().int().min(1),
  /** Name of the scenario. */
  scenario: text,
  /** Name and value of each setting that the run depends on. */
  configuration: z.record(z.string(), z.string()),
  seed: text,
  /** Names of the ports, by number. */
  ports: z.array(text),
  /** Names of the driver contract's methods, by number. */
  methods: z.array(text),
  records: z.number().int().min(0),
  /** Digest of the records. */
  digest: z.string().regex(/^[0-9a-f]{16}$/, 'a digest is 16 hexadecimal digits'),
});

/** What a trace file says about its run. */
export type TraceHeader = z.infer<typeof headerSchema>;
/** The fields of a header that do not follow from the records. */
export type TraceSource = Omit<TraceHeader, 'format' | 'version' | 'traceVersion' | 'records' | 'digest'>;

/** A trace that was read. */
export interface TraceFile {
  readonly header: TraceHeader;
  /** The records, eight words each. */
  readonly words: Uint32Array;
}

/** The bytes of a trace file. Throws RangeError when `words` does not hold whole records. */
export function traceFileBytes(source: TraceSource, words: Uint32Array): Uint8Array {
  if (words.length % EVENT_WORDS !== 0) throw new RangeError(`traceFileBytes: ${words.length} words are no whole number of records of ${EVENT_WORDS}`);
  const configuration = Object.fromEntries(Object.entries(source.configuration).sort(([left], [right]) => (left < right ? -1 : 1)));
  const header: TraceHeader = {
    format: 'ringproof-trace',
    version: TRACE_FILE_VERSION,
    tool: source.tool,
    traceVersion: TRACE_VERSION,
    modelVersion: source.modelVersion,
    scenario: source.scenario,
    configuration,
    seed: source.seed,
    ports: [...source.ports],
    methods: [...source.methods],
    records: words.length / EVENT_WORDS,
    digest: digestOf(words),
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(PREFIX_BYTES + json.length + words.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, TRACE_FILE_VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  words.forEach((word, index) => view.setUint32(PREFIX_BYTES + json.length + index * 4, word, true));
  return bytes;
}

/**
 * Reads a trace file.
 * Throws UnusableInput when the bytes are none, truncated, garbled or of a newer version.
 */
export function readTraceFile(bytes: Uint8Array, fileName: string): TraceFile {
  const headerBytes = checkPrefix(bytes, fileName);
  const json = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  const kind = { title: 'the header of a trace', format: 'ringproof-trace', version: TRACE_FILE_VERSION, schema: headerSchema };
  const header = parseDocument(json, fileName, kind);
  if (header.traceVersion > TRACE_VERSION) {
    const rule = `records of version ${header.traceVersion} are newer than this Ringproof, which knows ${TRACE_VERSION}`;
    throw new UnusableInput(fileName, '$.traceVersion', rule);
  }
  const start = PREFIX_BYTES + headerBytes;
  const present = (bytes.length - start) / RECORD_BYTES;
  if (present !== header.records) {
    const trouble = present < header.records ? 'the file is truncated' : 'the file has bytes behind its end';
    const rule = `${trouble}: ${header.records} records of ${RECORD_BYTES} bytes expected, ${bytes.length - start} bytes found`;
    throw new UnusableInput(fileName, `byte ${start}`, rule);
  }
  const words = new Uint32Array(header.records * EVENT_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < words.length; index++) words[index] = view.getUint32(start + index * 4, true);
  const digest = digestOf(words);
  if (digest !== header.digest) {
    throw new UnusableInput(fileName, `byte ${start}`, `the records are garbled: digest ${digest}, the header says ${header.digest}`);
  }
  return { header, words };
}

/** Checks what comes before the header and returns the header's length in bytes. */
function checkPrefix(bytes: Uint8Array, fileName: string): number {
  if (bytes.length === 0) throw new UnusableInput(fileName, 'byte 0', 'the file is empty, a trace was expected');
  const wrong = MAGIC.findIndex((byte, index) => index < bytes.length && bytes[index] !== byte);
  if (wrong >= 0) {
    const hint = wrong >= 5 ? '; it was changed by a transfer as text' : '';
    throw new UnusableInput(fileName, `byte ${wrong}`, `not a trace of Ringproof${hint}`);
  }
  if (bytes.length < PREFIX_BYTES) throw new UnusableInput(fileName, `byte ${bytes.length}`, `the file is truncated: its first part has ${PREFIX_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== TRACE_FILE_VERSION) {
    const trouble = version > TRACE_FILE_VERSION ? 'written by a newer Ringproof: ' : '';
    throw new UnusableInput(fileName, 'byte 8', `${trouble}trace file version ${version}, this one reads ${TRACE_FILE_VERSION}`);
  }
  const headerBytes = view.getUint32(12, true);
  if (headerBytes > TRACE_HEADER_LIMIT_BYTES) {
    throw new UnusableInput(fileName, 'byte 12', `a header of ${headerBytes} bytes, at most ${TRACE_HEADER_LIMIT_BYTES} was expected`);
  }
  if (PREFIX_BYTES + headerBytes > bytes.length) {
    throw new UnusableInput(fileName, `byte ${bytes.length}`, `the file is truncated: its header has ${headerBytes} bytes`);
  }
  return headerBytes;
}

/** The digest a recorder gives to the records. */
function digestOf(words: Uint32Array): string {
  const recorder = new Trace(false);
  for (let at = 0; at < words.length; at += EVENT_WORDS) {
    recorder.timeNs = timeOf(words, at);
    const head = words[at]!;
    recorder.record(head & 0xff, (head >>> 8) & 0xff, words[at + 2]!, words[at + 3]!, words[at + 4]!, words[at + 5]!, words[at + 6]!, words[at + 7]!);
  }
  return recorder.digest();
}
