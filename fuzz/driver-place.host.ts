// Where in its files the driver is: read off the call stack, for findings that can then name a line.
//
// Frames of Ringproof itself and of Node are passed over; the innermost other one is the driver's. A resumable driver is
// seen, too, since the access it makes runs inside its generator. Frames of WebAssembly are read with the debug information
// of the module; without any the place is line 1 of the module and the byte offset, as source maps have it.
// A native driver has no frames here; its process told where it is.
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativePlace } from '../drivers/foreign/native-driver.host.js';
import { wasmFrameIn } from '../drivers/foreign/wasm-places.js';
import type { DriverPlace } from './recorded-run.js';

/** The folder our own compiled files are in, as frames name it. */
const OWN_FILES = new URL('..', import.meta.url).href;
/** Frames looked at: ours lie between the driver and here. */
const STACK_DEPTH = 64;

/** How a module without debug information is named as a file. */
const WASM_FILE = 'module.wasm';

/** The place of the innermost frame of this stack that is neither ours nor Node's; null if there is none. */
export function driverPlace(): DriverPlace | null {
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_DEPTH;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = depth;
  for (const line of stack.split('\n')) {
    const frame = wasmFrameIn(line);
    if (frame !== null) {
      const { functionName, offset } = frame;
      const place = frame.line ?? { file: WASM_FILE, line: 1, column: offset };
      return { file: place.file, line: place.line, column: Math.max(1, place.column), callee: functionName };
    }
    const match = /^\s*at (?:(.*) \()?(file:[^)]*):(\d+):(\d+)\)?$/.exec(line);
    if (match === null || match[2]!.startsWith(OWN_FILES)) continue;
    return {
      file: portable(fileURLToPath(match[2]!)),
      line: Number(match[3]),
      column: Number(match[4]),
      callee: plainName(match[1] ?? ''),
    };
  }
  const native = nativePlace();
  return native === null ? null : { file: native.file, line: native.line, column: 1, callee: native.functionName };
}

/** The place a sentence about a thrown error ends in, `(file:line:column)`, if that file lies beside the driver's. */
export function placeInSentence(sentence: string, driverPath: string): DriverPlace | null {
  const match = /\(([^()\s]+):(\d+):(\d+)\)$/.exec(sentence);
  if (match === null) return null;
  const file = join(dirname(driverPath), match[1]!);
  return existsSync(file) ? { file: portable(file), line: Number(match[2]), column: Number(match[3]), callee: '' } : null;
}

/** Relative to the working directory, with slashes. */
function portable(path: string): string {
  return relative(process.cwd(), join(path)).split(sep).join('/');
}

/** `Object.transmit [as next]` as `transmit`. */
function plainName(callee: string): string {
  return callee
    .replace(/ \[as .*\]$/, '')
    .replace(/^(async |new )/, '')
    .split('.')
    .at(-1)!;
}
