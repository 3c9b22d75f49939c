// Reads a file of recorded vectors from disk, gzip-compressed or plain.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UnusableInput } from '../../sim/unusable-input.js';
import { parseVectors, type Vector } from './vector-format.js';

/** The vectors of a file, at least one. Throws UnusableInput that names the file and, where it applies, line and field. */
export function readVectorFile(path: string): Vector[] {
  const text = textOf(path, bytesOf(path));
  try {
    return parseVectors(text);
  } catch (error) {
    throw new UnusableInput(path, 'contents', (error as Error).message);
  }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UnusableInput(path, 'file', `a vector file must be readable (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

function textOf(path: string, bytes: Buffer): string {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b; // gzip magic number
  if (!isCompressed) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    const isCutOff = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    const what = isCutOff ? 'the gzip stream ends too early: the file is cut off' : `the gzip stream is damaged (${(error as Error).message})`;
    throw new UnusableInput(path, 'contents', what);
  }
}
