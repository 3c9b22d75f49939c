// Reads a file of recorded vectors from disk, gzip-compressed or plain.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseVectors, type Vector } from './vector-format.js';

/** The vectors of a file. Throws an Error that names the file and, where it applies, line and field. */
export function readVectorFile(path: string): Vector[] {
  try {
    const bytes = readFileSync(path);
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b; // gzip magic number
    return parseVectors((isCompressed ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
